/**
 * How long it takes from a migration that fails for want of an extension to the same migration run and kept.
 *
 * The story of the documents: `uuid_generate_v4()` and nobody installed `uuid-ossp`. Each run has a database of its own
 * on an embedded server, and begins with the first statement of the migration. Two seconds are the bound.
 *
 * @module
 */

import { applyMigration } from "../../supabase/functions/_shared/databaseHealer.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { runSql, startScratchServer } from "../lib/scratchServer.ts";
import { type Finding, reportFindings } from "../lib/simulation.ts";

const RUNS = 5;
const MOST_SECONDS = 2;
const MIGRATION =
  `create table invoices (id uuid primary key default uuid_generate_v4(), total numeric not null);
  insert into invoices (total) values (42);`;

/** Breaks and heals the migration in a database, and says how long that took. */
export async function secondsToHeal(superuser: string): Promise<number> {
  const databaseUrl = superuser.replace(/\/\/[^@/]*@/, "//postgres@");
  const connection = await openDirectConnection(databaseUrl);
  await connection.rpc.call("change_healing_setting", {
    p_key: "mode_database",
    p_value: JSON.stringify("auto"),
    p_reason: "the bench applies fixes",
  });
  await connection.close();
  const startedAt = performance.now();
  const { healed, reason } = await applyMigration({ migration: MIGRATION, name: "invoices", databaseUrl });
  const seconds = (performance.now() - startedAt) / 1_000;
  const stored = await runSql(superuser, "select from invoices where id is not null");
  if (!healed || stored.length !== 1) throw new Error(`the migration was not healed: ${reason}`);
  return seconds;
}

async function findings(): Promise<Finding[]> {
  await using server = await startScratchServer();
  const seconds: number[] = [];
  for (let run = 0; run < RUNS; run++) seconds.push(await secondsToHeal(await server.createDatabase()));
  const sorted = seconds.toSorted((a, b) => a - b);
  const scenario = "uuid_generate_v4() without its extension";
  return [
    {
      scenario,
      runs: RUNS,
      figure: `migrations healed, of ${RUNS}`,
      value: seconds.length,
      bound: { atLeast: RUNS },
    },
    { scenario, runs: RUNS, figure: "first run, s", value: seconds[0]!, bound: { atMost: MOST_SECONDS } },
    { scenario, runs: RUNS, figure: "median, s", value: sorted[Math.floor(RUNS / 2)]! },
    { scenario, runs: RUNS, figure: "slowest, s", value: sorted.at(-1)!, bound: { atMost: MOST_SECONDS } },
  ];
}

if (import.meta.main) reportFindings(await findings());
