/** Tries a fix without leaving a trace, and applies it in one transaction that moves its row. @module */

import { HealingError, messageOf } from "../core/errors.ts";
import { isPassingTrouble } from "../core/passing.ts";
import type { FailedScript } from "../core/fixes.ts";
import type { Json } from "../core/ports.ts";
import { type FixAction, type FixContext, kindOf } from "../fixActions.ts";
import { beginFix, type Claim, type FixStart, recordFixApplied } from "../healingDb.ts";
import type { DirectConnection, DirectTransaction } from "../postgres.ts";
import { type FixChanges, laterChange, rehearseFix, statementChanges } from "../rollbackPoints.ts";
import { holdHealerLock, runScript, runUpToFailure, type ScriptFailure } from "./rehearsal.ts";

/** What a dry run showed. */
export type Trial =
  | { kind: "works"; measured: string; changes: FixChanges }
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
  | { kind: "applied"; measured: string; script?: ScriptOutcome };

/** Where a migration stands after a fix. */
export interface ScriptOutcome {
  /** As it reads now. */
  script: FailedScript;
  /** What stops it next; absent when it ran to its end. */
  error?: unknown;
  /** True when nothing of it stays, because a part of it has to run outside of the transaction. */
  isRehearsal: boolean;
}

/** Applies and probes a fix in a transaction that is taken back. */
export async function dryRun(
  connection: DirectConnection,
  action: FixAction,
  script?: FailedScript,
): Promise<Trial> {
  const kind = kindOf(action);
  try {
    return await connection.transaction(async (tx): Promise<Trial> => {
      if (script !== undefined) await holdHealerLock(tx);
      if (kind.rewritesMigration && script !== undefined) return await tryRewrite(tx, action, script);
      return await rehearseFix(tx, action);
    }, { rollback: true });
  } catch (error) {
    return { kind: isPassingTrouble(error) ? "later" : "fails", measured: messageOf(error) };
  }
}

/** A rewrite is tried where the failed statement stood, and has to get the migration past its failure. */
async function tryRewrite(tx: DirectTransaction, action: FixAction, script: FailedScript): Promise<Trial> {
  const kind = kindOf(action);
  const migration = { script };
  const context = { sql: tx, migration };
  await tx.query("savepoint before_rewrite");
  await runUpToFailure(tx, script);
  const precondition = await kind.precondition(context, action);
  if (precondition.kind !== "go") return { kind: "fails", measured: precondition.reason };
  await kind.apply(context, action);
  const probe = await kind.probe(context, action);
  if (!probe.ok) return { kind: "fails", measured: probe.measured };
  await tx.query("rollback to savepoint before_rewrite");
  const failed = messageOf((await runScript(tx, script.statements, { rehearse: true }))?.error ?? "");
  const after = await runScript(tx, migration.script.statements, { rehearse: true });
  return after !== null && after.failedAt <= migration.script.failedAt && messageOf(after.error) === failed
    ? { kind: "fails", measured: `the rewritten migration still fails: ${failed}` }
    : {
      kind: "works",
      measured: probe.measured,
      changes: await statementChanges(script.statements, migration.script.statements),
    };
}

/** A fix that is about to be applied, and what shows that it helped. */
export interface SqlFix {
  id: string;
  action: FixAction;
  claim: Claim;
  /** What its rehearsal showed, which is what was decided about. */
  changes: FixChanges | null;
  /** The migration that failed. */
  script: FailedScript | undefined;
  elapsedMs: () => number;
}

/** Moves the fix, applies, probes and records it, all or nothing. */
export async function applySqlFix(connection: DirectConnection, fix: SqlFix): Promise<SqlApplication> {
  try {
    return await connection.transaction(async (tx): Promise<SqlApplication> => {
      if (fix.script !== undefined) await holdHealerLock(tx);
      const start = await beginFix(tx.rpc, fix.id, fix.claim);
      return start.moved ? await applyAndRecord(tx, fix) : { kind: "held", start };
    });
  } catch (error) {
    return { kind: isPassingTrouble(error) ? "later" : "failed", reason: messageOf(error) };
  }
}

async function applyAndRecord(
  tx: DirectTransaction,
  { id, action, claim, changes, script, elapsedMs }: SqlFix,
): Promise<SqlApplication> {
  const kind = kindOf(action);
  const context: FixContext = { sql: tx, ...(script === undefined ? {} : { migration: { script } }) };
  const { rollbackPoint, measured: shown, before } = kind.rewritesMigration && script !== undefined
    ? await applyRewrite(tx, context, action, script)
    : await applyAndProbe(context, action);
  const otherwise = await laterChange(tx, changes);
  if (otherwise !== null) {
    throw new HealingError("UNAVAILABLE", `it did something else than in its rehearsal: ${otherwise}`);
  }
  const outcome = script === undefined ? undefined : await tryScript(tx, context.migration!.script);
  const measured = outcome === undefined || outcome.error !== undefined
    ? shown
    : `${shown}; the migration ran to its end`;
  await recordFixApplied(tx.rpc, id, claim, {
    rollback_point: rollbackPoint,
    probe: { ok: true, measured },
    description: kind.describe(action),
    duration_ms: elapsedMs(),
    ...(before === undefined
      ? statesOf(changes)
      : { state_before: before, state_after: await kind.state!({ sql: tx }, action) }),
    one_off: script !== undefined,
  });
  return { kind: "applied", measured, ...(outcome === undefined ? {} : { script: outcome }) };
}

/** What a kind that cannot say its state has changed, so that fixes that undo each other are told by it. */
function statesOf(changes: FixChanges | null): { state_before?: Json; state_after?: Json } {
  if (changes === null || changes.objects.length === 0) return {};
  const state = (side: "before" | "after") =>
    Object.fromEntries(changes.objects.map((object) => [`${object.class} ${object.name}`, object[side]]));
  return { state_before: state("before"), state_after: state("after") };
}

async function applyAndProbe(context: FixContext, action: FixAction) {
  const kind = kindOf(action);
  const precondition = await kind.precondition(context, action);
  if (precondition.kind !== "go") throw new Error(precondition.reason);
  const rollbackPoint = await kind.snapshot(context, action);
  const before = await kind.state?.(context, action);
  await kind.apply(context, action);
  const probe = await kind.probe(context, action);
  if (!probe.ok) throw new Error(probe.measured);
  return { rollbackPoint, measured: probe.measured, before };
}

/** The rewrite is judged where the failed statement stood; what that took is taken back before the script runs. */
async function applyRewrite(
  tx: DirectTransaction,
  context: FixContext,
  action: FixAction,
  script: FailedScript,
) {
  await tx.query("savepoint before_rewrite");
  await runUpToFailure(tx, script);
  const result = await applyAndProbe(context, action);
  await tx.query("rollback to savepoint before_rewrite");
  return result;
}

/** The script may still fail, for another reason; then the fix stands, and the script's own work is taken back. */
async function tryScript(tx: DirectTransaction, script: FailedScript): Promise<ScriptOutcome> {
  const isRehearsal = script.statements.some(({ alone }) => alone);
  const failure: ScriptFailure | null = await runScript(tx, script.statements, { rehearse: isRehearsal });
  if (failure === null) return { script, isRehearsal };
  return { script: { ...script, failedAt: failure.failedAt }, error: failure.error, isRehearsal };
}
