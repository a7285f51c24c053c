/** How many outcomes an experiment needs. @module */

import { normalQuantile } from "./normal.ts";
import { requireNumber } from "./require.ts";

/** The errors that a fixed-size test may make. */
export interface SampleSizeOptions {
  /** Two-sided; 0.05. */
  alpha?: number;
  /** 0.8. */
  power?: number;
}

/** Looking at every tick costs outcomes: with twice the fixed size the power is about 80 %, with thrice about 95 %. */
const FACTOR_OF_POWER = { "0.8": 2, "0.95": 3 } as const;

/**
 * Outcomes that each arm of a fixed-size test needs to tell two rates apart: the normal approximation with the pooled
 * variance under equality (Fleiss, Statistical Methods for Rates and Proportions, 3.14). The rates must differ and lie
 * strictly between 0 and 1.
 */
export function requiredSampleSize(rateA: number, rateB: number, options: SampleSizeOptions = {}): number {
  const { alpha = 0.05, power = 0.8 } = options;
  const task = "compute requiredSampleSize";
  for (const [name, value] of Object.entries({ rateA, rateB, alpha, power })) {
    requireNumber(task, name, value, { min: 0, max: 1, open: true });
  }
  if (rateA === rateB) {
    throw new RangeError(`Cannot ${task} as "rateB" must differ from "rateA": current value is ${rateB}`);
  }
  const mean = (rateA + rateB) / 2;
  const equal = -normalQuantile(alpha / 2) * Math.sqrt(2 * mean * (1 - mean));
  const different = normalQuantile(power) * Math.sqrt(rateA * (1 - rateA) + rateB * (1 - rateB));
  return Math.ceil(((equal + different) / (rateA - rateB)) ** 2);
}

/** The outcomes of both arms together after which an experiment ends without a winner, for the wanted power. */
export function maxExperimentSize(rateA: number, rateB: number, power: 0.8 | 0.95 = 0.95): number {
  const factor = FACTOR_OF_POWER[`${power}`];
  if (factor === undefined) {
    throw new RangeError(
      `Cannot compute maxExperimentSize as "power" must be 0.8 or 0.95: current value is ${power}`,
    );
  }
  return factor * 2 * requiredSampleSize(rateA, rateB);
}
