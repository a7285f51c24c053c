/** How many of the patterns that may act alone are bad, by the simulation of `patterns.sim.ts`. @module */

import { simulatePatterns } from "../patterns.sim.ts";
import { type PromiseBench, scaled } from "./promise.ts";

const PATTERNS = 20_000;
const HORIZON = 30;
const LIMIT = 5;

/** Bad patterns that are promoted. */
export const patternPromises: PromiseBench = {
  name: "patterns",
  measure(share) {
    const findings = simulatePatterns({ patterns: scaled(PATTERNS, share, 500), horizons: [HORIZON] });
    const of = (figure: RegExp) =>
      findings.find((finding) => finding.scenario.startsWith("hostile") && figure.test(finding.figure))!;
    const [naive, ours] = [of(/^naive/), of(/^of the promoted/)];
    return Promise.resolve([{
      promise: `bad patterns < ${LIMIT} %`,
      measured: "7 of 10 are bad: bad ones among those that may act alone; without: 75 % are enough",
      without: `${naive.value.toFixed(1)} %`,
      withIt: `${ours.value.toFixed(1)} %`,
      isKept: ours.value < LIMIT,
    }]);
  },
};
