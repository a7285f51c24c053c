import assert from "node:assert/strict";
import {
  createHandler,
  type MonitorDependencies,
} from "../../supabase/functions/backend-self-monitor/handler.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { createModelProposer } from "../../supabase/functions/_shared/healingEngine.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { meansOver, proposes } from "../helpers/analyses.ts";
import { occurrence, setSetting } from "../helpers/contract.ts";
import { MISSING_FUNCTION, operation } from "../helpers/engine.ts";
import { type FunctionServer, MACHINE_SETTINGS, serveFunction } from "../helpers/engineServer.ts";
import { saysJson } from "../helpers/openAiReplies.ts";
import { type OpenAiServer, startOpenAiServer } from "../helpers/openAiServer.ts";

function serveMonitor(changes: Partial<MonitorDependencies> = {}): Promise<FunctionServer> {
  return serveFunction((database, contract) =>
    createHandler({
      settings: MACHINE_SETTINGS,
      db: contract.rpc,
      openDirect: () => openDirectConnection(database.url),
      invoke: undefined,
      instanceId: "test",
      logger: silentLogger,
      ...changes,
    })
  );
}

function serveWithModel(model: OpenAiServer): Promise<FunctionServer> {
  return serveFunction((database, { rpc }) =>
    createHandler({
      settings: MACHINE_SETTINGS,
      db: rpc,
      openDirect: () => openDirectConnection(database.url),
      invoke: undefined,
      model: { propose: createModelProposer(meansOver(rpc, [model]), { isEager: true }) },
      instanceId: "test",
      logger: silentLogger,
    })
  );
}

function report(changes: object = {}) {
  return {
    function_name: "checkout",
    error_message: "function unaccent(text) does not exist",
    stack_trace: "Error: x\n    at f (file:///app/a.ts:1:2)",
    timestamp: new Date().toISOString(),
    metadata: { code: "42883" },
    ...changes,
  };
}

const UNKNOWN = { error_message: "the flux is out of phase", metadata: { code: "FLUX" } };

Deno.test("backend-self-monitor heals a known error in its first attempt, by the pipeline that all use", async () => {
  await using server = await serveMonitor();
  const { status, body } = await server.call(report());
  assert.equal(status, 200);
  assert.deepEqual([body.healed, body.attempts.length, body.attempts[0].attempt], [true, 1, "pattern"]);
  const [fix] = await server.database.query(
    "select status, rollback_point is not null as has_point, probe ->> 'ok' as probed from auto_fixes where id = $1",
    [body.attempts[0].fixId],
  );
  assert.deepEqual(fix, { status: "validating", has_point: true, probed: "true" });
});

Deno.test("backend-self-monitor makes four attempts in their order on what nobody knows, and tells people why each failed", async () => {
  await using server = await serveMonitor({ model: { propose: () => Promise.resolve([]) } });
  const { body } = await server.call(report(UNKNOWN));
  assert.deepEqual(body.attempts.map(({ attempt }) => attempt), [
    "pattern",
    "ai",
    "context",
    "rollback",
  ]);
  assert.equal(body.healed, false);
  const [told] = await server.database.query<{ body: string }>(
    "select body from notifications where dedupe_key = $1",
    [`escalated:${body.errorId}`],
  );
  assert.match(told!.body, /pattern: .*ai: .*context: .*rollback: /);
  assert.deepEqual(await server.database.query("select status from detected_errors"), [{
    status: "escalated",
  }]);
});

Deno.test("backend-self-monitor says that no model is installed, and what is missing, and goes on", async () => {
  await using server = await serveMonitor({
    model: { missing: "no model can be asked: its key is not set" },
  });
  const { body } = await server.call(report(UNKNOWN));
  assert.equal(body.attempts[1].outcome, "not_installed");
  assert.match(body.attempts[1].reason, /its key is not set/);
  assert.equal(body.attempts.length, 4);
});

Deno.test("backend-self-monitor lets a model propose known kinds only, under its own tier, whatever it says of itself", async () => {
  const proposals = [
    { action: { kind: "run_sql", sql: "drop table x" }, tier: "person", confidence: 1, reason: "trust me" },
    {
      action: { kind: "create_extension", extension: "isn", provides: "isn_weak" },
      tier: "person",
      confidence: 1,
      reason: "trust me",
    },
  ] as const;
  await using server = await serveMonitor({
    model: {
      propose: () => Promise.resolve(proposals.map((one) => ({ ...one, action: { ...one.action } }))),
    },
  });
  const { body } = await server.call(
    report({ ...UNKNOWN, error_message: "query failed: `function isn_weak(boolean) does not exist`" }),
  );
  const fixes = await server.database.query("select action_kind, tier from auto_fixes");
  assert.deepEqual(fixes, [{ action_kind: "create_extension", tier: "ai" }]);
  assert.equal(body.attempts[1].outcome, "waiting", "the class of the error does not say what failed");
});

Deno.test("backend-self-monitor heals by a model what no rule knows, when the error itself names what is missing", async () => {
  await using model = startOpenAiServer();
  model.always(saysJson(proposes({ kind: "create_extension", extension: "isn", provides: "isn_weak" })));
  await using server = await serveWithModel(model);
  const { body } = await server.call(report({ error_message: "function isn_weak(boolean) does not exist" }));
  assert.deepEqual(body.attempts.map(({ attempt, outcome }) => [attempt, outcome]), [
    ["pattern", "none"],
    ["ai", "healed"],
  ]);
  const fixes = await server.database.query("select action_kind, tier, status, confidence from auto_fixes");
  assert.deepEqual(fixes, [{
    action_kind: "create_extension",
    tier: "ai",
    status: "validating",
    confidence: 0.7,
  }]);
  assert.equal((await server.database.query("select from pg_extension where extname = 'isn'")).length, 1);
});

