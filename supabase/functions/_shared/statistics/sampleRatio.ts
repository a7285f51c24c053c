/** Sample ratio mismatch: whether an even split came out even. @module */

import { betaKernel } from "./incompleteBeta.ts";
import { requireCount } from "./require.ts";

/** The alternative is Beta(20, 20) on the share of a: a split that is off by some ten points. */
const PRIOR = 20;

/**
 * How much better another split than 50/50 explains the counts: a Bayes factor that may be looked at after every unit
 * and, with a true 50/50, reaches x with probability 1/x at most. At most the largest finite number.
 */
export function sampleRatioEvidence(countA: number, countB: number): number {
  requireCount("compute sampleRatioEvidence", "countA", countA);
  requireCount("compute sampleRatioEvidence", "countB", countB);
  // B(20+nA, 20+nB) / B(20, 20) 2^(nA+nB), in which the powers of two are those of the kernels at one half.
  const evidence = betaKernel(0.5, 0.5, PRIOR, PRIOR) / betaKernel(0.5, 0.5, PRIOR + countA, PRIOR + countB);
  return Math.min(evidence, Number.MAX_VALUE);
}
