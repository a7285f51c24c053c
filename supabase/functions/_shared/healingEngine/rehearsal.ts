/** Runs a migration, or a part of it, inside a transaction that a fix is tried or applied in. @module */

import { HealingError } from "../core/errors.ts";
import type { FailedScript, ScriptStatement } from "../core/fixes.ts";
import { isPassingTrouble } from "../core/passing.ts";
import { type DirectTransaction, failedStatement } from "../postgres.ts";

/** Held by whoever heals a migration; a second one leaves it for later instead of waiting. */
const HEALER_LOCK = "select pg_catalog.pg_try_advisory_xact_lock(7301842650127) as held";

/** Keeps two healers apart until the transaction ends. */
export async function holdHealerLock(tx: DirectTransaction): Promise<void> {
  const [row] = await tx.query<{ held: boolean }>(HEALER_LOCK);
  if (row?.held) return;
  throw new HealingError("UNAVAILABLE", "Another healer is at work on a migration of this database", {
    hint: "Run the migration again when it has finished",
  });
}

/** The statements of a script that a transaction can hold, without those that run alone. */
export function inTransaction(statements: readonly ScriptStatement[]): { text: string; index: number }[] {
  return statements.flatMap(({ text, alone }, index) => alone ? [] : [{ text, index }]);
}

/** What stopped a script, and where. */
export interface ScriptFailure {
  error: unknown;
  failedAt: number;
}

/** Runs what comes before the failed statement, so that the database is as that statement found it. */
export async function runUpToFailure(tx: DirectTransaction, script: FailedScript): Promise<void> {
  const before = inTransaction(script.statements.slice(0, script.failedAt));
  await tx.script(before.map(({ text }) => text), { keepsSettings: true });
}

/**
 * Runs the script behind a savepoint. Whatever fails takes the script's work back; so does `rehearse`, even when all
 * of it ran. Trouble that passes by itself is thrown: it says nothing about the script.
 */
export async function runScript(
  tx: DirectTransaction,
  statements: readonly ScriptStatement[],
  { rehearse = false } = {},
): Promise<ScriptFailure | null> {
  const list = inTransaction(statements);
  await tx.query("savepoint before_script");
  try {
    await tx.script(list.map(({ text }) => text));
    // A deferred constraint speaks now, while it can still be healed, and not at the commit.
    await tx.query("set constraints all immediate");
    if (rehearse) await tx.query("rollback to savepoint before_script");
    return null;
  } catch (error) {
    if (isPassingTrouble(error)) throw error;
    await tx.query("rollback to savepoint before_script");
    const index = failedStatement(error) ?? list.length - 1;
    return { error, failedAt: list[index]?.index ?? 0 };
  }
}
