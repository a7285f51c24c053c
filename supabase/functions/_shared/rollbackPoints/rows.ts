/** How many rows of which tables the open transaction has written. @module */

import type { SqlPort } from "../core/ports.ts";

/** What a change does to the rows of one table. */
export type RowChange =
  | { table: string; before: number; after: number; written: number }
  /** The table is too large to count in. */
  | { table: string; atMost: number };

/** What the server has counted so far for one table, whether it stays or not. */
export type RowCounts = ReadonlyMap<string, number>;

/** Counting in a larger table would hold everybody up. */
const LARGEST_COUNTED_BYTES = 16 * 1024 * 1024;

/** Its own books are no part of a fix. */
const COUNTS = `
  select s.relid::regclass::text as name, (s.n_tup_ins + s.n_tup_upd + s.n_tup_del)::float8 as n
  from pg_catalog.pg_stat_xact_user_tables s
  where s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0 and s.schemaname !~ '^(healing_private$|pg_)'
    and not (s.schemaname = 'public' and s.relname in ('schema_versions', 'healing_events', 'auto_fixes', 'detected_errors'))`;

/** The counters of the transaction; their difference says which tables were written. */
export async function countWrites(sql: SqlPort): Promise<RowCounts> {
  const rows = await sql.query<{ name: string; n: number }>(COUNTS);
  return new Map(rows.map(({ name, n }) => [name, n]));
}

/** Tables with their rows after the change; {@link finishRows} adds how many there were before. */
export async function rowsAfter(sql: SqlPort, from: RowCounts, to: RowCounts): Promise<RowChange[]> {
  const changes: RowChange[] = [];
  for (const [table, count] of to) {
    const atMost = count - (from.get(table) ?? 0);
    if (atMost <= 0) continue;
    changes.push(await countIn(sql, table) ?? { table, atMost });
  }
  return changes;
}

/** Leaves out what is as it was. */
export async function finishRows(sql: SqlPort, changes: readonly RowChange[]): Promise<RowChange[]> {
  const finished: RowChange[] = [];
  for (const change of changes) {
    if ("atMost" in change) {
      finished.push(change);
      continue;
    }
    // A table that the change makes is not there before it.
    const before = (await countIn(sql, change.table))?.before ?? 0;
    if (change.written > 0 || change.after !== before) finished.push({ ...change, before });
  }
  return finished;
}

async function countIn(sql: SqlPort, table: string) {
  const [size] = await sql.query<{ can_count: boolean | null }>(
    `select pg_catalog.pg_relation_size(c.oid) <= $2 and c.relkind = 'r'
       and pg_catalog.has_table_privilege(c.oid, 'SELECT') as can_count
     from pg_catalog.pg_class c where c.oid = pg_catalog.to_regclass($1)`,
    [table, LARGEST_COUNTED_BYTES],
  );
  if (!size?.can_count) return undefined;
  // The name is the server's own spelling, in quotes where it needs them.
  const [row] = await sql.query<{ n: number; written: number }>(
    `select count(*)::float8 as n, (count(*) filter (where pg_catalog.age(t.xmin) <= 0))::float8 as written from ${table} t`,
  );
  return { table, before: row!.n, after: row!.n, written: row!.written };
}
