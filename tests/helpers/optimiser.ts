/** Databases with slow statements, and the jobs that mend them, for tests of the optimiser. @module */

import { optimiseDatabase, type OptimiseReport } from "../../supabase/functions/_shared/databaseOptimizer.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { type Contract, openContract, setSetting } from "./contract.ts";
import type { TestDatabase } from "./testDatabase.ts";

/** Rows of the table that is searched. */
export const ORDERS = 30_000;

/** A table without the index that its statement wants. */
export const WORLD = `
  create table orders (id bigint generated always as identity primary key, customer_id int not null, status text not null,
    amount int not null, created_at timestamptz not null default now());
  insert into orders (customer_id, status, amount) select n % 3000, case n % 2 when 0 then 'open' else 'done' end, n
    from generate_series(1, ${ORDERS}) as n;
  analyze orders;`;

/** Settings under which a test does not wait for traffic. */
export async function switchOn(contract: Contract, changes: Record<string, unknown> = {}): Promise<void> {
  const wanted = {
    mode_database: "auto",
    optimise_min_calls: 20,
    optimise_min_mean_ms: 0,
    // The rows were all written a moment ago.
    optimise_max_writes_per_second: 100_000,
    ...changes,
  };
  for (const [key, value] of Object.entries(wanted)) await setSetting(contract.rpc, key, value);
}

/** A world with its contract, switched on. */
export async function slowWorld(database: TestDatabase, changes: Record<string, unknown> = {}) {
  const contract = await openContract(database);
  await database.query(WORLD);
  await switchOn(contract, changes);
  return contract;
}

/** Calls the slow statement so often, each time for another customer. */
export async function searchOrders(database: TestDatabase, times: number): Promise<void> {
  for (let call = 0; call < times; call++) {
    await database.query("select * from orders where customer_id = $1", [call]);
  }
  await database.query("select pg_stat_force_next_flush()");
}

/** One round of the optimiser on a connection of its own. */
export async function optimise(database: TestDatabase): Promise<OptimiseReport> {
  const connection = await openDirectConnection(database.url);
  try {
    return await optimiseDatabase(connection, { worker: crypto.randomUUID() });
  } finally {
    await connection.close();
  }
}

/** Runs the jobs of indexes as the stack's scheduler and pg_cron do: each in a session of its own, outside of a transaction. */
export async function runIndexJobs(database: TestDatabase): Promise<string[]> {
  const jobs = await database.query<{ jobname: string; command: string }>(
    "select jobname, command from cron.job where jobname like 'heal\\_create\\_%' or jobname like 'heal\\_drop\\_%' order by jobid",
  );
  const client = await database.connect();
  try {
    // A job that fails leaves what it leaves; that is what is tested.
    for (const { command } of jobs) await client.query(command).catch(() => undefined);
  } finally {
    await client.end();
  }
  return jobs.map(({ command }) => command);
}

/** The indexes of ours in a database, with whether each is valid. */
export function healIndexes(database: TestDatabase): Promise<{ name: string; valid: boolean }[]> {
  return database.query(
    `select c.relname as name, i.indisvalid as valid from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
     where c.relname like 'heal\\_idx\\_%' order by 1`,
  );
}

/** Fixes of indexes as their rows say. */
export function indexFixes(
  database: TestDatabase,
): Promise<
  {
    action_kind: string;
    status: string;
    verdict: { reason: string } | null;
    evidence: { optimise: { method: string } };
  }[]
> {
  return database.query(
    "select action_kind, status, verdict, evidence from auto_fixes where action_kind in ('create_index', 'drop_index') order by created_at",
  );
}
