/** What the original documents promise, and what was measured of it without the library and with it. @module */

import { markdownTable } from "../../lib/documentTable.ts";
import { quantileOf } from "../../lib/simulation.ts";

/** One figure. */
export interface PromiseRow {
  /** What is promised, and how much; without a figure where the documents give none. */
  promise: string;
  /** What exactly was measured. */
  measured: string;
  /** Plain code of an edge function. */
  without: string;
  /** The same with the library. */
  withIt: string;
  /** Whether the promise is kept; left out where there is no figure to keep. */
  isKept?: boolean;
}

/** Measures one promise; `share` (0..1] of the full size. */
export interface PromiseBench {
  name: string;
  measure(share: number): Promise<PromiseRow[]>;
}

/** What the columns are called. */
export const PROMISE_COLUMNS = ["promise", "measured", "without", "with", "kept"] as const;

/** The table as a document shows it. */
export function promiseTable(rows: readonly PromiseRow[]): string {
  return markdownTable(PROMISE_COLUMNS, rows.map(promiseCells));
}

/** The rows for the README: the first one of each promise, and each that is not kept. */
export function shortened(rows: readonly PromiseRow[]): PromiseRow[] {
  return rows.filter((row, index) =>
    row.isKept === false || rows.findIndex(({ promise }) => promise === row.promise) === index
  );
}

/** One row, cell by cell. */
export function promiseCells({ promise, measured, without, withIt, isKept }: PromiseRow): string[] {
  return [promise, measured, without, withIt, isKept === undefined ? "" : isKept ? "yes" : "no"];
}

/** A share of a count that is scaled, at least `least`. */
export function scaled(full: number, share: number, least = 1): number {
  return Math.max(least, Math.round(full * share));
}

/** A share in percent, as a table shows it. */
export function percentText(part: number, whole: number): string {
  const value = 100 * part / whole;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} %`;
}

/** The median and the 95th percentile of milliseconds. */
export function spreadText(times: readonly number[]): string {
  return `${quantileOf(times, 0.5).toFixed(0)} ms, 95 %: ${quantileOf(times, 0.95).toFixed(0)} ms`;
}
