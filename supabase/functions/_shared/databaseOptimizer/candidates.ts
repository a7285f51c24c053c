/** Which indexes could serve a statement, most selective columns first. @module */

import type { SqlPort } from "../core/ports.ts";
import type { FixAction } from "../fixActions.ts";
import type { Access, NamedTable } from "./accesses.ts";
import type { SlowStatement } from "./statements.ts";

/** The action that builds an index. */
export type CreateIndexAction = Extract<FixAction, { kind: "create_index" }>;

/** An index that may help, with the reading that it is for. */
export interface Candidate {
  action: CreateIndexAction;
  access: Access;
  /** The statements that it is for, the slowest first. */
  statements: SlowStatement[];
  /** What the statistics say of its first column. */
  selectivity: string;
}

/** Columns of one index; each more makes every write dearer. */
const MOST_COLUMNS = 3;
/** A value that more than this share of the rows has is read faster without an index. */
const MOST_SHARE = 0.2;

/** Tables of the given names that are no one's but the project's. */
export async function readTables(sql: SqlPort, names: readonly string[]): Promise<NamedTable[]> {
  return await sql.query<NamedTable>(
    `select n.nspname as schema, c.relname as table, (select coalesce(jsonb_agg(a.attname), '[]') from pg_catalog.pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relname = any ($1) and c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and not healing_private.is_own_table(c.oid)`,
    [names],
  );
}

/** Values of a column: how many rows one of them has, as a share of all; null when nothing is known. */
export type Shares = ReadonlyMap<string, number>;

/** The share of the rows that one value of each column has, on the average, by the statistics. */
export async function readShares(sql: SqlPort, schema: string, table: string): Promise<Shares> {
  const rows = await sql.query<{ name: string; share: number }>(
    `select s.attname as name, case when s.n_distinct > 0 then 1 / s.n_distinct
        when s.n_distinct < 0 and c.reltuples > 0 then 1 / greatest(-s.n_distinct * c.reltuples, 1) else 1 end::float8 as share
     from pg_catalog.pg_stats s join pg_catalog.pg_namespace n on n.nspname = s.schemaname
     join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = s.tablename
     where s.schemaname = $1 and s.tablename = $2`,
    [schema, table],
  );
  return new Map(rows.map(({ name, share }) => [name, share]));
}

/** The indexes worth a trial for one reading: the narrow one first. */
export function indexesFor(access: Access, shares: Shares): CreateIndexAction["columns"][] {
  const shareOf = (name: string) => shares.get(name) ?? 1;
  const equal = access.equal.toSorted((one, other) => shareOf(one) - shareOf(other)).map(ascending);
  const together = equal.reduce((share, { name }) => share * shareOf(name), 1);
  const last = lastColumn(access, equal.map(({ name }) => name));
  if (equal.length > 0 && together > MOST_SHARE && last === null) return [];
  const wide = [...equal, ...last ?? []].slice(0, MOST_COLUMNS);
  const options = [equal.slice(0, 1), wide];
  const seen = new Set<string>();
  return options.filter((columns) => {
    const key = JSON.stringify(columns);
    const isNew = columns.length > 0 && !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

/** Behind the equal ones an index serves one range, or the order. */
function lastColumn(
  { range, order, hasLimit }: Access,
  equal: readonly string[],
): CreateIndexAction["columns"] | null {
  const wanted = order.filter(({ name }) => !equal.includes(name));
  if (wanted.length === 1 && (hasLimit || range.includes(wanted[0]!.name))) return wanted;
  if (range.length > 0) return [ascending(range[0]!)];
  return null;
}

function ascending(name: string): { name: string; descending: boolean } {
  return { name, descending: false };
}

/** What the statistics say of a column, one sentence. */
export function describeShare(name: string, shares: Shares): string {
  const share = shares.get(name);
  return share === undefined
    ? `nothing is known of the values of ${name}: analyze the table`
    : `one value of ${name} has about ${(share * 100).toPrecision(2)} % of the rows`;
}
