/**
 * Exact fractions of whole numbers, by which the kernel's floating point is checked: another road to the same number.
 *
 * @module
 */

import assert from "node:assert/strict";

/** A fraction of whole numbers. */
export interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

/** n over k, exactly. */
export function choose(n: number, k: number): bigint {
  let result = 1n;
  for (let i = 1; i <= k; i++) result = result * BigInt(n - k + i) / BigInt(i);
  return result;
}

/** The nearest double but for a few units in the last place. */
export function toNumber({ over, under }: Fraction): number {
  // Sixty binary digits beyond the leading one of the quotient, whatever its size.
  const shift = BigInt(Math.max(0, under.toString(2).length - over.toString(2).length + 60));
  return Number((over << shift) / under) / 2 ** Number(shift);
}

/** P(theta < k/m) for theta ~ Beta(a, b), a and b whole: the binomial tail P(X >= a), X ~ Bin(a+b-1, k/m). */
export function exactIncompleteBeta(k: bigint, m: bigint, a: number, b: number): Fraction {
  const n = a + b - 1;
  let over = 0n;
  for (let j = a; j <= n; j++) over += choose(n, j) * k ** BigInt(j) * (m - k) ** BigInt(n - j);
  return { over, under: m ** BigInt(n) };
}

/** P(second > first) for independent Beta(a1, b1), Beta(a2, b2), all whole: a sum of negative hypergeometric terms. */
export function exactSecondIsGreater(a1: number, b1: number, a2: number, b2: number): Fraction {
  // Among the n1 + n2 order statistics of two uniform samples the a1-th of the first comes before the a2-th of the other.
  const n1 = a1 + b1 - 1;
  const n2 = a2 + b2 - 1;
  let over = 0n;
  for (let j = 0; j < a2; j++) over += choose(a1 - 1 + j, j) * choose(n1 - a1 + n2 - j, n2 - j);
  return { over, under: choose(n1 + n2, n1) };
}

/** Fails unless `actual` is within `tolerance` of `expected`, relative to it where it is above 1. */
export function assertClose(actual: number, expected: number, tolerance: number, what = ""): void {
  const bound = tolerance * Math.max(1, Math.abs(expected));
  assert.ok(Math.abs(actual - expected) <= bound, `${what} ${actual} is not ${expected} to ${tolerance}`);
}
