/** The shape of a transform of a migration, and what transforms share. @module */

import type { FailedScript, Risk, ScriptStatement } from "../../core/fixes.ts";
import type { SqlPort } from "../../core/ports.ts";
import { type ParsedStatement, parseStatement } from "../../core/sqlSyntax.ts";

/** A migration at its failed statement, in a transaction in which everything before that has run. */
export interface Failure {
  sql: SqlPort;
  script: FailedScript;
  /** The statement that failed. */
  statement: ScriptStatement;
  /** It, parsed; null when it is no valid SQL. */
  parsed: ParsedStatement | null;
  /** What the error named. */
  object: string;
}

/** The migration as it shall read, or why it stays as it is. */
export type Rewriting =
  | {
    kind: "rewritten";
    statements: ScriptStatement[];
    /** Up to here it must not fail in the same way any more. */
    failedAt: number;
    /** What was done, one sentence. */
    what: string;
  }
  | { kind: "refused"; reason: string };

/** What a transform may change in a statement's tree. */
export interface Changes {
  /** Fields that may come, go or change. */
  fields?: readonly string[];
  /** Lists of names that may get a schema; the last name stays. */
  qualified?: readonly string[];
  /** Names may be written in another case. */
  case?: boolean;
  /** What a part of the tree reads as, for a change that no field alone tells. */
  as?: (key: string, value: unknown) => unknown;
}

/** One way of rewriting a migration. */
export interface Transform {
  risk: Risk;
  /** What it does to the statement that the error named, one sentence. */
  describe(object: string): string;
  /** What of the parser's tree it may change; all else stays as it was. */
  changes: Changes;
  rewrite(failure: Failure): Promise<Rewriting>;
}

/** The transform does not do that, for this reason. */
export function refuse(reason: string): Rewriting {
  return { kind: "refused", reason };
}

/** The failed statement is left out. */
export function leaveOut({ script }: Failure, what: string): Rewriting {
  const statements = script.statements.filter((_, index) => index !== script.failedAt);
  return { kind: "rewritten", statements, failedAt: script.failedAt - 1, what };
}

/** Other statements stand in the place of the failed one. */
export function putInPlace({ script }: Failure, instead: readonly string[], what: string): Rewriting {
  const { statements, failedAt } = script;
  const rest = statements[failedAt] ?? { text: "" };
  const written = instead.map((text) => ({ ...rest, text }));
  return {
    kind: "rewritten",
    statements: [...statements.slice(0, failedAt), ...written, ...statements.slice(failedAt + 1)],
    failedAt: failedAt + instead.length - 1,
    what,
  };
}

/** One change of a text. */
export interface Splice {
  from: number;
  to: number;
  text: string;
}

/** The text with all changes made; they must not overlap. */
export function spliced(text: string, splices: readonly Splice[]): string {
  let result = text;
  for (const { from, to, text: piece } of [...splices].sort((a, b) => b.from - a.from)) {
    result = result.slice(0, from) + piece + result.slice(to);
  }
  return result;
}

/** Does work whose every change is taken back, also when it fails. */
export async function inScratch<Result>(sql: SqlPort, work: () => Promise<Result>): Promise<Result> {
  await sql.query("savepoint healing_scratch");
  try {
    return await work();
  } finally {
    await sql.query("rollback to savepoint healing_scratch");
  }
}

/**
 * Whether every statement of `after` was in `before`, or is one of them with nothing changed but what may change. This
 * is what keeps a transform from ever bringing in a statement of its own.
 */
export async function changesOnly(
  before: readonly ScriptStatement[],
  after: readonly ScriptStatement[],
  changes: Changes,
): Promise<boolean> {
  const texts = new Set(before.map(({ text }) => text));
  const news = after.filter(({ text }) => !texts.has(text));
  if (after.length > before.length) return false;
  if (news.length === 0) return true;
  const shapes = new Set(await Promise.all(before.map(({ text }) => shapeOf(text, changes))));
  const wanted = await Promise.all(news.map(({ text }) => shapeOf(text, changes)));
  return wanted.every((shape) => shape !== null && shapes.has(shape));
}

/** A statement without places and without what may change; null when it is no valid statement. */
export async function shapeOf(text: string, changes: Changes): Promise<string | null> {
  const parsed = await parseStatement(text);
  if (parsed === null) return null;
  const left = new Set([...changes.fields ?? [], "location", "stmt_location", "stmt_len"]);
  const shape = JSON.stringify(parsed.node, (key, raw) => {
    if (left.has(key)) return undefined;
    const value = changes.as === undefined ? raw : changes.as(key, raw);
    return changes.qualified?.includes(key) && Array.isArray(value) ? value.slice(-1) : value;
  });
  return `${parsed.kind} ${changes.case ? shape.toLowerCase() : shape}`;
}

/** True when one name becomes the other by one insertion, deletion, exchange or swap of neighbours. */
export function isMisspelling(name: string, other: string): boolean {
  if (name.length < 3 || name === other) return false;
  let start = 0;
  while (start < name.length && name[start] === other[start]) start++;
  const [a, b] = [name.slice(start), other.slice(start)];
  return a.slice(1) === b || a === b.slice(1) || a.slice(1) === b.slice(1) ||
    (a.length > 1 && b.length > 1 && a[1]! + a[0]! + a.slice(2) === b);
}

/** The last part of an object as an error names it, without quotes and arguments. */
export function lastName(object: string): string {
  return object.replace(/\(.*$/, "").split(".").at(-1)!.replaceAll('"', "");
}
