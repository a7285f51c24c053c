/**
 * What the optimiser does for a slow workload: mean time of its calls before and after, by the server's own counters, and
 * how long each round takes. It fails when no index is kept, or when a call is not at least five times as fast.
 *
 * @module
 */

import { openContract } from "../../tests/helpers/contract.ts";
import { createTestDatabase } from "../../tests/helpers/database.ts";
import { healIndexes, optimise, runIndexJobs, switchOn } from "../../tests/helpers/optimiser.ts";
import { print } from "../lib/print.ts";
import { printTable } from "../lib/printTable.ts";

const ROWS = 300_000;
const CALLS = 200;
const WORKLOAD = [
  "select * from events where tenant_id = $1 order by happened_at desc limit 20",
  "select count(*) from events where tenant_id = $1 and kind = 'paid'",
];

await using database = await createTestDatabase();
await using contract = await openContract(database);
await database.query(`
  create table events (id bigint generated always as identity primary key, tenant_id int not null, kind text not null,
    happened_at timestamptz not null, note text not null);
  insert into events (tenant_id, kind, happened_at, note)
    select n % 10000, case n % 7 when 0 then 'paid' else 'seen' end, now() - make_interval(secs => n), repeat('x', 60)
    from generate_series(1, ${ROWS}) as n;
  analyze events`);
await switchOn(contract);

async function callAll(): Promise<number> {
  const startedAt = performance.now();
  for (let call = 0; call < CALLS; call++) {
    for (const text of WORKLOAD) await database.query(text, [call * 37 % 10_000]);
  }
  await database.query("select pg_stat_force_next_flush()");
  return (performance.now() - startedAt) / CALLS / WORKLOAD.length;
}

async function timed<Result>(work: () => Promise<Result>): Promise<[Result, number]> {
  const startedAt = performance.now();
  return [await work(), performance.now() - startedAt];
}

const before = await callAll();
const [asked, askedMs] = await timed(() => optimise(database));
const [, builtMs] = await timed(() => runIndexJobs(database));
await optimise(database);
const after = await callAll();
const [judged, judgedMs] = await timed(() => optimise(database));
const indexes = await healIndexes(database);
printTable([
  { what: `a call on ${ROWS} rows before`, ms: before.toFixed(2) },
  { what: "a call after", ms: after.toFixed(2) },
  { what: "the round that asks for the index", ms: askedMs.toFixed(0) },
  { what: "the build", ms: builtMs.toFixed(0) },
  { what: "the round that judges it", ms: judgedMs.toFixed(0) },
]);
print(`${(before / after).toFixed(1)} times as fast with ${indexes.map(({ name }) => name).join(", ")}`);
print([...judged.kept, ...judged.reverted, ...judged.waiting].join("\n"));
if (asked.applied.length !== 1 || judged.kept.length !== 1 || before / after < 5) Deno.exitCode = 1;
