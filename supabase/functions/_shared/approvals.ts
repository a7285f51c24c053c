/**
 * Fixes that wait for a person: what is asked, what exactly would happen, and the answers.
 *
 * A question carries the changes that a rehearsal of the fix showed. They are looked at again when somebody says yes, and
 * once more when the fix is made: where they differ from what the person saw, nothing is applied and the question comes
 * back with the new changes. Who answers is read by the database from the token of the call, so every answer is given
 * with the person's own rights (`caller`); a machine's key is refused there.
 *
 * @example
 * ```ts
 * import { rejectFix } from "./approvals.ts";
 *
 * const caller = { call: () => Promise.reject(new Error("an admin has to do it")) };
 * const refused = await rejectFix(caller, crypto.randomUUID(), "we drop this table").catch(() => "refused");
 * if (refused !== "refused") throw new Error("unexpected");
 * ```
 *
 * @module
 */

import { rehearseApproval } from "./approvals/rehearse.ts";
import { HealingError, isHealingError } from "./core/errors.ts";
import type { RpcPort } from "./core/ports.ts";
import type { FixAction, PayloadAccess } from "./fixActions.ts";
import {
  chooseStoredAlternative,
  decideApproval,
  type ListedApproval,
  listStoredApprovals,
  refreshApproval,
  type StoredApproval,
  withdrawApproval,
} from "./engineDb.ts";
import { expireApprovals as expireStored } from "./healingDb.ts";
import type { DirectConnection } from "./postgres.ts";
import {
  differenceBetween,
  type FixChanges,
  payloadChanges,
  readChanges,
  type Rehearsal,
  rehearseFix,
} from "./rollbackPoints.ts";

export type { FixChanges, ListedApproval, Rehearsal, StoredApproval };

/** One question as a person reads it. */
export interface Approval extends Omit<ListedApproval, "preview"> {
  /** What exactly would change; null when it could not be tried yet. */
  preview: FixChanges | null;
}

/** What an approval works with. */
export interface ApprovalAccess {
  /** The rights of whoever answers; the database reads from them who it is. */
  caller: RpcPort;
  /** The project's own rights, for what is no decision: to put new changes into a question, or to take it back. */
  service: RpcPort;
  /** Without it the changes are looked at when the fix is made, and not before. */
  direct?: DirectConnection | null | undefined;
}

/** What came of a yes. */
export type ApproveOutcome =
  | { kind: "approved"; approval: StoredApproval }
  /** It would do something else than what was seen: this. Nothing is approved. */
  | { kind: "changed"; difference: string; approval: Approval }
  /** It is not needed any more. */
  | { kind: "withdrawn"; reason: string }
  /** It would not work as things are; the question stays. */
  | { kind: "fails"; reason: string };

/** The questions that wait, or those of another state; those that end first at the front. */
export async function listApprovals(
  db: RpcPort,
  options: { status?: StoredApproval["status"]; limit?: number } = {},
): Promise<Approval[]> {
  return (await listStoredApprovals(db, { status: "pending", ...options })).map(asApproval);
}

/**
 * What a fix would change at this moment: of the database in a transaction that is taken back, of a row on a copy of it.
 * Rejects with a `TypeError` for a kind that neither is given the means for.
 */
export async function previewFix(
  action: FixAction,
  { direct, payload }: { direct?: DirectConnection; payload?: PayloadAccess },
): Promise<Rehearsal> {
  if (payload !== undefined) return await payloadChanges(action, payload);
  if (direct === undefined) {
    throw new TypeError(`Cannot preview ${action.kind} as there is neither a direct connection nor a row`);
  }
  return await direct.transaction((tx) => rehearseFix(tx, action), { rollback: true });
}

/**
 * Says yes. `seen` is the `preview_key` that the person looked at; without it the one that is stored now counts. The
 * approved fix takes the road of any other: probe, validation, revert.
 */
export async function approveFix(
  approvalId: string,
  reason: string,
  access: ApprovalAccess,
  { seen }: { seen?: string } = {},
): Promise<ApproveOutcome> {
  const approval = await pendingApproval(access.caller, approvalId);
  const outcome = await lookAgain(approval, access);
  if (outcome !== null) return outcome;
  const about = seen ?? approval.preview_key;
  try {
    const decided = await decideApproval(access.caller, approvalId, "approve", { reason, seen: about });
    return decided.status === "withdrawn"
      ? { kind: "withdrawn", reason: decided.decision_reason ?? "its error has ended" }
      : { kind: "approved", approval: decided };
  } catch (error) {
    return await changedMeanwhile(error, approvalId, about, access);
  }
}

/** Says no, with a reason; the fix is not proposed for this error again. */
export function rejectFix(caller: RpcPort, approvalId: string, reason: string): Promise<StoredApproval> {
  return decideApproval(caller, approvalId, "reject", { reason });
}

/** Takes one of the question's alternatives instead, counted from 1. */
export function chooseAlternative(
  caller: RpcPort,
  approvalId: string,
  alternative: number,
  reason: string,
): Promise<StoredApproval> {
  return chooseStoredAlternative(caller, approvalId, alternative, reason);
}

/** Ends the questions that nobody has answered in time, and those whose error has ended. Returns how many. */
export function expireApprovals(service: RpcPort): Promise<number> {
  return expireStored(service);
}

async function pendingApproval(caller: RpcPort, approvalId: string): Promise<Approval> {
  const [approval] = await listStoredApprovals(caller, { approvalId });
  if (approval === undefined) {
    throw new HealingError("NOT_FOUND", `There is no approval ${approvalId} that you may see`, {
      hint: "Only admins see approvals",
    });
  }
  return asApproval(approval);
}

/** Null when everything is as it was seen. */
async function lookAgain(approval: Approval, access: ApprovalAccess): Promise<ApproveOutcome | null> {
  if (approval.status !== "pending") return null;
  const now = await rehearseApproval(approval.fix.action, access.direct);
  if (now === null) return null;
  if (now.kind === "fails") return { kind: "fails", reason: now.measured };
  if (now.kind === "alreadyDone") {
    await withdrawApproval(access.service, approval.id, now.measured);
    return { kind: "withdrawn", reason: now.measured };
  }
  const difference = approval.preview === null
    ? "nobody has seen yet what it would change"
    : differenceBetween(approval.preview, now.changes);
  if (difference === null) return null;
  await refreshApproval(access.service, approval.id, now.changes, difference);
  return { kind: "changed", difference, approval: await pendingApproval(access.caller, approval.id) };
}

/** The question was refreshed since the person looked at it. */
async function changedMeanwhile(
  error: unknown,
  approvalId: string,
  seen: string | null,
  { caller }: ApprovalAccess,
): Promise<ApproveOutcome> {
  if (!isHealingError(error) || error.code !== "CONFLICT") throw error;
  const approval = await pendingApproval(caller, approvalId);
  if (approval.status !== "pending" || approval.preview_key === seen) throw error;
  return { kind: "changed", difference: error.message, approval };
}

function asApproval(row: ListedApproval): Approval {
  return { ...row, preview: readChanges(row.preview) };
}
