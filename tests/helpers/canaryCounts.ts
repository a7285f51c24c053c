/** Error counts as tests of canaries write them. @module */

import type { ErrorCounts, MinuteCounts } from "../../supabase/functions/_shared/statistics.ts";

/** Errors of requests. */
export type Pair = readonly [errors: number, n: number];
/** A minute of a canary and its control. */
export type Minute = readonly [errors: number, n: number, controlErrors: number, controlN: number];

/** The pair as counts. */
export function counts([errors, n]: Pair): ErrorCounts {
  return { errors, n };
}

/** The minutes as counts of both arms. */
export function minutesOf(minutes: readonly Minute[]): MinuteCounts[] {
  return minutes.map(([errors, n, others, m]) => ({
    canary: counts([errors, n]),
    control: counts([others, m]),
  }));
}

/** The same so many times. */
export function repeat<Item>(item: Item, times: number): Item[] {
  return Array.from({ length: times }, () => item);
}
