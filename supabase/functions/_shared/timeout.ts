/**
 * Ends work that takes too long, so that it really stops: the work's signal is aborted with the very error that the
 * caller gets, and five actions then clean up behind it.
 *
 * The time is the limit or what the worker has left less a reserve for the answer, whichever is shorter. The actions
 * run in the background, in order, each on its own: none can break the call, hold it up, or keep the next from
 * running. They also run when the worker is about to end while the work is still going on.
 *
 * @module
 */

import { runInBackground } from "./core/background.ts";
import { type Clock, systemClock } from "./core/clock.ts";
import { HealingError } from "./core/errors.ts";
import { TimeoutRate } from "./timeout/rate.ts";
import { onUnload } from "./timeout/unload.ts";

export { TimeoutRate, type TimeoutRateOptions } from "./timeout/rate.ts";

/** Why the time was over. */
export type TimeoutReason = "limit" | "deadline" | "unload";

/** What an action is told. */
export interface TimedOut {
  /** The operation's name. */
  operation: string;
  reason: TimeoutReason;
  /** The time that it was given, in milliseconds. */
  limitMs: number;
  /** The time that it took until then, in milliseconds. */
  elapsedMs: number;
  /** Timeouts of this operation and its calls in the window of the rate. */
  rate: { timeouts: number; calls: number };
}

/** One thing to do after a timeout; what it throws is swallowed. */
export type TimeoutAction = (timedOut: TimedOut) => unknown | Promise<unknown>;

/** The five things to do after a timeout, in this order. The signal has been aborted before the first. */
export interface TimeoutActions {
  /** Stops what a signal does not reach, such as a job of another service. */
  cancel?: TimeoutAction;
  /** Tells the project's channel. */
  broadcast?: TimeoutAction;
  /** Takes away what was left half done. */
  cleanUp?: TimeoutAction;
  /** Records it, so that the system learns. */
  learn?: TimeoutAction;
  /** Tells people; called only when the rate of timeouts is high, once in its window. */
  alert?: TimeoutAction;
}

/** What may be said about a limit besides its length. */
export interface TimeoutOptions {
  /** The operation's name, by which timeouts are counted; `work`. */
  operation?: string;
  /** What the worker has left, in milliseconds; {@link wallClock} makes one. Without it only the limit counts. */
  remainingMs?: () => number;
  actions?: TimeoutActions;
  /** When the rate of timeouts counts as high; by default shared by all calls of one operation. */
  rate?: TimeoutRate;
  /** Told when an action fails; what it throws is swallowed. */
  onActionFailed?: (action: keyof TimeoutActions, error: unknown) => void;
  /** The caller's own signal: its abort ends the work too, and is no timeout. */
  signal?: AbortSignal;
  clock?: Clock;
}

/** The documented limit of long work: five minutes. */
export const DEFAULT_LIMIT_MS = 300_000;

/** What is kept of the worker's time to answer and to clean up. */
export const DEADLINE_RESERVE_MS = 15_000;

const ACTIONS = ["cancel", "broadcast", "cleanUp", "learn", "alert"] as const;

/** What is left of a worker's life of `totalMs`; a worker's monotonic clock starts with it. */
export function wallClock(totalMs: number, clock: Clock = systemClock): () => number {
  return () => totalMs - clock.monotonic();
}

/** The time that work gets: the limit, or what the worker has left less the reserve; never below 0. */
export function effectiveLimit(limitMs: number, remainingMs?: number): number {
  // What a worker cannot tell limits nothing.
  if (remainingMs === undefined || Number.isNaN(remainingMs)) return limitMs;
  return Math.max(0, Math.min(limitMs, remainingMs - DEADLINE_RESERVE_MS));
}

/**
 * Runs `work`, which gets a signal, and rejects with `TIMEOUT` when it takes too long. Work that ignores its signal
 * cannot hold up the caller; its late result is dropped.
 *
 * @example
 * ```ts
 * import { withTimeout } from "./timeout.ts";
 *
 * const waits = (signal: AbortSignal) =>
 *   new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
 * const code = await withTimeout(waits, 5, { operation: "example" }).catch((error) => error.code);
 * if (code !== "TIMEOUT") throw new Error("unexpected");
 * ```
 */
