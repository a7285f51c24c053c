/** `match_key_type`: a column of a new table gets the type of the key that it references. @module */

import { relationName, type SqlNode, unitsAt } from "../../core/sqlSyntax.ts";
import { type Failure, inScratch, putInPlace, refuse, spliced, type Transform } from "./transform.ts";

/** The transform `match_key_type`. */
export const matchKeyType: Transform = {
  risk: "medium",
  describe: () => "give the new column the type of the column that it references",
  changes: { fields: ["typeName"] },
  async rewrite(failure) {
    const { parsed, statement, sql } = failure;
    // In a table that exists the values would have to change as well.
    if (parsed?.kind !== "CreateStmt") return refuse("the table is not made by this statement");
    const elements = (parsed.node.tableElts ?? []) as { ColumnDef?: SqlNode }[];
    const columns = elements.flatMap(({ ColumnDef: column }) => column === undefined ? [] : [column]);
    const splices = [];
    for (const column of columns) {
      const wanted = await referencedType(failure, column);
      if (wanted === null) continue;
      const from = unitsAt(statement.text, Number((column.typeName as SqlNode).location));
      const written = /^(?:\w+)(?:\s*\(\s*\d+\s*\))?/.exec(statement.text.slice(from));
      if (written === null) return refuse("the type is written in an unknown way");
      splices.push({ from, to: from + written[0].length, text: wanted });
    }
    if (splices.length === 0) return refuse("no column of the table references one of another type");
    const text = spliced(statement.text, splices);
    try {
      await inScratch(sql, () => sql.query(text));
    } catch (error) {
      return refuse(`the key fits in no way: ${error instanceof Error ? error.message : String(error)}`);
    }
    return putInPlace(failure, [text], "the column has the type of what it references");
  },
};

/** The type of the column that a column references by itself, where it is another one; null for any other column. */
async function referencedType({ sql }: Failure, column: SqlNode): Promise<string | null> {
  const constraints = (column.constraints as { Constraint: SqlNode }[] | undefined ?? []).map((
    { Constraint },
  ) => Constraint);
  const key = constraints.find(({ contype }) => contype === "CONSTR_FOREIGN");
  if (key === undefined) return null;
  const [name] = (key.pk_attrs as { String: { sval: string } }[] | undefined ?? []).map(({ String: text }) =>
    text.sval
  );
  const [row] = await sql.query<{ type: string | null }>(
    `select pg_catalog.format_type(a.atttypid, a.atttypmod) as type from pg_catalog.pg_attribute a
     where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped and (a.attname = $2 or ($2 is null and a.attnum =
       (select i.indkey[0] from pg_catalog.pg_index i where i.indrelid = a.attrelid and i.indisprimary and i.indnkeyatts = 1)))`,
    [relationName(key.pktable), name ?? null],
  );
  const [own] = await sql.query<{ type: string | null }>("select to_regtype($1)::text as type", [
    typeText(column),
  ]);
  return !row?.type || own?.type === row.type ? null : row.type;
}

function typeText({ typeName }: SqlNode): string {
  return ((typeName as SqlNode).names as { String: { sval: string } }[]).map(({ String: text }) => text.sval)
    .join(".");
}
