/**
 * Counts samples by cells that grow in proportion, so that a percentile is never more wrong than a fixed share of
 * itself, and histograms of any isolates and minutes add up cell by cell.
 *
 * Cell `i` holds what is greater than γ^(i-1) and at most γ^i. The value that stands for it is as far, in proportion,
 * from both ends. The database does the same arithmetic.
 *
 * @module
 */

/** How wrong a percentile can be, as a share of its value: 2 %. Holds from 0.001 to 1e12. */
export const RELATIVE_ERROR = 0.02;

const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);
/** Everything below about 1e-7 is as good as 0. */
const LOWEST = -400;
/** Everything above about 8e13 is as good as that. */
const HIGHEST = 800;

/** What a histogram is sent as. */
export interface Aggregate {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** Samples by cell. */
  cells: ReadonlyMap<number, number>;
}

/** Samples of one kind. */
export class Histogram implements Aggregate {
  count = 0;
  sum = 0;
  min = Infinity;
  max = -Infinity;
  readonly cells = new Map<number, number>();

  /** Takes a sample; the caller has seen to it that it is a finite number of at least 0. */
  add(value: number): void {
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    const cell = cellOf(value);
    this.cells.set(cell, (this.cells.get(cell) ?? 0) + 1);
  }

  /** Takes the samples of another one. */
  merge(other: Aggregate): void {
    this.count += other.count;
    this.sum += other.sum;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
    for (const [cell, samples] of other.cells) this.cells.set(cell, (this.cells.get(cell) ?? 0) + samples);
  }

  /** The smallest value that at least the share `quantile` of all samples does not exceed; undefined without any. */
  quantile(quantile: number): number | undefined {
    if (this.count === 0) return undefined;
    const rank = Math.max(1, Math.ceil(quantile * this.count));
    let upto = 0;
    for (const [cell, samples] of [...this.cells].sort(([a], [b]) => a - b)) {
      upto += samples;
      if (upto >= rank) return Math.max(this.min, Math.min(this.max, valueOf(cell)));
    }
    return this.max;
  }
}

function cellOf(value: number): number {
  // The logarithm of 0 is minus infinity, which the lowest cell takes.
  return Math.min(HIGHEST, Math.max(LOWEST, Math.ceil(Math.log(value) / LOG_GAMMA)));
}

function valueOf(cell: number): number {
  return cell === LOWEST ? 0 : 2 * GAMMA ** cell / (1 + GAMMA);
}
