/** Compares what exists with what a statement would make, by making it in a scratch that is taken back. @module */

import type { SqlPort } from "../../../core/ports.ts";
import { type Failure, inScratch } from "../transform.ts";

/** What exists compared with what is wanted. */
export type Comparison = { kind: "same" } | { kind: "different"; existing: string; wanted: string } | {
  kind: "unknown";
  reason: string;
};

/** Building an index or a column of a larger table only to look at it would hold up its writers. */
const LARGEST_SCRATCH_BYTES = 64 * 1024 * 1024;

/** How one class of objects is put out of the way and read. */
export interface Comparable {
  /** Puts what exists out of the way. */
  moveAway(sql: SqlPort): Promise<void>;
  /** The statement that makes the wanted one beside what stays in its place; left out where that is moved away. */
  renamed?(text: string): string;
  /** How what was moved away reads; null when it is not there. */
  readMoved(sql: SqlPort): Promise<string | null>;
  /** How what the statement made reads. */
  readMade(sql: SqlPort): Promise<string | null>;
}

/** Makes the statement's object beside the one that exists, reads both, and takes everything back. */
export async function compare({ sql, statement }: Failure, object: Comparable): Promise<Comparison> {
  try {
    return await inScratch(sql, async (): Promise<Comparison> => {
      // Who may run the script may not be allowed to make a schema for the comparison.
      await sql.query("reset role");
      await object.moveAway(sql);
      const text = withoutConcurrently(statement.text);
      await sql.query(object.renamed?.(text) ?? text);
      // Names are then printed with their schemas, so that both read alike.
      await sql.query("select set_config('search_path', '', true)");
      const [existing, wanted] = [await object.readMoved(sql), await object.readMade(sql)];
      if (existing === null || wanted === null) return { kind: "unknown", reason: "it could not be read" };
      return existing === wanted ? { kind: "same" } : { kind: "different", existing, wanted };
    });
  } catch (error) {
    return { kind: "unknown", reason: error instanceof Error ? error.message : String(error) };
  }
}

function withoutConcurrently(text: string): string {
  return text.replace(/^(create\s+(?:unique\s+)?index\s+)concurrently\s+/i, "$1");
}

/** Throws when a table is too large to be worked on for a look. */
export async function requireSmall(sql: SqlPort, relation: string): Promise<void> {
  const [row] = await sql.query<{ bytes: string | null }>(
    "select pg_catalog.pg_total_relation_size(to_regclass($1))::text as bytes",
    [relation],
  );
  if (Number(row?.bytes ?? 0) > LARGEST_SCRATCH_BYTES) {
    throw new Error("the table is too large to compare by building");
  }
}

/** The schema for the scratch, beside all others. */
export const SCRATCH = "healing_scratch";

/** One text or null. */
export async function readText(sql: SqlPort, text: string, values: unknown[]): Promise<string | null> {
  const rows = await sql.query<{ text: string | null }>(text, values);
  return rows[0]?.text ?? null;
}
