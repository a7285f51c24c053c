/**
 * The adapter of libpg-query, Postgres' own parser: everything else imports it from here.
 *
 * It is loaded when the first statement is parsed (1.2 MB, 160 ms), so that nothing pays for it but the healing of a
 * migration. Places in a tree are counted in bytes by the parser and in UTF-16 units here.
 *
 * @module
 */

import { quoted } from "./sqlNames.ts";

/** A node of the tree: the fields of the parser's structures under their own names. */
export type SqlNode = { [field: string]: unknown };

/** One parsed statement. */
export interface ParsedStatement {
  text: string;
  /** The parser's name of its kind, for example `CreateStmt`. */
  kind: string;
  node: SqlNode;
}

/** What a text is: statements, or not SQL from a place on. */
export type Parsed =
  | { ok: true; statements: ParsedStatement[] }
  | { ok: false; message: string; place: number };

/** Parses a text of any number of statements. */
export async function parseSql(text: string): Promise<Parsed> {
  const parser = await import("npm:libpg-query@17.7.4");
  try {
    const { stmts = [] } = await parser.parse(text) as { stmts?: RawStatement[] };
    return { ok: true, statements: stmts.map((raw) => statementOf(text, raw)) };
  } catch (error) {
    const { message, sqlDetails } = error as { message: string; sqlDetails?: { cursorPosition: number } };
    return { ok: false, message, place: unitsAt(text, sqlDetails?.cursorPosition ?? 0) };
  }
}

/** Parses a text that must be one statement; null when it is none, or several. */
export async function parseStatement(text: string): Promise<ParsedStatement | null> {
  const parsed = await parseSql(text);
  return parsed.ok && parsed.statements.length === 1 ? parsed.statements[0]! : null;
}

interface RawStatement {
  stmt: { [kind: string]: SqlNode };
  stmt_location?: number;
  stmt_len?: number;
}

function statementOf(text: string, { stmt, stmt_location: start = 0, stmt_len: length }: RawStatement) {
  const [kind, node] = Object.entries(stmt)[0]!;
  const from = unitsAt(text, start);
  const to = length === undefined ? text.length : unitsAt(text, start + length);
  return { text: text.slice(from, to).trim(), kind, node };
}

/** The place in UTF-16 units of a place in bytes. */
export function unitsAt(text: string, byte: number): number {
  // deno-lint-ignore no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return Math.min(byte, text.length);
  return new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, byte)).length;
}

/** Calls `visit` with every node of a tree that has the given kind, outermost first. */
export function eachNode(tree: unknown, kind: string, visit: (node: SqlNode) => void): void {
  if (Array.isArray(tree)) tree.forEach((item) => eachNode(item, kind, visit));
  if (typeof tree !== "object" || tree === null || Array.isArray(tree)) return;
  for (const [key, value] of Object.entries(tree)) {
    if (key === kind) visit(value as SqlNode);
    eachNode(value, kind, visit);
  }
}

/** The texts of a list of names, as in `[{String: {sval: "public"}}, …]`. */
export function namesIn(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) => {
    const text = (item as { String?: { sval?: string } }).String?.sval;
    return text === undefined ? [] : [text];
  });
}

/** A relation as a statement names it. */
export function relationName(relation: unknown): string {
  const { schemaname, relname } = relation as { schemaname?: string; relname: string };
  return schemaname === undefined ? quoted(relname) : quoted(schemaname, relname);
}
