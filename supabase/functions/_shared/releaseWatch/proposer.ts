/** What to do about an error that came with a deployment: take that back. A person decides, as of all that is risky. @module */

import type { Proposal } from "../core/fixes.ts";
import type { RpcPort } from "../core/ports.ts";
import { type DeploymentCorrelation, getDeploymentCorrelations } from "../rolloutDb.ts";
import { correlateErrors } from "./correlate.ts";

/** Of the score: time alone, or a name alone, does not reach it. */
const LIKELY = 0.6;
/** Of the evidence that the error rate has risen. */
const CERTAIN = 100;
const TAKEN_BACK = ["ready", "live", "kept"];

/** Makes the proposer that is asked last: what changed lately, and the error came with it. */
export function createDeploymentProposer(db: RpcPort): (error: { id: string }) => Promise<Proposal[]> {
  return async ({ id }) => {
    let found = await getDeploymentCorrelations(db, id);
    if (found.length === 0 && await correlateErrors(db) > 0) found = await getDeploymentCorrelations(db, id);
    const [first] = found;
    return first === undefined || !isGuilty(first) ? [] : [proposalOf(first)];
  };
}

function isGuilty({ score, evidence, status }: DeploymentCorrelation): boolean {
  return score >= LIKELY && evidence !== null && evidence >= CERTAIN && TAKEN_BACK.includes(status);
}

function proposalOf({ deployment_id: deployment, score, reason }: DeploymentCorrelation): Proposal {
  return {
    action: { kind: "rollback_deployment", deployment },
    tier: "context",
    confidence: Math.min(0.95, score),
    reason: `the error came with deployment ${deployment}: ${reason}`,
  };
}
