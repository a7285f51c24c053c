/**
 * Welch's test: do two samples of unequal spread have the same mean?
 *
 * Source: B. L. Welch, "The generalization of Student's problem when several different population variances are
 * involved", Biometrika 34 (1947); degrees of freedom after Satterthwaite.
 *
 * @module
 */

import { incompleteBeta } from "./incompleteBeta.ts";
import { requireNumber } from "./require.ts";

/** A sample by its figures. */
export interface SampleFigures {
  /** Whole, >= 2. */
  n: number;
  mean: number;
  /** Unbiased; >= 0. */
  variance: number;
}

/** What the test says. */
export interface WelchResult {
  t: number;
  degreesOfFreedom: number;
  /** How likely a difference like this, or a larger one, is when `a` is really not the larger mean. */
  pGreater: number;
}

/** Tests whether the mean of `a` is greater than that of `b`. */
export function welchTest(a: SampleFigures, b: SampleFigures): WelchResult {
  for (const [name, { n, mean, variance }] of Object.entries({ a, b })) {
    requireNumber("compute welchTest", `${name}.n`, n, { min: 2, max: 1e15, whole: true });
    requireNumber("compute welchTest", `${name}.mean`, mean, {});
    requireNumber("compute welchTest", `${name}.variance`, variance, { min: 0 });
  }
  const shareA = a.variance / a.n;
  const shareB = b.variance / b.n;
  const difference = a.mean - b.mean;
  if (shareA + shareB === 0) return withoutSpread(difference, a.n + b.n - 2);
  const t = difference / Math.sqrt(shareA + shareB);
  const degreesOfFreedom = (shareA + shareB) ** 2 / (shareA ** 2 / (a.n - 1) + shareB ** 2 / (b.n - 1));
  return { t, degreesOfFreedom, pGreater: upperTail(t, degreesOfFreedom) };
}

function withoutSpread(difference: number, degreesOfFreedom: number): WelchResult {
  if (difference === 0) return { t: 0, degreesOfFreedom, pGreater: 0.5 };
  const isGreater = difference > 0;
  return { t: isGreater ? Infinity : -Infinity, degreesOfFreedom, pGreater: isGreater ? 0 : 1 };
}

/** P(T > t) of Student's distribution. */
function upperTail(t: number, degreesOfFreedom: number): number {
  // Beyond this many the distribution does not change any more, and the function has its bounds.
  const freedom = Math.min(degreesOfFreedom, 1e9);
  const both = incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
  return t > 0 ? both / 2 : 1 - both / 2;
}
