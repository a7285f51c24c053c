/** How many of an operation's calls time out, and when that is too many. @module */

import { optionCheck } from "../core/options.ts";

const check = optionCheck("create TimeoutRate");

/** When the rate of timeouts counts as high. */
export interface TimeoutRateOptions {
  /** Share of timeouts from which on it is high, 0..1; 0.2. */
  ratio?: number;
  /** Calls in the window below which it never is; 5. */
  minimumCalls?: number;
  /** The window, in milliseconds; 300,000. */
  windowMs?: number;
}

const BUCKETS = 10;
const rates = new Map<string, TimeoutRate>();

/** More operations than that are names made at run time; the oldest one then starts anew. */
const MOST_OPERATIONS = 1_000;

/** Counts over a window that slides by tenths. */
export class TimeoutRate {
  readonly #ratio: number;
  readonly #minimumCalls: number;
  readonly #windowMs: number;
  readonly #buckets: { endsAt: number; calls: number; timeouts: number }[] = [];
  #alertedAt = -Infinity;

  /** Throws a `RangeError` for a ratio, a number or a window that makes no sense. */
  constructor({ ratio = 0.2, minimumCalls = 5, windowMs = 300_000 }: TimeoutRateOptions = {}) {
    check("ratio", ratio, ratio > 0 && ratio <= 1, "> 0 and <= 1");
    check(
      "minimumCalls",
      minimumCalls,
      Number.isInteger(minimumCalls) && minimumCalls >= 1,
      "a whole number >= 1",
    );
    check("windowMs", windowMs, Number.isFinite(windowMs) && windowMs > 0, "> 0");
    this.#ratio = ratio;
    this.#minimumCalls = minimumCalls;
    this.#windowMs = windowMs;
  }

  /** The rate that all calls of this isolate under one name share. */
  static of(operation: string): TimeoutRate {
    let rate = rates.get(operation);
    if (rate === undefined) {
      rate = new TimeoutRate();
      if (rates.size >= MOST_OPERATIONS) rates.delete(rates.keys().next().value!);
      rates.set(operation, rate);
    }
    return rate;
  }

  /** A call starts. */
  start(now: number): void {
    this.#bucketAt(now).calls++;
  }

  /** A call timed out. `isHigh` is true at most once in a window. */
  timedOut(now: number): { timeouts: number; calls: number; isHigh: boolean } {
    this.#bucketAt(now).timeouts++;
    const { timeouts, calls } = this.read();
    const isHigh = calls >= this.#minimumCalls && timeouts >= this.#ratio * calls &&
      now - this.#alertedAt >= this.#windowMs;
    if (isHigh) this.#alertedAt = now;
    return { timeouts, calls, isHigh };
  }

  /** The counts as they are. */
  read(): { timeouts: number; calls: number; isHigh: boolean } {
    const calls = this.#buckets.reduce((sum, bucket) => sum + bucket.calls, 0);
    const timeouts = this.#buckets.reduce((sum, bucket) => sum + bucket.timeouts, 0);
    return { timeouts, calls, isHigh: false };
  }

  #bucketAt(now: number) {
    while (this.#buckets[0] !== undefined && this.#buckets[0].endsAt <= now - this.#windowMs) {
      this.#buckets.shift();
    }
    const last = this.#buckets.at(-1);
    if (last !== undefined && now < last.endsAt) return last;
    const fresh = { endsAt: now + this.#windowMs / BUCKETS, calls: 0, timeouts: 0 };
    this.#buckets.push(fresh);
    return fresh;
  }
}
