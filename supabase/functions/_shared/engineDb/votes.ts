/** Votes about fixes, and what became of them. @module */

import type { Json, RpcPort } from "../core/ports.ts";

/** One vote to store. */
export interface StoredVote {
  candidate_key: string;
  voter: string;
  /** Null for an abstention. */
  answer: boolean | null;
  /** The voter's record at that moment, 0..1. */
  accuracy: number;
}

/** What several voters came to. */
export interface EnsembleDecisionDraft {
  unit: string;
  strategy: "weighted" | "majority" | "unanimous";
  min_confidence: number;
  candidates: Json;
  verdict: "decided" | "undecided";
  chosen_key: string | null;
  /** 0..1. */
  confidence: number;
  reason: string;
  votes: StoredVote[];
}

/** Stores a decision with its votes; the same unit replaces what is not judged yet. */
export function recordEnsembleDecision(
  db: RpcPort,
  decision: EnsembleDecisionDraft,
): Promise<{ id: string }> {
  return db.call("record_ensemble_decision", { p_decision: decision });
}

/** Says whether a fix that was voted on has worked; `recorded` is false when that was known. */
export function recordStoredTruth(
  db: RpcPort,
  truth: { decisionId: string; candidateKey: string; worked: boolean },
): Promise<{ recorded: boolean }> {
  return db.call("record_ensemble_truth", {
    p_decision_id: truth.decisionId,
    p_candidate_key: truth.candidateKey,
    p_worked: truth.worked,
  });
}

/** What is known of voters. */
export interface VoterRecords {
  voters: Record<string, { right: number; wrong: number }>;
  /** The latest cases with several of these voters: who was right. */
  cases: Record<string, boolean>[];
}

/** The records of voters; a voter without one has never been judged. */
export function getVoterRecords(db: RpcPort, voters: readonly string[]): Promise<VoterRecords> {
  return db.call("get_voter_records", { p_voters: voters });
}

/** The counts and the score of a pattern. */
export interface StoredPatternEvidence {
  id: string;
  success_count: number;
  failure_count: number;
  /** 0..1, over discounted evidence. */
  confidence_score: number;
  /** 0..1. */
  probability_ineffective: number;
  auto_fixable: boolean;
}

/** Reads the evidence of one pattern; rejects with `NOT_FOUND` for an unknown one. */
export function getPatternEvidence(db: RpcPort, patternId: string): Promise<StoredPatternEvidence> {
  return db.call("get_pattern_evidence", { p_pattern_id: patternId });
}
