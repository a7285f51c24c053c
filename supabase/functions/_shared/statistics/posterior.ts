/** What counts say of one rate, and of two against each other, with a uniform prior on each. @module */

import { betaKernel, incompleteBeta } from "./incompleteBeta.ts";
import { type ArmCounts, requireArm, requireWeight } from "./require.ts";

/** The mean (S+1)/(S+F+2) of the posterior Beta(S+1, F+1); S and F may be discounted and so fractional. */
export function posteriorMean(successes: number, failures: number): number {
  requireEvidence("compute posteriorMean", successes, failures);
  return (successes + 1) / (successes + failures + 2);
}

/** P(theta < x) under the posterior Beta(S+1, F+1). */
export function probabilityBelow(x: number, successes: number, failures: number): number {
  requireEvidence("compute probabilityBelow", successes, failures);
  return incompleteBeta(x, successes + 1, failures + 1);
}

/** P(rate of b > rate of a) under independent posteriors Beta(s+1, n-s+1). */
export function probabilityBBeatsA(a: ArmCounts, b: ArmCounts): number {
  requireArm("compute probabilityBBeatsA", "a", a);
  requireArm("compute probabilityBBeatsA", "b", b);
  return secondIsGreater(parametersOf(a), parametersOf(b));
}

/** What a choice is expected to cost in success rate, 0..1. */
export interface ExpectedLoss {
  /** E[max(rate of b - rate of a, 0)]. */
  keepA: number;
  /** E[max(rate of a - rate of b, 0)]. */
  shipB: number;
}

/** The expected loss of either choice under independent posteriors Beta(s+1, n-s+1). */
export function expectedLoss(a: ArmCounts, b: ArmCounts): ExpectedLoss {
  requireArm("compute expectedLoss", "a", a);
  requireArm("compute expectedLoss", "b", b);
  return {
    keepA: lossOfFirst(parametersOf(a), parametersOf(b)),
    shipB: lossOfFirst(parametersOf(b), parametersOf(a)),
  };
}

interface BetaParameters {
  alpha: number;
  beta: number;
}

function requireEvidence(task: string, successes: number, failures: number): void {
  requireWeight(task, "successes", successes);
  requireWeight(task, "failures", failures);
}

function parametersOf({ successes, n }: ArmCounts): BetaParameters {
  return { alpha: successes + 1, beta: n - successes + 1 };
}

/** E[max(second - first, 0)]; rounding may leave a few 1e-17 below zero. */
function lossOfFirst(first: BetaParameters, second: BetaParameters): number {
  const gain = meanOf(second) * secondIsGreater(first, { ...second, alpha: second.alpha + 1 });
  const cost = meanOf(first) * secondIsGreater({ ...first, alpha: first.alpha + 1 }, second);
  return Math.max(0, gain - cost);
}

function meanOf({ alpha, beta }: BetaParameters): number {
  return alpha / (alpha + beta);
}

/** P(second > first) is P(1 - first > 1 - second): of the two sums, the one with fewer terms. */
function secondIsGreater(first: BetaParameters, second: BetaParameters): number {
  return second.alpha <= first.beta ? sumOfTerms(first, second) : sumOfTerms(mirror(second), mirror(first));
}

function mirror({ alpha, beta }: BetaParameters): BetaParameters {
  return { alpha: beta, beta: alpha };
}

/**
 * The sum of T_i for i below the second alpha, with T_{i+1} / T_i = (aA+i)(bB+i) / ((aA+bA+bB+i)(1+i)).
 *
 * It starts at the largest term and goes outward: at one half, T_0 falls below the smallest double from 2,700
 * outcomes an arm on, and a sum that begins there is 0 whatever the evidence says.
 */
function sumOfTerms(first: BetaParameters, second: BetaParameters): number {
  const { alpha: aA, beta: bA } = first;
  const { alpha: aB, beta: bB } = second;
  const mode = Math.floor((aA * bB - (aA + bA + bB)) / (bA + 1)) + 1;
  const start = Math.min(aB - 1, Math.max(0, mode));
  const largest = termAt(start, first, bB);
  let sum = largest;
  for (let i = start, term = largest; i < aB - 1 && term > sum * 1e-18; i++) {
    term *= (aA + i) * (bB + i) / ((aA + bA + bB + i) * (1 + i));
    sum += term;
  }
  for (let i = start, term = largest; i > 0 && term > sum * 1e-18; i--) {
    term *= (aA + bA + bB + i - 1) * i / ((aA + i - 1) * (bB + i - 1));
    sum += term;
  }
  return Math.min(1, sum);
}

/** T_i = B(aA+i, bA+bB) / ((bB+i) B(1+i, bB) B(aA, bA)), as kernels at the pooled rate, where each is moderate. */
function termAt(i: number, { alpha, beta }: BetaParameters, bB: number): number {
  const n = alpha + i + beta + bB;
  const x = (alpha + i) / n;
  const y = (beta + bB) / n;
  return betaKernel(x, y, 1 + i, bB) * betaKernel(x, y, alpha, beta) /
    (betaKernel(x, y, alpha + i, beta + bB) * x * (bB + i));
}
