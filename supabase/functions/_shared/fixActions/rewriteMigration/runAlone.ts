/** `run_alone` and `add_label_first`: what cannot be in the migration's transaction gets a place outside of it. @module */

import { parseStatement, relationName, type SqlNode } from "../../core/sqlSyntax.ts";
import type { ScriptStatement } from "../../core/fixes.ts";
import { type Failure, putInPlace, refuse, type Rewriting, spliced, type Transform } from "./transform.ts";

/** Building an index in the transaction holds up writers; on a table of this size for no time that counts. */
const SMALL_BYTES = 1024 * 1024;

/** The transform `run_alone`. */
export const runAlone: Transform = {
  risk: "low",
  describe: (object) =>
    `run ${object} outside of the migration's transaction, or on a small table without "concurrently"`,
  changes: { fields: ["concurrent"] },
  async rewrite(failure) {
    const { parsed, script } = failure;
    if (parsed === null) return refuse("the statement could not be parsed");
    if (parsed.kind === "IndexStmt" && await isSmall(failure, parsed.node)) return buildInside(failure);
    if (!canRunAlone(parsed.kind, parsed.node)) {
      return refuse(`${failure.object} is not run outside of a transaction by itself`);
    }
    if (!script.canRunAlone) {
      return refuse(
        "the connection is pooled: what runs outside of a transaction needs the direct connection",
      );
    }
    const statements = script.statements.map((statement, index) =>
      index === script.failedAt ? { ...statement, alone: true } : statement
    );
    const what = "it runs between two transactions";
    return { kind: "rewritten", statements, failedAt: script.failedAt - 1, what };
  },
};

/** Whatever else refuses to be in a transaction (a database, a tablespace, a system setting) is for a person. */
function canRunAlone(kind: string, node: SqlNode): boolean {
  if (kind === "IndexStmt" || kind === "DropStmt") return node.concurrent === true;
  return kind === "VacuumStmt" || kind === "ReindexStmt";
}

async function isSmall({ sql }: Failure, node: SqlNode): Promise<boolean> {
  // An invalid index left over from a build that failed has to be dropped first, which is done outside as well.
  const [row] = await sql.query<{ small: boolean }>(
    `select pg_catalog.pg_total_relation_size(to_regclass($1)) <= $2 and not exists (
       select from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
       where i.indrelid = to_regclass($1) and c.relname = $3 and not i.indisvalid) as small`,
    [relationName(node.relation), SMALL_BYTES, node.idxname ?? null],
  );
  return row?.small === true;
}

function buildInside(failure: Failure): Rewriting {
  const match = /^create\s+(?:unique\s+)?index\s+(concurrently\s+)/i.exec(failure.statement.text);
  if (match === null) return refuse("the statement is written in an unknown way");
  const to = match[0].length;
  const text = spliced(failure.statement.text, [{ from: to - match[1]!.length, to, text: "" }]);
  return putInPlace(failure, [text], "the table is so small that the index is built in the transaction");
}

/** The transform `add_label_first`. */
export const addLabelFirst: Transform = {
  risk: "low",
  describe: (object) => `add label ${object} in a transaction of its own, before the migration uses it`,
  changes: { fields: ["skipIfNewValExists"] },
  async rewrite(failure) {
    const { script } = failure;
    if (!script.canRunAlone) {
      return refuse("the connection is pooled: the label needs a transaction of its own");
    }
    const added: { index: number; text: string }[] = [];
    for (const [index, { text, alone }] of script.statements.slice(0, script.failedAt).entries()) {
      const guarded = alone ? null : await guardedLabel(text);
      if (guarded !== null) added.push({ index, text: guarded });
    }
    if (added.length === 0) return refuse(`no statement of the migration adds ${failure.object}`);
    const moved = new Set(added.map(({ index }) => index));
    const statements: ScriptStatement[] = [
      ...added.map(({ text }) => ({ text, alone: true, moved: true })),
      ...script.statements.filter((_, index) => !moved.has(index)),
    ];
    const what = "labels of an enum can only be used once they are committed";
    return { kind: "rewritten", statements, failedAt: script.failedAt, what };
  },
};

async function guardedLabel(text: string): Promise<string | null> {
  const parsed = await parseStatement(text);
  if (parsed?.kind !== "AlterEnumStmt" || parsed.node.oldVal !== undefined) return null;
  if (parsed.node.skipIfNewValExists) return text;
  const place = /^alter\s+type\s+[\s\S]*?\badd\s+value\s+/i.exec(text)?.[0].length;
  return place === undefined ? null : spliced(text, [{ from: place, to: place, text: "if not exists " }]);
}
