/** `quote_identifier`: a name in mixed case that was written without quotes gets them. @module */

import { quoted } from "../../core/sqlNames.ts";
import { eachNode, type ParsedStatement, relationName, type SqlNode, unitsAt } from "../../core/sqlSyntax.ts";
import {
  type Failure,
  putInPlace,
  refuse,
  type Rewriting,
  type Splice,
  spliced,
  type Transform,
} from "./transform.ts";

/** The transform `quote_identifier`. */
export const quoteIdentifier: Transform = {
  risk: "low",
  describe: (object) => `write ${object} in quotes, as it was created in mixed case`,
  changes: { case: true },
  async rewrite(failure) {
    const { parsed, object } = failure;
    if (parsed === null) return refuse("the statement could not be parsed");
    // A wrong name in a filter decides which rows are changed.
    if (/^(?:Update|Delete|Merge)Stmt$/.test(parsed.kind)) {
      return refuse("a filter of rows that are changed is never repaired");
    }
    const folded = object.split(".").at(-1)!.replaceAll('"', "");
    const spellings = await spellingsOf(failure, parsed, folded);
    const [spelling] = spellings;
    if (spelling === undefined) return refuse(`nothing is called ${folded} in any case`);
    if (spellings.length > 1) return refuse(`${folded} may be ${spellings.join(" or ")}`);
    return quoteAll(failure, parsed, folded, spelling);
  },
};

/** How columns of the statement's tables, and relations, are spelled that fold to the name. */
async function spellingsOf({ sql }: Failure, parsed: ParsedStatement, folded: string): Promise<string[]> {
  const tables: string[] = [];
  const add = (node: SqlNode) => {
    if (typeof node.relname === "string") tables.push(relationName(node));
  };
  eachNode(parsed.node, "RangeVar", add);
  eachNode(parsed.node, "relation", add);
  const rows = await sql.query<{ name: string }>(
    `select distinct attname::text as name from pg_catalog.pg_attribute
     where attrelid in (select to_regclass(t)::oid from unnest($1::text[]) as t) and attnum > 0 and not attisdropped
       and lower(attname) = lower($2)
     union select relname::text from pg_catalog.pg_class
     where lower(relname) = lower($2) and relnamespace = any (select oid from pg_catalog.pg_namespace where nspname = any (current_schemas(false)))`,
    [tables, folded],
  );
  return rows.map(({ name }) => name).filter((name) => name !== folded);
}

function quoteAll(failure: Failure, parsed: ParsedStatement, folded: string, spelling: string): Rewriting {
  const { text } = failure.statement;
  const splices = new Map<number, Splice>();
  const quoteAt = (from: number) => {
    const word = /[A-Za-z_][\w$]*/y;
    word.lastIndex = from;
    const written = word.exec(text)?.[0];
    if (written?.toLowerCase() === folded.toLowerCase()) {
      splices.set(from, { from, to: from + written.length, text: quoted(spelling) });
    }
  };
  eachNode(parsed.node, "ColumnRef", ({ fields, location }) => {
    const start = unitsAt(text, Number(location));
    // The place is that of the first part of `table.column`.
    const parts = (fields as unknown[]).length;
    quoteAt(parts === 1 ? start : start + lastPart(text.slice(start), parts));
  });
  eachNode(parsed.node, "ResTarget", ({ name, location }) => {
    if (name !== undefined) quoteAt(unitsAt(text, Number(location)));
  });
  eachNode(parsed.node, "RangeVar", ({ location }) => quoteAt(unitsAt(text, Number(location))));
  eachNode(parsed.node, "relation", ({ location }) => quoteAt(unitsAt(text, Number(location))));
  if (splices.size === 0) return refuse(`the place of ${folded} is not beyond doubt`);
  return putInPlace(
    failure,
    [spliced(text, [...splices.values()])],
    `${folded} is spelled ${quoted(spelling)}`,
  );
}

/** Where the last of several dotted parts begins. */
function lastPart(text: string, parts: number): number {
  const pattern = new RegExp(`^(?:(?:"(?:[^"]|"")*"|[\\w$]+)\\s*\\.\\s*){${parts - 1}}`);
  return pattern.exec(text)?.[0].length ?? 0;
}
