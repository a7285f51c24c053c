/**
 * Patterns in populations that mean no good, and patterns that turn bad: who gets to act alone, how soon, and how
 * often a fix that stopped working is applied before its pattern is stopped.
 *
 * A pattern is bad when it works in less than half of the cases. The hostile population has seven bad ones in ten,
 * with rates spread evenly below one half, and three good ones from .7 to 1. Harsher ones are shown without a bound:
 * the bound on the posterior starts from even odds, and what starts at nine to one ends worse.
 *
 * @module
 */

import {
  newPatternEvidence,
  PATTERN_RULES,
  type PatternEvidence,
  posteriorMean,
  recordOutcome,
} from "../../supabase/functions/_shared/statistics.ts";
import { type Chance, type Finding, quantileOf, reportFindings, seededChance } from "../lib/simulation.ts";

/** How large a simulation is. */
export interface PatternSize {
  /** Patterns for each row. */
  patterns: number;
  /** Outcomes in which a pattern may earn its trust; each value is a row. */
  horizons: readonly number[];
}

/** As large as the claims were measured. */
export const FULL_SIZE: PatternSize = { patterns: 40_000, horizons: [30, 60, 200] };

/** Draws how often a pattern works, 0..1. */
type Population = (chance: Chance) => number;

/** Bad ones in the population of which a bound must hold, 0..1. */
const HOSTILE = 0.7;
const HARSHER: Record<string, Population> = {
  "8 of 10 bad": hostile(0.8),
  "9 of 10 bad": hostile(0.9),
  "8 of 10 just below half": (chance) => chance() < 0.8 ? 0.45 : 0.9,
};
const BAD_PROMOTIONS = { atMost: 2 };
/** Outcomes that are watched after a pattern has turned bad. */
const AFTERMATH = 200;

/** Everything: promotions, times to trust, and what happens after a turn. */
export function simulatePatterns(size: PatternSize): Finding[] {
  return [
    ...simulatePromotions(size),
    ...[0.8, 0.9, 1].map((rate) => simulateTrust(rate, size.patterns)),
    ...simulateTurn(0.2, size.patterns, { atMost: 5 }),
    ...simulateTurn(0.4, size.patterns),
  ];
}

/** A share of bad patterns below one half, and good ones from .7 on. */
function hostile(shareBad: number): Population {
  return (chance) => chance() < shareBad ? 0.5 * chance() : 0.7 + 0.3 * chance();
}

function simulatePromotions({ patterns, horizons }: PatternSize): Finding[] {
  const bounded = horizons.flatMap((horizon) => [
    promotionFinding("hostile, 7 of 10 bad", hostile(HOSTILE), horizon, patterns, "bound"),
    promotionFinding("hostile, 7 of 10 bad", hostile(HOSTILE), horizon, patterns, "mean"),
  ]);
  const harsher = Object.entries(HARSHER).map(([name, population]) => {
    const { bound: _, ...finding } = promotionFinding(name, population, horizons[0]!, patterns, "bound");
    return finding;
  });
  return [...bounded, ...harsher];
}

function promotionFinding(
  name: string,
  population: Population,
  horizon: number,
  patterns: number,
  method: "bound" | "mean",
): Finding {
  const chance = seededChance(horizon);
  const promoted = { good: 0, bad: 0 };
  for (let pattern = 0; pattern < patterns; pattern++) {
    const rate = population(chance);
    const outcomes = Array.from({ length: horizon }, () => chance() < rate);
    const isPromoted = method === "bound" ? earnsTrust(outcomes) : reachesMean(outcomes);
    if (isPromoted) promoted[rate < 0.5 ? "bad" : "good"]++;
  }
  const runs = promoted.good + promoted.bad;
  const finding = { scenario: `${name}, ${horizon} outcomes`, value: 100 * promoted.bad / runs, runs };
  return method === "bound"
    ? { ...finding, figure: "of the promoted are bad, %", bound: BAD_PROMOTIONS }
    : { ...finding, figure: "naive: mean >= .75 alone, bad, %" };
}

function earnsTrust(outcomes: readonly boolean[]): boolean {
  let evidence = newPatternEvidence();
  return outcomes.some((outcome) => {
    evidence = recordOutcome(evidence, outcome);
    return evidence.standing === "trusted";
  });
}

function reachesMean(outcomes: readonly boolean[]): boolean {
  let successes = 0;
  return outcomes.some((outcome, index) => {
    if (outcome) successes++;
    return posteriorMean(successes, index + 1 - successes) >= PATTERN_RULES.autoScore;
  });
}

function simulateTrust(rate: number, patterns: number): Finding {
  const chance = seededChance(Math.round(1_000 * rate));
  const attempts = Array.from({ length: patterns }, () => becomeTrusted(rate, 0, chance).outcomes);
  const value = quantileOf(attempts, 0.5);
  return { scenario: `works in ${rate}`, figure: "outcomes to trust, median", value, runs: patterns };
}

function simulateTurn(rate: number, patterns: number, bound?: { atMost: number }): Finding[] {
  const chance = seededChance(Math.round(1_000 * rate) + 1);
  const turns = Array.from({ length: patterns }, () => turnBad(rate, chance));
  const scenario = `works in .95, then in ${rate}`;
  const untilDemoted = turns.map(({ untilDemoted }) => untilDemoted);
  const applied = turns.map(({ applied }) => applied);
  const median = {
    scenario,
    figure: "applications until demoted, median",
    value: quantileOf(untilDemoted, 0.5),
    runs: patterns,
    ...(bound === undefined ? {} : { bound }),
  };
  const others: [string, number][] = [
    ["applications until demoted, 95th percentile", quantileOf(untilDemoted, 0.95)],
    [`applications in the ${AFTERMATH} after, median`, quantileOf(applied, 0.5)],
    [`applications in the ${AFTERMATH} after, 95th`, quantileOf(applied, 0.95)],
    ["trusted again, %", 100 * turns.filter(({ trustedAgain }) => trustedAgain).length / patterns],
  ];
  return [median, ...others.map(([figure, value]) => ({ scenario, figure, value, runs: patterns }))];
}

function becomeTrusted(
  rate: number,
  atLeast: number,
  chance: Chance,
): { evidence: PatternEvidence; outcomes: number } {
  let evidence = newPatternEvidence();
  let outcomes = 0;
  while (outcomes < atLeast || evidence.standing !== "trusted") {
    evidence = recordOutcome(evidence, chance() < rate);
    outcomes++;
  }
  return { evidence, outcomes };
}

interface Turn {
  untilDemoted: number;
  applied: number;
  trustedAgain: boolean;
}

/** After the turn outcomes keep coming in also while a person decides, and the pattern may earn its trust again. */
function turnBad(rate: number, chance: Chance): Turn {
  let { evidence } = becomeTrusted(0.95, 60, chance);
  const turn: Turn = { untilDemoted: 0, applied: 0, trustedAgain: false };
  let isDemoted = false;
  for (let outcome = 0; outcome < AFTERMATH; outcome++) {
    const acts = evidence.standing === "trusted";
    if (acts) turn.applied++;
    if (acts && !isDemoted) turn.untilDemoted++;
    if (acts && isDemoted) turn.trustedAgain = true;
    evidence = recordOutcome(evidence, chance() < rate);
    isDemoted ||= evidence.standing === "demoted";
  }
  return turn;
}

if (import.meta.main) reportFindings(simulatePatterns(FULL_SIZE));
