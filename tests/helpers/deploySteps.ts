/** Single steps of deployments, as workers and admins make them. @module */

import {
  claimDeployments,
  type ClaimedDeployment,
  type StoredDeployment,
} from "../../supabase/functions/_shared/deploymentDb.ts";
import type { DeployWorld } from "./deployWorld.ts";

/** The claims of an admin. */
export const ADMIN = {
  role: "authenticated",
  sub: "ada",
  email: "ada@example.com",
  app_metadata: { role: "admin" },
};

/** As an admin does it, through the API. */
export function asAdmin<Result>({ database }: DeployWorld, call: string, values: unknown[]): Promise<Result> {
  return database.asRole("authenticated", ADMIN, async (session) => {
    const [row] = await session.query<{ result: Result }>(`select ${call} as result`, values);
    return row!.result;
  });
}

/** Claims what is due. */
export function claimOf({ contract }: DeployWorld, worker = "test"): Promise<ClaimedDeployment[]> {
  return claimDeployments(contract.rpc, { worker, limit: 10 });
}

/** Records an intent for a claimed deployment. */
export function begin(
  { contract }: DeployWorld,
  { id, claim_number }: ClaimedDeployment,
): Promise<StoredDeployment> {
  return contract.rpc.call("begin_deployment", {
    p_deployment_id: id,
    p_claim_number: claim_number,
    p_intent: { a: 1 },
  });
}

/** Moves a deployment as a worker does. */
export function move(
  { contract }: DeployWorld,
  { id, claim_number }: { id: string; claim_number: number | null },
  status: string,
  details: Record<string, unknown> = {},
): Promise<StoredDeployment> {
  return contract.rpc.call("update_deployment_status", {
    p_deployment_id: id,
    p_status: status,
    p_details: details,
    p_claim_number: claim_number,
  });
}

/** Asks for a deployment and brings it to its ready end, with what stood there before; its id. */
export async function readyWith(world: DeployWorld, rollbackPoint: Record<string, unknown>): Promise<string> {
  const { id } = await world.ask();
  const [claimed] = await claimOf(world);
  await world.contract.rpc.call("begin_deployment", {
    p_deployment_id: id,
    p_claim_number: claimed!.claim_number,
    p_intent: {},
    p_rollback_point: rollbackPoint,
  });
  await move(world, claimed!, "ready");
  return id;
}
