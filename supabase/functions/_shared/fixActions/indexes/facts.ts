/** What the catalogue says of a table that is to get an index. @module */

import { HealingError } from "../../core/errors.ts";
import type { SqlPort } from "../../core/ports.ts";
import type { CreateIndex } from "../createIndex.ts";
import { indexName } from "./name.ts";

/** A table with its columns and indexes, and what is written to it. */
export interface TableFacts {
  /** `r` for a plain table. */
  relkind: string;
  is_permanent: boolean;
  is_partition: boolean;
  is_ours: boolean;
  is_healing: boolean;
  megabytes: number;
  rows: number;
  writes_per_second: number;
  indexes: { name: string; columns: string[]; is_plain: boolean }[];
  /** Columns that a btree can hold, by name. */
  indexable: string[];
  max_table_mb: number;
  max_writes_per_second: number;
}

/** Schemas of the platform and of this system. */
export const PLATFORM_SCHEMA =
  /^(pg_|supabase_|healing_|graphql)|^(auth|storage|realtime|vault|net|cron|extensions|pgbouncer|pgsodium|pgmq|information_schema)$/;

/** More indexes than this on one table are a sign of another fault. */
const MOST_INDEXES = 10;

const FACTS = `
  select c.relkind, c.relpersistence = 'p' as is_permanent, c.relispartition as is_partition,
    pg_catalog.pg_has_role(c.relowner, 'USAGE') as is_ours, healing_private.is_own_table(c.oid) as is_healing,
    (pg_catalog.pg_table_size(c.oid) / 1048576)::float8 as megabytes, greatest(c.reltuples, 0)::float8 as rows,
    coalesce((s.n_tup_ins + s.n_tup_upd + s.n_tup_del) / greatest(extract(epoch from clock_timestamp() -
      coalesce(d.stats_reset, pg_catalog.pg_postmaster_start_time())), 60), 0)::float8 as writes_per_second,
    (select coalesce(jsonb_agg(jsonb_build_object('name', x.relname,
        'is_plain', i.indisvalid and i.indpred is null and i.indexprs is null and m.amname = 'btree',
        'columns', (select coalesce(jsonb_agg(a.attname order by k.place), '[]') from unnest(i.indkey::smallint[]) with ordinality as k (attnum, place)
          join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum where k.place <= i.indnkeyatts))), '[]')
      from pg_catalog.pg_index i join pg_catalog.pg_class x on x.oid = i.indexrelid join pg_catalog.pg_am m on m.oid = x.relam
      where i.indrelid = c.oid) as indexes,
    (select coalesce(jsonb_agg(a.attname), '[]') from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        and exists (select from pg_catalog.pg_opclass o join pg_catalog.pg_am m on m.oid = o.opcmethod and m.amname = 'btree'
          where o.opcdefault and (o.opcintype = t.oid or (t.typtype = 'e' and o.opcintype = 'pg_catalog.anyenum'::regtype)
            or exists (select from pg_catalog.pg_cast k where k.castsource = t.oid and k.casttarget = o.opcintype and k.castmethod = 'b' and k.castcontext = 'i')))) as indexable,
    (healing_private.setting('optimise_max_table_mb') #>> '{}')::float8 as max_table_mb,
    (healing_private.setting('optimise_max_writes_per_second') #>> '{}')::float8 as max_writes_per_second
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_stat_user_tables s on s.relid = c.oid
  left join pg_catalog.pg_stat_database d on d.datname = current_database()
  where n.nspname = $1 and c.relname = $2`;

/** Reads a table; null when there is none of this name. */
export async function readTable(sql: SqlPort, schema: string, table: string): Promise<TableFacts | null> {
  return (await sql.query<TableFacts>(FACTS, [schema, table]))[0] ?? null;
}

/** Why no index can be built here at all, or null. */
export function refusalOf(action: CreateIndex, facts: TableFacts | null): string | null {
  const table = `${action.schema}.${action.table}`;
  if (PLATFORM_SCHEMA.test(action.schema)) return `schema ${action.schema} belongs to the platform`;
  if (facts === null) return `there is no table ${table}`;
  if (facts.is_healing) return `${table} belongs to this system`;
  if (facts.relkind === "p") {
    return `${table} is partitioned: an index of it cannot be built beside its writers`;
  }
  if (facts.relkind !== "r" || !facts.is_permanent) return `${table} is no plain table`;
  if (facts.is_partition) return `${table} is a partition: its indexes belong to the whole`;
  if (!facts.is_ours) return `${table} belongs to another role`;
  const odd = action.columns.find(({ name }) => !facts.indexable.includes(name));
  if (odd !== undefined) return `${table} has no column ${odd.name} that a btree holds`;
  return null;
}

/** The index that does the same already, or null. */
export function sameIndex(action: CreateIndex, facts: TableFacts): string | null {
  const wanted = action.columns.map(({ name }) => name);
  const found = facts.indexes.find(({ is_plain, columns }) =>
    is_plain && wanted.every((name, place) => columns[place] === name)
  );
  return found?.name ?? null;
}

/** Why a person has to decide about an index here, or null. */
export function cautionOf(action: CreateIndex, facts: TableFacts): string | null {
  const table = `${action.schema}.${action.table}`;
  if (facts.megabytes > facts.max_table_mb) {
    return `${table} has ${
      Math.round(facts.megabytes)
    } MB, more than optimise_max_table_mb, and how much disk is free is not known`;
  }
  if (facts.writes_per_second > facts.max_writes_per_second) {
    return `${table} gets ${
      Math.round(facts.writes_per_second)
    } written rows a second, more than optimise_max_writes_per_second`;
  }
  return facts.indexes.length >= MOST_INDEXES ? `${table} has ${facts.indexes.length} indexes already` : null;
}

/** Throws a passing trouble where nothing may be built now: the fix is tried again later. */
export async function requireLowLoad(sql: SqlPort): Promise<void> {
  const [row] = await sql.query<{ load: { busy: boolean; reason: string }; open: string | null }>(
    `select public.get_database_load() as load,
      (select format('%s of %s', purpose, index_name) from healing_private.index_jobs where finished_at is null limit 1) as open`,
  );
  if (row!.open !== null) throw later(`another job is open: ${row!.open}`);
  if (row!.load.busy) throw later(`the load is not low: ${row!.load.reason}`);
}

function later(reason: string): HealingError {
  return new HealingError("UNAVAILABLE", reason, { hint: "It is tried again later" });
}

/** Whether the fix that is being applied was approved by a person. */
export async function isApproved(sql: SqlPort, action: CreateIndex): Promise<boolean> {
  const rows = await sql.query(
    "select from public.auto_fixes where status = 'applying' and action_kind = $1 and target = $2 and approved_by is not null",
    [action.kind, `index:${action.schema}.${indexName(action)}`],
  );
  return rows.length > 0;
}

/** Everything that can be said of an index before it is asked for. */
export async function lookAtIndex(
  sql: SqlPort,
  action: CreateIndex,
): Promise<{ refusal: string | null; caution: string | null }> {
  const facts = await readTable(sql, action.schema, action.table);
  const refusal = refusalOf(action, facts);
  if (refusal !== null || facts === null) return { refusal, caution: null };
  const same = sameIndex(action, facts);
  return {
    refusal: same === null ? null : `${action.schema}.${action.table}: index ${same} does the same already`,
    caution: cautionOf(action, facts),
  };
}
