/**
 * Whether the migration of a generated project may run without a person: a closed list of statements, each of which
 * makes something new or speaks about what the same migration made. Nothing that is there before can be changed, read or
 * lost by it, and no table is left without row level security. Whatever is not on the list is refused with the reason;
 * it stays a text that a person may read.
 *
 * @module
 */

import { type ParsedStatement, parseSql } from "./core/sqlSyntax.ts";
import { unknownFunctions } from "./migrationReview/expressions.ts";
import { JUDGES } from "./migrationReview/statements.ts";

/** What was found. */
export interface MigrationReview {
  /** It may be run, as far as its text tells. */
  isAllowed: boolean;
  /** Why not, one sentence each. */
  refusals: string[];
  /** The tables that it makes. */
  tables: string[];
}

/** What the statements before one have made. */
export interface Made {
  tables: Set<string>;
  secured: Set<string>;
}

const MOST_STATEMENTS = 200;
const LONGEST = 200_000;

/**
 * Reviews a migration by its text alone.
 *
 * @example
 * ```ts
 * import { reviewMigration } from "./migrationReview.ts";
 *
 * const good = "create table public.notes (id uuid primary key); alter table public.notes enable row level security;";
 * if (!(await reviewMigration(good)).isAllowed) throw new Error("unexpected");
 * if ((await reviewMigration("drop table public.users")).isAllowed) throw new Error("unexpected");
 * ```
 */
export async function reviewMigration(sql: string): Promise<MigrationReview> {
  if (sql.length > LONGEST) return refusal(`it is longer than ${LONGEST} characters`);
  const parsed = await parseSql(sql);
  if (!parsed.ok) return refusal(`it is no SQL: ${parsed.message}`);
  if (parsed.statements.length > MOST_STATEMENTS) {
    return refusal(`it has more than ${MOST_STATEMENTS} statements`);
  }
  const made: Made = { tables: new Set(), secured: new Set() };
  const refusals = parsed.statements.flatMap((statement) => problemsOf(statement, made));
  const open = [...made.tables].filter((table) => !made.secured.has(table));
  refusals.push(...open.map((table) => `the table ${table} has no row level security`));
  return { isAllowed: refusals.length === 0, refusals: refusals.slice(0, 50), tables: [...made.tables] };
}

function refusal(reason: string): MigrationReview {
  return { isAllowed: false, refusals: [reason], tables: [] };
}

function problemsOf({ kind, node, text }: ParsedStatement, made: Made): string[] {
  const judge = Object.hasOwn(JUDGES, kind) ? JUDGES[kind] : undefined;
  const start = text.replace(/\s+/g, " ").slice(0, 60);
  if (judge === undefined) return [`"${start}" is not of the statements that may run (${kind})`];
  const problem = judge(node, made);
  const odd = unknownFunctions(node).map((name) => `it calls ${name}, which is not on the list`);
  return [...(problem === null ? [] : [problem]), ...odd].map((reason) => `"${start}": ${reason}`);
}
