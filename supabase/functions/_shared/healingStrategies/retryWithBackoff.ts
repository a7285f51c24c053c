/** Makes the call again after a pause, or the author's other form of it. @module */

import { retryWithBackoff } from "../retry.ts";
import { alteredCallFor } from "./catalogue.ts";
import { readFailure } from "./failure.ts";
import type { Applied, HealingStrategy, Situation } from "./strategy.ts";

/** The strategy. */
export const retryStrategy: HealingStrategy = {
  name: "RETRY_WITH_BACKOFF",
  fixKind: "retry",
  gives: "answer",
  refusal(situation) {
    const { failure, operation, repeats, remainingMs } = situation;
    const altered = alteredCallFor(failure, operation);
    if (!failure.transient && altered === undefined) {
      return `${failure.errorType} does not pass by itself, and no other form of the call is given`;
    }
    return repeats.refusal(failure, remainingMs, altered !== undefined);
  },
  async apply<Result>(situation: Situation<Result>, signal: AbortSignal): Promise<Applied<Result>> {
    const denied = situation.repeats.take();
    if (denied !== undefined) return { kind: "refused", reason: denied };
    return await tryAgain(situation, signal);
  },
};

async function tryAgain<Result>(
  situation: Situation<Result>,
  signal: AbortSignal,
): Promise<Applied<Result>> {
  const { failure, operation, repeats, clock, random } = situation;
  const altered = alteredCallFor(failure, operation);
  const work = altered === undefined ? () => operation.run(signal) : () => altered(signal, failure.error);
  let made = 0;
  const value = await retryWithBackoff<Result>((attempt) => {
    // The call that failed is the first attempt.
    if (attempt === 1) return Promise.reject(failure.error);
    made++;
    return repeats.call(work, signal);
  }, {
    // How many there may be is for the repetitions of all strategies together to say.
    maxAttempts: Number.MAX_SAFE_INTEGER,
    // Another form of the call need not wait for the fault to pass.
    ...(failure.transient ? {} : { baseDelayMs: 0 }),
    shouldRetry: (error, attempt) => attempt === 1 || mayGoOn(error, situation, altered !== undefined),
    signal,
    clock,
    random,
  });
  const what = altered === undefined ? "the same call" : "its other form";
  return { kind: "value", value, how: `${what} succeeded at repetition ${made}` };
}

function mayGoOn(error: unknown, situation: Situation<unknown>, isAltered: boolean): boolean {
  const { repeats, clock } = situation;
  const failure = readFailure(error, clock.now());
  // A failure that does not pass by itself is not tried once more.
  return failure.transient && repeats.refusal(failure, situation.remainingMs, isAltered) === undefined &&
    repeats.take() === undefined;
}
