/** `cast_column`: a change of type gets the `using` that it needs, if every value survives it. @module */

import { quoted } from "../../core/sqlNames.ts";
import { relationName, type SqlNode, unitsAt } from "../../core/sqlSyntax.ts";
import {
  type Failure,
  inScratch,
  putInPlace,
  refuse,
  type Rewriting,
  spliced,
  type Transform,
} from "./transform.ts";

/** Looking at every value of a larger table holds it up for too long. */
const MOST_ROWS = 100_000;

/** The transform `cast_column`. */
export const castColumn: Transform = {
  risk: "medium",
  describe: (object) => `add a cast to the change of type of ${object}, as every value survives it`,
  changes: { fields: ["raw_default"] },
  async rewrite(failure) {
    const { parsed } = failure;
    if (parsed?.kind !== "AlterTableStmt") return refuse("the statement does not alter a table");
    const commands = (parsed.node.cmds as { AlterTableCmd: SqlNode }[]).map(({ AlterTableCmd }) =>
      AlterTableCmd
    );
    const command = commands.find((one) =>
      one.subtype === "AT_AlterColumnType" && one.name === failure.object &&
      (one.def as { ColumnDef: SqlNode }).ColumnDef.raw_default === undefined
    );
    if (command === undefined || commands.length > 1) {
      return refuse("it is not one change of type without a cast");
    }
    const type = /\btype\s+([\s\S]+?)\s*$/i.exec(failure.statement.text)?.[1];
    if (type === undefined) return refuse("the statement is written in an unknown way");
    return await castIfLossless(failure, relationName(parsed.node.relation), String(command.name), type);
  },
};

async function castIfLossless(
  failure: Failure,
  table: string,
  column: string,
  type: string,
): Promise<Rewriting> {
  const { sql, statement } = failure;
  const name = quoted(column);
  const end = unitsAt(statement.text, statement.text.length);
  const text = spliced(statement.text, [{ from: end, to: end, text: ` using ${name}::${type}` }]);
  const count = await rowCount(failure, table);
  if (count > MOST_ROWS) return refuse(`the table has ${count} rows: changing its type is for a quiet hour`);
  try {
    return await inScratch(sql, async () => {
      const before = await valuesOf(failure, table, name);
      await sql.query(text);
      const lost = differing(before, await valuesOf(failure, table, name));
      return lost === 0
        ? putInPlace(failure, [text], `all ${before.length} values survive the cast`)
        : refuse(`${lost} of ${before.length} values would read differently after the cast`);
    });
  } catch (error) {
    return refuse(`not every value can be cast: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function rowCount({ sql }: Failure, table: string): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `select count(*)::int as count from (select from ${table} limit ${MOST_ROWS + 1}) as first_rows`,
  );
  return row!.count;
}

async function valuesOf({ sql }: Failure, table: string, column: string): Promise<(string | null)[]> {
  const rows = await sql.query<{ value: string | null }>(
    `select ${column}::text as value, count(*) from ${table} group by 1 order by 1`,
  );
  return rows.map(({ value }) => value);
}

function differing(before: readonly (string | null)[], after: readonly (string | null)[]): number {
  const kept = new Set(after);
  return before.filter((value) => !kept.has(value)).length + Math.abs(before.length - after.length);
}
