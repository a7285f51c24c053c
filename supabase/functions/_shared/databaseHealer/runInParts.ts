/** Runs a migration of which a part cannot be in a transaction: transactions, and single statements between them. @module */

import { messageOf } from "../core/errors.ts";
import type { ScriptStatement } from "../core/fixes.ts";
import { parseStatement, relationName } from "../core/sqlSyntax.ts";
import { holdHealerLock } from "../healingEngine.ts";
import type { DirectConnection } from "../postgres.ts";
import { settingsBefore } from "./script.ts";

/** How far a migration came. */
export type PartsOutcome =
  | { ok: true }
  /** `done` statements are in place and stay; the rest is not. */
  | { ok: false; done: number; error: unknown };

/** Runs all parts in their order; the first that fails ends it. */
export async function runInParts(
  connection: DirectConnection,
  statements: readonly ScriptStatement[],
): Promise<PartsOutcome> {
  for (let from = 0; from < statements.length;) {
    const to = endOfPart(statements, from);
    const settings = settingsBefore(statements, from);
    try {
      if (statements[from]!.alone) await runAlone(connection, statements[from]!.text, settings);
      else {await runTogether(connection, [
          ...settings,
          ...statements.slice(from, to).map(({ text }) => text),
        ]);}
    } catch (error) {
      return { ok: false, done: from, error };
    }
    from = to;
  }
  return { ok: true };
}

/** The statements as they run, one list for each transaction. */
export function partsOf(statements: readonly ScriptStatement[]): string[][] {
  const parts: string[][] = [];
  for (let from = 0; from < statements.length;) {
    const to = endOfPart(statements, from);
    const settings = from === 0 ? [] : settingsBefore(statements, from);
    parts.push([...settings, ...statements.slice(from, to).map(({ text }) => text)]);
    from = to;
  }
  return parts;
}

function endOfPart(statements: readonly ScriptStatement[], from: number): number {
  if (statements[from]!.alone) return from + 1;
  const next = statements.findIndex(({ alone }, index) => index > from && alone);
  return next < 0 ? statements.length : next;
}

async function runTogether(connection: DirectConnection, texts: readonly string[]): Promise<void> {
  await connection.transaction(async (tx) => {
    await holdHealerLock(tx);
    await tx.script(texts);
  });
}

/** An index that failed to build stays behind as an invalid one, which costs writers and helps nobody. */
async function runAlone(
  connection: DirectConnection,
  text: string,
  settings: readonly string[],
): Promise<void> {
  const parsed = await parseStatement(text);
  const isBuild = parsed?.kind === "IndexStmt";
  if (isBuild) await dropInvalid(connection, text, settings);
  try {
    await connection.alone(text, settings);
  } catch (error) {
    if (isBuild) await dropInvalid(connection, text, settings);
    throw error;
  }
}

const INVALID = `
  select format('%I.%I', n.nspname, c.relname) as name from pg_catalog.pg_index i
  join pg_catalog.pg_class c on c.oid = i.indexrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where not i.indisvalid and c.relname = $1 and i.indrelid = to_regclass($2)
    and not exists (select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = i.indexrelid)`;

async function dropInvalid(
  connection: DirectConnection,
  text: string,
  settings: readonly string[],
): Promise<void> {
  const node = (await parseStatement(text))?.node;
  if (node?.relation === undefined || typeof node.idxname !== "string") return;
  const table = relationName(node.relation);
  const index = node.idxname;
  const [found] = await connection.transaction(async (tx) => {
    await tx.script(settings, { keepsSettings: true });
    return await tx.query<{ name: string }>(INVALID, [index, table]);
  }, { rollback: true });
  if (found !== undefined) await connection.alone(`drop index concurrently if exists ${found.name}`, []);
}

/** One sentence about a migration that stopped on its way. */
export function partsFailed({ done, error }: Extract<PartsOutcome, { ok: false }>, count: number): string {
  const rest = `: ${messageOf(error)}`;
  if (done === 0) return `nothing of the migration is in place${rest}`;
  return `statements 1 to ${done} of ${count} are in place and committed, the rest is not${rest}`;
}
