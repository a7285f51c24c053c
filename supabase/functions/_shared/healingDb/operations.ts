/** The queue of operations that wait to be made again. @module */

import type { Json, RpcPort } from "../core/ports.ts";

/** An operation to make again later, under its caller's role and its idempotency key. */
export interface QueuedOperationDraft {
  kind: "invoke_function";
  /** The function's name. */
  target: string;
  payload: Json;
  idempotency_key: string;
  caller_role: "anon" | "authenticated" | "service_role";
  subject?: string;
}

/** An operation that this worker holds. */
export interface ClaimedOperation {
  id: string;
  operation_kind: "invoke_function" | "write_rows";
  /** The function's name, or the table's. */
  target: string;
  payload: Json;
  idempotency_key: string;
  caller_role: "anon" | "authenticated" | "service_role";
  /** The claims of the caller's token, as they were verified; never the token. */
  caller_claims: Json;
  /** A person sent it back, and has answered for what it changes. */
  sent_back: boolean;
  claim_number: number;
  /** The fix that mended its fault and is being watched. */
  validating_fix_id: string | null;
}

/**
 * Leases one queued operation of an error, or with null one whose fault is mended; null when there is none left
 * besides those to skip.
 */
export async function claimOperation(
  db: RpcPort,
  worker: string,
  errorId: string | null,
  skip: readonly string[],
): Promise<ClaimedOperation | null> {
  const claimed = await db.call<ClaimedOperation[]>("claim_operations", {
    p_worker: worker,
    p_error_id: errorId,
    p_skip: skip,
  });
  return claimed[0] ?? null;
}

/** Ends or requeues a leased operation; false when the lease is lost. */
export function finishOperation(
  db: RpcPort,
  operation: Pick<ClaimedOperation, "id" | "claim_number">,
  outcome: {
    status: "done" | "failed" | "queued" | "needs_person";
    result?: Json;
    error?: string;
  },
): Promise<boolean> {
  return db.call("finish_operation", {
    p_operation_id: operation.id,
    p_claim_number: operation.claim_number,
    p_status: outcome.status,
    p_result: outcome.result ?? null,
    p_error: outcome.error ?? null,
  });
}
