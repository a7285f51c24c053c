/**
 * Reads the text of a policy's condition as the server prints it: tokens, sub-selects, outer columns.
 *
 * Only text of `pg_get_expr` under an empty search_path comes here. That form is regular: every name is qualified,
 * every sub-select stands in brackets, and inside of one each column carries the name of its table.
 *
 * @module
 */

/** One token; spaces are none. */
export interface Token {
  kind: "word" | "name" | "string" | "other";
  text: string;
  start: number;
  end: number;
}

const TOKEN =
  /(E'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*')|("(?:[^"]|"")*")|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(\S)/g;

/** The tokens of a condition. */
export function tokensOf(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map(([found, string, name, word], index, all): Token => {
    const start = all[index]!.index;
    const kind = string !== undefined
      ? "string"
      : name !== undefined
      ? "name"
      : word !== undefined
      ? "word"
      : "other";
    return { kind, text: found, start, end: start + found.length };
  });
}

/** A sub-select in brackets, and how it is used. */
export interface SubSelect {
  /** `exists` for `EXISTS ( … )`; the place then begins at that word. */
  use: "exists" | "values";
  /** Place in the text, brackets included. */
  start: number;
  end: number;
  /** From `SELECT` to before the closing bracket. */
  text: string;
}

/** The outermost sub-selects of a condition, in their order. */
export function subSelectsOf(text: string): SubSelect[] {
  const tokens = tokensOf(text);
  const found: SubSelect[] = [];
  for (let index = 0; index < tokens.length; index++) {
    if (tokens[index]!.text !== "(" || !isWord(tokens[index + 1], "SELECT", "WITH")) continue;
    const close = closingOf(tokens, index);
    const before = tokens[index - 1];
    const isExists = isWord(before, "EXISTS");
    found.push({
      use: isExists ? "exists" : "values",
      start: isExists ? before!.start : tokens[index]!.start,
      end: tokens[close]!.end,
      text: text.slice(tokens[index + 1]!.start, tokens[close]!.start).trim(),
    });
    index = close;
  }
  return found;
}

function isWord(token: Token | undefined, ...words: string[]): boolean {
  return token?.kind === "word" && words.includes(token.text.toUpperCase());
}

function closingOf(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index++) {
    if (tokens[index]!.text === "(") depth++;
    if (tokens[index]!.text === ")" && --depth === 0) return index;
  }
  throw new RangeError("Cannot read the condition as its brackets do not close");
}

/** Where a sub-select names a column of the table that the policy is on. */
export interface OuterColumn {
  column: string;
  start: number;
  end: number;
}

/** The columns of `table` that a sub-select names; null when it takes a whole row. */
export function outerColumnsOf(text: string, table: string): OuterColumn[] | null {
  const tokens = tokensOf(text);
  const found: OuterColumn[] = [];
  for (const [index, token] of tokens.entries()) {
    if (nameOf(token) !== table || tokens[index - 1]?.text === ".") continue;
    if (tokens[index + 1]?.text !== ".") continue;
    const column = tokens[index + 2]!;
    if (tokens[index + 3]?.text === "(") continue;
    const name = nameOf(column);
    if (name === null) return null;
    found.push({ column: name, start: token.start, end: column.end });
  }
  return found;
}

/** The identifier that a token spells, or null. */
export function nameOf(token: Token): string | null {
  if (token.kind === "word") return token.text;
  return token.kind === "name" ? token.text.slice(1, -1).replaceAll('""', '"') : null;
}

/** Replaces places of a text, given in their order. */
export function replacePlaces(
  text: string,
  places: readonly { start: number; end: number }[],
  by: (index: number) => string,
): string {
  let result = "";
  let from = 0;
  places.forEach(({ start, end }, index) => {
    result += text.slice(from, start) + by(index);
    from = end;
  });
  return result + text.slice(from);
}

/** What tells who calls, and cannot be chosen by the caller. */
const IDENTITY = /\bauth\.(?:uid|jwt|email)\(\)|\bcurrent_setting\('request\.jwt\.claim/;

/** True when a sub-select looks at who calls. */
export function looksAtCaller(text: string): boolean {
  return IDENTITY.test(text);
}

/** What means something else in a function that runs as another role, or tells the caller's role apart. */
const ROLE_WORDS =
  /\b(?:CURRENT_USER|CURRENT_ROLE|SESSION_USER|SYSTEM_USER|USER|pg_has_role|has_\w+_privilege|row_security_active|current_setting\('(?:role|is_superuser|session_authorization)'|set_config|pg_backend_pid|inet_client_addr)\b/;

/** True when a condition depends on the database role that runs it. */
export function dependsOnRole(text: string): boolean {
  return ROLE_WORDS.test(textWithoutStrings(text, /^'(?:role|is_superuser|session_authorization)'/));
}

function textWithoutStrings(text: string, keep: RegExp): string {
  const strings = tokensOf(text).filter(({ kind, text: word }) => kind === "string" && !keep.test(word));
  return replacePlaces(text, strings, () => "''");
}

/** Puts each call of the named functions that takes no argument into a sub-select of its own, once per statement. */
export function evaluateOnce(text: string, functions: readonly string[]): string {
  const tokens = tokensOf(text);
  const places: { start: number; end: number }[] = [];
  for (const [index, token] of tokens.entries()) {
    const call = callAt(tokens, index);
    if (call === null || !functions.includes(call.name) || tokens[index - 1]?.text === ".") continue;
    if (isWord(tokens[index - 1], "SELECT")) continue;
    places.push({ start: token.start, end: tokens[call.last]!.end });
  }
  return replacePlaces(
    text,
    places,
    (index) => `( SELECT ${text.slice(places[index]!.start, places[index]!.end)})`,
  );
}

/** A call of `schema.function()` or `function()` that begins at a token. */
function callAt(tokens: readonly Token[], index: number): { name: string; last: number } | null {
  const names = [tokens[index]!];
  let at = index + 1;
  while (tokens[at]?.text === "." && tokens[at + 1] !== undefined) {
    names.push(tokens[at + 1]!);
    at += 2;
  }
  if (tokens[at]?.text !== "(" || tokens[at + 1]?.text !== ")") return null;
  const parts = names.map(nameOf);
  return parts.includes(null) ? null : { name: parts.join("."), last: at + 1 };
}

const UUID_COMPARISON =
  /\(\(("(?:[^"]|"")*"|[a-z_][\w$]*)\)::uuid = (auth\.uid\(\)|\( SELECT auth\.uid\(\) AS uid\))\)/g;
const UUID_COMPARISON_TURNED =
  /\((auth\.uid\(\)|\( SELECT auth\.uid\(\) AS uid\)) = \(("(?:[^"]|"")*"|[a-z_][\w$]*)\)::uuid\)/g;

/** Compares a text column with the caller's id as text, so that a row that holds no uuid is a row of nobody. */
export function compareAsText(text: string): { text: string; columns: string[] } {
  const columns: string[] = [];
  const compare = (column: string, caller: string) => {
    columns.push(nameOf(tokensOf(column)[0]!)!);
    return `(${column} = (${caller})::text)`;
  };
  const changed = text
    .replaceAll(UUID_COMPARISON, (_all, column: string, caller: string) => compare(column, caller))
    .replaceAll(UUID_COMPARISON_TURNED, (_all, caller: string, column: string) => compare(column, caller));
  return { text: changed, columns };
}
