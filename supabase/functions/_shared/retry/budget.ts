/** Keeps retries a small share of the calls, so that a target that is down does not get a multiple of its load. @module */

import { optionCheck } from "../core/options.ts";

const check = optionCheck("create RetryBudget");

/** How much may be retried. */
export interface RetryBudgetOptions {
  /** Retries per call, 0..1; 0.2. */
  ratio?: number;
  /** Retries that a spell of failures may always have, as a share of one call would be none; 2. */
  reserve?: number;
  /** How long nobody has to ask for a retry until a spell of failures is over, in milliseconds; 10,000. */
  calmMs?: number;
}

/** Retries that better minutes of a spell may save up for worse ones; calls in flight have theirs besides. */
const MOST_SAVED = 10;

/**
 * Counts the calls and the retries of one spell of failures. It starts with the first retry that is asked for after
 * a calm time, so that calls of better times cannot pay for a storm.
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #reserve: number;
  readonly #calmMs: number;
  #calls = 0;
  #retries = 0;
  #inFlight = 0;
  #askedAt = -Infinity;

  /** Throws a `RangeError` for a ratio, a reserve or a time that makes no sense. */
  constructor({ ratio = 0.2, reserve = 2, calmMs = 10_000 }: RetryBudgetOptions = {}) {
    check("ratio", ratio, ratio >= 0 && ratio <= 1, ">= 0 and <= 1");
    check("reserve", reserve, Number.isInteger(reserve) && reserve >= 0, "a whole number >= 0");
    check("calmMs", calmMs, Number.isFinite(calmMs) && calmMs > 0, "> 0");
    this.#ratio = ratio;
    this.#reserve = reserve;
    this.#calmMs = calmMs;
  }

  /** A call starts; the answer ends it. */
  start(): () => void {
    this.#calls++;
    this.#inFlight++;
    return () => void this.#inFlight--;
  }

  /** Takes one retry, if there is one. `now` is monotonic, in milliseconds. */
  take(now: number): boolean {
    if (now - this.#askedAt > this.#calmMs) {
      this.#calls = this.#inFlight;
      this.#retries = 0;
    }
    this.#askedAt = now;
    // What a calm hour inside a long spell saved up is bounded too.
    const saved = Math.max(MOST_SAVED, this.#ratio * this.#inFlight);
    this.#calls = Math.min(this.#calls, (this.#retries + saved) / this.#ratio);
    // A hundredth of a retry of slack for a ratio such as 0.2, whose multiples are not exact.
    const isPaid = this.#retries + 1 <= this.#ratio * this.#calls + 0.01;
    if (!isPaid && this.#retries >= this.#reserve) return false;
    this.#retries++;
    return true;
  }
}

const budgets = new Map<string, RetryBudget>();

/** More targets than that are names made at run time; the oldest one then starts anew. */
const MOST_TARGETS = 1_000;

/** The budget that all calls of this isolate to one named target share. */
export function budgetOf(target: string): RetryBudget {
  let budget = budgets.get(target);
  if (budget === undefined) {
    budget = new RetryBudget();
    if (budgets.size >= MOST_TARGETS) budgets.delete(budgets.keys().next().value!);
    budgets.set(target, budget);
  }
  return budget;
}
