/**
 * The typed client of the part of the database contract that is about deployments: asking for them, carrying them out,
 * going back. Apart from the rest, so that only who deploys loads it.
 *
 * @module
 */

import type { Json, RpcPort } from "./core/ports.ts";
import type { CapturedError } from "./healingDb.ts";

/** Where a deployment is; `ready`, `failed`, `cancelled` and `blocked` are its one end, after `ready` it is judged. */
export type DeploymentStatus =
  | "pending"
  | "deploying"
  | "building"
  | "unknown"
  | "ready"
  | "failed"
  | "cancelled"
  | "blocked"
  | "live"
  | "kept"
  | "rolled_back";

/** Who carries a deployment out. */
export type ProviderName = "vercel" | "github" | "supabase" | "hook";

/** Where a project is deployed to; no secret. */
export interface DeploymentTarget {
  id: string;
  project_id: string;
  provider: ProviderName;
  config: { [key: string]: Json };
  /** The name under which the token is kept. */
  vault_entry: string;
}

/** One deployment as it is stored. */
export interface StoredDeployment {
  id: string;
  project_id: string;
  target_id: string;
  provider: ProviderName;
  environment: "production" | "preview";
  action: "deploy" | "promote" | "rollback";
  trigger_kind: string;
  trigger_reason: string;
  changes: { [key: string]: Json };
  status: DeploymentStatus;
  status_reason: string;
  subject_id: string | null;
  requested_by: string;
  approved_by: string | null;
  cancel_requested_by: string | null;
  cancel_reason: string | null;
  intent: { [key: string]: Json } | null;
  progress: { [key: string]: Json };
  rollback_point: { [key: string]: Json } | null;
  provider_deployment_id: string | null;
  provider_state: string | null;
  url: string | null;
  error: Json;
  send_count: number;
  look_count: number;
  absent_count: number;
  claim_number: number | null;
  created_at: string;
  intent_at: string | null;
  deployed_at: string | null;
  finished_at: string | null;
  settled_at: string | null;
}

/** A deployment that one worker has for a while. */
export interface ClaimedDeployment extends StoredDeployment {
  claim_number: number;
  target: DeploymentTarget;
  /** What is promoted or rolled back. */
  subject: StoredDeployment | null;
}

/** What is asked for. */
export interface DeploymentWish {
  project_id: string;
  reason: string;
  /** Asked for twice under one key, it is one. */
  key: string;
  kind: "fix" | "experiment_winner" | "other";
  changes?: { [key: string]: Json };
  provider?: ProviderName | undefined;
  environment?: "production" | "preview" | undefined;
  auto_fix_id?: string;
  fix_experiment_id?: string;
}

/** What came of asking; without a deployment `refusal` says why. */
export interface AskedDeployment {
  deployment: StoredDeployment | null;
  is_new: boolean;
  refusal: string | null;
}

/** What one step of a deployment showed. */
export interface DeploymentStep {
  reason?: string;
  provider_deployment_id?: string;
  provider_state?: string;
  url?: string;
  error?: Json;
  /** Captured with the end, once. */
  errors?: CapturedError[];
  progress?: { [key: string]: Json };
  /** What proves a rollback. */
  proof?: Json;
  /** The provider was asked and does not have it. */
  absent?: boolean;
  next_check_seconds?: number;
}

/** A file of a function; `base64` for what is no text. */
export interface SavedFile {
  path: string;
  content: string;
  encoding?: "base64";
}

/** A function as it stood before a deployment; `body` is null where there was none. */
export interface SavedBody {
  slug: string;
  metadata: { [key: string]: Json };
  body: { files: SavedFile[] } | null;
}

/** A rollback as it is stored. */
export interface StoredRollback {
  id: string;
  deployment_id: string;
  carried_out_by: string | null;
  automatic: boolean;
  status: "pending" | "done" | "failed" | "refused";
  reason: string;
  measured: Json;
  proof: Json;
  outcome: string | null;
}

/** What came of asking for a rollback; a refusal is recorded, and people are told. */
export interface AskedRollback {
  rollback: StoredRollback;
  is_new: boolean;
  refusal: string | null;
}

/** Asks for a deployment as a machine. */
export function requestDeployment(db: RpcPort, wish: DeploymentWish): Promise<AskedDeployment> {
  return db.call("request_deployment", { p_request: wish });
}

/** Asks for a deployment as the person whose token `db` carries. */
export function triggerDeployment(
  db: RpcPort,
  wish: Pick<DeploymentWish, "project_id" | "reason" | "changes" | "provider" | "environment"> & {
    key?: string;
  },
): Promise<AskedDeployment> {
  const { project_id, reason, changes = {}, provider, environment, key } = wish;
  const options = { provider, environment, key };
  return db.call("trigger_deployment", {
    p_project_id: project_id,
    p_reason: reason,
    p_changes: changes,
    p_options: options,
  });
}

