import assert from "node:assert/strict";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

const TESTS =
  "select test_name, test_type, framework, confidence_score::float, status, test_prompt, expected_behavior, " +
  "created_from_failure_id from auto_generated_tests";

async function fail(database: TestDatabase, changes: Record<string, unknown> = {}): Promise<void> {
  await database.rpc("record_generation_failures", {
    p_failures: [{
      error_type: "invalid_json",
      error_message: "Unexpected end of JSON input",
      framework: "react",
      user_request: "a to-do list",
      ...changes,
    }],
  }, "service_role");
}

Deno.test("auto_generate_test_from_failure makes one test of the third failure of a kind and marks what it was made from", async () => {
  await using database = await createTestDatabase();
  await fail(database);
  await fail(database);
  assert.deepEqual(await database.query(TESTS), []);
  await fail(database, { user_request: "a 'quoted' request; drop table x" });
  const [test, ...others] = await database.query<{ created_from_failure_id: string }>(TESTS);
  assert.deepEqual(others, []);
  const { created_from_failure_id: failureId, ...rest } = test!;
  assert.deepEqual(rest, {
    test_name: "regression_invalid_json",
    test_type: "regression",
    framework: "react",
    confidence_score: 75,
    status: "active",
    test_prompt: "a 'quoted' request; drop table x",
    expected_behavior: { shouldNotFail: true, errorType: "invalid_json" },
  });
  const marked = await database.query("select id from generation_failures where test_generated");
  assert.equal(marked.length, 3);
  assert.ok(marked.some(({ id }) => id === failureId));
  const [trigger] = await database.query(
    "select tgrelid::regclass::text as t from pg_trigger where tgname = 'auto_generate_test_from_failure'",
  );
  assert.deepEqual(trigger, { t: "generation_failures" });
});

Deno.test("auto_generate_test_from_failure tells kinds apart by framework, and counts seven days only", async () => {
  await using database = await createTestDatabase();
  await fail(database);
  await fail(database, { framework: "vue" });
  await fail(database, { framework: null });
  await database.query(
    "update generation_failures set created_at = now() - interval '8 days' where framework = 'react'",
  );
  await fail(database);
  await fail(database);
  await fail(database, { framework: null });
  assert.deepEqual(await database.query(TESTS), []);
  await fail(database, { framework: null });
  const made = await database.query<{ framework: string | null }>(TESTS);
  assert.deepEqual(made.map(({ framework }) => framework), [null]);
});

Deno.test("auto_generate_test_from_failure counts what one row stands for", async () => {
  await using database = await createTestDatabase();
  await fail(database, { occurrence_count: 3 });
  assert.equal((await database.query(TESTS)).length, 1);
});

Deno.test("auto_generate_test_from_failure makes exactly one test of fifty failures at once", async () => {
  await using database = await createTestDatabase();
  const clients = await Promise.all(Array.from({ length: 50 }, () => database.connect()));
  await Promise.all(clients.map((client, i) =>
    client.query(
      "insert into generation_failures (error_type, error_message, framework, user_request) values ('cut', $1, 'react', 'x')",
      [`cut ${i}`],
    )
  ));
  const [counts] = await database.query(
    `select (select count(*)::int from auto_generated_tests) as tests, (select count(*)::int from generation_failures) as failures,
      (select count(*)::int from generation_failures where test_generated) >= 3 as marked`,
  );
  assert.deepEqual(counts, { tests: 1, failures: 50, marked: true });
});

Deno.test("auto_generate_test_from_failure never stops a failure from being stored, and what it left is made up for", async () => {
  await using database = await createTestDatabase();
  const holder = await database.connect();
  await holder.query("begin");
  await holder.query(
    "select pg_advisory_xact_lock(hashtext('healing:test'), hashtext('invalid_json/react'))",
  );
  await Promise.all(Array.from({ length: 3 }, () => fail(database)));
  assert.equal((await database.query("select from generation_failures")).length, 3);
  assert.deepEqual(await database.query(TESTS), []);
  await holder.query("rollback");
  assert.equal(await database.rpc("make_missing_tests", {}, "service_role"), 1);
  assert.equal(await database.rpc("make_missing_tests", {}, "service_role"), 0);
  assert.equal((await database.query(TESTS)).length, 1);
});

Deno.test("auto_generate_test_from_failure makes a new test when the old one is retired", async () => {
  await using database = await createTestDatabase();
  await fail(database, { occurrence_count: 3 });
  await database.query("update auto_generated_tests set status = 'retired', status_reason = 'old'");
  await fail(database);
  const made = await database.query<{ status: string }>(`${TESTS} order by created_at`);
  assert.deepEqual(made.map(({ status }) => status), ["retired", "active"]);
});

interface Claimed {
  id: string;
  claim_number: number;
}

async function claimOne(database: TestDatabase, args: object = {}): Promise<Claimed | undefined> {
  const claimed = await database.rpc<Claimed[]>("claim_tests", { p_worker: "w", ...args }, "service_role");
  return claimed[0];
}

