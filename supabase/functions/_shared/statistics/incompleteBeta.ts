/**
 * The distribution function of the beta distribution: how sure evidence makes one of a rate.
 *
 * The leading factor is computed in Loader's saddle-point form ("Fast and accurate computation of binomial
 * probabilities", 2000), which keeps its digits for counts in the millions, and the rest as the continued fraction of
 * Abramowitz and Stegun 26.5.8 by Lentz's method.
 *
 * @module
 */

import { stirlingRest } from "./gamma.ts";
import { MAX_COUNT, requireNumber, requireShare } from "./require.ts";

/** The parameters of evidence: from next to nothing to more than the largest count. */
const SHAPE = { min: 1e-9, max: 2 * MAX_COUNT };
/** The fraction takes some square roots of the larger parameter. */
const MAX_STEPS = 10_000_000;
/** Lentz's method must not divide by zero. */
const TINY = 1e-300;

/** The regularised incomplete beta function I_x(a, b) = P(theta < x) for theta ~ Beta(a, b); a and b from 1e-9 to 2e9. */
export function incompleteBeta(x: number, a: number, b: number): number {
  const task = "compute incompleteBeta";
  requireShare(task, "x", x);
  requireNumber(task, "a", a, SHAPE);
  requireNumber(task, "b", b, SHAPE);
  if (x === 0 || x === 1) return x;
  // Each side has its own tail where the fraction converges fast; a small tail keeps its digits there.
  const isLowerTail = x <= (a + 1) / (a + b + 2);
  const tail = isLowerTail ? lowerTail(x, 1 - x, a, b) : lowerTail(1 - x, x, b, a);
  return isLowerTail ? tail : 1 - tail;
}

/** x^a (1-x)^b / B(a, b): the density of Beta(a, b) at x, times x (1-x). */
export function betaKernel(x: number, y: number, a: number, b: number): number {
  const n = a + b;
  const rest = stirlingRest(n) - stirlingRest(a) - stirlingRest(b);
  return Math.sqrt(a / n * b / (2 * Math.PI)) * Math.exp(rest - deviance(a, n * x) - deviance(b, n * y));
}

function lowerTail(x: number, y: number, a: number, b: number): number {
  return Math.min(1, betaKernel(x, y, a, b) / a * continuedFraction(x, a, b));
}

function continuedFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / notZero(1 - (a + b) * x / (a + 1));
  let value = d;
  for (let m = 1; m <= MAX_STEPS; m++) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / notZero(1 + even * d);
    c = notZero(1 + even / c);
    value *= d * c;
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / notZero(1 + odd * d);
    c = notZero(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return value;
}

function notZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** k ln(k/m) + m - k without the loss of digits where k is near m. */
function deviance(k: number, m: number): number {
  const share = (k - m) / (k + m);
  if (Math.abs(share) > 0.1) return k * Math.log(k / m) + m - k;
  let sum = (k - m) * share;
  let term = 2 * k * share;
  for (let j = 3;; j += 2) {
    term *= share * share;
    const next = sum + term / j;
    if (next === sum) return sum;
    sum = next;
  }
}
