/** The order in which alternatives are shown and tried when a vote does not settle it. @module */

import { refuse, requireNumber, requireShare } from "./require.ts";

/** What an alternative is ranked by. */
export interface RankedCandidate {
  id: string;
  /** The weighted sum of its votes; see `combineWeighted`. */
  logOdds: number;
  /** The score of its pattern, 0..1. */
  patternScore: number;
  risk: "low" | "medium" | "high";
  /** True for what is in force now. */
  isIncumbent: boolean;
}

const RISKS = ["low", "medium", "high"] as const;

/**
 * The candidates, best first: by weighted sum, pattern score, lower risk, incumbent, id. The order is total, so every
 * instance shows the same one.
 */
export function rankCandidates<Candidate extends RankedCandidate>(
  candidates: readonly Candidate[],
): Candidate[] {
  for (const { logOdds, patternScore, risk } of candidates) {
    requireNumber("rank candidates", "logOdds", logOdds, {});
    requireShare("rank candidates", "patternScore", patternScore);
    if (!RISKS.includes(risk)) refuse("rank candidates", "risk", "low, medium or high", risk);
  }
  return [...candidates].sort(compare);
}

function compare(one: RankedCandidate, other: RankedCandidate): number {
  return other.logOdds - one.logOdds ||
    other.patternScore - one.patternScore ||
    RISKS.indexOf(one.risk) - RISKS.indexOf(other.risk) ||
    Number(other.isIncumbent) - Number(one.isIncumbent) ||
    // By code unit: the order of a locale differs from machine to machine.
    (one.id < other.id ? -1 : Number(one.id > other.id));
}
