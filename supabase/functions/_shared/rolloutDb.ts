/**
 * The typed client of the part of the database contract that is about rollouts: what is watched, what was measured of it,
 * and which deployments errors came with. Apart from the rest, so that only who watches loads it.
 *
 * @module
 */

import type { Json, RpcPort } from "./core/ports.ts";

/** Where a rollout is; the last three are its end. */
export type RolloutStatus = "running" | "paused" | "rolling_back" | "rolled_back" | "promoted" | "superseded";

/** A rollout as it is stored. */
export interface StoredRollout {
  id: string;
  deployment_id: string;
  project_id: string;
  mode: "feature" | "provider";
  function_names: string[];
  steps: number[];
  step: number;
  /** Percent. */
  share: number;
  status: RolloutStatus;
  pause_rule: string | null;
  reason: string;
  plan: { [key: string]: Json };
  verdict: Json;
  rollback_id: string | null;
  claim_number: number | null;
  started_at: string;
  step_started_at: string;
  finished_at: string | null;
}

/** What was usual before; buckets are [requests, errors, slow ones]. */
export interface RolloutBaseline {
  bucket_minutes?: number;
  buckets?: [number, number, number][];
}

/** A minute: [at, requests, errors and slow ones of the canary, the same of the control]. */
export type RolloutMinute = [string, number, number, number, number, number, number];

/** A rollout that one worker has for a while, with all that a look needs. */
export interface ClaimedRollout extends StoredRollout {
  claim_number: number;
  baseline: RolloutBaseline;
  minutes: RolloutMinute[];
  /** Closed minutes of the present step. */
  step_minutes: number;
  changes: { [key: string]: Json };
}

/** What is wanted of a rollout. */
export interface RolloutOptions {
  /** `feature`: `isInRollout` lets a share in; `provider`: everybody has it, and it is watched. */
  mode?: "feature" | "provider";
  /** Whose requests are counted. */
  functions?: readonly string[];
  /** Rising percentages; the last one is 100. */
  steps?: readonly number[];
  plan?: { [key: string]: Json };
}

/** A verdict as it is kept. */
export interface RolloutVerdictDraft {
  kind: "wait" | "promote" | "pause" | "rollback";
  rule: string;
  reason: string;
  figures: Json;
}

/** An error of the last day and what was deployed before it. */
export interface ErrorWithDeployments {
  id: string;
  function_name: string | null;
  first_seen_at: string;
  stack_trace: string | null;
  candidates: {
    id: string;
    deployed_at: string;
    reason: string;
    files: string[];
    functions: string[];
    /** [requests, errors]: by ten minutes before, by minutes after. */
    shift: { before: [number, number][]; after: [number, number][] } | null;
  }[];
}

/** Begins the rollout of a deployment that is ready, or answers the one that there is. */
export function startRollout(
  db: RpcPort,
  deploymentId: string,
  options: RolloutOptions = {},
): Promise<StoredRollout> {
  return db.call("start_rollout", { p_deployment_id: deploymentId, p_options: options });
}

/** Leases rollouts that are due for a look. */
export function claimRollouts(
  db: RpcPort,
  { worker, limit = 5, leaseSeconds = 60, projectId = null }: {
    worker: string;
    limit?: number;
    leaseSeconds?: number;
    projectId?: string | null;
  },
): Promise<ClaimedRollout[]> {
  return db.call("claim_rollouts", {
    p_worker: worker,
    p_limit: limit,
    p_lease_seconds: leaseSeconds,
    p_project_id: projectId,
  });
}

/** Keeps a verdict and makes it take effect; rejects with `LEASE_LOST` for whoever has no claim any more. */
export function recordRolloutVerdict(
  db: RpcPort,
  { id, claim_number }: Pick<ClaimedRollout, "id" | "claim_number">,
  verdict: RolloutVerdictDraft,
): Promise<StoredRollout> {
  return db.call("record_rollout_verdict", {
    p_rollout_id: id,
    p_claim_number: claim_number,
    p_verdict: verdict,
  });
}

/** The share of the units that have a deployment now, 0..1. */
export function getRolloutShare(
  db: RpcPort,
  deploymentId: string,
): Promise<{ share: number; status: RolloutStatus | "none" }> {
  return db.call("get_rollout_share", { p_deployment_id: deploymentId });
}

/** Moves a rollout as the person whose token `db` carries. */
export function steerRollout(
  db: RpcPort,
  rolloutId: string,
  move: "advance" | "pause" | "resume" | "promote" | "roll_back",
  reason: string,
): Promise<StoredRollout> {
  return db.call(`${move}_rollout`, { p_rollout_id: rolloutId, p_reason: reason });
}

/** A rollout as a chart needs it; null when there is none. */
export function getRolloutCurve(
  db: RpcPort,
  rolloutId: string,
): Promise<
  | { rollout: StoredRollout; minutes: RolloutMinute[]; before: Json; verdicts: { [key: string]: Json }[] }
  | null
> {
  return db.call("get_rollout_curve", { p_rollout_id: rolloutId });
}

/** Rollouts, the latest first. */
export function getRollouts(
  db: RpcPort,
  filter: { project_id?: string; status?: RolloutStatus; limit?: number } = {},
): Promise<StoredRollout[]> {
  return db.call("get_rollouts", { p_filter: filter });
}

/** Young errors with what was deployed in the day before them. */
export function findUncorrelatedErrors(
  db: RpcPort,
  { limit = 20, projectId = null }: { limit?: number; projectId?: string | null } = {},
): Promise<ErrorWithDeployments[]> {
  return db.call("find_uncorrelated_errors", { p_limit: limit, p_project_id: projectId });
}

/** Keeps which deployments an error may have come with, the likeliest first. */
export function recordDeploymentCorrelations(
  db: RpcPort,
  errorId: string,
  candidates: readonly { id: string; place: number; score: number; reason: string; details: Json }[],
): Promise<number> {
  return db.call("record_deployment_correlations", { p_error_id: errorId, p_candidates: candidates });
}

/** A deployment that an error may have come with. */
export interface DeploymentCorrelation {
  deployment_id: string;
  place: number;
  /** 0..1. */
  score: number;
  reason: string;
  /** Evidence that the error rate has risen with it; null where it cannot be told. */
  evidence: number | null;
  status: string;
}

/** The deployments that an error may have come with, the likeliest first. */
export function getDeploymentCorrelations(db: RpcPort, errorId: string): Promise<DeploymentCorrelation[]> {
  return db.call("get_deployment_correlations", { p_error_id: errorId });
}
