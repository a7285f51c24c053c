/** Fixes that wait for a person. @module */

import type { ActionDraft } from "../core/fixes.ts";
import type { Json, RpcPort } from "../core/ports.ts";
import type { Claim } from "../healingDb.ts";

/** A question to a person: what would happen, why it is asked, what else could be done, and until when. */
export interface StoredApproval {
  id: string;
  auto_fix_id: string;
  detected_error_id: string;
  status: "pending" | "approved" | "rejected" | "expired" | "withdrawn";
  reason: string;
  what_will_happen: string;
  alternatives: Json;
  /** What exactly would change; null when it was not tried. */
  preview: Json;
  /** Names the preview: what a person says yes to. */
  preview_key: string | null;
  requested_at: string;
  expires_at: string;
  decided_at: string | null;
  decided_by: string | null;
  decision_reason: string | null;
}

/** A question with its fix and its error, as a person reads it. */
export interface ListedApproval extends StoredApproval {
  fix: {
    action: ActionDraft;
    action_kind: string;
    target: string;
    risk: string;
    tier: string;
    confidence: number;
    reason: string;
  };
  error: {
    error_type: string;
    error_message: string;
    function_name: string | null;
    occurrence_count: number;
    last_seen_at: string;
  };
}

/** Questions, those that end first at the front; one of them when its id is given. */
export function listStoredApprovals(
  db: RpcPort,
  { status, limit = 50, approvalId }: {
    status?: StoredApproval["status"];
    limit?: number;
    approvalId?: string;
  } = {},
): Promise<ListedApproval[]> {
  return db.call("list_approvals", {
    p_status: status ?? null,
    p_limit: limit,
    p_approval_id: approvalId ?? null,
  });
}

/** A person's answer; `seen` names the preview that it is about. */
export function decideApproval(
  db: RpcPort,
  approvalId: string,
  decision: "approve" | "reject",
  { reason, seen }: { reason: string; seen?: string | null | undefined },
): Promise<StoredApproval> {
  return db.call("decide_approval", {
    p_approval_id: approvalId,
    p_decision: decision,
    p_reason: reason,
    p_seen: seen ?? null,
  });
}

/** A person takes one of the alternatives, counted from 1. */
export function chooseStoredAlternative(
  db: RpcPort,
  approvalId: string,
  alternative: number,
  reason: string,
): Promise<StoredApproval> {
  return db.call("choose_alternative", {
    p_approval_id: approvalId,
    p_alternative: alternative,
    p_reason: reason,
  });
}

/** Puts what would happen now in the place of what would have happened; returns the pending question. */
export function refreshApproval(
  db: RpcPort,
  approvalId: string,
  preview: object,
  reason: string,
): Promise<StoredApproval> {
  return db.call("refresh_approval", { p_approval_id: approvalId, p_preview: preview, p_reason: reason });
}

/** Takes a question back that nobody has to answer any more. */
export function withdrawApproval(db: RpcPort, approvalId: string, reason: string): Promise<void> {
  return db.call("withdraw_approval", { p_approval_id: approvalId, p_reason: reason });
}

/** Asks again about an approved fix, because it would do something else than what was approved. */
export function askAgain(
  db: RpcPort,
  fixId: string,
  claim: Claim,
  preview: object,
  reason: string,
): Promise<{ approval_id: string }> {
  return db.call("ask_again", {
    p_fix_id: fixId,
    p_claim_number: claim.claim_number,
    p_preview: preview,
    p_reason: reason,
  });
}

/** Ends an approved fix that is not needed any more; its error stays claimed. */
export function withdrawFix(db: RpcPort, fixId: string, claim: Claim, reason: string): Promise<void> {
  return db.call("withdraw_fix", { p_fix_id: fixId, p_claim_number: claim.claim_number, p_reason: reason });
}
