import assert from "node:assert/strict";
import { recordPerformanceMetrics } from "../../supabase/functions/_shared/healingDb.ts";
import { recordHealthChecks } from "../../supabase/functions/_shared/healthDb.ts";
import {
  checkSystemHealth,
  createHealthCheck,
  getHealthChecks,
  getLatestHealthChecks,
  startHealthMonitoring,
} from "../../supabase/functions/_shared/healthMonitor.ts";
import { openWorld, scriptedCheck } from "../helpers/health.ts";
import { batchOf, metricOf } from "../helpers/metrics.ts";

const GOOD = { status: "healthy", reason: "it answers" } as const;

Deno.test("checkSystemHealth() is degraded above an error rate of 50, and knows nothing without requests", async () => {
  await using world = await openWorld();
  const { contract: { rpc } } = world;
  const add = (outcome: string, count: number) =>
    recordPerformanceMetrics(
      rpc,
      batchOf(metricOf(Array(count).fill(10), { name: "requests", tags: { outcome, function: "chat" } })),
    );
  assert.deepEqual(await checkSystemHealth(rpc), {
    status: "unknown",
    errorRate: null,
    totalRequests: 0,
    errorCount: 0,
  });
  await add("error", 10);
  await add("ok", 10);
  assert.equal((await checkSystemHealth(rpc)).status, "healthy");
  await add("error", 1);
  assert.deepEqual(await checkSystemHealth(rpc, "15 minutes"), {
    status: "degraded",
    errorRate: 52.38,
    totalRequests: 21,
    errorCount: 11,
  });
  await add("ok", 10);
  assert.equal((await checkSystemHealth(rpc)).status, "healthy");
});

Deno.test("createHealthCheck() stores a look, getHealthChecks() pages them, and getLatestHealthChecks() has the last", async () => {
  await using world = await openWorld();
  const { contract: { rpc } } = world;
  const ids: string[] = [];
  for (const reason of ["one", "two", "three"]) {
    ids.push(await createHealthCheck(rpc, { check_name: "own_thing", status: "healthy", reason }));
  }
  const page = await getHealthChecks(rpc, { check_name: "own_thing", limit: 2 });
  assert.deepEqual([page.checks.map(({ reason }) => reason), page.has_more], [["three", "two"], true]);
  const rest = await getHealthChecks(rpc, { before: page.checks[1]!.created_at });
  assert.deepEqual([rest.checks.map(({ id }) => id), rest.has_more], [[ids[0]], false]);
  assert.deepEqual((await getHealthChecks(rpc, { status: "unhealthy" })).checks, []);
  assert.deepEqual((await getLatestHealthChecks(rpc)).map(({ check_name }) => check_name), ["own_thing"]);
});

Deno.test("record_health_checks() stores all or nothing, and refuses what is no list of checks", async () => {
  await using world = await openWorld();
  const { database, contract: { rpc } } = world;
  const good = { check_name: "a", status: "healthy", reason: "well" } as const;
  for (
    const bad of [
      { ...good, check_name: "A; drop" },
      { ...good, status: "fine" as never },
      { ...good, reason: "" },
    ]
  ) {
    await assert.rejects(recordHealthChecks(rpc, [good, bad]));
  }
  await assert.rejects(recordHealthChecks(rpc, Array(101).fill(good)), /at most 100/);
  await assert.rejects(rpc.call("record_health_checks", { p_checks: {} }), /at most 100/);
  assert.deepEqual(await database.query("select from system_health_checks"), []);
  assert.deepEqual((await recordHealthChecks(rpc, [])).ids, []);
});

Deno.test("purge_healing_history() drops looks past retention_days", async () => {
  await using world = await openWorld();
  const { database, contract: { rpc } } = world;
  for (const reason of ["old", "young"]) {
    await createHealthCheck(rpc, { check_name: "a", status: "healthy", reason });
  }
  await database.query(
    "update system_health_checks set created_at = now() - interval '31 days' where reason = 'old'",
  );
  await database.query("select purge_healing_history()");
  assert.deepEqual((await getHealthChecks(rpc)).checks.map(({ reason }) => reason), ["young"]);
});

Deno.test("startHealthMonitoring() looks until it is stopped, whatever its listener throws", async () => {
  await using world = await openWorld();
  const { contract: { rpc } } = world;
  const twice = Promise.withResolvers<void>();
  let runs = 0;
  const clock = { now: Date.now, monotonic: () => performance.now(), sleep: () => Promise.resolve() };
  const monitor = startHealthMonitoring({
    checks: [scriptedCheck("queue", GOOD)],
    db: rpc,
    clock,
    onReport: () => {
      if (++runs === 2) twice.resolve();
      throw new Error("a listener");
    },
  });
  await twice.promise;
  await monitor.stop();
  const ended = runs;
  assert.equal((await getHealthChecks(rpc)).checks.length, ended);
  assert.throws(
    () => startHealthMonitoring({ checks: [], db: rpc, intervalMs: 0 }),
    /"intervalMs" must be >= 1000/,
  );
});
