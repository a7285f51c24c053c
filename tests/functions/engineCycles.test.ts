import assert from "node:assert/strict";
import type { CyclePort } from "../../supabase/functions/autonomous-healing-engine/cycles/cycle.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence, setSetting } from "../helpers/contract.ts";
import { MISSING_FUNCTION } from "../helpers/engine.ts";
import { type FunctionServer, serveEngine } from "../helpers/engineServer.ts";

/** What every table of the system holds, but for the runs. */
async function everything({ database }: FunctionServer): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname in ('public', 'healing_private', 'healing_sandbox', 'net')
       and tablename not in ('healing_runs', 'healing_settings') order by 1`,
  );
  const held: string[] = [];
  for (const { name } of tables) {
    const [row] = await database.query<{ rows: string }>(
      `select ${`string_agg(t::text, ';' order by t::text)`} as rows from ${name} as t`,
    );
    held.push(`${name}: ${row!.rows}`);
  }
  return held.join("\n");
}

const PROPOSED = { ...MISSING_FUNCTION, project_id: "shop" };

Deno.test("autonomous-healing-engine with dryRun changes nothing, says what it would do, and writes that down", async () => {
  await using server = await serveEngine();
  await captureErrors(server.contract.rpc, [
    occurrence(PROPOSED),
    occurrence({ fingerprint: "v1:odd", error_code: "", error_message: "odd", error_signature: "odd" }),
  ]);
  await server.database.query(
    `insert into universal_error_patterns (pattern_name, error_signature, fix_strategy, created_at)
     values ('old', 's', '{"kind": "retry"}', now() - interval '1 year')`,
  );
  const before = await everything(server);
  const { status, body } = await server.call({ dryRun: true });
  assert.equal(status, 200);
  assert.equal(await everything(server), before);
  const [heal, learn, deployments] = body.plan;
  assert.deepEqual(heal.items.map(({ decision }) => decision).sort(), ["auto", "none"]);
  assert.equal(
    heal.items.find(({ decision }) => decision === "auto")?.whatWillHappen,
    'create extension if not exists "unaccent" with schema extensions',
  );
  assert.deepEqual(learn, { cycle: "learn", counters: { patterns_retired: 1 } });
  assert.deepEqual(deployments, { cycle: "deployments", reason: "not installed" });
  const [run] = await server.database.query("select status, counters from healing_runs where id = $1", [
    body.run_id,
  ]);
  assert.deepEqual(run, { status: "finished", counters: { dry_run: true, plan: body.plan } });
});

Deno.test("autonomous-healing-engine with dryRun says what holds a fix back", async () => {
  await using server = await serveEngine();
  const { rpc } = server.contract;
  await captureErrors(rpc, [occurrence(PROPOSED)]);
  const decisionUnder = async (key: string, value: unknown) => {
    await setSetting(rpc, key, value);
    const { body } = await server.call({ dryRun: true, cycle: 1 });
    const [item] = body.plan[0].items;
    return `${item.decision}: ${item.reason}`;
  };
  assert.match(await decisionUnder("mode_database", "suggest"), /^suggest: .* only suggested/);
  assert.match(await decisionUnder("mode_database", "off"), /^off: .* switched off/);
  await setSetting(rpc, "mode_database", "auto");
  assert.match(await decisionUnder("max_fixes_per_day", 0), /^hold: .* budget of the day/);
  assert.match(await decisionUnder("enabled", false), /^hold: the kill switch is thrown/);
});

Deno.test("autonomous-healing-engine runs one cycle, or one project, when it is asked to", async () => {
  await using server = await serveEngine();
  await captureErrors(server.contract.rpc, [
    occurrence(PROPOSED),
    occurrence({ ...MISSING_FUNCTION, fingerprint: "v1:other", project_id: "blog" }),
  ]);
  const learned = await server.call({ wait: true, cycle: 2 });
  assert.deepEqual([learned.body.counters.cycles_run, learned.body.counters.errors_detected], [1, 0]);
  const shop = await server.call({ wait: true, project_id: "shop" });
  assert.deepEqual([shop.body.counters.errors_detected, shop.body.counters.fixes_applied], [1, 1]);
  assert.deepEqual(shop.body.counters.not_installed, ["deployments", "optimise", "quality"]);
  assert.deepEqual(
    await server.database.query("select status from detected_errors where project_id = 'blog'"),
    [{ status: "open" }],
  );
});

Deno.test("autonomous-healing-engine refuses what it does not know, above all a misspelt dryRun", async () => {
  await using server = await serveEngine();
  const bodies = [
    { dry_run: true },
    { dryRun: "yes" },
    { cycle: 7 },
    { cycle: 1.5 },
    { project_id: "" },
    { project_id: "x".repeat(201) },
    { cycle: 2, project_id: "shop" },
  ];
  for (const body of bodies) {
    const answer = await server.call(body);
    assert.deepEqual([answer.status, answer.body.code], [400, "BAD_REQUEST"], JSON.stringify(body));
    assert.ok(answer.body.hint);
  }
  assert.deepEqual(await server.database.query("select from healing_runs"), []);
});

Deno.test("autonomous-healing-engine goes on when a cycle throws, and the next run tries that cycle again", async () => {
  const broken: CyclePort = {
    run: () => Promise.reject(new Error("the deployments are away")),
    plan: () => Promise.reject(new Error("the deployments are away")),
  };
  await using server = await serveEngine({ ports: { deployments: broken } });
  const { body } = await server.call({ wait: true });
  assert.deepEqual(body.counters.failed_cycles, { deployments: "the deployments are away" });
  assert.deepEqual(body.counters.not_installed, ["optimise", "quality"]);
  assert.equal(body.counters.cycles_run, 3);
  const rows = await server.database.query("select cycle, status, reason from healing_cycles order by cycle");
  assert.deepEqual(rows.map(({ status }) => status), [
    "finished",
    "finished",
    "failed",
    "not_installed",
    "not_installed",
    "finished",
  ]);
  assert.equal(rows[2]!.reason, "the deployments are away");
  const plan = await server.call({ dryRun: true, cycle: 3 });
  assert.deepEqual(plan.body.plan, [{ cycle: "deployments", reason: "the deployments are away" }]);
});

Deno.test("autonomous-healing-engine leaves out a cycle that another run has, and runs the others", async () => {
  await using server = await serveEngine();
  await server.database.rpc("claim_cycle", { p_run_id: crypto.randomUUID(), p_cycle: 1 });
  await captureErrors(server.contract.rpc, [occurrence(PROPOSED)]);
  const { body } = await server.call({ wait: true });
  assert.match(body.counters.busy_cycles.heal!, /has cycle 1 until/);
  assert.deepEqual([body.counters.cycles_run, body.counters.errors_detected], [2, 0]);
});

Deno.test("autonomous-healing-engine stops a cycle whose time is up, and the next run goes on where it stopped", async () => {
  let elapsed = 0;
  const seen: unknown[] = [];
  const port: CyclePort = {
    run(context) {
      seen.push(context.checkpoint);
      elapsed += 60_000;
      return Promise.resolve(
        context.hasTime()
          ? { status: "finished", counters: {} }
          : { status: "paused", counters: { optimizations_made: 1 }, checkpoint: { table: 17 } },
      );
    },
    plan: () => Promise.resolve({}),
  };
  const clock = {
    now: () => Date.now(),
    monotonic: () => elapsed,
    sleep: () => Promise.resolve(),
  };
  await using server = await serveEngine({ ports: { optimise: port }, clock });
  const first = await server.call({ wait: true, cycle: 4 });
  assert.deepEqual(first.body.counters.paused_cycles, ["optimise"]);
  const again = await server.database.query("select from healing_runs where trigger = 'cycle 4 goes on'");
  assert.equal(again.length, 1, "the next run is called at once");
  await server.call({ wait: true, cycle: 4 });
  assert.deepEqual(seen, [null, { table: 17 }]);
});

Deno.test("autonomous-healing-engine pings when a run has completed, not when it failed, and a dead address harms nothing", async () => {
  const pinged: string[] = [];
  await using server = await serveEngine({
    ping: ({ runId }) => {
      pinged.push(runId);
      return Promise.resolve("refused with 500");
    },
  });
  const { body } = await server.call({ wait: true });
  assert.deepEqual(pinged, [body.run_id]);
  await server.database.query(
    "alter function claim_due_errors(text, integer, integer, text) rename to claim_no_errors",
  );
  assert.equal((await server.call({ wait: true })).status, 503);
  assert.equal(pinged.length, 1);
});
