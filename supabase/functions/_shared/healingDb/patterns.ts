/** Patterns and their evidence. @module */

import type { ActionDraft, PatternDraft } from "../core/fixes.ts";
import type { RpcPort } from "../core/ports.ts";

/** A pattern as it is stored. */
export interface HealingPattern {
  id: string;
  pattern_name: string;
  error_signature: string;
  fix_strategy: ActionDraft;
  category: string;
  origin: PatternDraft["origin"];
  success_count: number;
  failure_count: number;
  /** Discounted: old outcomes count less. */
  weighted_successes: number;
  /** Discounted: old outcomes count less. */
  weighted_failures: number;
  /** 0..1, undiscounted. */
  success_rate: number;
  /** 0..1, posterior mean over discounted evidence. */
  confidence_score: number;
  /** 0..1, probability that it works in less than half of the cases. */
  probability_ineffective: number;
  auto_fixable: boolean;
}

/** Stores a pattern, or finds the stored one. */
export function upsertHealingPattern(
  db: RpcPort,
  pattern: PatternDraft,
): Promise<HealingPattern> {
  return db.call("upsert_healing_pattern", { p_pattern: pattern });
}

/** The active patterns for an error signature, the most trusted first. */
export function getHealingPattern(
  db: RpcPort,
  errorSignature: string,
): Promise<HealingPattern[]> {
  return db.call("get_healing_pattern", { p_error_signature: errorSignature });
}

/** Counts an outcome of a pattern, once per unit of work. */
export function recordPatternEvidence(
  db: RpcPort,
  evidence: { patternId: string; unit: string; succeeded: boolean },
): Promise<HealingPattern> {
  return db.call("record_pattern_evidence", {
    p_pattern_id: evidence.patternId,
    p_unit: evidence.unit,
    p_succeeded: evidence.succeeded,
  });
}
