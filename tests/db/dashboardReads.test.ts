/** What the dashboard reads: by admins only, a page at a time, and true to the rows. */

import assert from "node:assert/strict";
import {
  captureErrors,
  claimErrors,
  proposeFix,
  recordPatternEvidence,
  upsertHealingPattern,
} from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence, openContract, proposal } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import {
  ADMIN,
  DASHBOARD_READS,
  type Page,
  PLAIN,
  readAllPages,
  readAsAdmin,
} from "../helpers/dashboardRows.ts";
import { startRollout } from "../../supabase/functions/_shared/rolloutDb.ts";
import { FEATURE, readyRelease } from "../helpers/rollouts.ts";
import { outcomesOf, readExperiment, recordOutcomes, startExperiment } from "../helpers/experiments.ts";

async function outcome(
  database: TestDatabase,
  role: "anon" | "authenticated" | "service_role",
  claims: Record<string, unknown>,
  call: string,
): Promise<string> {
  try {
    await database.asRole(role, claims, (session) => session.query(`select public.${call}`));
    return "answers";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

async function manyErrors(database: TestDatabase, count: number): Promise<void> {
  await database.query(
    `insert into detected_errors (fingerprint, error_signature, error_template, error_type, error_message, last_seen_at)
     select 'many:' || n, 'signature', 'template', 'missing_schema', 'error number ' || n,
       -- Seven at a time share an instant, so that pages have to break between equals.
       now() - make_interval(secs => n / 7)
     from generate_series(1, $1) as n`,
    [count],
  );
}

Deno.test("the dashboard's functions answer admins, and nobody else, a machine's key included", async () => {
  await using database = await createTestDatabase();
  for (const call of DASHBOARD_READS) {
    assert.equal(await outcome(database, "anon", { role: "anon" }, call), "42501", call);
    assert.equal(await outcome(database, "authenticated", PLAIN, call), "PT403", call);
    assert.equal(await outcome(database, "service_role", { role: "service_role" }, call), "42501", call);
    const expected = call.includes("gen_random_uuid") ? "PT404" : "answers";
    assert.equal(await outcome(database, "authenticated", ADMIN, call), expected, call);
  }
});

Deno.test("every function that only an admin may read by is in the matrix of this test", async () => {
  await using database = await createTestDatabase();
  const rows = await database.query<{ name: string }>(
    `select p.proname as name from pg_proc as p where p.pronamespace = 'public'::regnamespace
       and p.prosrc like '%require_person(''read the %' order by 1`,
  );
  const tested = DASHBOARD_READS.map((call) => call.slice(0, call.indexOf("("))).toSorted();
  assert.deepEqual(rows.map(({ name }) => name), tested);
});

Deno.test("list_error_groups() gives every error once, in order, whatever the size of the page", async () => {
  await using database = await createTestDatabase();
  await manyErrors(database, 100);
  for (const limit of [1, 6, 7, 100, 200]) {
    const rows = await readAllPages<{ id: string; last_seen_at: string }>(database, "list_error_groups", {
      limit,
    });
    assert.equal(new Set(rows.map(({ id }) => id)).size, 100, `limit ${limit}`);
    assert.deepEqual(rows, rows.toSorted((a, b) => b.last_seen_at.localeCompare(a.last_seen_at)));
  }
});

Deno.test("list_error_groups() filters by state and by words, and takes them as they stand", async () => {
  await using database = await createTestDatabase();
  await manyErrors(database, 30);
  await database.query(
    "update detected_errors set status = 'escalated', resolution = 'nobody knows' where error_message like '%7'",
  );
  const escalated: Page = await readAsAdmin(
    database,
    "list_error_groups($1)",
    { status: "escalated,ignored" },
  );
  assert.equal(escalated.rows.length, 3);
  const found: Page = await readAsAdmin(database, "list_error_groups($1)", { search: "NUMBER 12" });
  assert.equal(found.rows.length, 1);
  for (const search of ["%", "r_1", "' or true --", "\\"]) {
    assert.equal((await readAsAdmin<Page>(database, "list_error_groups($1)", { search })).rows.length, 0);
  }
});

Deno.test("list_error_groups() refuses a page that is none with a code, and never more than 200 rows", async () => {
  await using database = await createTestDatabase();
  await manyErrors(database, 250);
  const page: Page = await readAsAdmin(database, "list_error_groups($1)", { limit: 100_000 });
  assert.equal(page.rows.length, 200);
  assert.equal((await readAsAdmin<Page>(database, "list_error_groups($1)", { limit: -5 })).rows.length, 1);
  for (const filter of [{ limit: "many" }, { after: { at: "then", id: "this" } }]) {
    const call = `list_error_groups('${JSON.stringify(filter)}')`;
    assert.match(await outcome(database, "authenticated", ADMIN, call), /^22/);
  }
});

Deno.test("list_error_groups() reads a page of 10,000 errors by its index", async () => {
  await using database = await createTestDatabase();
  await manyErrors(database, 10_000);
  await database.query("analyze detected_errors");
  const startedAt = performance.now();
  let after: Page["next"] = null;
  for (let page = 0; page < 20; page++) {
    const answer: Page = await readAsAdmin(database, "list_error_groups($1)", { limit: 50, after });
    assert.equal(answer.rows.length, 50);
    after = answer.next;
  }
  // Twenty pages; a scan and a sort of all rows for each would take several times as long.
  assert.ok(performance.now() - startedAt < 2_000, `${performance.now() - startedAt} ms`);
});

Deno.test("get_error_group() and get_fix() tell what was tried, why, and what waits for a person", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { errors: [group] } = await captureErrors(contract.rpc, [occurrence()]);
  const [claim] = await claimErrors(contract.rpc, { worker: "test", errorId: group!.id });
  const { fix_id } = await proposeFix(contract.rpc, proposal(claim!, { wanted: "suggest" }));
  const told = await readAsAdmin<
    { error: { id: string }; fixes: { id: string }[]; approvals: { status: string }[]; days: { n: number }[] }
  >(
    database,
    "get_error_group($1)",
    group!.id,
  );
  assert.equal(told.error.id, group!.id);
  assert.deepEqual(told.fixes.map(({ id }) => id), [fix_id]);
  assert.deepEqual(told.approvals.map(({ status }) => status), ["pending"]);
  assert.equal(told.days.length, 14);
  assert.equal(told.days.at(-1)!.n, 1);
  const fix = await readAsAdmin<{ fix: { status: string }; revert_refusal: string; error: { id: string } }>(
    database,
    "get_fix($1)",
    fix_id,
  );
  assert.equal(fix.fix.status, "awaiting_approval");
  assert.match(fix.revert_refusal, /nothing to take back/);
  assert.equal(fix.error.id, group!.id);
  const overview = await readAsAdmin<{ waiting: { approvals: { total: number; first: unknown[] } } }>(
    database,
    "get_dashboard_overview()",
  );
  assert.equal(overview.waiting.approvals.total, 1);
  assert.equal(overview.waiting.approvals.first.length, 1);
});

Deno.test("get_dashboard_overview() names deployments that wait for a person, and none that go on by themselves", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const id = await readyRelease(database);
  const { id: rolloutId } = await startRollout(contract.rpc, id, FEATURE);
  const waiting = async () =>
    (await readAsAdmin<
      { waiting: { deployments: { total: number; first: { id: string; reason: string }[] } } }
    >(
      database,
      "get_dashboard_overview()",
    )).waiting.deployments;
  assert.equal((await waiting()).total, 0);
  const pause = (rule: string) =>
    database.query(
      "update rollouts set status = 'paused', pause_rule = $2, reason = 'figures are odd' where id = $1",
      [rolloutId, rule],
    );
  await pause("missingData");
  assert.equal((await waiting()).total, 0);
  await pause("needsPerson");
  assert.deepEqual((await waiting()).first.map((one) => [one.id, one.reason]), [[id, "figures are odd"]]);
  const told = await readAsAdmin<{ curve: { rollout: { status: string } } }>(
    database,
    "get_deployment($1)",
    id,
  );
  assert.equal(told.curve.rollout.status, "paused");
  const page = await readAsAdmin<Page<{ rollout: { share: number } }>>(database, "list_deployments($1)", {
    status: "live",
  });
  assert.deepEqual(page.rows.map(({ rollout }) => rollout.share), [10]);
});

