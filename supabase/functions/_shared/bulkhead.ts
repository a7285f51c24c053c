/**
 * Bounds how many calls to one target run at once, so that a slow target cannot take all of an isolate's memory and
 * connections.
 *
 * @module
 */

import { bulkhead, type BulkheadPolicy, isBulkheadRejectedError } from "./bulkhead/cockatiel.ts";
import { HealingError } from "./core/errors.ts";
import { optionCheck } from "./core/options.ts";

const check = optionCheck("create Bulkhead");

/** How much may run and wait. */
export interface BulkheadOptions {
  /** Calls that run at once; 10. */
  maxConcurrent?: number;
  /** Calls that may wait for a place; 0. */
  maxQueued?: number;
}

/**
 * A bulkhead around the calls to one target. Keep it for the life of the isolate.
 *
 * @example
 * ```ts
 * import { Bulkhead } from "./bulkhead.ts";
 *
 * const bulkhead = new Bulkhead({ maxConcurrent: 1 });
 * const running = bulkhead.execute(() => Promise.resolve("done"));
 * const refused = await bulkhead.execute(() => "never").catch((error) => error.code);
 * if (refused !== "UNAVAILABLE" || await running !== "done") throw new Error("unexpected");
 * ```
 */
export class Bulkhead {
  readonly #policy: BulkheadPolicy;

  /** Throws a `RangeError` for numbers that make no sense. */
  constructor({ maxConcurrent = 10, maxQueued = 0 }: BulkheadOptions = {}) {
    check(
      "maxConcurrent",
      maxConcurrent,
      Number.isInteger(maxConcurrent) && maxConcurrent >= 1,
      "a whole number >= 1",
    );
    check("maxQueued", maxQueued, Number.isInteger(maxQueued) && maxQueued >= 0, "a whole number >= 0");
    this.#policy = bulkhead(maxConcurrent, maxQueued);
  }

  /** Calls that could start at once. */
  get free(): number {
    return this.#policy.executionSlots;
  }

  /** Runs the work when there is room; rejects with `UNAVAILABLE`, without calling it, when there is none. */
  async execute<Result>(
    work: (signal: AbortSignal) => Promise<Result> | Result,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Result> {
    try {
      return await this.#policy.execute((context) => work(context.signal), signal);
    } catch (error) {
      if (!(error instanceof Error) || !isBulkheadRejectedError(error)) throw error;
      throw new HealingError("UNAVAILABLE", "The call was not made as too many of its kind are running", {
        hint: "Try again when some have ended, or raise maxConcurrent",
        details: { refused: true },
        cause: error,
      });
    }
  }
}
