import assert from "node:assert/strict";
import { getHealthStatus } from "../../supabase/functions/_shared/healthDb.ts";
import { runHealthChecks, triggerProactiveHealing } from "../../supabase/functions/_shared/healthMonitor.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { letMinutesPass, lookAgain, openWorld, scriptedCheck, shownOf } from "../helpers/health.ts";

const GOOD = { status: "healthy", reason: "it answers" } as const;
const BAD = { status: "unhealthy", reason: "it does not answer", measured: 7, threshold: 5 } as const;

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
