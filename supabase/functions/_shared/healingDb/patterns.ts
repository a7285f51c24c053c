/** Patterns and their evidence. @module */

import type { ActionDraft, PatternDraft } from "../core/fixes.ts";
import type { Json, RpcPort } from "../core/ports.ts";

/** A pattern as it is stored. */
export interface HealingPattern {
  id: string;
  pattern_name: string;
  error_signature: string;
  fix_strategy: ActionDraft;
  category: string;
  origin: PatternDraft["origin"];
  /** Empty for a pattern that all projects share. */
  project_id: string;
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
  /** What a person has decided about it. */
  trust_decision: "promoted" | "demoted" | null;
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

/** The patterns that count for a project and know one of the signatures, the best success first. */
export function findHealingPatterns(
  db: RpcPort,
  signatures: readonly string[],
  projectId = "",
): Promise<HealingPattern[]> {
  return db.call("find_healing_patterns", { p_signatures: signatures, p_project_id: projectId });
}

/** Counts an outcome in a project, once per unit of work: for the shared pattern and for the project's own. */
export function recordPatternStats(
  db: RpcPort,
  outcome: { patternId: string; projectId: string; unit: string; succeeded: boolean },
): Promise<HealingPattern> {
  return db.call("update_pattern_stats", {
    p_pattern_id: outcome.patternId,
    p_project_id: outcome.projectId,
    p_unit: outcome.unit,
    p_succeeded: outcome.succeeded,
  });
}

/** What one round of maintenance did. */
export interface PatternMaintenance {
  retired_bad: number;
  retired_unused: number;
  /** Patterns that are left, and how many of them may act alone. */
  active: number;
  trusted: number;
}

/** Retires patterns that are bad or long unused; deletes nothing. */
export function maintainPatterns(db: RpcPort): Promise<PatternMaintenance> {
  return db.call("maintain_patterns", {});
}

/** A person lets a pattern act alone, until its evidence speaks for itself. */
export function promotePattern(db: RpcPort, patternId: string, reason: string): Promise<HealingPattern> {
  return db.call("promote_pattern", { p_pattern_id: patternId, p_reason: reason });
}

/** A person takes a pattern's right to act alone away. */
export function demotePattern(db: RpcPort, patternId: string, reason: string): Promise<HealingPattern> {
  return db.call("demote_pattern", { p_pattern_id: patternId, p_reason: reason });
}

/** A pattern as it may be shared. */
export interface ShareablePattern {
  error_signature: string;
  fix_strategy: ActionDraft;
  category: string;
}

/** The shared patterns that their own evidence has made trusted. */
export function getShareablePatterns(db: RpcPort): Promise<ShareablePattern[]> {
  return db.call("get_shareable_patterns", {});
}

/** A verified document of shared patterns. */
export interface PatternImportDraft {
  /** Algorithm and public key, as the setting `trusted_pattern_keys` lists it. */
  issuer_key: string;
  document_id: string;
  document_sha256: string;
  issued_at: string;
  expires_at: string;
  patterns: readonly ShareablePattern[];
}

/** What came of an import. */
export interface StoredPatternImport {
  id: string;
  pattern_count: number;
  new_count: number;
  /** True when the document had been imported before; nothing was changed then. */
  replayed: boolean;
}

/** Stores the patterns of a verified document without evidence; known ones stay as they are. */
export function storePatternImport(db: RpcPort, draft: PatternImportDraft): Promise<StoredPatternImport> {
  return db.call("import_patterns", { p_import: draft as unknown as Json });
}
