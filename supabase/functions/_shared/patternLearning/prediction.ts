/**
 * What patterns that resemble one let expect of it, while it has little evidence of its own.
 *
 * The family is the closest one with members enough: the same category, kind and table; else category and kind; else
 * the kind. A prediction lowers a decision or ranks proposals; it never lets a pattern act.
 *
 * @module
 */

import { type ArmCounts, type BetaPrior, fitBetaBinomial, predictRate } from "../statistics.ts";
import type { LearnedPattern } from "./pattern.ts";

/** From so many outcomes on a pattern speaks for itself. */
const ENOUGH_OUTCOMES = 12;
const ENOUGH_MEMBERS = 5;
/** More outcomes of one member say no more about how members differ. */
const MAX_OUTCOMES = 100;

/** A pattern that resembles others, with its outcomes. */
export interface FamilyMember {
  id: string;
  kind: string;
  category: string;
  /** The table that it is about, where its strategy names one. */
  table: string | null;
  successes: number;
  failures: number;
}

/** What to expect of a pattern, and on what grounds; plain JSON for the fix's row. */
export interface PatternPrediction {
  /** 0..1. */
  predicted: number;
  /** What the members of the family have in common. */
  family: "table" | "category" | "kind";
  prior: BetaPrior;
}

const FAMILIES = ["table", "category", "kind"] as const;

/** Predicts how well a pattern works; null when it has evidence enough, or no family that says anything. */
export function predictEffectiveness(
  pattern: LearnedPattern,
  others: readonly FamilyMember[],
): PatternPrediction | null {
  const outcomes = (pattern.success_count ?? 0) + (pattern.failure_count ?? 0);
  if (outcomes >= ENOUGH_OUTCOMES) return null;
  for (const family of FAMILIES) {
    const members = others.filter((other) => belongs(pattern, other, family)).flatMap(countsOf);
    const prior = members.length < ENOUGH_MEMBERS ? null : fitBetaBinomial(members);
    if (prior === null) continue;
    const evidence = { successes: pattern.weighted_successes ?? 0, failures: pattern.weighted_failures ?? 0 };
    return { predicted: predictRate(evidence, prior).predicted, family, prior };
  }
  return null;
}

function belongs(pattern: LearnedPattern, other: FamilyMember, family: typeof FAMILIES[number]): boolean {
  // Its own outcomes are its evidence and must not be its prior as well.
  if (other.id === pattern.id || other.kind !== pattern.fix_strategy.kind) return false;
  if (family === "kind") return true;
  if (other.category !== pattern.category) return false;
  return family === "category" || (other.table !== null && other.table === pattern.fix_strategy.table);
}

function countsOf({ successes, failures }: FamilyMember): ArmCounts[] {
  const n = successes + failures;
  if (!Number.isSafeInteger(n) || successes < 0 || failures < 0 || n === 0) return [];
  if (n <= MAX_OUTCOMES) return [{ successes, n }];
  return [{ successes: Math.round(successes * MAX_OUTCOMES / n), n: MAX_OUTCOMES }];
}
