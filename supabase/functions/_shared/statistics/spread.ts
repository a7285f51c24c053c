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

/** The spread of a rate over blocks of one arm; blocks that expect too few errors are joined with their neighbours. */
export function spreadOf(blocks: readonly ErrorCounts[]): Spread {
  const { errors, n } = totalOf(blocks);
  if (errors === 0) return NOTHING;
  const rate = errors / n;
  const pearson = new Pearson();
  for (const block of blocks) pearson.add(block.errors, block.n * rate, block.n * rate * (1 - rate));
  return pearson.spread();
}

/** The spread of the canary's part of the errors, apart from what befell both arms and from how much worse it is. */
export function spreadBetween(minutes: readonly MinuteCounts[]): Spread {
  const ratio = commonRatio(minutes);
  if (!(ratio > 0 && ratio < Infinity)) return NOTHING;
  const pearson = new Pearson();
  for (const { canary, control } of minutes) {
    const part = ratio * canary.n / (ratio * canary.n + control.n);
    const errors = canary.errors + control.errors;
    // Of a minute with one arm only it is clear whose its errors are.
    if (part > 0 && part < 1) pearson.add(canary.errors, errors * part, errors * part * (1 - part));
  }
  return pearson.spread();
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
  const total = { errors: 0, n: 0 };
  for (const { errors, n } of blocks) {
    total.errors += errors;
    total.n += n;
  }
  return total;
}

/** The rate ratio that all minutes have in common (Mantel and Haenszel 1959). */
function commonRatio(minutes: readonly MinuteCounts[]): number {
  let [above, below] = [0, 0];
  for (const { canary, control } of minutes) {
    const all = canary.n + control.n;
    if (all === 0) continue;
    above += canary.errors * control.n / all;
    below += control.errors * canary.n / all;
  }
  return above / below;
}

/** Pearson's statistic over neighbours that are joined until a block expects enough; the rest goes to the last one. */
class Pearson {
  #statistic = 0;
  #blocks = 0;
  #last = { excess: 0, variance: 0 };
  #open = { excess: 0, variance: 0 };

  add(measured: number, expected: number, variance: number): void {
    this.#open.excess += measured - expected;
    this.#open.variance += variance;
    if (!(this.#open.variance >= EXPECTED_IN_BLOCK)) return;
    this.#close();
    this.#last = this.#open;
    this.#open = { excess: 0, variance: 0 };
    this.#blocks++;
  }

  spread(): Spread {
    const [blocks, freedom] = [this.#blocks, this.#blocks - 1];
    if (blocks < FEWEST_BLOCKS) return { ...NOTHING, blocks };
    this.#last.excess += this.#open.excess;
    this.#last.variance += this.#open.variance;
    this.#close();
    const factor = this.#statistic / freedom;
    return { factor, pValue: chiSquareTail(factor, freedom), blocks };
  }

  #close(): void {
    const { excess, variance } = this.#last;
    if (variance > 0) this.#statistic += excess ** 2 / variance;
  }
}

/** P(chi-square / freedom > factor), by the cube root of Wilson and Hilferty (1931); off by less than 0.002. */
function chiSquareTail(factor: number, freedom: number): number {
  const variance = 2 / (9 * freedom);
  return normalCdf((1 - variance - Math.cbrt(factor)) / Math.sqrt(variance));
}
