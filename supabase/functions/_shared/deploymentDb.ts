/**
 * The typed client of the part of the database contract that is about deployments: asking for them, carrying them out,
 * going back. Apart from the rest, so that only who deploys loads it.
 *
 * @module
 */

import type { Json, RpcPort } from "./core/ports.ts";
import type {
  AskedDeployment,
  AskedRollback,
  ClaimedDeployment,
  DeploymentStatus,
  DeploymentStep,
  DeploymentWish,
  ProviderName,
  SavedBody,
  StoredDeployment,
} from "./deploymentDb/types.ts";

export type {
  AskedDeployment,
  AskedRollback,
  ClaimedDeployment,
  DeploymentStatus,
  DeploymentStep,
  DeploymentTarget,
  DeploymentWish,
  ProviderName,
  SavedBody,
  SavedFile,
  StoredDeployment,
  StoredRollback,
} from "./deploymentDb/types.ts";

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
