/** Writes names of a function's body in full, and nothing else. @module */

import { quotedIfNeeded } from "../../core/sqlNames.ts";

const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?\*\/|E'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|[^\s]/gi;

/** What a name stands for where the body was stopped. */
export type NameUse = "relation" | "function" | "type";

const BEFORE_RELATION = new Set(["into", "from", "join", "update", "table", "only"]);

/** The body with each bare use of `name` under `schema`; the body itself when there is none. */
export function qualifyName(body: string, use: NameUse, name: string, schema: string): string {
  const tokens = [...body.matchAll(TOKEN)];
  let result = "";
  let from = 0;
  tokens.forEach((token, index) => {
    if (identifierOf(token[0]) !== name || !isUse(tokens, index, use)) return;
    result += `${body.slice(from, token.index)}${quotedIfNeeded(schema)}.`;
    from = token.index;
  });
  return result + body.slice(from);
}

function isUse(tokens: readonly RegExpMatchArray[], index: number, use: NameUse): boolean {
  const before = tokens[index - 1]?.[0].toLowerCase() ?? "";
  const after = tokens[index + 1]?.[0] ?? "";
  if (before === ".") return false;
  if (use === "function") return after === "(" && !BEFORE_RELATION.has(before);
  if (after === ".") return false;
  if (use === "relation") return BEFORE_RELATION.has(before);
  return before === ":" || /^[a-z_"]/.test(before) && after === ";" && !BEFORE_RELATION.has(before);
}

function identifierOf(token: string): string | null {
  if (token.startsWith('"')) return token.slice(1, -1).replaceAll('""', '"');
  return /^[A-Za-z_\u0080-\uffff]/.test(token) && !token.includes("'") ? token.toLowerCase() : null;
}
