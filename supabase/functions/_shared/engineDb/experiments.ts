/** Experiments between two fixes. @module */

import type { ActionDraft } from "../core/fixes.ts";
import type { Json, RpcPort } from "../core/ports.ts";
import type { EProcessState, ExperimentDecision } from "../statistics.ts";
import type { HealingPattern } from "../healingDb.ts";

/** One of the two fixes of an experiment: `a` is in force, `b` challenges it. */
export type ExperimentVariant = "a" | "b";

/** An experiment to start. */
export interface ExperimentDraft {
  patternId: string;
  fixA: ActionDraft;
  fixB: ActionDraft;
  /** Share of units that get b, 0.05..0.95. */
  shareOfB: number;
  /** Outcomes after which it ends in any case. */
  maxN: number;
  /** Seconds after which an assigned unit without an outcome is a failure; null for the database's default. */
  maturitySeconds: number | null;
}

/** An experiment as it is stored; times are ISO 8601. */
export interface StoredExperiment {
  id: string;
  error_signature: string;
  project_id: string;
  pattern_id: string;
  variant_a_pattern_id: string;
  variant_b_pattern_id: string;
  first_choice_pattern_id: string;
  fix_variant_a: ActionDraft;
  fix_variant_b: ActionDraft;
  share_of_b: number;
  max_n: number;
  maturity_seconds: number;
  experiment_status: "running" | "completed" | "cancelled";
  version: number;
  e_process: EProcessState;
  variant_a_success_rate: number | null;
  variant_b_success_rate: number | null;
  sample_size: number;
  decision: Json;
  winning_variant: ExperimentVariant | null;
  ended_by: string | null;
  started_at: string;
  judged_at: string | null;
  concluded_at: string | null;
  chosen_at: string | null;
  deployment_request: Json;
  deployment_requested_at: string | null;
}

/** Starts an experiment; rejects with `CONFLICT` when one runs for this error. */
export function createExperiment(db: RpcPort, draft: ExperimentDraft): Promise<StoredExperiment> {
  return db.call("create_fix_experiment", {
    p_experiment: {
      pattern_id: draft.patternId,
      fix_variant_a: draft.fixA,
      fix_variant_b: draft.fixB,
      share_of_b: draft.shareOfB,
      max_n: draft.maxN,
      maturity_seconds: draft.maturitySeconds,
    },
  });
}

/** What became of a report about a unit. */
export interface RecordedResult {
  /** False when the same had been reported before. */
  recorded: boolean;
  unit: string;
  /** When the unit counts. */
  matures_at: string;
}

/** Says that a unit has begun with its variant. */
export function recordAssignment(
  db: RpcPort,
  assignment: { experimentId: string; variant: ExperimentVariant; unit: string },
): Promise<RecordedResult> {
  return db.call("record_variant_assignment", {
    p_experiment_id: assignment.experimentId,
    p_variant: assignment.variant,
    p_unit: assignment.unit,
  });
}

/** Records the one outcome of a unit; a null unit is a unit of its own. */
export function recordResult(
  db: RpcPort,
  result: {
    experimentId: string;
    variant: ExperimentVariant;
    succeeded: boolean;
    unit: string | null;
    elapsedMs: number;
  },
): Promise<RecordedResult> {
  return db.call("record_variant_result", {
    p_experiment_id: result.experimentId,
    p_variant: result.variant,
    p_succeeded: result.succeeded,
    p_unit: result.unit,
    p_elapsed_ms: result.elapsedMs,
  });
}

/** Counts what has matured since, each outcome once whoever calls. */
export function advanceExperiment(
  db: RpcPort,
  experimentId: string,
): Promise<StoredExperiment & { counted: number; has_more: boolean }> {
  return db.call("advance_fix_experiment", { p_experiment_id: experimentId });
}

/** Makes a decision take effect, once; `taken` is false when the state had moved on. */
export function judgeStoredExperiment(
  db: RpcPort,
  experiment: Pick<StoredExperiment, "id" | "version">,
  decision: ExperimentDecision,
): Promise<StoredExperiment & { taken: boolean }> {
  return db.call("judge_fix_experiment", {
    p_experiment_id: experiment.id,
    p_version: experiment.version,
    p_decision: decision,
  });
}

/** The ids of running experiments, those that were judged longest ago first. */
export function getDueExperiments(db: RpcPort): Promise<string[]> {
  return db.call("get_due_experiments", {});
}

/** Ends an experiment as a person; null keeps the incumbent without a winner. */
export function concludeExperimentByPerson(
  db: RpcPort,
  experimentId: string,
  decision: { winner: ExperimentVariant | null; reason: string },
): Promise<StoredExperiment> {
  return db.call("conclude_fix_experiment", {
    p_experiment_id: experimentId,
    p_winner: decision.winner ?? "none",
    p_reason: decision.reason,
  });
}

/** Ends an experiment as if it had never been; only a person may. */
export function cancelExperimentByPerson(
  db: RpcPort,
  experimentId: string,
  reason: string,
): Promise<StoredExperiment> {
  return db.call("cancel_fix_experiment", { p_experiment_id: experimentId, p_reason: reason });
}

/** Makes a variant of a completed experiment first choice; only a person may. */
export function promoteVariantByPerson(
  db: RpcPort,
  experimentId: string,
  promotion: { variant: ExperimentVariant; reason: string },
): Promise<StoredExperiment> {
  return db.call("promote_experiment_variant", {
    p_experiment_id: experimentId,
    p_variant: promotion.variant,
    p_reason: promotion.reason,
  });
}

/** What experiments say about the fixes for one error. */
export interface ExperimentForError {
  running: { id: string; share_of_b: number; a: HealingPattern; b: HealingPattern } | null;
  /** The pattern that an earlier experiment made first choice. */
  first_choice_pattern_id: string | null;
}

/** The experiment that runs for an error, and what an earlier one has decided; null for an unknown error. */
export function getExperimentForError(db: RpcPort, errorId: string): Promise<ExperimentForError | null> {
  return db.call("get_experiment_for_error", { p_error_id: errorId });
}

/** A deployment that a winner wants. */
export interface WantedDeployment {
  experiment_id: string;
  request: { project_id: string; reason: string; by: string; changes: Json };
}

/** Leases deployments that nobody has asked for yet. */
export function claimExperimentDeployments(db: RpcPort): Promise<WantedDeployment[]> {
  return db.call("claim_experiment_deployments", {});
}

/** Says that a wanted deployment has been asked for. */
export function finishExperimentDeployment(db: RpcPort, experimentId: string): Promise<boolean> {
  return db.call("finish_experiment_deployment", { p_experiment_id: experimentId });
}

/** Forgets units and votes past their time; returns how many. */
export function purgeJudgementHistory(db: RpcPort): Promise<number> {
  return db.call("purge_judgement_history", {});
}

/** The experiments in four figures. */
export interface ExperimentMetrics {
  experiments_running: number;
  /** Variants b that are first choice now. */
  winning_variant_deployments: number;
  /** 0..1: 1 - 1/E of the surest experiment that runs or has a winner. */
  statistical_confidence: number;
  /** Deployments that were asked for. */
  auto_redeploys_triggered: number;
}

/** Reads the four figures. */
export function getExperimentMetrics(db: RpcPort): Promise<ExperimentMetrics> {
  return db.call("get_experiment_metrics", {});
}