export async function withTimeout<Result>(
  work: (signal: AbortSignal) => Promise<Result> | Result,
  limitMs: number = DEFAULT_LIMIT_MS,
  options: TimeoutOptions = {},
): Promise<Result> {
  if (!(limitMs > 0)) {
    throw new RangeError(`Cannot limit work as "limitMs" must be > 0: current value is ${limitMs}`);
  }
  options.signal?.throwIfAborted();
  return await new TimedCall(work, limitMs, options).run();
}

/** One call with its limit. */
class TimedCall<Result> {
  readonly #controller = new AbortController();
  readonly #timer = new AbortController();
  readonly #operation: string;
  readonly #limitMs: number;
  readonly #reason: TimeoutReason;
  readonly #clock: Clock;
  readonly #rate: TimeoutRate;
  readonly #startedAt: number;
  #stop: (error: unknown) => void = () => {};

  constructor(
    private readonly work: (signal: AbortSignal) => Promise<Result> | Result,
    limitMs: number,
    private readonly options: TimeoutOptions,
  ) {
    this.#clock = options.clock ?? systemClock;
    this.#operation = options.operation ?? "work";
    this.#limitMs = effectiveLimit(limitMs, options.remainingMs?.());
    this.#reason = this.#limitMs < limitMs ? "deadline" : "limit";
    this.#rate = options.rate ?? TimeoutRate.of(this.#operation);
    this.#startedAt = this.#clock.monotonic();
  }

  async run(): Promise<Result> {
    const { signal } = this.options;
    const onAbort = () => this.#end(signal?.reason);
    const forget = onUnload(() => this.#expire("unload"));
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#rate.start(this.#startedAt);
    try {
      const stopped = new Promise<never>((_, reject) => this.#stop = reject);
      // Work that is stopped and throws before it gives a promise leaves nobody who waits for this one.
      stopped.catch(() => {});
      // A worker without any time left does not even begin.
      if (this.#limitMs === 0) this.#expire(this.#reason);
      else void this.#watch();
      const running = this.#limitMs === 0 ? stopped : this.work(this.#controller.signal);
      return await Promise.race([running, stopped]);
    } finally {
      forget();
      this.#timer.abort();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #watch(): Promise<void> {
    try {
      await this.#clock.sleep(this.#limitMs, this.#timer.signal);
    } catch {
      // The work ended first.
      return;
    }
    this.#expire(this.#reason);
  }

  #expire(reason: TimeoutReason): void {
    const now = this.#clock.monotonic();
    // A worker that ends says nothing about the operation.
    const rate = reason === "unload" ? this.#rate.read() : this.#rate.timedOut(now);
    const timedOut = {
      operation: this.#operation,
      reason,
      limitMs: this.#limitMs,
      elapsedMs: now - this.#startedAt,
      rate: { timeouts: rate.timeouts, calls: rate.calls },
    };
    this.#end(timeoutError(timedOut));
    runInBackground(() => this.#act(timedOut, rate.isHigh));
  }

  #end(error: unknown): void {
    this.#timer.abort();
    this.#controller.abort(error);
    this.#stop(error);
  }

  async #act(timedOut: TimedOut, isHigh: boolean): Promise<void> {
    const { actions = {}, onActionFailed } = this.options;
    for (const name of ACTIONS) {
      if (name === "alert" && !isHigh) continue;
      try {
        await actions[name]?.(timedOut);
      } catch (error) {
        try {
          onActionFailed?.(name, error);
        } catch {
          // Whoever watches cannot keep the next action from running.
        }
      }
    }
  }
}

function timeoutError({ operation, reason, limitMs, elapsedMs }: TimedOut): HealingError {
  const why = {
    limit: `did not end within ${limitMs} ms`,
    deadline: limitMs === 0
      ? "was not begun as the worker has no time left"
      : `did not end within the ${limitMs} ms that the worker had left for it`,
    unload: "was ended as its worker ends",
  };
  return new HealingError("TIMEOUT", `The operation "${operation}" ${why[reason]}`, {
    hint: reason === "limit"
      ? "Split the work, or give it more time"
      : "Continue it from a checkpoint in the next invocation",
    details: { operation, reason, limitMs, elapsedMs },
  });
}
