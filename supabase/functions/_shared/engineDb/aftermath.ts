/** What follows on kept fixes. @module */

import type { Json, RpcPort } from "../core/ports.ts";

/** A kept fix whose code has to be deployed. */
export interface WantedRedeploy {
  /** The key of the request: asked for twice, it is one. */
  fixId: string;
  projectId: string;
  functionName: string | null;
  /** What was changed, one sentence. */
  reason: string;
  action: Json;
}

/** Leases one kept fix that wants a redeploy; null when there is none. */
export function claimRedeploy(db: RpcPort): Promise<WantedRedeploy | null> {
  return db.call("claim_redeploy", { p_lease_seconds: 120 });
}

/** Says what came of the request. */
export function recordRedeploy(
  db: RpcPort,
  fixId: string,
  outcome: { status: "requested" | "refused"; reference: string | null; reason?: string },
): Promise<void> {
  return db.call("record_redeploy", { p_fix_id: fixId, p_outcome: outcome });
}
