/**
 * Reads migrations as parsed statements, with those that stand in the bodies of functions and of `do` blocks.
 *
 * Postgres' own parser reads every statement. A body in PL/pgSQL is cut at its semicolons by the lexer that also cuts
 * migrations, and what is left of each piece from a word on that begins a statement goes to the parser as well; a piece
 * that is none is left out.
 *
 * @module
 */

import {
  eachNode,
  namesIn,
  type ParsedStatement,
  parseSql,
  type SqlNode,
  unitsAt,
} from "../core/sqlSyntax.ts";
import { lineAt, splitStatements, wordPlaces } from "../sqlStatements.ts";
import type { Place } from "./need.ts";

/** A migration file. */
export interface MigrationFile {
  name: string;
  sql: string;
}

/** One statement of the migrations. */
export interface ReadStatement extends ParsedStatement {
  place: Place;
  /** Its place among all statements; those of a body have that of the statement they stand in. */
  order: number;
  /** True in the body of a function: what it needs has to be there when the function is called. */
  isDeferred: boolean;
}

/** A statement that Postgres' parser does not take. */
export interface UnreadStatement {
  place: Place;
  message: string;
}

/** All statements of all migrations in their order. */
export async function readMigrationFiles(
  files: readonly MigrationFile[],
): Promise<{ statements: ReadStatement[]; unread: UnreadStatement[] }> {
  const statements: ReadStatement[] = [];
  const unread: UnreadStatement[] = [];
  let order = 0;
  for (const { name, sql } of files) {
    for (const { text, line } of splitStatements(sql)) {
      order++;
      const parsed = await parseSql(text);
      if (!parsed.ok) {
        unread.push({
          place: { file: name, line: line + lineAt(text, parsed.place) - 1 },
          message: parsed.message,
        });
        continue;
      }
      for (const one of parsed.statements) {
        const outer: ReadStatement = { ...one, place: { file: name, line }, order, isDeferred: false };
        statements.push(outer, ...await readBody(outer));
      }
    }
  }
  return { statements, unread };
}

/** The line of a node of a statement. */
export function placeIn(statement: ReadStatement, node: unknown): Place {
  const { location } = (node ?? {}) as { location?: number };
  if (location === undefined) return statement.place;
  const { file, line } = statement.place;
  return { file, line: line + lineAt(statement.text, unitsAt(statement.text, location)) - 1 };
}

async function readBody(outer: ReadStatement): Promise<ReadStatement[]> {
  const isFunction = outer.kind === "CreateFunctionStmt";
  if (!isFunction && outer.kind !== "DoStmt") return [];
  const body = bodyOf(outer.node);
  if (body === null) return [];
  const start = outer.text.indexOf(body);
  const line = outer.place.line + lineAt(outer.text, Math.max(start, 0)) - 1;
  const inner: ReadStatement[] = [];
  for (const { text, line: own } of splitStatements(body)) {
    const parsed = await firstStatement(text);
    if (parsed === null) continue;
    const place = { file: outer.place.file, line: line + own - 1 + lineAt(text, parsed.at) - 1 };
    inner.push({ ...parsed.statement, place, order: outer.order, isDeferred: isFunction });
  }
  return inner;
}

/** The body of a function or a `do` block as text; null for a body that is part of the statement itself. */
export function bodyOf(node: SqlNode): string | null {
  const options = (node.options ?? node.args) as
    | { DefElem?: { defname: string; arg: SqlNode } }[]
    | undefined;
  for (const { DefElem: option } of options ?? []) {
    if (option?.defname !== "as") continue;
    const { String: text, List: list } = option.arg as {
      String?: { sval: string };
      List?: { items: unknown };
    };
    return text?.sval ?? namesIn(list?.items)[0] ?? null;
  }
  return null;
}

const BEGINS = new Set([
  "insert",
  "update",
  "delete",
  "select",
  "with",
  "create",
  "alter",
  "grant",
  "drop",
  "perform",
]);

/** The statement in a piece of PL/pgSQL: what precedes it (`begin`, `if … then`) is no SQL. */
async function firstStatement(piece: string): Promise<{ statement: ParsedStatement; at: number } | null> {
  for (const { word, place } of wordPlaces(piece)) {
    if (!BEGINS.has(word)) continue;
    const rest = piece.slice(place);
    const text = word === "perform" ? `select${rest.slice("perform".length)}` : rest;
    // As it stands first: behind a `returning` of a `with`, an `into` may be that of an insert.
    const statement = await onlyStatement(text) ?? await onlyStatement(withoutTarget(text));
    if (statement !== undefined) return { statement, at: place };
  }
  return null;
}

async function onlyStatement(text: string): Promise<ParsedStatement | undefined> {
  const parsed = await parseSql(text);
  return parsed.ok ? parsed.statements[0] : undefined;
}

/** `returning … into variable` is PL/pgSQL; the rest of it is SQL. */
function withoutTarget(text: string): string {
  const words = wordPlaces(text);
  const returning = words.findIndex(({ word }) => word === "returning");
  const into = returning < 0 ? undefined : words.slice(returning).find(({ word }) => word === "into");
  return into === undefined ? text : text.slice(0, into.place);
}

/** The first text constant of a node, such as the argument of a call. */
export function textConstant(node: unknown): string | null {
  const { A_Const: constant, TypeCast: cast } = (node ?? {}) as {
    A_Const?: { sval?: { sval?: string } };
    TypeCast?: { arg: unknown };
  };
  if (cast !== undefined) return textConstant(cast.arg);
  return constant?.sval === undefined ? null : constant.sval.sval ?? "";
}

/** Schema and name of a list of names; `null` for no schema. */
export function splitName(names: readonly string[]): { schema: string | null; name: string } {
  return { schema: names.length > 1 ? names.at(-2)! : null, name: names.at(-1) ?? "" };
}

/** Every function call in a tree. */
export function callsIn(tree: unknown): { schema: string | null; name: string; node: SqlNode }[] {
  const calls: { schema: string | null; name: string; node: SqlNode }[] = [];
  eachNode(tree, "FuncCall", (node) => calls.push({ ...splitName(namesIn(node.funcname)), node }));
  return calls;
}
