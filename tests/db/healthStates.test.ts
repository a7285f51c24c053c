import assert from "node:assert/strict";
import { getHealthStatus, recordHealthChecks } from "../../supabase/functions/_shared/healthDb.ts";
import {
  checkSystemHealth,
  createHealthCheck,
  getHealthChecks,
  getLatestHealthChecks,
  runHealthChecks,
  startHealthMonitoring,
  triggerProactiveHealing,
} from "../../supabase/functions/_shared/healthMonitor.ts";
import { recordPerformanceMetrics } from "../../supabase/functions/_shared/healingDb.ts";
import { type Contract, openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { letMinutesPass, lookAgain, scriptedCheck, shownOf } from "../helpers/health.ts";
import { batchOf, metricOf } from "../helpers/metrics.ts";

const GOOD = { status: "healthy", reason: "it answers" } as const;
const BAD = { status: "unhealthy", reason: "it does not answer", measured: 7, threshold: 5 } as const;

interface World extends AsyncDisposable {
  database: TestDatabase;
  contract: Contract;
}

async function openWorld(): Promise<World> {
  const database = await createTestDatabase();
  const contract = await openContract(database);
  await database.query(
    "select vault.create_secret('http://127.0.0.1:9', 'project_url'), vault.create_secret('a-key', 'cron_secret_key')",
  );
  return {
    database,
    contract,
    async [Symbol.asyncDispose]() {
      await contract[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

Deno.test("next_health() moves what is shown after two looks on the same side, and no further than both say", async () => {
  await using database = await createTestDatabase();
  const runs: [string, string, string][] = [
    // What is shown first, looks, what is shown after each: h, d, u and ? for unknown.
    ["h", "uhuhuh", "hhhhhh"],
    ["h", "uu", "hu"],
    ["h", "ud", "hd"],
    ["u", "hh", "uh"],
    ["u", "hd", "ud"],
    ["u", "huhuhu", "uuuuuu"],
    ["d", "uhuh", "dddd"],
    ["h", "?u", "h?"],
    ["?", "hh", "?h"],
    ["?", "uu", "?u"],
    ["h", "hhhh", "hhhh"],
  ];
  const words: Record<string, string> = { h: "healthy", d: "degraded", u: "unhealthy", "?": "unknown" };
  for (const [first, looks, expected] of runs) {
    let state = { status: words[first]!, pending: null as string | null };
    const shown: string[] = [];
    for (const look of looks) {
      const [row] = await database.query<{ next: typeof state }>(
        "select healing_private.next_health($1, $2, $3) as next",
        [state.status, state.pending, words[look]],
      );
      state = row!.next;
      shown.push(state.status);
    }
    assert.deepEqual(shown, [...expected].map((letter) => words[letter]), `${first} ${looks}`);
  }
});

Deno.test("a check turns red after two bad looks and green after two good ones; people hear of each once", async () => {
  await using world = await openWorld();
  const { database, contract: { rpc } } = world;
  const check = scriptedCheck("queue", GOOD);
  const notices = () =>
    database.query(
      "select severity, title, body, read_at is null as unread from notifications where dedupe_key like 'health%' order by created_at",
    );
  await runHealthChecks([check], { db: rpc });
  assert.equal(await shownOf(rpc, "queue"), "healthy");
  check.sees = BAD;
  assert.deepEqual((await lookAgain(database, rpc, [check])).told, []);
  assert.equal(await shownOf(rpc, "queue"), "healthy");
  assert.deepEqual(await notices(), []);
  assert.deepEqual((await lookAgain(database, rpc, [check])).told, ["queue"]);
  assert.equal(await shownOf(rpc, "queue"), "unhealthy");
  assert.deepEqual((await lookAgain(database, rpc, [check])).told, []);
  assert.deepEqual(await notices(), [{
    severity: "critical",
    title: "Health check queue has failed",
    body: "it does not answer\nMeasured: 7; threshold: 5",
    unread: true,
  }]);
  check.sees = GOOD;
  assert.deepEqual((await lookAgain(database, rpc, [check])).told, []);
  assert.deepEqual((await lookAgain(database, rpc, [check])).told, ["queue"]);
  assert.equal(await shownOf(rpc, "queue"), "healthy");
  const told = await notices();
  assert.deepEqual(told.map(({ title, unread }) => [title, unread]), [
    ["Health check queue has failed", false],
    ["Health check queue is healthy again", true],
  ]);
});

Deno.test("what could not be told is told by the next run", async () => {
  await using world = await openWorld();
  const { database, contract: { rpc } } = world;
  const check = scriptedCheck("queue", BAD);
  const mute = {
    call: <Result>(name: string, args: Record<string, unknown>) =>
      name === "record_health_checks"
        ? rpc.call<Result>(name, args)
        : Promise.reject<Result>(new Error("no way through")),
  };
  await runHealthChecks([check], { db: mute });
  assert.deepEqual((await lookAgain(database, mute, [check])).told, []);
  assert.equal(await shownOf(rpc, "queue"), "unhealthy");
  assert.deepEqual((await lookAgain(database, rpc, [check])).told, ["queue"]);
});

Deno.test("runs that meet count one trouble once, and cannot deadlock", async () => {
  await using world = await openWorld();
  const { database, contract: { rpc } } = world;
  const names = ["a", "b", "c"];
  await runHealthChecks(names.map((name) => scriptedCheck(name, GOOD)), { db: rpc });
  await letMinutesPass(database);
  const contracts = await Promise.all(Array.from({ length: 6 }, () => openContract(database)));
  const reports = await Promise.all(contracts.map((one, index) => {
    const checks = names.map((name) => scriptedCheck(name, BAD));
    return runHealthChecks(index % 2 === 0 ? checks : checks.reverse(), { db: one.rpc });
  }));
  await Promise.all(contracts.map((one) => one[Symbol.asyncDispose]()));
  assert.deepEqual(reports.map(({ notRecorded }) => notRecorded), Array(6).fill(undefined));
  for (const name of names) assert.equal(await shownOf(rpc, name), "healthy");
});

Deno.test("a clock that was set back does not stop the looks from counting", async () => {
  await using world = await openWorld();
  const { database, contract: { rpc } } = world;
  const check = scriptedCheck("queue", GOOD);
  await runHealthChecks([check], { db: rpc });
  check.sees = BAD;
  for (const _ of [1, 2]) {
    await database.query("update healing_private.health_states set looked_at = now() + interval '1 hour'");
    await runHealthChecks([check], { db: rpc });
  }
  assert.equal(await shownOf(rpc, "queue"), "unhealthy");
});

Deno.test("get_public_status() tells anybody one word and a time, and unknown when nobody looks", async () => {
  await using world = await openWorld();
  const { database, contract: { rpc } } = world;
  const said = async () => {
    const status = await database.rpc<Record<string, string>>("get_public_status", {}, "anon");
    assert.deepEqual(Object.keys(status).sort(), ["checked_at", "status"]);
    return status.status;
  };
  assert.equal(await said(), "unknown");
  const checks = [
    scriptedCheck("database", GOOD),
    scriptedCheck("sms", BAD),
    scriptedCheck("ai", GOOD),
  ] as const;
  await runHealthChecks(checks, { db: rpc });
  assert.equal(await said(), "healthy");
  await lookAgain(database, rpc, checks);
  assert.equal(await said(), "degraded");
  checks[2].sees = BAD;
  for (const _ of [1, 2]) await lookAgain(database, rpc, checks);
  assert.equal(await said(), "unhealthy");
  for (const check of checks) check.sees = GOOD;
  for (const _ of [1, 2]) await lookAgain(database, rpc, checks);
  assert.equal(await said(), "healthy");
  await letMinutesPass(database, 11);
  assert.equal(await said(), "unknown");
  assert.ok((await getHealthStatus(rpc)).checks.every(({ is_stale }) => is_stale));
  await assert.rejects(database.rpc("get_health_status", {}, "anon"), { code: "42501" });
});

Deno.test("triggerProactiveHealing() calls for each check at most once in ten minutes, however many ask", async () => {
  await using world = await openWorld();
  const { database, contract: { rpc } } = world;
  const checks = [scriptedCheck("database", BAD), scriptedCheck("ai", GOOD)] as const;
  await runHealthChecks(checks, { db: rpc });
  assert.deepEqual((await triggerProactiveHealing(rpc)).checks, []);
  await lookAgain(database, rpc, checks);
  const contracts = await Promise.all(Array.from({ length: 5 }, () => openContract(database)));
  const calls = await Promise.all(contracts.map((one) => triggerProactiveHealing(one.rpc)));
  await Promise.all(contracts.map((one) => one[Symbol.asyncDispose]()));
  assert.deepEqual(calls.flatMap((call) => call.checks), ["database"]);
  assert.deepEqual(calls.flatMap(({ runs }) => Object.keys(runs)), ["autonomous-healing-engine"]);
  checks[1].sees = BAD;
  for (const _ of [1, 2]) await lookAgain(database, rpc, checks);
  const next = await triggerProactiveHealing(rpc);
  assert.deepEqual([next.checks, Object.keys(next.runs)], [["ai"], ["backend-self-monitor"]]);
  for (let minute = 0; minute < 9; minute++) await lookAgain(database, rpc, checks);
  assert.deepEqual((await triggerProactiveHealing(rpc)).checks, ["database"]);
  const runs = await database.query("select function_name from healing_runs where trigger = 'health'");
  assert.equal(runs.length, 3);
});

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
