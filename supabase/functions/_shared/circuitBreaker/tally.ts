/** What a closed breaker counts, and when the count says that the target is down. @module */

import type { Clock } from "../core/clock.ts";
import type { BreakerRules } from "./options.ts";

/** The counts of a snapshot. */
export interface TallySnapshot {
  /** Failures in a row. */
  failuresInRow: number;
  /** Calls, failures and slow calls in the window; 0 without a window. */
  calls: number;
  failures: number;
  slow: number;
}

/** Counts outcomes; an answer is the reason to open. */
export interface Tally {
  succeed(durationMs: number): string | undefined;
  fail(durationMs: number): string | undefined;
  toJSON(): TallySnapshot;
}

/** The tally that the rules ask for. */
export function createTally(rules: BreakerRules, clock: Clock, saved?: TallySnapshot): Tally {
  return needsWindow(rules) ? new WindowTally(rules, clock, saved) : new RowTally(rules, saved);
}

function needsWindow(rules: BreakerRules): boolean {
  return rules.failureRatio !== undefined || rules.slowCallRatio !== undefined;
}

/** Failures in a row: no clock, no memory. */
class RowTally implements Tally {
  #failures: number;

  constructor(private readonly rules: BreakerRules, saved?: TallySnapshot) {
    this.#failures = saved?.failuresInRow ?? 0;
  }

  succeed(): string | undefined {
    this.#failures = 0;
    return undefined;
  }

  fail(): string | undefined {
    return ++this.#failures >= this.rules.failureThreshold
      ? `${this.#failures} failures in a row`
      : undefined;
  }

  toJSON(): TallySnapshot {
    return { failuresInRow: this.#failures, calls: 0, failures: 0, slow: 0 };
  }
}

interface Counts {
  calls: number;
  failures: number;
  slow: number;
}

interface Bucket extends Counts {
  endsAt: number;
}

const BUCKETS = 10;

/** Ratios over a window of ten buckets; what is older than the window is forgotten a tenth at a time. */
class WindowTally implements Tally {
  readonly #buckets: Bucket[] = [];
  #sum: Counts = { calls: 0, failures: 0, slow: 0 };
  /** Wall clock: when the monotonic one was read last, and until when its bucket is the same. */
  #readAt = Infinity;
  #sameUntil = -Infinity;
  #failuresInRow: number;

  constructor(private readonly rules: BreakerRules, private readonly clock: Clock, saved?: TallySnapshot) {
    this.#failuresInRow = saved?.failuresInRow ?? 0;
    if (saved === undefined || saved.calls === 0) return;
    const { calls, failures, slow } = saved;
    Object.assign(this.#currentBucket(), { calls, failures, slow });
    this.#sum = { calls, failures, slow };
  }

  succeed(durationMs: number): string | undefined {
    this.#failuresInRow = 0;
    return this.#count(durationMs, 0);
  }

  fail(durationMs: number): string | undefined {
    this.#failuresInRow++;
    return this.#count(durationMs, 1);
  }

  toJSON(): TallySnapshot {
    this.#currentBucket();
    return { failuresInRow: this.#failuresInRow, ...this.#sum };
  }

  #count(durationMs: number, failures: 0 | 1): string | undefined {
    const bucket = this.#currentBucket();
    const sum = this.#sum;
    bucket.calls++;
    sum.calls++;
    if (failures === 1) {
      bucket.failures++;
      sum.failures++;
    }
    if (durationMs >= this.rules.slowCallMs) {
      bucket.slow++;
      sum.slow++;
    }
    return this.#judge();
  }

  /**
   * The wall clock tells whether the bucket is still the same: every call asks, and the monotonic clock costs 4 µs on
   * Deno 2.1. One that was set back is not believed.
   */
  #currentBucket(): Bucket {
    const wall = this.clock.now();
    const last = this.#buckets.at(-1);
    if (last !== undefined && wall >= this.#readAt && wall < this.#sameUntil) return last;
    const now = this.clock.monotonic();
    const bucket = this.#bucketAt(now);
    this.#readAt = wall;
    this.#sameUntil = wall + bucket.endsAt - now;
    return bucket;
  }

  #bucketAt(now: number): Bucket {
    const { windowMs } = this.rules;
    for (let first = this.#buckets[0]; first !== undefined && first.endsAt <= now - windowMs;) {
      this.#sum.calls -= first.calls;
      this.#sum.failures -= first.failures;
      this.#sum.slow -= first.slow;
      this.#buckets.shift();
      first = this.#buckets[0];
    }
    const last = this.#buckets.at(-1);
    if (last !== undefined && now < last.endsAt) return last;
    const fresh = { endsAt: now + windowMs / BUCKETS, calls: 0, failures: 0, slow: 0 };
    this.#buckets.push(fresh);
    return fresh;
  }

  #judge(): string | undefined {
    const { failureRatio, failureThreshold, slowCallRatio, slowCallMs, minimumThroughput } = this.rules;
    if (failureRatio === undefined && this.#failuresInRow >= failureThreshold) {
      return `${this.#failuresInRow} failures in a row`;
    }
    const { calls, failures, slow } = this.#sum;
    if (calls < minimumThroughput) return undefined;
    if (failureRatio !== undefined && failures >= failureRatio * calls) {
      return `${failures} of ${calls} calls failed`;
    }
    if (slowCallRatio !== undefined && slow >= slowCallRatio * calls) {
      return `${slow} of ${calls} calls took ${slowCallMs} ms or longer`;
    }
    return undefined;
  }
}
