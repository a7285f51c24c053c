/** Tries a call again when its failure may pass: full jitter, a cap, and the other side's own wish. @module */

import { type Clock, systemClock } from "./core/clock.ts";
import { isHealingError } from "./core/errors.ts";
import { type Random, systemRandom } from "./core/random.ts";

/** How often and how patiently to try. */
export interface RetryOptions {
  /** Calls in all, the first one included; 3. */
  maxAttempts?: number;
  /** The longest first pause, in milliseconds; it doubles with each attempt. 200. */
  baseDelayMs?: number;
  /** The longest pause, in milliseconds; 10,000. */
  maxDelayMs?: number;
  /** Whether this failure may pass; by default every failure that is no misuse. */
  shouldRetry?: (error: unknown, attempt: number) => boolean;
  signal?: AbortSignal;
  clock?: Clock;
  random?: Random;
}

/**
 * Calls `work` until it succeeds, at most `maxAttempts` times in all, and throws its last error.
 *
 * @example
 * ```ts
 * import { retryWithBackoff } from "./retry.ts";
 *
 * let calls = 0;
 * const answer = await retryWithBackoff(() => ++calls < 2 ? Promise.reject(new Error("busy")) : Promise.resolve("ok"), {
 *   baseDelayMs: 0,
 * });
 * if (answer !== "ok" || calls !== 2) throw new Error("unexpected");
 * ```
 */
export async function retryWithBackoff<Result>(
  work: (attempt: number) => Promise<Result>,
  options: RetryOptions | number = {},
): Promise<Result> {
  const {
    maxAttempts = 3,
    baseDelayMs = 200,
    maxDelayMs = 10_000,
    shouldRetry = (error) => !(error instanceof TypeError || error instanceof RangeError),
    signal,
    clock = systemClock,
    random = systemRandom,
  }: RetryOptions = typeof options === "number" ? { maxAttempts: options } : options;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1) {
    throw new RangeError(
      `Cannot retry as "maxAttempts" must be a whole number >= 1: current value is ${maxAttempts}`,
    );
  }
  for (let attempt = 1;; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= maxAttempts || signal?.aborted || !shouldRetry(error, attempt)) throw error;
      const jittered = random.next() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1));
      const asked = isHealingError(error) ? error.retryAfterMs ?? 0 : 0;
      await clock.sleep(Math.min(maxDelayMs, Math.max(jittered, asked)), signal);
    }
  }
}
