/** Tries a fix without leaving a trace, and applies it in one transaction that moves its row. @module */

import { messageOf } from "../core/errors.ts";
import { isPassingTrouble } from "../core/passing.ts";
import { type FixAction, kindOf } from "../fixActions.ts";
import { beginFix, type Claim, type FixStart, recordFixApplied } from "../healingDb.ts";
import type { DirectConnection, DirectTransaction } from "../postgres.ts";
import { splitStatements } from "../sqlStatements.ts";

/** What a dry run showed. */
export type Trial =
  | { kind: "works"; measured: string }
  | { kind: "fails"; measured: string }
  /** Somebody has done the same meanwhile. */
  | { kind: "alreadyDone"; measured: string }
  /** Nothing was shown: a lock was busy, the connection broke. */
  | { kind: "later"; measured: string };

/** The result of applying a database fix. */
export type SqlApplication =
  | { kind: "held"; start: FixStart }
  | { kind: "failed"; reason: string }
  | { kind: "later"; reason: string }
  | { kind: "applied"; measured: string; scriptError?: unknown };

/** Applies and probes a fix in a transaction that is taken back. */
export async function dryRun(connection: DirectConnection, action: FixAction): Promise<Trial> {
  const kind = kindOf(action);
  try {
    return await connection.transaction(async (tx): Promise<Trial> => {
      const precondition = await kind.precondition({ sql: tx }, action);
      if (precondition.kind === "alreadyDone") return { kind: "alreadyDone", measured: precondition.reason };
      if (precondition.kind === "refused") return { kind: "fails", measured: precondition.reason };
      await kind.apply({ sql: tx }, action);
      const probe = await kind.probe({ sql: tx }, action);
      return { kind: probe.ok ? "works" : "fails", measured: probe.measured };
    }, { rollback: true });
  } catch (error) {
    return { kind: isPassingTrouble(error) ? "later" : "fails", measured: messageOf(error) };
  }
}

/** A fix that is about to be applied, and what shows that it helped. */
export interface SqlFix {
  id: string;
  action: FixAction;
  claim: Claim;
  /** The migration that failed. */
  script: string | undefined;
  elapsedMs: () => number;
}

/** Moves the fix, applies, probes and records it, all or nothing. */
export async function applySqlFix(connection: DirectConnection, fix: SqlFix): Promise<SqlApplication> {
  try {
    return await connection.transaction(async (tx): Promise<SqlApplication> => {
      const start = await beginFix(tx.rpc, fix.id, fix.claim);
      return start.moved ? await applyAndRecord(tx, fix) : { kind: "held", start };
    });
  } catch (error) {
    return { kind: isPassingTrouble(error) ? "later" : "failed", reason: messageOf(error) };
  }
}

async function applyAndRecord(
  tx: DirectTransaction,
  { id, action, claim, script, elapsedMs }: SqlFix,
): Promise<SqlApplication> {
  const kind = kindOf(action);
  const precondition = await kind.precondition({ sql: tx }, action);
  if (precondition.kind !== "go") throw new Error(precondition.reason);
  const rollbackPoint = await kind.snapshot({ sql: tx }, action);
  const before = await kind.state?.({ sql: tx }, action);
  await kind.apply({ sql: tx }, action);
  const probe = await kind.probe({ sql: tx }, action);
  if (!probe.ok) throw new Error(probe.measured);
  const scriptError = script === undefined ? undefined : await runScript(tx, script);
  const proven = script !== undefined && scriptError === undefined;
  const measured = proven ? `${probe.measured}; the migration ran to its end` : probe.measured;
  await recordFixApplied(tx.rpc, id, claim, {
    rollback_point: rollbackPoint,
    probe: { ok: true, measured },
    description: kind.describe(action),
    duration_ms: elapsedMs(),
    ...(before === undefined
      ? {}
      : { state_before: before, state_after: await kind.state!({ sql: tx }, action) }),
    one_off: script !== undefined,
  });
  return { kind: "applied", measured, scriptError };
}

/** The script may still fail, for another reason; then the fix stands, and the script's own work is taken back. */
async function runScript(tx: DirectTransaction, script: string): Promise<unknown> {
  await tx.query("savepoint before_script");
  try {
    await tx.script(splitStatements(script).map((statement) => statement.text));
    return undefined;
  } catch (error) {
    if (isPassingTrouble(error)) throw error;
    await tx.query("rollback to savepoint before_script");
    return error;
  }
}