/** Leases deployments that are due: what may start, and what is under way. */
export function claimDeployments(
  db: RpcPort,
  { worker, limit = 1, leaseSeconds = 120, deploymentId = null }: {
    worker: string;
    limit?: number;
    leaseSeconds?: number;
    deploymentId?: string | null;
  },
): Promise<ClaimedDeployment[]> {
  return db.call("claim_deployments", {
    p_worker: worker,
    p_limit: limit,
    p_lease_seconds: leaseSeconds,
    p_deployment_id: deploymentId,
  });
}

/** Records what is about to be sent; rejects with `CONFLICT` when it may not be, or not again. */
export function beginDeployment(
  db: RpcPort,
  { id, claim_number }: Pick<ClaimedDeployment, "id" | "claim_number">,
  intent: { [key: string]: Json },
  rollbackPoint: { [key: string]: Json } | null,
): Promise<StoredDeployment> {
  return db.call("begin_deployment", {
    p_deployment_id: id,
    p_claim_number: claim_number,
    p_intent: intent,
    p_rollback_point: rollbackPoint,
  });
}

/** Records a step that is proved to be done, and renews the lease. */
export function noteDeploymentProgress(
  db: RpcPort,
  { id, claim_number }: Pick<ClaimedDeployment, "id" | "claim_number">,
  progress: { [key: string]: Json },
): Promise<void> {
  return db.call("note_deployment_progress", {
    p_deployment_id: id,
    p_claim_number: claim_number,
    p_progress: progress,
  });
}

/** Moves a deployment, or records a look that changed nothing, and gives the claim back. */
export function updateDeploymentStatus(
  db: RpcPort,
  { id, claim_number }: Pick<ClaimedDeployment, "id" | "claim_number">,
  status: DeploymentStatus,
  step: DeploymentStep,
): Promise<StoredDeployment> {
  return db.call("update_deployment_status", {
    p_deployment_id: id,
    p_status: status,
    p_details: step,
    p_claim_number: claim_number,
  });
}

/** Keeps functions as they stand before a deployment changes them; what was kept first stays. */
export function saveDeploymentBodies(
  db: RpcPort,
  { id, claim_number }: Pick<ClaimedDeployment, "id" | "claim_number">,
  bodies: readonly SavedBody[],
): Promise<number> {
  return db.call("save_deployment_bodies", {
    p_deployment_id: id,
    p_claim_number: claim_number,
    p_bodies: bodies,
  });
}

/** The functions as they stood before a deployment. */
export function getDeploymentBodies(db: RpcPort, deploymentId: string): Promise<SavedBody[]> {
  return db.call("get_deployment_bodies", { p_deployment_id: deploymentId });
}

/** Asks for a release to be taken back, as a machine that has measured why. */
export function requestDeploymentRollback(
  db: RpcPort,
  deploymentId: string,
  reason: string,
  measured: Json = {},
): Promise<AskedRollback> {
  return db.call("request_deployment_rollback", {
    p_deployment_id: deploymentId,
    p_reason: reason,
    p_measured: measured,
  });
}

/** The token of a target from Vault; null where there is none. */
export function readDeploymentSecret(db: RpcPort, targetId: string): Promise<string | null> {
  return db.call("read_deployment_secret", { p_target_id: targetId });
}

/** Decides as the person whose token `db` carries. */
export function decideDeployment(
  db: RpcPort,
  deploymentId: string,
  decision: "approve" | "cancel" | "ready" | "failed",
  reason: string,
): Promise<StoredDeployment> {
  return db.call("decide_deployment", {
    p_deployment_id: deploymentId,
    p_decision: decision,
    p_reason: reason,
  });
}

/** Promotes as the person whose token `db` carries. */
export function promoteDeployment(
  db: RpcPort,
  deploymentId: string,
  reason: string,
): Promise<AskedDeployment> {
  return db.call("promote_deployment", { p_deployment_id: deploymentId, p_reason: reason });
}

/** Rolls back as the person whose token `db` carries. */
export function rollbackDeployment(
  db: RpcPort,
  deploymentId: string,
  reason: string,
): Promise<AskedRollback> {
  return db.call("rollback_deployment", { p_deployment_id: deploymentId, p_reason: reason });
}

/** Lets nothing new start at a project's targets, or go on, as the person whose token `db` carries. */
export function pauseDeployments(
  db: RpcPort,
  projectId: string,
  reason: string,
  { pause, provider = null }: { pause: boolean; provider?: ProviderName | null },
): Promise<number> {
  return db.call(pause ? "pause_deployments" : "resume_deployments", {
    p_project_id: projectId,
    p_reason: reason,
    p_provider: provider,
  });
}
