/** Check constraints in the simple forms that can be read without a database. @module */

/** What a check says about a value; `unknown` where it cannot be read. */
export type CheckVerdict = "held" | "broken" | "unknown";

/** The verdict of all checks together: one that is broken is enough. */
export function judgeChecks(checks: readonly string[], column: string, value: unknown): CheckVerdict {
  const verdicts = checks.map((check) => judgeCheck(check, column, value));
  if (verdicts.includes("broken")) return "broken";
  return verdicts.includes("unknown") ? "unknown" : "held";
}

/** The texts of a check that is a plain list of texts for the column; null for a check of any other form. */
export function textsOfCheck(check: string, column: string): string[] | null {
  if (check.length > MOST) return null;
  const parts = conjuncts(unwrap(withoutCasts(check.trim().replace(/^check\b\s*/i, ""))));
  const member = parts.length === 1 ? MEMBER.exec(unwrap(parts[0]!)) : null;
  if (member === null || member[1] !== undefined || !isSubject(member[2]!, column)) return null;
  const literals = LITERALS.test(member[3]!) ? member[3]!.match(new RegExp(LITERAL, "g")) ?? [] : [];
  const texts = literals.flatMap((literal) =>
    literal.startsWith("'") ? [literal.slice(1, -1).replaceAll("''", "'")] : []
  );
  return texts.length > 0 && texts.length === literals.length ? texts : null;
}

const MOST = 2_000;

/** The verdict of one check. */
export function judgeCheck(check: string, column: string, value: unknown): CheckVerdict {
  if (check.length > MOST) return "unknown";
  // A null makes a check unknown to Postgres, and that passes.
  if (value === null) return "held";
  const parts = conjuncts(unwrap(withoutCasts(check.trim().replace(/^check\b\s*/i, ""))));
  const verdicts = parts.map((part) => judgePart(unwrap(part), column, value));
  if (verdicts.includes("broken")) return "broken";
  return verdicts.includes("unknown") ? "unknown" : "held";
}

/** Texts of quotes keep their places as numbers, so that nothing in them is taken for syntax. */
function withoutCasts(expression: string): string {
  return expression.split(/('(?:[^']|'')*')/).map((part, index) =>
    index % 2 === 1 ? part : part.replace(
      /::\s*(?:character varying|double precision|[a-z_][a-z0-9_."]*)(?:\(\d+\))?(?:\[\])?/gi,
      "",
    )
  ).join("");
}

function unwrap(text: string): string {
  let inner = text.trim();
  while (inner.startsWith("(") && closing(inner, 0) === inner.length - 1) inner = inner.slice(1, -1).trim();
  return inner;
}

/** The index of the bracket that closes the one at `from`; -1 when none does. */
function closing(text: string, from: number): number {
  let depth = 0;
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    const char = text[at]!;
    if (char === "'") quoted = !quoted;
    else if (!quoted && char === "(") depth++;
    else if (!quoted && char === ")" && --depth === 0) return at;
  }
  return -1;
}

/** What stands between the ands of the outermost level. */
function conjuncts(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === "'") quoted = !quoted;
    else if (!quoted && char === "(") depth++;
    else if (!quoted && char === ")") depth--;
    else if (!quoted && depth === 0 && /^\sand\s/i.test(text.slice(at, at + 5))) {
      parts.push(text.slice(start, at));
      start = at + 5;
      at += 4;
    }
  }
  return [...parts, text.slice(start)];
}

const LITERAL = String.raw`'(?:[^']|'')*'|\(?[+-]?\d+(?:\.\d+)?\)?`;
const SUBJECT = String
  .raw`\(?\s*(?:(length|char_length|character_length)\s*\(\s*)?\(?\s*("(?:[^"]|"")+"|[a-z_][a-z0-9_]*)\s*\)?\s*\)?`;
const COMPARISON = new RegExp(`^${SUBJECT}\\s*(>=|<=|<>|!=|=|>|<)\\s*(${LITERAL})$`, "i");
const MEMBER = new RegExp(
  `^${SUBJECT}\\s*(?:in\\s*\\(|=\\s*any\\s*\\(+\\s*array\\s*\\[)(.*?)(?:\\]\\s*\\)+|\\))$`,
  "is",
);
const LITERALS = new RegExp(`^\\s*(?:${LITERAL})(?:\\s*,\\s*(?:${LITERAL}))*\\s*$`);

function judgePart(part: string, column: string, value: unknown): CheckVerdict {
  const member = MEMBER.exec(part);
  if (member !== null && LITERALS.test(member[3]!) && isSubject(member[2]!, column)) {
    const subject = member[1] === undefined ? value : lengthOf(value);
    const allowed = member[3]!.match(new RegExp(LITERAL, "g")) ?? [];
    return verdict(
      allowed.map((literal) => compare(subject, literal)),
      (orders) => orders.some((order) => order === 0),
    );
  }
  const found = COMPARISON.exec(part);
  if (found === null || !isSubject(found[2]!, column)) return "unknown";
  const order = compare(found[1] === undefined ? value : lengthOf(value), found[4]!);
  return verdict([order], ([one]) => holds(found[3]!, one!));
}

function isSubject(word: string, column: string): boolean {
  const name = word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word.toLowerCase();
  return name === column || (name === "value" && !word.startsWith('"'));
}

function lengthOf(value: unknown): number | null {
  return typeof value === "string" && value.length <= 1_000_000 ? [...value].length : null;
}

/** Below, equal or above; null when the two cannot be compared without knowing more. */
function compare(value: unknown, literal: string): number | null {
  const bare = literal.replace(/^\(|\)$/g, "");
  if (bare.startsWith("'")) {
    const text = bare.slice(1, -1).replaceAll("''", "'");
    if (typeof value !== "string") return null;
    // How texts are ordered is the collation's business; whether they are equal is not.
    return value === text ? 0 : Number.NaN;
  }
  const number = typeof value === "number" ? value : null;
  return number === null ? null : Math.sign(number - Number(bare));
}

function verdict(
  orders: readonly (number | null)[],
  judge: (orders: readonly number[]) => boolean | null,
): CheckVerdict {
  if (orders.includes(null)) return "unknown";
  const held = judge(orders as readonly number[]);
  return held === null ? "unknown" : held ? "held" : "broken";
}

function holds(operator: string, order: number): boolean | null {
  if (operator === "=") return order === 0;
  if (operator === "<>" || operator === "!=") return order !== 0;
  if (Number.isNaN(order)) return null;
  if (operator === ">=") return order >= 0;
  if (operator === "<=") return order <= 0;
  return operator === ">" ? order > 0 : order < 0;
}
