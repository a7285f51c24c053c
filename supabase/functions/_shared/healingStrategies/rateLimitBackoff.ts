/** Waits as long as the other side asks, and then makes the call once more. @module */

import type { Applied, HealingStrategy, Situation } from "./strategy.ts";

/** The pause when the other side does not say one, in milliseconds. */
const UNASKED_PAUSE_MS = 1_000;
/** Added at most, as a share of the pause: those who were told the same time must not come back together. */
const SPREAD = 0.1;

/** The strategy. */
export const rateLimitStrategy: HealingStrategy = {
  name: "RATE_LIMIT_BACKOFF",
  fixKind: "honour_retry_after",
  gives: "answer",
  refusal({ failure, repeats, remainingMs }) {
    const refused = repeats.refusal(failure, remainingMs);
    if (refused !== undefined) return refused;
    return remainingMs > UNASKED_PAUSE_MS || failure.retryAfterMs !== undefined
      ? undefined
      : "the pause is longer than what is left";
  },
  async apply<Result>(situation: Situation<Result>, signal: AbortSignal): Promise<Applied<Result>> {
    const { failure, operation, repeats, clock, random, remainingMs } = situation;
    const denied = repeats.take();
    if (denied !== undefined) return { kind: "refused", reason: denied };
    const askedMs = failure.retryAfterMs ?? UNASKED_PAUSE_MS;
    const pauseMs = Math.min(askedMs * (1 + SPREAD * random.next()), Math.max(askedMs, remainingMs));
    await clock.sleep(pauseMs, signal);
    const value = await repeats.call(() => operation.run(signal), signal);
    return { kind: "value", value, how: `the call succeeded after ${Math.round(pauseMs)} ms` };
  },
};
