import assert from "node:assert/strict";
import { createHandler, type RunnerDependencies } from "../../supabase/functions/auto-test-runner/handler.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import { createTestGate } from "../../supabase/functions/_shared/concernedTests.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { createHealingEngine } from "../../supabase/functions/_shared/healingEngine.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { createFunctionCaller } from "../../supabase/functions/_shared/functionInvoker.ts";
import { occurrence, setSetting } from "../helpers/contract.ts";
import type { TestDatabase } from "../helpers/database.ts";
import { MISSING_FUNCTION, operation } from "../helpers/engine.ts";
import { type FunctionServer, MACHINE_SETTINGS, serveFunction } from "../helpers/engineServer.ts";

type Target = (body: { request: string }, signal: AbortSignal) => Response | Promise<Response>;

interface Runner extends FunctionServer {
  /** Requests that the target got. */
  requests: { request: string; test: string | null }[];
}

/** The runner, and a target that answers over HTTP. */
async function serveRunner(target: Target, changes: Partial<RunnerDependencies> = {}): Promise<Runner> {
  const requests: Runner["requests"] = [];
  const stop = new AbortController();
  const site = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {}, signal: stop.signal },
    async (request) => {
      const body = await request.json();
      requests.push({ request: body.request, test: request.headers.get("x-healing-test") });
      return await target(body, request.signal);
    },
  );
  const settings = { ...MACHINE_SETTINGS, url: `http://127.0.0.1:${site.addr.port}` };
  const server = await serveFunction((_, contract) =>
    createHandler({
      settings,
      db: contract.rpc,
      callFunction: createFunctionCaller(settings),
      instanceId: "test",
      logger: silentLogger,
      ...changes,
    })
  );
  return {
    ...server,
    requests,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await site.finished;
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Makes tests, one a text of `prompts`. */
async function addTests(
  database: TestDatabase,
  prompts: string[],
  expected: object = { shouldNotFail: true },
): Promise<string[]> {
  const rows = await database.query<{ id: string }>(
    `insert into auto_generated_tests (test_name, error_type, test_prompt, target_function, expected_behavior)
     select 'regression_' || p, 'kind ' || p, p, 'chat', $2 from unnest($1::text[]) as p returning id`,
    [prompts, expected],
  );
  return rows.map(({ id }) => id);
}

Deno.test("auto-test-runner asks each due test's target again and writes down what came of it", async () => {
  await using runner = await serveRunner(({ request }) =>
    request === "bad" ? Response.json({ error: "no" }, { status: 500 }) : Response.json({ success: true })
  );
  await addTests(runner.database, ["good", "bad"]);
  const { status, body } = await runner.call({ wait: true });
  assert.equal(status, 200);
  assert.deepEqual(body.counters, {
    tests_made: 0,
    tests_run: 2,
    passed: 1,
    failed: 1,
    flaky: 0,
    errors: 0,
    left: 0,
  });
  const results = await runner.database.query(
    `select t.test_prompt, r.status, r.attempts, r.http_status, r.reasons -> 0 ->> 'reason' as reason, r.run_id::text
     from test_execution_results as r join auto_generated_tests as t on t.id = r.test_id order by 1`,
  );
  assert.deepEqual(results, [
    {
      test_prompt: "bad",
      status: "failed",
      attempts: 2,
      http_status: 500,
      reason: 'answered 500: {"error":"no"}',
      run_id: body.run_id,
    },
    {
      test_prompt: "good",
      status: "passed",
      attempts: 1,
      http_status: 200,
      reason: "answered 200",
      run_id: body.run_id,
    },
  ]);
  assert.ok(runner.requests.every(({ test }) => test !== null));
  // Nothing is due any more.
  assert.equal((await runner.call({ wait: true })).body.counters.tests_run, 0);
});

Deno.test("auto-test-runner calls a test flaky that fails and then passes unchanged", async () => {
  let asked = 0;
  await using runner = await serveRunner(() => new Response("{}", { status: asked++ === 0 ? 503 : 200 }));
  await addTests(runner.database, ["a"]);
  assert.equal((await runner.call({ wait: true })).body.counters.flaky, 1);
  const [test] = await runner.database.query(
    "select run_count, pass_count, flaky_count from auto_generated_tests",
  );
  assert.deepEqual(test, { run_count: 1, pass_count: 1, flaky_count: 1 });
});

Deno.test("auto-test-runner says that a test is itself wrong, and never that it passed", async () => {
  await using runner = await serveRunner(() => Response.json({ success: true }));
  await addTests(runner.database, ["a"], { shouldNotFail: true, minimum_files: 1 });
  const { body } = await runner.call({ wait: true });
  assert.deepEqual([body.counters.errors, body.counters.passed], [1, 0]);
  const [told] = await runner.database.query(
    "select title from notifications where dedupe_key like 'test:%'",
  );
  assert.deepEqual(told, { title: "The test regression_a is itself wrong" });
});

Deno.test("auto-test-runner lets a hanging target cost its own time only", async () => {
  await using runner = await serveRunner(
    ({ request }, signal) =>
      request.startsWith("hang")
        ? new Promise((resolve) =>
          signal.addEventListener("abort", () => resolve(new Response("")), { once: true })
        )
        : Response.json({}),
    { limits: { callMs: 300 } },
  );
  await addTests(runner.database, ["hang 1", "hang 2", ...Array.from({ length: 40 }, (_, i) => `fine ${i}`)]);
  const { body } = await runner.call({ wait: true });
  assert.deepEqual([body.counters.tests_run, body.counters.passed, body.counters.failed], [42, 40, 2]);
  const hung = await runner.database.query(
    "select attempts, http_status, reasons -> 0 ->> 'reason' as reason from test_execution_results where status = 'failed'",
  );
  assert.deepEqual(hung, [
    { attempts: 1, http_status: null, reason: "no answer in 300 ms" },
    { attempts: 1, http_status: null, reason: "no answer in 300 ms" },
  ]);
});

Deno.test("auto-test-runner finishes five hundred tests in goes, each within its time, and each test once", async () => {
  await using runner = await serveRunner(() => Response.json({}), { limits: { runMs: 400 } });
  await addTests(runner.database, Array.from({ length: 500 }, (_, i) => `test ${i}`));
  let goes = 0;
  let run = 0;
  while (run < 500 && goes < 100) {
    const { body } = await runner.call({ wait: true });
    run += Number(body.counters.tests_run);
    assert.equal(body.counters.left, run < 500 ? 1 : body.counters.left);
    goes++;
  }
  assert.ok(goes > 1, "one go was enough: the limit showed nothing");
  const [counts] = await runner.database.query(
    "select count(*)::int as results, count(distinct test_id)::int as tests from test_execution_results",
  );
  assert.deepEqual(counts, { results: 500, tests: 500 });
  // Each go that left something called for the next.
  const called = await runner.database.query("select from healing_runs where trigger = 'goes on'");
  assert.ok(called.length >= goes - 1);
});

Deno.test("auto-test-runner shares tests with another run, and runs none twice", async () => {
  await using runner = await serveRunner(() => Response.json({}));
  await addTests(runner.database, Array.from({ length: 60 }, (_, i) => `test ${i}`));
  const runs = await Promise.all([runner.call({ wait: true }), runner.call({ wait: true })]);
  assert.equal(runs.reduce((sum, { body }) => sum + Number(body.counters.tests_run), 0), 60);
});

Deno.test("auto-test-runner runs the named tests, due or not, and no others", async () => {
  await using runner = await serveRunner(() => Response.json({}));
  const [one, , three] = await addTests(runner.database, ["1", "2", "3"]);
  await runner.database.query("update auto_generated_tests set next_run_at = now() + interval '1 hour'");
  const { body } = await runner.call({ wait: true, test_ids: [one, three] });
  assert.equal(body.counters.tests_run, 2);
  assert.deepEqual(runner.requests.map(({ request }) => request).sort(), ["1", "3"]);
});

Deno.test("auto-test-runner keeps secrets of answers out of its rows", async () => {
  const secret = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789";
  await using runner = await serveRunner(() =>
    Response.json({ error: `key ${secret} refused` }, { status: 401 })
  );
  await addTests(runner.database, ["a"]);
  await runner.call({ wait: true });
  const [row] = await runner.database.query<{ all: string }>(
    "select (select jsonb_agg(to_jsonb(r)) from test_execution_results as r)::text || (select jsonb_agg(to_jsonb(t)) from auto_generated_tests as t)::text as all",
  );
  assert.ok(!row!.all.includes(secret), row!.all);
});

Deno.test("auto-test-runner refuses a body that does not fit, with a code", async () => {
  await using runner = await serveRunner(() => Response.json({}));
  const id = crypto.randomUUID();
  for (
    const body of [{ test_ids: [] }, { test_ids: ["x"] }, { fixid: id }, { fix_id: id, test_ids: [id] }, {
      wait: 1,
    }]
  ) {
    const answer = await runner.call(body);
    assert.deepEqual([answer.status, answer.body.code], [400, "BAD_REQUEST"], JSON.stringify(body));
  }
});

/** One go of an engine that keeps no fix before its tests have passed; the operation that waits succeeds. */
async function goOfEngine({ database, contract }: FunctionServer) {
  await using engine = createHealingEngine({
    db: contract.rpc,
    openDirect: () => openDirectConnection(database.url),
    invoke: () => Promise.resolve({ status: 200, body: "" }),
    tests: createTestGate(contract.rpc),
    worker: crypto.randomUUID(),
  });
  return await engine.detectAndHeal();
}

for (const isBroken of [false, true]) {
  const end = isBroken ? "takes back the fix that breaks a test" : "keeps the fix whose tests still pass";
  Deno.test(`the engine and auto-test-runner together: ${end}`, async () => {
    let hasFix = false;
    await using runner = await serveRunner(() =>
      Response.json({}, { status: hasFix && isBroken ? 500 : 200 })
    );
    const { database, contract } = runner;
    await setSetting(contract.rpc, "validation_min_seconds", 0);
    await addTests(database, ["what worked"]);
    await database.query("update auto_generated_tests set target_function = 'checkout'");
    assert.equal((await runner.call({ wait: true })).body.counters.passed, 1);
    await captureErrors(contract.rpc, [occurrence({ ...MISSING_FUNCTION, operation: operation("a") })]);
    assert.equal((await goOfEngine(runner)).fixes_applied, 1);
    hasFix = true;
    // The verdict waits, and calls for the tests.
    const waiting = await goOfEngine(runner);
    assert.deepEqual([waiting.fixes_kept, waiting.fixes_reverted], [0, 0]);
    const [fix] = await database.query<{ id: string }>("select id from auto_fixes");
    const called = await database.query(
      "select trigger from healing_runs where function_name = 'auto-test-runner'",
    );
    assert.ok(called.some(({ trigger }) => trigger === "fix"));
    assert.equal((await runner.call({ wait: true, fix_id: fix!.id })).body.counters.tests_run, 1);
    await database.query("update auto_fixes set lease_expires_at = now() - interval '1 second'");
    await goOfEngine(runner);
    const [judged] = await database.query<{ status: string; reason: string }>(
      "select status, verdict ->> 'reason' as reason from auto_fixes",
    );
    assert.equal(judged!.status, isBroken ? "reverted" : "kept", judged!.reason);
    if (isBroken) {
      assert.match(judged!.reason, /1 of 1 tests that concern it fail since.*regression_what worked/);
    }
  });
}

Deno.test("auto-test-runner asks about work that is answered 202 with a request id until it has ended, and judges its end", async () => {
  const asked: (string | undefined)[] = [];
  await using runner = await serveRunner((body) => {
    const { request_id: id } = body as { request_id?: string };
    asked.push(id);
    const name = id ?? body.request;
    if (id === undefined) return Response.json({ request_id: name, status: "queued" }, { status: 202 });
    const looks = asked.filter((one) => one === id).length;
    if (name === "never" || looks < 3) {
      return Response.json({ request_id: name, status: "running" }, { status: 202 });
    }
    return name === "good"
      ? Response.json({ status: "completed", files: [1, 2] })
      : Response.json({ code: "TIMEOUT", error_type: "generation_timeout" }, { status: 504 });
  }, { limits: { askAgainMs: 1, laterMs: 150 } });
  await addTests(runner.database, ["good", "bad", "never"], { shouldNotFail: true, minimumFiles: 2 });
  const { body } = await runner.call({ wait: true });
  assert.deepEqual([body.counters.passed, body.counters.failed], [1, 2]);
  const results = await runner.database.query<{ name: string; reason: string; attempts: number }>(
    `select test_prompt as name, reasons #>> '{0,reason}' as reason, attempts from test_execution_results as r
     join auto_generated_tests as t on t.id = r.test_id where r.status = 'failed' order by 1`,
  );
  assert.match(results[0]!.reason, /answered 504: .*generation_timeout/);
  assert.match(results[1]!.reason, /answered 202, and the work had not ended after \d+ ms/);
  assert.equal(results[1]!.attempts, 1, "what does not end costs its time once");
  assert.equal(asked.filter((id) => id === "good").length, 3);
});
