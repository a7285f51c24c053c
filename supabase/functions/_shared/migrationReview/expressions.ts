/** What an expression of a statement does. @module */

import { eachNode, namesIn } from "../core/sqlSyntax.ts";

/** Functions that a generated migration may name: they change nothing and reach nothing. */
const KNOWN: ReadonlySet<string> = new Set([
  "now",
  "gen_random_uuid",
  "uuid_generate_v4",
  "clock_timestamp",
  "date_trunc",
  "timezone",
  "lower",
  "upper",
  "btrim",
  "ltrim",
  "rtrim",
  "trim",
  "length",
  "char_length",
  "octet_length",
  "concat",
  "abs",
  "round",
  "greatest",
  "least",
  "coalesce",
  "nullif",
  "to_tsvector",
  "jsonb_typeof",
  "jsonb_array_length",
  "cardinality",
  "array_length",
  "auth.uid",
  "auth.jwt",
  "auth.role",
]);

/** The functions that a statement calls and that are not on the list. */
export function unknownFunctions(node: unknown): string[] {
  const found = new Set<string>();
  eachNode(node, "FuncCall", ({ funcname }) => {
    const names = namesIn(funcname);
    const plain = names[0] === "pg_catalog" || names[0] === "extensions" ? names.slice(1) : names;
    if (!KNOWN.has(plain.join("."))) found.add(names.join("."));
  });
  return [...found];
}

/** True for an expression that says the same of every row and of everybody. */
export function isConstant(expression: unknown): boolean {
  let speaks = false;
  for (const kind of ["ColumnRef", "SubLink", "FuncCall"]) eachNode(expression, kind, () => speaks = true);
  return !speaks;
}
