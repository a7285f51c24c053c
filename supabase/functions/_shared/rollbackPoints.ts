/**
 * What a fix changes, where it can be taken back to, and taking it back.
 *
 * A rehearsal applies a fix in a transaction that is taken back and reads in the catalogue what it has changed: that is
 * what a person sees before saying yes, what is compared again when the fix is made, and what tells later whether
 * somebody has changed the same object since. A fix is only taken back while everything is as it left it, and never past
 * a change that destroyed what it stood on.
 *
 * @example
 * ```ts
 * import { differenceBetween } from "./rollbackPoints.ts";
 *
 * const seen = { objects: [], rows: [{ table: "public.orders", before: 2, after: 3, written: 1 }] };
 * const now = { objects: [], rows: [{ table: "public.orders", before: 2, after: 90, written: 88 }] };
 * if (differenceBetween(seen, seen) !== null) throw new Error("the same is the same");
 * if (differenceBetween(seen, now) === null) throw new Error("88 rows are not 1");
 * ```
 *
 * @module
 */

import { type HealingError, isHealingError, messageOf } from "./core/errors.ts";
import { kindOf, parseFixAction } from "./fixActions.ts";
import {
  beginRevert,
  finishRevert,
  getPendingReverts,
  requestRevert,
  type RevertRequest,
} from "./engineDb.ts";
import { type RpcPort } from "./healingDb.ts";
import { isPassingTrouble } from "./core/passing.ts";
import type { SqlPort } from "./core/ports.ts";
import { readChanges } from "./rollbackPoints/changes.ts";
import { restorePoint } from "./rollbackPoints/restore.ts";

export {
  differenceBetween,
  type FixChanges,
  type ObjectChange,
  readChanges,
} from "./rollbackPoints/changes.ts";
export type { RowChange } from "./rollbackPoints/rows.ts";
export { payloadChanges, type Rehearsal, rehearseFix, statementChanges } from "./rollbackPoints/rehearse.ts";
export { laterChange, restorePoint, type RollbackPoint } from "./rollbackPoints/restore.ts";
export { listRollbackPoints, type StoredRollbackPoint } from "./engineDb.ts";

/** The direct connection, as far as taking a fix back needs it. */
export interface RevertConnection {
  transaction<Result>(work: (tx: SqlPort & { readonly rpc: RpcPort }) => Promise<Result>): Promise<Result>;
}

/** What became of a wish to take a fix back. */
export type RevertOutcome =
  | { kind: "reverted"; requestId: string }
  /** It stays as it is, for this reason. */
  | { kind: "refused"; requestId: string; reason: string }
  /** It could not be tried now; the engine tries it again. */
  | { kind: "waiting"; requestId: string; reason: string };

/**
 * Takes an applied fix back on a person's word. The wish is recorded with who and why by the person's own rights
 * (`caller`); the work is done over the direct connection, or without one by the engine's next run.
 */
export async function revertFix(
  caller: RpcPort,
  fixId: string,
  reason: string,
  { direct }: { direct?: RevertConnection | null | undefined } = {},
): Promise<RevertOutcome> {
  const { id } = await requestRevert(caller, fixId, reason);
  if (direct === undefined || direct === null) {
    return { kind: "waiting", requestId: id, reason: "the engine takes it back in its next run" };
  }
  return await executeRevert(direct, id);
}

/** Carries out what people asked to be taken back. */
export async function executeReverts(db: RpcPort, direct: RevertConnection): Promise<RevertOutcome[]> {
  const outcomes: RevertOutcome[] = [];
  for (const id of await getPendingReverts(db)) outcomes.push(await executeRevert(direct, id));
  return outcomes;
}

async function executeRevert(direct: RevertConnection, requestId: string): Promise<RevertOutcome> {
  try {
    return await direct.transaction(async (tx): Promise<RevertOutcome> => {
      const request = await beginRevert(tx.rpc, requestId);
      if (request === null) {
        return { kind: "waiting", requestId, reason: "another worker has it, or it has ended" };
      }
      if (request.refusal !== null) return await refuse(tx.rpc, requestId, request.refusal);
      await tx.query("savepoint before_revert");
      try {
        await restore(tx, request);
      } catch (error) {
        // A busy lock says nothing about the fix; that somebody has changed the same object does.
        if (isPassingTrouble(error) && !isConflict(error)) throw error;
        await tx.query("rollback to savepoint before_revert");
        return await refuse(tx.rpc, requestId, messageOf(error));
      }
      await finishRevert(tx.rpc, requestId, "done");
      return { kind: "reverted", requestId };
    });
  } catch (error) {
    if (isConflict(error)) {
      return { kind: "refused", requestId, reason: error.message };
    }
    return { kind: "waiting", requestId, reason: messageOf(error) };
  }
}

function isConflict(error: unknown): error is HealingError {
  return isHealingError(error) && error.code === "CONFLICT";
}

async function restore(tx: SqlPort, { fix }: RevertRequest): Promise<void> {
  const kind = kindOf(parseFixAction(fix.action));
  if (kind.needs !== "sql") throw new Error(`${kind.kind} has made calls, and a call cannot be unmade`);
  await restorePoint(tx, { ...fix, preview: readChanges(fix.preview) });
}

async function refuse(db: RpcPort, requestId: string, reason: string): Promise<RevertOutcome> {
  await finishRevert(db, requestId, "refused", reason);
  return { kind: "refused", requestId, reason };
}
