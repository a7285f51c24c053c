/**
 * Tries a call again when its failure may pass: full jitter, a cap, the other side's own wish, and a budget.
 *
 * A retry helps against a hiccup and hurts a target that is down, so the calls to a named target share a budget:
 * retries stay below a fifth of the calls. Layers do not multiply: an error that one of them gave up on is not tried
 * again by the layers above it.
 *
 * @module
 */

import { type Clock, systemClock } from "./core/clock.ts";
import { ErrorMarks, nextMoment } from "./core/errorMarks.ts";
import { type Random, systemRandom } from "./core/random.ts";
import { budgetOf, type RetryBudget } from "./retry/budget.ts";
import { retryAfterOf } from "./retry/retryAfter.ts";
import { isRetryable } from "./retry/retryable.ts";

export { budgetOf, RetryBudget, type RetryBudgetOptions } from "./retry/budget.ts";
export { retryAfterOf } from "./retry/retryAfter.ts";
export { isRetryable } from "./retry/retryable.ts";

/** How often and how patiently to try. */
export interface RetryOptions {
  /** Calls in all, the first one included; 3. */
  maxAttempts?: number;
  /** Requests that one call of `work` may make by itself, as some clients do; they count as attempts. 1. */
  requestsPerAttempt?: number;
  /** The longest first pause, in milliseconds; it doubles with each attempt. 200. */
  baseDelayMs?: number;
  /** The longest pause, whatever the other side asks for, in milliseconds; 10,000. */
  maxDelayMs?: number;
  /** Whether this failure may pass; by default {@link isRetryable}. */
  shouldRetry?: (error: unknown, attempt: number) => boolean;
  /** The target's name: all calls of the isolate to it share a budget of one retry in five calls. */
  target?: string;
  /** A budget of one's own instead of the target's. */
  budget?: RetryBudget;
  /** Told before each pause; what it throws is swallowed. */
  onRetry?: (retry: { attempt: number; delayMs: number; error: unknown }) => void;
  signal?: AbortSignal;
  clock?: Clock;
  random?: Random;
}

const spent = new ErrorMarks("retried");

/** True when a layer below has tried again for this error, or had no budget to, after that moment. */
export function wasRetried(error: unknown, since: number): boolean {
  return spent.has(error, since);
}

/** Says that enough has been tried for this error: the layers above let it be. */
export function markRetried(error: unknown): void {
  spent.mark(error);
}

/** Options with their defaults. */
type RetrySettings = ReturnType<typeof readOptions>;

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
  const settings = readOptions(typeof options === "number" ? { maxAttempts: options } : options);
  const since = nextMoment();
  const end = settings.budget?.start();
  try {
    for (let attempt = 1;; attempt++) {
      try {
        return await work(attempt);
      } catch (error) {
        if (wasRetried(error, since) || !mayRetry(error, attempt, settings)) throw error;
        const delayMs = pauseBefore(error, attempt, settings);
        announce(settings, { attempt, delayMs, error });
        await settings.clock.sleep(delayMs, settings.signal);
      }
    }
  } finally {
    end?.();
  }
}

function readOptions(options: RetryOptions) {
  const { maxAttempts = 3, requestsPerAttempt = 1, target } = options;
  for (const [key, value] of Object.entries({ maxAttempts, requestsPerAttempt })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new RangeError(`Cannot retry as "${key}" must be a whole number >= 1: current value is ${value}`);
  }
  const { baseDelayMs = 200, maxDelayMs = 10_000 } = options;
  for (const [key, value] of Object.entries({ baseDelayMs, maxDelayMs })) {
    if (value >= 0) continue;
    throw new RangeError(`Cannot retry as "${key}" must be >= 0: current value is ${value}`);
  }
  return {
    maxAttempts,
    requestsPerAttempt,
    baseDelayMs,
    maxDelayMs,
    shouldRetry: options.shouldRetry ?? isRetryable,
    budget: options.budget ?? (target === undefined ? undefined : budgetOf(target)),
    onRetry: options.onRetry,
    signal: options.signal,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  };
}

function mayRetry(error: unknown, attempt: number, settings: RetrySettings): boolean {
  const { maxAttempts, requestsPerAttempt, signal, shouldRetry, budget, clock } = settings;
  const isAllowed = attempt * requestsPerAttempt < maxAttempts && !signal?.aborted &&
    shouldRetry(error, attempt);
  const isPaid = isAllowed && (budget?.take(clock.monotonic()) ?? true);
  if (!isPaid && (isAllowed || attempt > 1)) markRetried(error);
  return isPaid;
}

function pauseBefore(error: unknown, attempt: number, settings: RetrySettings): number {
  const { baseDelayMs, maxDelayMs, random, clock } = settings;
  const jittered = random.next() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1));
  return Math.min(maxDelayMs, Math.max(jittered, retryAfterOf(error, clock.now()) ?? 0));
}

function announce(
  { onRetry }: RetrySettings,
  retry: { attempt: number; delayMs: number; error: unknown },
): void {
  try {
    onRetry?.(retry);
  } catch {
    // Whoever watches cannot break the call.
  }
}
