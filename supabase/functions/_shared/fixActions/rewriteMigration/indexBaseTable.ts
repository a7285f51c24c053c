/** `index_base_table`: an index on a view is made on the one table that the view reads. @module */

import { quoted } from "../../core/sqlNames.ts";
import { parseStatement, relationName, type SqlNode, unitsAt } from "../../core/sqlSyntax.ts";
import { putInPlace, refuse, spliced, type Transform } from "./transform.ts";

/** The transform `index_base_table`. */
export const indexBaseTable: Transform = {
  risk: "medium",
  describe: (object) => `make the index on the table that the view ${object} reads`,
  changes: { fields: ["relation"] },
  async rewrite(failure) {
    const { parsed, statement, sql } = failure;
    if (parsed?.kind !== "IndexStmt") return refuse("the statement makes no index");
    const { relation, indexParams, unique, whereClause } = parsed.node;
    if (unique === true || whereClause !== undefined) {
      return refuse("the index is a rule about the rows of the view");
    }
    const names = (indexParams as { IndexElem: { name?: string } }[]).map(({ IndexElem }) => IndexElem.name);
    const [view] = await sql.query<{ text: string }>(
      "select pg_catalog.pg_get_viewdef(oid) as text from pg_catalog.pg_class where oid = to_regclass($1) and relkind = 'v'",
      [relationName(relation)],
    );
    const base = view === undefined ? null : await baseOf(view.text);
    if (base === null) return refuse("the view does not read one table plainly");
    if (!names.every((name) => name !== undefined && base.columns.has(name))) {
      return refuse("a column of the index is none of the table under its own name");
    }
    const from = unitsAt(statement.text, Number((relation as SqlNode).location));
    const written = /^(?:(?:"(?:[^"]|"")*"|[\w$]+)\s*\.\s*)?(?:"(?:[^"]|"")*"|[\w$]+)/.exec(
      statement.text.slice(from),
    );
    if (written === null) return refuse("the statement is written in an unknown way");
    const text = spliced(statement.text, [{ from, to: from + written[0].length, text: base.table }]);
    return putInPlace(failure, [text], `the view reads ${base.table}`);
  },
};

/** The only table of a query and the columns that it shows under their own names; null for any other query. */
async function baseOf(text: string): Promise<{ table: string; columns: Set<string> } | null> {
  const query = await parseStatement(text.replace(/;\s*$/, ""));
  if (query?.kind !== "SelectStmt") return null;
  const { fromClause, targetList, groupClause, distinctClause, withClause, op } = query.node;
  const [from, ...others] = fromClause as { RangeVar?: SqlNode }[] ?? [];
  if (from?.RangeVar === undefined || others.length > 0 || op !== "SETOP_NONE") return null;
  if (groupClause !== undefined || distinctClause !== undefined || withClause !== undefined) return null;
  const columns = (targetList as {
    ResTarget: { name?: string; val: { ColumnRef?: { fields: { String?: { sval: string } }[] } } };
  }[])
    .flatMap(({ ResTarget: { name, val } }) => {
      const own = val.ColumnRef?.fields.at(-1)?.String?.sval;
      return own !== undefined && (name === undefined || name === own) ? [own] : [];
    });
  const { schemaname, relname } = from.RangeVar as { schemaname?: string; relname: string };
  return {
    table: schemaname === undefined ? quoted(relname) : quoted(schemaname, relname),
    columns: new Set(columns),
  };
}
