/** Tests of two rates against each other at one fixed size; neither may be looked at again and again. @module */

import { normalCdf } from "./normal.ts";
import { type ArmCounts, requireArm } from "./require.ts";

/** What Pearson's test of a 2x2 table says. */
export interface ChiSquareResult {
  /** One degree of freedom, without continuity correction; 0 where a row or a column is empty. */
  statistic: number;
  pValue: number;
  /** Below 5 the approximation is poor: use Fisher's exact test. */
  smallestExpected: number;
}

/** Pearson's chi-square of two arms. An empty row or column says nothing: statistic 0, p 1. */
export function chiSquareTest(a: ArmCounts, b: ArmCounts): ChiSquareResult {
  requireArm("compute chiSquareTest", "a", a);
  requireArm("compute chiSquareTest", "b", b);
  const n = a.n + b.n;
  const successes = a.successes + b.successes;
  const rarest = Math.min(successes, n - successes);
  const smallestExpected = n === 0 ? 0 : Math.min(a.n, b.n) * (rarest / n);
  if (smallestExpected === 0) return { statistic: 0, pValue: 1, smallestExpected };
  const pooled = successes / n;
  const difference = a.successes / a.n - b.successes / b.n;
  const z = difference / Math.sqrt(pooled * ((n - successes) / n) * (1 / a.n + 1 / b.n));
  return { statistic: z * z, pValue: 2 * normalCdf(-Math.abs(z)), smallestExpected };
}

/** A table as probable as the observed one but for rounding counts as "as extreme"; R's fisher.test has the same. */
const TIE = 1 + 1e-7;
/** Tables so much less probable than the most probable one count for nothing. */
const NOTHING = 1e-300;

/** The two-sided p-value of Fisher's exact test: all tables no more probable than the observed one. */
export function fisherExactTest(a: ArmCounts, b: ArmCounts): number {
  requireArm("compute fisherExactTest", "a", a);
  requireArm("compute fisherExactTest", "b", b);
  const successes = a.successes + b.successes;
  const rest = b.n - successes;
  const lowest = Math.max(0, -rest);
  const highest = Math.min(a.n, successes);
  const mode = Math.floor((a.n + 1) * ((successes + 1) / (a.n + b.n + 2)));
  const start = Math.min(highest, Math.max(lowest, mode));
  const up = weigh(highest - start, (i) => {
    const k = start + i;
    return (a.n - k) / (k + 1) * ((successes - k) / (rest + k + 1));
  });
  const down = weigh(start - lowest, (i) => {
    const k = start - i;
    return k / (a.n - k + 1) * ((rest + k) / (successes - k + 1));
  });
  const observed = a.successes < start ? down[start - a.successes] : up[a.successes - start];
  return shareOfExtremes(Float64Array.from(up.slice(1).concat(down)), observed ?? 0);
}

/** Weights relative to the most probable table's, walking away from it: no factorial, and nothing overflows. */
function weigh(steps: number, ratio: (step: number) => number): number[] {
  const weights = [1];
  for (let step = 0, weight = 1; step < steps && weight > NOTHING; step++) {
    weight *= ratio(step);
    weights.push(weight);
  }
  return weights;
}

function shareOfExtremes(weights: Float64Array, observed: number): number {
  let extreme = 0;
  let all = 0;
  // Ascending, so that the many small ones are not lost behind the large ones.
  for (const weight of weights.sort()) {
    all += weight;
    if (weight <= observed * TIE) extreme = all;
  }
  return extreme / all;
}
