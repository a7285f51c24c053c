/** `wrap_json`: a plain text for a json column is written as the JSON text that it is. @module */

import { type ParsedStatement, relationName, type SqlNode, unitsAt } from "../../core/sqlSyntax.ts";
import {
  type Failure,
  inScratch,
  putInPlace,
  refuse,
  type Splice,
  spliced,
  type Transform,
} from "./transform.ts";

/** A constant in a place of the statement, with the column that it is for. */
interface Placed {
  column: string;
  text: string;
  location: number;
}

/** The transform `wrap_json`. */
export const wrapJson: Transform = {
  risk: "low",
  describe: () => "write the plain text for the json column as a JSON text",
  changes: { as: unwrapped },
  async rewrite(failure) {
    const { parsed, sql, statement } = failure;
    if (parsed?.kind !== "InsertStmt") return refuse("the statement is no insert of rows that it names");
    const types = await jsonColumns(failure, relationName(parsed.node.relation));
    const constants = await placedConstants(failure, parsed);
    const splices: Splice[] = [];
    for (const { column, text, location } of constants) {
      const type = types.get(column);
      if (type === undefined || await isJson(sql, text)) continue;
      // What begins like an object or a list is cut or misspelt JSON, and only its author knows the rest.
      if (/^\s*[[{]/.test(text)) return refuse(`a value for ${column} begins like JSON and is none`);
      const from = unitsAt(statement.text, location);
      const written = /^'(?:[^']|'')*'/.exec(statement.text.slice(from))?.[0];
      if (written === undefined) return refuse("the place of the text is not beyond doubt");
      splices.push({ from, to: from + written.length, text: `to_${type}(${written}::text)` });
    }
    if (splices.length === 0) return refuse("no plain text stands for a json column");
    return putInPlace(
      failure,
      [spliced(statement.text, splices)],
      "the text is JSON now, and reads the same",
    );
  },
};

async function jsonColumns({ sql }: Failure, table: string): Promise<Map<string, string>> {
  const rows = await sql.query<{ name: string; type: string }>(
    `select attname::text as name, atttypid::regtype::text as type from pg_catalog.pg_attribute
     where attrelid = to_regclass($1) and attnum > 0 and not attisdropped and atttypid in ('json'::regtype, 'jsonb'::regtype)`,
    [table],
  );
  return new Map(rows.map(({ name, type }) => [name, type]));
}

/** The texts in the rows of `values`, each with its column. */
async function placedConstants({ sql }: Failure, { node }: ParsedStatement): Promise<Placed[]> {
  const lists = (node.selectStmt as { SelectStmt?: SqlNode } | undefined)?.SelectStmt?.valuesLists as
    | { List: { items: SqlNode[] } }[]
    | undefined;
  const named = (node.cols as { ResTarget: { name: string } }[] | undefined)?.map(({ ResTarget }) =>
    ResTarget.name
  );
  const columns = named ?? (await sql.query<{ name: string }>(
    `select attname::text as name from pg_catalog.pg_attribute
     where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum`,
    [relationName(node.relation)],
  )).map(({ name }) => name);
  return (lists ?? []).flatMap(({ List: { items } }) =>
    items.flatMap((item, index): Placed[] => {
      const constant = item.A_Const as { sval?: { sval?: string }; location?: number } | undefined;
      const column = columns[index];
      if (constant?.sval === undefined || column === undefined) return [];
      return [{ column, text: constant.sval.sval ?? "", location: constant.location ?? 0 }];
    })
  );
}

async function isJson(sql: Failure["sql"], text: string): Promise<boolean> {
  return await inScratch(sql, async () => {
    try {
      await sql.query("select $1::json", [text]);
      return true;
    } catch {
      return false;
    }
  });
}

/** A text that was wrapped reads as the text itself, so that nothing but the wrapping can have changed. */
function unwrapped(_key: string, value: unknown): unknown {
  const call =
    (value as { FuncCall?: { funcname?: { String?: { sval?: string } }[]; args?: SqlNode[] } } | null)
      ?.FuncCall;
  if (call?.funcname?.length !== 1 || !/^to_jsonb?$/.test(call.funcname[0]!.String?.sval ?? "")) return value;
  const cast = call.args?.[0]?.TypeCast as { arg?: SqlNode } | undefined;
  return call.args?.length === 1 && cast?.arg?.A_Const !== undefined ? cast.arg : value;
}
