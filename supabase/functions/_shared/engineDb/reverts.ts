/** What is in force with its rollback point, and what people ask to be taken back. @module */

import type { ActionDraft } from "../core/fixes.ts";
import type { Json, RpcPort } from "../core/ports.ts";

/** A fix in force, and whether it can be taken back. */
export interface StoredRollbackPoint {
  fix_id: string;
  action_kind: string;
  target: string;
  description: string;
  status: "in_force" | "rolled_back";
  applied_at: string;
  rolled_back_at: string | null;
  /** What the fix changed. */
  preview: Json;
  /** Why it cannot be taken back, as far as the history tells; null when nothing speaks against it. */
  refusal: string | null;
}

/** The rollback points, newest first. */
export function listRollbackPoints(
  db: RpcPort,
  { status, limit = 50 }: { status?: "in_force" | "rolled_back"; limit?: number } = {},
): Promise<StoredRollbackPoint[]> {
  return db.call("list_rollback_points", { p_status: status ?? null, p_limit: limit });
}

/** A wish to take a fix back, with the fix. */
export interface RevertRequest {
  id: string;
  /** Why it is not done, whatever the catalogue says. */
  refusal: string | null;
  fix: { id: string; action: ActionDraft; rollback_point: Json; preview: Json };
}

/** Records a person's wish to take a fix back; needs an admin, and a reason. */
export function requestRevert(db: RpcPort, fixId: string, reason: string): Promise<{ id: string }> {
  return db.call("request_revert", { p_fix_id: fixId, p_reason: reason });
}

/** The wishes that wait, oldest first. */
export function getPendingReverts(db: RpcPort): Promise<string[]> {
  return db.call("get_pending_reverts", {});
}

/** Takes a wish up and locks its fix until the end of the transaction; null when somebody else has it. */
export function beginRevert(db: RpcPort, requestId: string): Promise<RevertRequest | null> {
  return db.call("begin_revert", { p_request_id: requestId });
}

/** Ends a wish: the fix was taken back in this very transaction, or is not. */
export function finishRevert(
  db: RpcPort,
  requestId: string,
  status: "done" | "refused",
  reason?: string,
): Promise<void> {
  return db.call("finish_revert", { p_request_id: requestId, p_status: status, p_reason: reason ?? null });
}
