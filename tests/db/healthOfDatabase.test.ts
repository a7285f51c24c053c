import assert from "node:assert/strict";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { recordPerformanceMetrics } from "../../supabase/functions/_shared/healingDb.ts";
import {
  type DatabaseBounds,
  readHealthSettings,
  standardHealthChecks,
} from "../../supabase/functions/_shared/healthMonitor.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { seenBy } from "../helpers/health.ts";
import { batchOf, metricOf } from "../helpers/metrics.ts";
import { waitFor } from "../helpers/waiting.ts";

/** A server that eight test runs share is slow at times. */
const PATIENT: Partial<DatabaseBounds> = { latencyMs: [60_000, 120_000] };

function look(db: RpcPort, name: string, databaseBounds: Partial<DatabaseBounds> = {}): Promise<string> {
  const checks = standardHealthChecks({
    settings: readHealthSettings(new Map()),
    db,
    databaseBounds: { ...PATIENT, ...databaseBounds },
  });
  return seenBy(checks.find((check) => check.name === name)!, db);
}

async function waitForLook(what: RegExp, ask: () => Promise<string>): Promise<void> {
  let last = "";
  await waitFor(`${what}`, async () => what.test(last = await ask())).catch((error) => {
    throw new Error(`${error.message}; last seen: ${last}`);
  });
}

async function openSession(database: TestDatabase) {
  const client = await database.connect();
  return { client, run: (sql: string) => client.query(sql) };
}

Deno.test("the check of the database turns red when it does not answer, and green when it does again", async () => {
  await using database = await createTestDatabase();
  const connection = await openDirectConnection(database.url);
  assert.match(await look(connection.rpc, "database"), /^healthy/);
  await connection.close();
  assert.equal(await look(connection.rpc, "database"), "unhealthy: The database does not answer");
  await using again = await openContract(database);
  assert.match(await look(again.rpc, "database"), /^healthy/);
});

Deno.test("the check of the database sees slow answers and used connections", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  assert.match(
    await look(contract.rpc, "database", { latencyMs: [0, 60_000] }),
    /^degraded: the database answers in \d+ ms$/,
  );
  assert.match(
    await look(contract.rpc, "database", { connectionsPercent: [0.1, 0.2] }),
    /^unhealthy: \d+ of \d+ connections are used$/,
  );
  assert.match(await look(contract.rpc, "database"), /^healthy/);
});

Deno.test("the check of the database sees a transaction that stays open, until it ends", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const ask = () => look(contract.rpc, "database", { transactionS: [0.2, 3_600] });
  const { run } = await openSession(database);
  await run("begin");
  await run("select 1");
  await waitForLook(/^degraded: a transaction has been open for [\d.]+ s$/, ask);
  await run("commit");
  await waitForLook(/^healthy/, ask);
});

Deno.test("the check of the database sees who waits for a lock, until it is given", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const ask = () => look(contract.rpc, "database", { lockWaitS: [0.1, 0.3] });
  const [holder, waiter] = [await openSession(database), await openSession(database)];
  await database.query("create table public.things (id int)");
  await holder.run("begin");
  await holder.run("lock table public.things");
  const waiting = waiter.run("select from public.things");
  await waitForLook(/^unhealthy: 1 wait for a lock, the longest for [\d.]+ s$/, ask);
  await holder.run("rollback");
  await waiting;
  await waitForLook(/^healthy/, ask);
});

Deno.test("the check of the database sees that it only reads, and how full it is", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await database.query(`alter database ${database.name} set default_transaction_read_only = on`);
  const reading = await openDirectConnection(database.url);
  assert.equal(
    await look(reading.rpc, "database"),
    "unhealthy: the database only reads, which the platform sets when its disk is full",
  );
  await reading.close();
  await database.query("set default_transaction_read_only = off");
  await database.query(`alter database ${database.name} reset default_transaction_read_only`);
  assert.match(await look(contract.rpc, "database"), /^healthy/);
  await setSetting(contract.rpc, "health_database_limit_mb", 1);
  assert.match(await look(contract.rpc, "database"), /^unhealthy: the database takes \d+.* % of its space$/);
  await setSetting(contract.rpc, "health_database_limit_mb", 100_000);
  assert.match(await look(contract.rpc, "database"), /^healthy/);
});

Deno.test("the check of the error rate turns with failures, timeouts and durations", async () => {
  const requests = (outcome: string, count: number, ms = 10) =>
    metricOf(Array(count).fill(ms), { name: "requests", tags: { outcome, function: "chat" } });
  const cases: [string, ReturnType<typeof requests>[], number][] = [
    ["unknown: 0 requests in 15 minutes: a rate takes at least 10", [], 0],
    ["unknown: 9 requests in 15 minutes: a rate takes at least 10", [requests("error", 9)], 0],
    ["healthy: 20 % of requests fail", [requests("ok", 80), requests("error", 20)], 0],
    ["degraded: 25 % of requests fail", [requests("ok", 75), requests("error", 25)], 0],
    ["unhealthy: 50 % of requests fail", [requests("ok", 50), requests("error", 50)], 0],
    ["degraded: 10 % of requests time out", [requests("ok", 100)], 10],
    ["unhealthy: 20 % of requests time out", [requests("ok", 100)], 20],
  ];
  for (const [expected, metrics, timeouts] of cases) {
    await using database = await createTestDatabase();
    await using contract = await openContract(database);
    if (metrics.length > 0) await recordPerformanceMetrics(contract.rpc, batchOf(...metrics));
    await database.query(
      "insert into healing_events (event_type) select 'timeout' from generate_series(1, $1)",
      [
        timeouts,
      ],
    );
    assert.equal(await look(contract.rpc, "error_rate"), expected);
  }
});

Deno.test("the check of the error rate turns red with slow requests, and green as quick ones come", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const add = (count: number, ms: number) =>
    recordPerformanceMetrics(
      contract.rpc,
      batchOf(
        metricOf(Array(count).fill(ms), { name: "requests", tags: { outcome: "ok", function: "chat" } }),
      ),
    );
  await add(20, 130_000);
  assert.match(
    await look(contract.rpc, "error_rate"),
    /^degraded: 5 % of requests take 1[23]\d.* s or longer$/,
  );
  await add(20, 250_000);
  assert.match(
    await look(contract.rpc, "error_rate"),
    /^unhealthy: 5 % of requests take 2[45]\d.* s or longer$/,
  );
  await add(2_000, 10);
  assert.equal(await look(contract.rpc, "error_rate"), "healthy: 0 % of requests fail");
});
