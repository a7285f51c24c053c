/** Commits the labels of an enum that a migration adds and uses, before the rest of it is tried. @module */

import { parseStatement } from "../core/sqlSyntax.ts";
import type { ScriptStatement } from "../core/fixes.ts";
import { holdHealerLock, runScript, type ScriptOutcome } from "../healingEngine.ts";
import type { DirectConnection } from "../postgres.ts";

/** Where a migration stands, and which labels were committed on the way. */
export interface LabelOutcome {
  outcome: ScriptOutcome;
  labels: string[];
}

/**
 * Where the migration stands once its labels are committed. A label cannot be used in the transaction that adds it,
 * so what uses it cannot even be rehearsed before; and it cannot be taken back, but it is what the migration asks for
 * and is found in place when the migration is run again.
 */
export async function commitLabels(
  connection: DirectConnection,
  outcome: ScriptOutcome,
): Promise<LabelOutcome> {
  const { statements } = outcome.script;
  const labels = await leadingLabels(statements);
  if (labels.length === 0) return { outcome, labels: [] };
  for (const { text } of labels) await connection.alone(text, []);
  const rest = statements.slice(labels.length);
  const isRehearsal = rest.some(({ alone }) => alone);
  const failure = await connection.transaction(async (tx) => {
    await holdHealerLock(tx);
    return await runScript(tx, rest, { rehearse: isRehearsal });
  });
  const script = { ...outcome.script, statements: rest };
  return {
    outcome: failure === null
      ? { script, isRehearsal }
      : { script: { ...script, failedAt: failure.failedAt }, error: failure.error, isRehearsal },
    labels: labels.map(({ text }) => text),
  };
}

async function leadingLabels(statements: readonly ScriptStatement[]): Promise<ScriptStatement[]> {
  const labels: ScriptStatement[] = [];
  for (const statement of statements) {
    if (!statement.alone || (await parseStatement(statement.text))?.kind !== "AlterEnumStmt") break;
    labels.push(statement);
  }
  return labels;
}
