/**
 * Predictions of patterns with little evidence: is what a family lets expect nearer to what happens than the score?
 *
 * Each run draws a family of twenty patterns and one more of the same population, shows up to five outcomes of that one,
 * predicts, and draws the next outcome. The Brier score is the mean squared error of a predicted share: 0 is perfect,
 * 0.25 a coin. The reliability is the largest distance, over tenths with enough cases, of what happened from what was
 * predicted.
 *
 * @module
 */

import { fitBetaBinomial, posteriorMean, predictRate } from "../../supabase/functions/_shared/statistics.ts";
import { type Chance, type Finding, reportFindings, seededChance } from "../lib/simulation.ts";

/** As large as the claims were measured. */
export const FULL_SIZE = { runs: 20_000 };

const FAMILY = 20;
const FAMILY_OUTCOMES = 12;
const OWN_OUTCOMES = 5;
const ENOUGH_CASES = 100;

/** Populations of rates: mostly good, mostly bad, either good or bad, all alike, and anything. */
const POPULATIONS: Record<string, (chance: Chance) => number> = {
  "mostly good, .8 to 1": (chance) => 0.8 + 0.2 * chance(),
  "mostly bad, 0 to .4": (chance) => 0.4 * chance(),
  "7 of 10 bad": (chance) => chance() < 0.7 ? 0.5 * chance() : 0.7 + 0.3 * chance(),
  "all alike, .6": () => 0.6,
  "anything": (chance) => chance(),
};

interface Case {
  predicted: number;
  score: number;
  outcome: number;
}

/** Brier scores of prediction and score, and the reliability of the prediction, for each population. */
export function simulatePredictions({ runs }: { runs: number }): Finding[] {
  return Object.entries(POPULATIONS).flatMap(([scenario, population], index) => {
    const chance = seededChance(31 + index);
    const cases = Array.from({ length: runs }, () => drawCase(population, chance));
    const [byFamily, byScore] = [brier(cases, "predicted"), brier(cases, "score")];
    return [
      { scenario, figure: "Brier score of the prediction", value: byFamily, runs },
      { scenario, figure: "naive: Brier score of the pattern's own score", value: byScore, runs },
      // Where anything is possible the score's own prior is the truth, and nothing can be won.
      { scenario, figure: "prediction over score", value: byFamily / byScore, runs, bound: { atMost: 1.03 } },
      // A family counts for ten outcomes at most, also one that is all alike: what is lost there is won back when a
      // pattern turns out to be none of the family.
      {
        scenario,
        figure: "largest miss of a tenth",
        value: largestMiss(cases),
        runs,
        bound: { atMost: 0.15 },
      },
    ];
  });
}

function drawCase(population: (chance: Chance) => number, chance: Chance): Case {
  const draw = (rate: number, n: number) =>
    Array.from({ length: n }, () => Number(chance() < rate)).reduce((sum, one) => sum + one, 0);
  const family = Array.from({ length: FAMILY }, () => {
    return { successes: draw(population(chance), FAMILY_OUTCOMES), n: FAMILY_OUTCOMES };
  });
  const rate = population(chance);
  const n = Math.floor(chance() * (OWN_OUTCOMES + 1));
  const successes = draw(rate, n);
  const evidence = { successes, failures: n - successes };
  return {
    predicted: predictRate(evidence, fitBetaBinomial(family)!).predicted,
    score: posteriorMean(successes, n - successes),
    outcome: draw(rate, 1),
  };
}

function brier(cases: readonly Case[], which: "predicted" | "score"): number {
  return cases.reduce((sum, one) => sum + (one[which] - one.outcome) ** 2, 0) / cases.length;
}

function largestMiss(cases: readonly Case[]): number {
  const bins = Map.groupBy(cases, ({ predicted }) => Math.min(9, Math.floor(predicted * 10)));
  const misses = [...bins.values()].filter((bin) => bin.length >= Math.max(ENOUGH_CASES, cases.length / 50))
    .map((bin) => {
      const mean = (of: (one: Case) => number) => bin.reduce((sum, one) => sum + of(one), 0) / bin.length;
      return Math.abs(mean(({ predicted }) => predicted) - mean(({ outcome }) => outcome));
    });
  return Math.max(...misses);
}

if (import.meta.main) reportFindings(simulatePredictions(FULL_SIZE));
