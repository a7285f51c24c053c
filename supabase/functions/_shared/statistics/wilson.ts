/** The Wilson score interval of a rate. @module */

import { normalQuantile } from "./normal.ts";
import { requireNumber, requireWeight } from "./require.ts";

/** Where a rate lies, both ends within 0..1. */
export interface RateInterval {
  low: number;
  high: number;
}

/**
 * The Wilson score interval (Wilson 1927) of `successes` of `n`; both may be discounted and so fractional. Without an
 * outcome it is 0..1.
 */
export function wilsonInterval(successes: number, n: number, confidence = 0.95): RateInterval {
  const task = "compute wilsonInterval";
  requireWeight(task, "n", n);
  requireNumber(task, "successes", successes, { min: 0, max: n });
  requireNumber(task, "confidence", confidence, { min: 0, max: 1, open: true });
  if (n === 0) return { low: 0, high: 1 };
  const z = normalQuantile((1 + confidence) / 2);
  // Each end in the form that has no difference of near numbers: 0 of n then begins at 0 exactly.
  return { low: lowEnd(successes, n - successes, z), high: 1 - lowEnd(n - successes, successes, z) };
}

function lowEnd(successes: number, failures: number, z: number): number {
  const n = successes + failures;
  const square = z * z;
  const root = Math.sqrt(square * (square + 4 * successes * (failures / n)));
  return 2 * successes * (successes / n) / (2 * successes + square + root);
}
