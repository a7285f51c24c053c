/**
 * What an index would change in the planner's eyes, without building one on the table.
 *
 * The statement's own text is never planned: planning evaluates functions, and whoever wrote the statement may have
 * written those. A reading of one table is planned instead, made of names out of the catalogue and of operators of the
 * server. Where hypopg is installed the table itself is planned for with an index that does not exist; elsewhere a
 * sample of it in a temporary table gets a real one, and the cost is scaled up to all rows, which can only make the
 * gain look smaller.
 *
 * @module
 */

import type { SqlPort } from "../core/ports.ts";
import { quoted } from "../core/sqlNames.ts";
import { isRecord } from "../core/unknownValues.ts";
import type { Access } from "./accesses.ts";
import type { CreateIndexAction } from "./candidates.ts";

/** What a trial showed. */
export interface TrialResult {
  method: "hypopg" | "sample";
  costBefore: number;
  costAfter: number;
  usesIndex: boolean;
}

/** A gain has to be this large to be worth what each write then pays. */
export const GAIN = { leastShare: 0.5, leastCost: 100 };

const SAMPLE_ROWS = 20_000;
const SAMPLE_BYTES = 32 * 1024 * 1024;
/** What a statement with a limit is taken to want: its own is a parameter. */
const LIMIT = 100;

/** Whether the index would be used and is worth it. */
export function isWorthIt({ costBefore, costAfter, usesIndex }: TrialResult): boolean {
  return usesIndex && costAfter <= costBefore * (1 - GAIN.leastShare) &&
    costBefore - costAfter >= GAIN.leastCost;
}

/** Plans the reading with and without the index. */
export async function tryIndex(
  sql: SqlPort,
  access: Access,
  action: CreateIndexAction,
): Promise<TrialResult> {
  const [extension] = await sql.query<{ schema: string }>(
    `select n.nspname as schema from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
     where e.extname = 'hypopg'`,
  );
  return extension === undefined
    ? await tryOnSample(sql, access, action)
    : await tryHypothetically(sql, access, action, extension.schema);
}

async function tryHypothetically(
  sql: SqlPort,
  access: Access,
  action: CreateIndexAction,
  schema: string,
): Promise<TrialResult> {
  const table = quoted(access.schema, access.table);
  const before = await planOf(sql, access, table);
  const [made] = await sql.query<{ name: string; oid: string }>(
    `select indexname as name, indexrelid::text as oid from ${quoted(schema, "hypopg_create_index")}($1)`,
    [`create index on ${table} using btree ${columnsOf(action)}`],
  );
  const after = await planOf(sql, access, table);
  await sql.query(`select ${quoted(schema, "hypopg_drop_index")}($1::oid)`, [made!.oid]);
  return {
    method: "hypopg",
    costBefore: before.cost,
    costAfter: after.cost,
    usesIndex: after.indexes.some((name) => name.includes(`<${made!.oid}>`) || name === made!.name),
  };
}

/** In the caller's transaction, which is taken back: the sample is gone with it. */
async function tryOnSample(sql: SqlPort, access: Access, action: CreateIndexAction): Promise<TrialResult> {
  const table = quoted(access.schema, access.table);
  const before = await planOf(sql, access, table);
  await sql.query("savepoint before_sample");
  try {
    const { rows, scale } = await makeSample(sql, table);
    if (rows === 0) {
      return { method: "sample", costBefore: before.cost, costAfter: before.cost, usesIndex: false };
    }
    await sql.query(`create index heal_trial_idx on pg_temp.heal_trial using btree ${columnsOf(action)}`);
    await sql.query("analyze pg_temp.heal_trial");
    const after = await planOf(sql, access, "pg_temp.heal_trial");
    return {
      method: "sample",
      costBefore: before.cost,
      costAfter: after.cost * scale,
      usesIndex: after.indexes.includes("heal_trial_idx"),
    };
  } finally {
    await sql.query("rollback to savepoint before_sample");
  }
}