Deno.test("backend-self-monitor tells why the model gave no answer, and asks it once for the same error", async () => {
  await using model = startOpenAiServer();
  model.always(saysJson({ nothing: "of the kind" }));
  await using server = await serveWithModel(model);
  const first = await server.call(report(UNKNOWN));
  assert.equal(first.body.attempts[1].outcome, "none");
  assert.match(first.body.attempts[1].reason, /the model gave no answer \(JSON_SCHEMA_MISMATCH\)/);
  assert.equal(first.body.attempts.length, 4);
  assert.equal(model.requests.length, 2, "once, and once more with what was wrong");
});

Deno.test("backend-self-monitor asks no model about what is known or passes by itself", async () => {
  await using model = startOpenAiServer();
  await using server = await serveWithModel(model);
  const known = [
    { error_message: "new row violates row-level security policy for table x", metadata: { code: "42501" } },
    { error_message: "busy", metadata: { status: 503 } },
    {
      error_message: "could not read block 3 in file: read only 0 of 8192 bytes",
      metadata: { code: "XX001" },
    },
    { error_message: 'null value in column "a" violates not-null constraint', metadata: { code: "23502" } },
  ];
  for (const error of known) {
    const { body } = await server.call(report(error));
    assert.match(body.attempts[1].reason, /no model was asked/, error.error_message);
  }
  assert.equal(model.requests.length, 0);
});

Deno.test("backend-self-monitor takes back the watched fix of the same function after which the error came", async () => {
  await using server = await serveMonitor();
  await captureErrors(server.contract.rpc, [occurrence(MISSING_FUNCTION)]);
  const healed = await server.call(report());
  assert.equal(healed.body.healed, true);
  const { body } = await server.call(report(UNKNOWN));
  assert.match(body.attempts[3].reason, /create extension .*: reverted/);
  assert.deepEqual(await server.database.query("select status from auto_fixes"), [{ status: "reverted" }]);
  assert.deepEqual(await server.database.query("select from pg_extension where extname = 'unaccent'"), []);
});

Deno.test("backend-self-monitor makes waiting operations again when something was mended since, as its third attempt", async () => {
  const made: string[] = [];
  await using server = await serveMonitor({
    invoke: (queued) => {
      made.push(queued.idempotency_key);
      return Promise.resolve({ status: 200, body: "" });
    },
  });
  const { rpc } = server.contract;
  const { errors: [odd] } = await captureErrors(rpc, [
    occurrence({
      fingerprint: "v1:odd",
      error_code: "ODD",
      error_message: "odd",
      error_type: "unknown",
      error_signature: "ODD: odd",
      error_template: "ODD: odd",
      severity: "critical",
      operation: operation("order-1"),
    }),
  ]);
  await server.call(report());
  const { body } = await server.call({ wait: true });
  assert.deepEqual(made, ["order-1"]);
  assert.equal(body.counters.healed, 1);
  const [fix] = await server.database.query("select tier from auto_fixes where detected_error_id = $1", [
    odd!.id,
  ]);
  assert.deepEqual(fix, { tier: "context" });
});

Deno.test("backend-self-monitor reads the platform on its schedule and attends to what is new and critical", async () => {
  await using server = await serveMonitor();
  await server.database.query(
    `insert into healing_runs (function_name, status, finished_at, reason)
     values ('health-check', 'lost', now(), 'did not finish')`,
  );
  await captureErrors(server.contract.rpc, [
    occurrence({ ...MISSING_FUNCTION, severity: "critical" }),
    occurrence({ fingerprint: "v1:mild", severity: "low" }),
  ]);
  // Calls that could not be sent, as there is no Vault here.
  await server.database.query("delete from healing_runs where reason like 'not sent%'");
  const { body } = await server.call({ wait: true });
  assert.deepEqual(body.counters.harvested, { runs: 1, answers: 0, jobs: 0 });
  assert.deepEqual([body.counters.captured, body.counters.attended, body.counters.healed], [1, 2, 1]);
  const [mild] = await server.database.query(
    "select attempt_count from detected_errors where fingerprint = 'v1:mild'",
  );
  assert.deepEqual(mild, { attempt_count: 0 }, "the engine's own run takes it");
  await server.database.query("delete from healing_runs where reason like 'not sent%'");
  const again = await server.call({ wait: true });
  assert.equal(again.body.counters.captured, 0);
});

Deno.test("backend-self-monitor attempts nothing while the kill switch is thrown", async () => {
  await using server = await serveMonitor();
  await setSetting(server.contract.rpc, "enabled", false);
  const { body } = await server.call(report());
  assert.deepEqual([body.healed, body.busy], [false, true]);
  assert.deepEqual(await server.database.query("select from auto_fixes"), []);
});

Deno.test("backend-self-monitor refuses what is no error and no call", async () => {
  await using server = await serveMonitor();
  const bodies = [
    report({ function_name: "" }),
    report({ error_message: "x".repeat(8_001) }),
    report({ timestamp: "yesterday" }),
    report({ severity: "critical" }),
    { error_message: 1 },
    { run_id: "1" },
    { tigger: "x" },
  ];
  for (const body of bodies) {
    const answer = await server.call(body);
    assert.deepEqual([answer.status, answer.body.code], [400, "BAD_REQUEST"], JSON.stringify(body));
  }
  assert.deepEqual(await server.database.query("select from detected_errors"), []);
});
