/** Tries a fix without leaving a trace, and applies it in one transaction that moves its row. @module */

import { messageOf } from "../core/errors.ts";
import type { Json } from "../core/ports.ts";
import { type FixAction, kindOf } from "../fixActions.ts";
import { beginFix, type Claim, recordFixApplied } from "../healingDb.ts";
import type { DirectConnection, DirectTransaction } from "../postgres.ts";

/** What a trial or an application measured. */
export interface Trial {
  ok: boolean;
  measured: string;
  scriptError?: unknown;
}

/** The result of applying a database fix. */
export type SqlApplication =
  | { kind: "refused"; reason: string }
  | { kind: "failed"; reason: string }
  | { kind: "applied"; measured: string; scriptError?: unknown };

/** Applies and probes a fix in a transaction that is taken back. */
export async function dryRun(
  connection: DirectConnection,
  action: FixAction,
  script?: string,
): Promise<Trial> {
  try {
    return await connection.transaction(async (tx) => {
      const refusal = await kindOf(action).precondition({ sql: tx }, action);
      if (refusal !== null) return { ok: false, measured: refusal };
      return await applyAndProbe(tx, action, script);
    }, { rollback: true });
  } catch (error) {
    return { ok: false, measured: messageOf(error) };
  }
}

/** Moves the fix, applies, probes and records it, all or nothing. */
export async function applySqlFix(
  connection: DirectConnection,
  fix: { id: string; action: FixAction; claim: Claim },
  options: { script?: string | undefined; oneOff: boolean; startedAt: number; now: () => number },
): Promise<SqlApplication> {
  try {
    return await connection.transaction(async (tx): Promise<SqlApplication> => {
      const begun = await beginFix(tx.rpc, fix.id, fix.claim);
      if (!begun.moved) return { kind: "refused", reason: begun.reason };
      const kind = kindOf(fix.action);
      const refusal = await kind.precondition({ sql: tx }, fix.action);
      if (refusal !== null) throw new Error(refusal);
      const rollbackPoint = await kind.snapshot({ sql: tx }, fix.action);
      const trial = await applyAndProbe(tx, fix.action, options.script);
      if (!trial.ok) throw new Error(trial.measured);
      await recordFixApplied(tx.rpc, fix.id, fix.claim, {
        rollback_point: rollbackPoint,
        probe: { ok: true, measured: trial.measured },
        description: kind.describe(fix.action),
        duration_ms: options.now() - options.startedAt,
        one_off: options.oneOff,
      });
      return { kind: "applied", measured: trial.measured, scriptError: trial.scriptError };
    });
  } catch (error) {
    return { kind: "failed", reason: messageOf(error) };
  }
}

async function applyAndProbe(tx: DirectTransaction, action: FixAction, script?: string): Promise<Trial> {
  const kind = kindOf(action);
  await kind.apply({ sql: tx }, action);
  const probe = await kind.probe({ sql: tx }, action);
  if (!probe.ok || script === undefined) return probe;
  // The script may still fail for another reason; then the fix stands, and the script's own work is taken back.
  await tx.query("savepoint before_script");
  try {
    await tx.script(script);
    return { ok: true, measured: `${probe.measured}; the migration ran to its end` };
  } catch (scriptError) {
    await tx.query("rollback to savepoint before_script");
    return { ok: true, measured: probe.measured, scriptError };
  }
}

/** Takes an applied fix back, in the caller's transaction. */
export function revertSqlFix(tx: DirectTransaction, action: FixAction, rollbackPoint: Json): Promise<void> {
  return kindOf(action).revert({ sql: tx }, action, rollbackPoint);
}