async function makeSample(sql: SqlPort, table: string): Promise<{ rows: number; scale: number }> {
  const [size] = await sql.query<{ rows: number; bytes: number }>(
    `select greatest(reltuples, 0)::float8 as rows, pg_catalog.pg_table_size(oid)::float8 as bytes
     from pg_catalog.pg_class where oid = $1::regclass`,
    [table],
  );
  const { rows: all, bytes } = size!;
  const most = Math.max(1, Math.floor(Math.min(SAMPLE_ROWS, all * SAMPLE_BYTES / Math.max(bytes, 1))));
  const percent = Math.min(100, all > 0 ? most / all * 110 : 100);
  await sql.query(
    `create temporary table heal_trial as select * from ${table} tablesample system (${percent}) limit ${most}`,
  );
  const [made] = await sql.query<{ rows: number }>("select count(*)::float8 as rows from pg_temp.heal_trial");
  return { rows: made!.rows, scale: Math.max(1, all / Math.max(made!.rows, 1)) };
}

function columnsOf({ columns }: CreateIndexAction): string {
  return `(${columns.map(({ name, descending }) => quoted(name) + (descending ? " desc" : "")).join(", ")})`;
}

/** The reading with `$1` in the place of each value. */
export function readingOf({ equal, range, order, hasLimit }: Access, table: string): string {
  let place = 0;
  const conditions = [
    ...equal.map((name) => `${quoted(name)} operator(pg_catalog.=) $${++place}`),
    ...range.map((name) => `${quoted(name)} operator(pg_catalog.>) $${++place}`),
  ];
  const where = conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
  const sort = order.map(({ name, descending }) => quoted(name) + (descending ? " desc" : ""));
  const orderBy = sort.length === 0 ? "" : ` order by ${sort.join(", ")}`;
  return `select * from ${table}${where}${orderBy}${hasLimit ? ` limit ${LIMIT}` : ""}`;
}

interface Plan {
  cost: number;
  indexes: string[];
}

async function planOf(sql: SqlPort, access: Access, table: string): Promise<Plan> {
  const reading = readingOf(access, table);
  const [version] = await sql.query<{ number: number }>(
    "select current_setting('server_version_num')::integer as number",
  );
  const explained = version!.number >= 160_000
    ? await sql.query<Explained>(`explain (generic_plan, format json) ${reading}`)
    : await explainPrepared(sql, reading, access.equal.length + access.range.length);
  const plan = explained[0]!["QUERY PLAN"][0]!.Plan;
  const indexes: string[] = [];
  collectIndexes(plan, indexes);
  return { cost: plan["Total Cost"], indexes };
}

interface Explained {
  "QUERY PLAN": [{ Plan: { "Total Cost": number } }];
}

let prepared = 0;

/** Before Postgres 16 only a prepared statement has a plan for any value. It ends with this call. */
async function explainPrepared(sql: SqlPort, reading: string, values: number): Promise<Explained[]> {
  const list = values === 0 ? "" : `(${Array.from({ length: values }, () => "null").join(", ")})`;
  // It outlives a transaction that fails, so the next one has another name.
  const name = `heal_plan_${++prepared}`;
  await sql.query("set local plan_cache_mode = force_generic_plan");
  await sql.query(`prepare ${name} as ${reading}`);
  const explained = await sql.query<Explained>(`explain (format json) execute ${name}${list}`);
  await sql.query(`deallocate ${name}`);
  return explained;
}

function collectIndexes(plan: unknown, into: string[]): void {
  if (Array.isArray(plan)) plan.forEach((part) => collectIndexes(part, into));
  if (!isRecord(plan)) return;
  if (typeof plan["Index Name"] === "string") into.push(plan["Index Name"]);
  for (const value of Object.values(plan)) if (typeof value === "object") collectIndexes(value, into);
}
