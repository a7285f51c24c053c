/**
 * Do errors come evenly or in bursts: how much more their counts vary than those of independent requests would.
 *
 * Bursts make every bound for independent requests too narrow. Counts are therefore divided by the factor that is
 * measured here, as quasi-likelihood does (McCullagh and Nelder, Generalized Linear Models, 4.5), but only where the
 * excess is no accident: dividing by noise would cost power for nothing.
 *
 * @module
 */

import { normalCdf } from "./normal.ts";
import type { ErrorCounts, MinuteCounts } from "./errorEvidence.ts";

/** How counts vary from block to block. */
export interface Spread {
  /** Pearson's statistic over its degrees of freedom: 1 for independent requests. */
  factor: number;
  /** How likely a factor like this, or a larger one, is for independent requests. */
  pValue: number;
  blocks: number;
}

/** Fewer blocks tell nothing about spread. */
export const FEWEST_BLOCKS = 5;
/** Errors to be expected in a block; with fewer Pearson's statistic is too wild (Cochran 1954 lets one be the least). */
const EXPECTED_IN_BLOCK = 2;
/** From here on an excess is no accident, where somebody looks again and again. */
const SIGNIFICANT = 0.001;

const NOTHING: Spread = { factor: 1, pValue: 1, blocks: 0 };

/** What came in a block, what was to be expected, and how far that varies by chance. */
interface Cell {
  measured: number;
  expected: number;
  variance: number;
}

/** The spread of a rate over blocks of one arm; blocks that expect too few errors are joined with their neighbours. */
export function spreadOf(blocks: readonly ErrorCounts[]): Spread {
  const { errors, n } = totalOf(blocks);
  if (errors === 0) return NOTHING;
  const rate = errors / n;
  return pearson(blocks.map(({ errors, n }) => ({
    measured: errors,
    expected: n * rate,
    variance: n * rate * (1 - rate),
  })));
}

/** The spread of the canary's part of the errors, apart from what befell both arms and from how much worse it is. */
export function spreadBetween(minutes: readonly MinuteCounts[]): Spread {
  const told = minutes.filter(({ canary, control }) => canary.n > 0 && control.n > 0);
  const ratio = commonRatio(told);
  if (!(ratio > 0 && ratio < Infinity)) return NOTHING;
  return pearson(told.map(({ canary, control }) => {
    const part = ratio * canary.n / (ratio * canary.n + control.n);
    const errors = canary.errors + control.errors;
    return { measured: canary.errors, expected: errors * part, variance: errors * part * (1 - part) };
  }));
}

/** The factor where it is no accident, and 1 where it may be one. */
export function significantFactor({ factor, pValue }: Spread, significant = SIGNIFICANT): number {
  return pValue < significant ? Math.max(1, factor) : 1;
}

/** Blocks of `length` buckets each; what is left over at the front is left out. */
export function blocksOf(buckets: readonly ErrorCounts[], length: number): ErrorCounts[] {
  const blocks: ErrorCounts[] = [];
  for (let start = buckets.length % length; start < buckets.length; start += length) {
    blocks.push(totalOf(buckets.slice(start, start + length)));
  }
  return blocks.filter(({ n }) => n > 0);
}

/** All together. */
export function totalOf(blocks: readonly ErrorCounts[]): ErrorCounts {
  return { errors: sum(blocks, ({ errors }) => errors), n: sum(blocks, ({ n }) => n) };
}

/** The rate ratio that all minutes have in common (Mantel and Haenszel 1959). */
function commonRatio(minutes: readonly MinuteCounts[]): number {
  const all = ({ canary, control }: MinuteCounts) => canary.n + control.n;
  const above = sum(minutes, (m) => m.canary.errors * m.control.n / all(m));
  return above / sum(minutes, (m) => m.control.errors * m.canary.n / all(m));
}

/** Neighbours together until a block expects enough; the rest goes to the last one. */
function join(cells: readonly Cell[]): Cell[] {
  const blocks: Cell[] = [];
  let open: Cell = { measured: 0, expected: 0, variance: 0 };
  for (const cell of cells) {
    open = add(open, cell);
    if (open.variance < EXPECTED_IN_BLOCK) continue;
    blocks.push(open);
    open = { measured: 0, expected: 0, variance: 0 };
  }
  const last = blocks.pop();
  return last === undefined ? [] : [...blocks, add(last, open)];
}

function add(one: Cell, other: Cell): Cell {
  return {
    measured: one.measured + other.measured,
    expected: one.expected + other.expected,
    variance: one.variance + other.variance,
  };
}

function pearson(cells: readonly Cell[]): Spread {
  const blocks = join(cells);
  const freedom = blocks.length - 1;
  if (blocks.length < FEWEST_BLOCKS) return { ...NOTHING, blocks: blocks.length };
  const statistic = sum(blocks, ({ measured, expected, variance }) => (measured - expected) ** 2 / variance);
  const factor = statistic / freedom;
  return { factor, pValue: chiSquareTail(factor, freedom), blocks: blocks.length };
}

/** P(chi-square / freedom > factor), by the cube root of Wilson and Hilferty (1931); off by less than 0.002. */
function chiSquareTail(factor: number, freedom: number): number {
  const variance = 2 / (9 * freedom);
  return normalCdf((1 - variance - Math.cbrt(factor)) / Math.sqrt(variance));
}

function sum<Item>(items: readonly Item[], figure: (item: Item) => number): number {
  let total = 0;
  for (const item of items) total += figure(item);
  return total;
}