Deno.test("get_experiment() replays the e-values that the experiment has come to", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const id = await startExperiment(contract.rpc);
  await recordOutcomes(database, id, outcomesOf([20, 60], [50, 60]));
  await contract.rpc.call("advance_fix_experiment", { p_experiment_id: id });
  const stored = await readExperiment(database, id);
  const told = await readAsAdmin<
    { series: { n: number; log_a: number; log_b: number }[]; experiment: { log_b: number } }
  >(
    database,
    "get_experiment($1)",
    id,
  );
  const state = stored.e_process as unknown as { logA: number; logB: number };
  assert.ok(told.series.length >= 10);
  assert.equal(told.series.at(-1)!.log_b, state.logB);
  assert.equal(told.series.at(-1)!.log_a, state.logA);
  assert.equal(told.experiment.log_b, state.logB);
});

Deno.test("get_learned_pattern() replays the score that the pattern has come to", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { id } = await upsertHealingPattern(contract.rpc, {
    pattern_name: "missing_schema: create_schema",
    error_signature: "3F000: schema $1 does not exist",
    fix_strategy: { kind: "create_schema", schema: "$1" },
    category: "database",
    origin: "deterministic",
  });
  for (const [index, succeeded] of [true, true, false, true, false, false, false, true].entries()) {
    await recordPatternEvidence(contract.rpc, { patternId: id, unit: `unit ${index}`, succeeded });
  }
  const told = await readAsAdmin<
    { pattern: { confidence_score: number }; evidence: { score: number; succeeded: boolean }[] }
  >(
    database,
    "get_learned_pattern($1)",
    id,
  );
  assert.equal(told.evidence.length, 8);
  assert.ok(Math.abs(told.evidence.at(-1)!.score - told.pattern.confidence_score) < 1e-9);
});

Deno.test("get_healing_events() goes on after a row among others of the same instant", async () => {
  await using database = await createTestDatabase();
  await database.query(
    "insert into healing_events (event_type, message) select 'occurrence', 'event ' || n from generate_series(1, 9) as n",
  );
  const seen = new Set<string>();
  let cursor: { before?: string; before_id?: string } = {};
  for (let page = 0; page < 5; page++) {
    const answer: { events: { id: string; created_at: string }[] } = await readAsAdmin(
      database,
      "get_healing_events($1)",
      { limit: 2, ...cursor },
    );
    for (const event of answer.events) seen.add(event.id);
    const last = answer.events.at(-1)!;
    cursor = { before: last.created_at, before_id: last.id };
  }
  assert.equal(seen.size, 9);
});

Deno.test("list_queued_operations() names the fields of what waits, and none of their values", async () => {
  await using database = await createTestDatabase();
  await database.query(
    `insert into queued_operations (operation_kind, target, payload, idempotency_key, caller_role)
     values ('invoke_function', 'checkout', '{"card": "4242"}', 'k', 'anon')`,
  );
  const page: Page = await readAsAdmin(database, "list_queued_operations($1)", {});
  assert.deepEqual(page.rows[0]!.payload_keys, ["card"]);
  assert.ok(!JSON.stringify(page).includes("4242"));
});