async function runOnce(database: TestDatabase, status: string): Promise<void> {
  await database.query("update auto_generated_tests set next_run_at = now()");
  const { id, claim_number } = (await claimOne(database))!;
  const finished = await database.rpc("finish_tests", {
    p_results: [{
      test_id: id,
      claim_number,
      status,
      reasons: [{ expectation: "shouldNotFail", ok: status === "passed", reason: `it ${status}` }],
    }],
  }, "service_role");
  assert.equal(finished, 1);
}

Deno.test("finish_tests counts a run once, whoever else says so later", async () => {
  await using database = await createTestDatabase();
  await fail(database, { occurrence_count: 3 });
  const late = (await claimOne(database))!;
  assert.equal(await claimOne(database), undefined);
  await database.query("update auto_generated_tests set lease_expires_at = now() - interval '1 second'");
  const own = (await claimOne(database))!;
  const finish = ({ id, claim_number }: Claimed, status: string) =>
    database.rpc("finish_tests", { p_results: [{ test_id: id, claim_number, status }] }, "service_role");
  assert.equal(await finish(late, "failed"), 0);
  assert.equal(await finish(own, "passed"), 1);
  assert.equal(await finish(own, "passed"), 0);
  assert.deepEqual(
    await database.query("select run_count, pass_count, fail_count, last_status from auto_generated_tests"),
    [{ run_count: 1, pass_count: 1, fail_count: 0, last_status: "passed" }],
  );
  assert.equal((await database.query("select from test_execution_results")).length, 1);
});

Deno.test("finish_tests quarantines a flaky test, tells people, and takes it back when it has been steady", async () => {
  await using database = await createTestDatabase();
  await fail(database, { occurrence_count: 3 });
  const status = async () =>
    (await database.query<{ status: string }>("select status from auto_generated_tests"))[0]!.status;
  await runOnce(database, "flaky");
  await runOnce(database, "flaky");
  assert.equal(await status(), "active");
  await runOnce(database, "flaky");
  assert.equal(await status(), "quarantined");
  await runOnce(database, "failed");
  const [last] = await database.query(
    "select status, counts from test_execution_results order by executed_at desc limit 1",
  );
  assert.deepEqual(last, { status: "failed", counts: false });
  let runs = 0;
  while (await status() === "quarantined" && runs < 100) {
    await runOnce(database, "passed");
    runs++;
  }
  assert.ok(runs > 10 && runs < 60, `it took ${runs} runs`);
  const told = await database.query<{ title: string }>(
    "select title from notifications where dedupe_key like 'test:%'",
  );
  assert.deepEqual(told.map(({ title }) => title).sort(), [
    "The regression test regression_invalid_json fails",
    "The test regression_invalid_json is active now",
    "The test regression_invalid_json is quarantined now",
  ]);
});

Deno.test("finish_tests does not call a test flaky that fails for good, nor one that was flaky long ago", async () => {
  await using database = await createTestDatabase();
  await fail(database, { occurrence_count: 3 });
  await database.query("update auto_generated_tests set run_count = 200, flaky_count = 5");
  for (let i = 0; i < 5; i++) await runOnce(database, "failed");
  await runOnce(database, "flaky");
  assert.deepEqual(await database.query("select status, fail_count from auto_generated_tests"), [{
    status: "active",
    fail_count: 5,
  }]);
});

Deno.test("finish_tests retires what has passed long enough, and not while its failure still comes", async () => {
  await using database = await createTestDatabase();
  await fail(database, { occurrence_count: 3 });
  await database.query(
    "update auto_generated_tests set passes_in_row = 100, run_count = 100, created_at = now() - interval '91 days'",
  );
  await runOnce(database, "passed");
  assert.deepEqual(await database.query("select status from auto_generated_tests"), [{ status: "active" }]);
  await database.query("update generation_failures set created_at = now() - interval '91 days'");
  await runOnce(database, "passed");
  assert.deepEqual(await database.query("select status, status_reason from auto_generated_tests"), [{
    status: "retired",
    status_reason: "passed 102 times in a row, and its failure has not come for 90 days",
  }]);
});

Deno.test("probability_above is the tail of the beta distribution", async () => {
  await using database = await createTestDatabase();
  const value = async (hits: number, misses: number) =>
    (await database.query<{ p: number }>("select healing_private.probability_above(0.1, $1, $2) as p", [
      hits,
      misses,
    ]))[0]!.p;
  // By another road: P(Beta(a, b) > x) = P(Bin(a + b - 1, x) < a), each term by itself.
  const choose = (n: number, k: number): number => k === 0 ? 1 : choose(n - 1, k - 1) * n / k;
  for (const [hits, misses] of [[0, 0], [3, 0], [3, 17], [10, 40]] as const) {
    const trials = hits + misses + 9;
    const terms = Array.from(
      { length: hits + 1 },
      (_, k) => choose(trials, k) * 0.1 ** k * 0.9 ** (trials - k),
    );
    const expected = terms.reduce((sum, term) => sum + term);
    assert.ok(Math.abs(await value(hits, misses) - expected) < 1e-12, `${hits} of ${hits + misses}`);
  }
  assert.ok(await value(3, 100_000) < 1e-9);
  assert.ok(await value(5_000, 5_000) > 1 - 1e-9);
});
