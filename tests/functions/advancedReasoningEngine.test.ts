import assert from "node:assert/strict";
import { createHandler } from "../../supabase/functions/advanced-reasoning-engine/handler.ts";
import type { AiClientOptions } from "../../supabase/functions/_shared/aiClient.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { createAiClient } from "../../supabase/functions/_shared/aiClient.ts";
import { meansOver, proposes } from "../helpers/analyses.ts";
import { occurrence, setSetting } from "../helpers/contract.ts";
import { MISSING_FUNCTION } from "../helpers/engine.ts";
import { type FunctionServer, MACHINE_SETTINGS, serveFunction } from "../helpers/engineServer.ts";
import { rateLimited, serverError } from "../helpers/openAiFailures.ts";
import { hangs, isCutAfter, refuses, says, saysJson } from "../helpers/openAiReplies.ts";
import { type Behaviour, type OpenAiServer, startOpenAiServer } from "../helpers/openAiServer.ts";

interface Answer {
  code: string;
  hint: string;
  error: { id: string | null; fingerprint: string; error_type: string };
  mode: string;
  cached: boolean;
  model: string | null;
  why_rules?: string;
  explanation: string;
  likely_causes: string[];
  proposals: {
    action: { kind: string };
    risk: string;
    standing: string;
    because?: string;
    confidence: number;
    what_would_happen: string;
  }[];
}

const EXTENSION = { kind: "create_extension", extension: "unaccent", provides: "unaccent" };
const REPORT = { error: { message: "function unaccent(text) does not exist", code: "42883" } };

interface Reasoning extends AsyncDisposable {
  model: OpenAiServer;
  server: FunctionServer;
  ask(body: object): Promise<{ status: number; body: Answer }>;
}

async function serve(options: AiClientOptions = {}, timeoutMs = 20_000): Promise<Reasoning> {
  const model = startOpenAiServer();
  const server = await serveFunction((_database, { rpc }) =>
    createHandler({ ...meansOver(rpc, [model], options), settings: MACHINE_SETTINGS, timeoutMs })
  );
  return {
    model,
    server,
    ask: (body) => server.call<Answer>(body),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await model[Symbol.asyncDispose]();
    },
  };
}

Deno.test("advanced-reasoning-engine explains a stored error by a model, with typed proposals, and applies nothing", async () => {
  await using reasoning = await serve();
  const { model, server } = reasoning;
  model.always(saysJson(proposes(EXTENSION)));
  const { errors: [group] } = await captureErrors(server.contract.rpc, [
    occurrence({ ...MISSING_FUNCTION, stack_trace: "Error: x\n    at search (file:///app/search.ts:1:2)" }),
  ]);
  const { status, body } = await reasoning.ask({ error_id: group!.id });
  assert.equal(status, 200);
  assert.deepEqual([body.mode, body.cached, body.error.id], ["ai", false, group!.id]);
  assert.ok(body.explanation.length > 0 && body.likely_causes.length === 1);
  const [proposal] = body.proposals;
  assert.deepEqual(proposal!.action, EXTENSION);
  assert.deepEqual([proposal!.risk, proposal!.standing], ["low", "acts"]);
  assert.match(proposal!.what_would_happen, /create extension if not exists "unaccent"/);
  const question = model.requests[0]!.body.messages.map(({ content }) => content).join("\n");
  assert.match(question, /<<<error report [0-9a-f]{32}>>>[\s\S]*search\.ts[\s\S]*<<<end of error report/);
  assert.deepEqual(await server.database.query("select from auto_fixes"), []);
  assert.deepEqual(await server.database.query("select status, attempt_count from detected_errors"), [
    { status: "open", attempt_count: 0 },
  ]);
  assert.deepEqual(await server.database.query("select from pg_extension where extname = 'unaccent'"), []);
});

Deno.test("advanced-reasoning-engine answers a described error and a fingerprint, and asks once for both", async () => {
  await using reasoning = await serve();
  const { model, server } = reasoning;
  model.always(saysJson(proposes(EXTENSION)));
  const first = await reasoning.ask(REPORT);
  assert.deepEqual([first.body.mode, first.body.cached, first.body.error.id], ["ai", false, null]);
  assert.deepEqual(await server.database.query("select from detected_errors"), [], "nothing is stored of it");
  const { fingerprint } = first.body.error;
  await captureErrors(server.contract.rpc, [occurrence({ ...MISSING_FUNCTION, fingerprint })]);
  const second = await reasoning.ask({ fingerprint });
  assert.deepEqual([second.body.mode, second.body.cached], ["ai", true]);
  assert.deepEqual(second.body.proposals, first.body.proposals);
  assert.equal(model.requests.length, 1);
  assert.deepEqual(
    await server.database.query(
      "select status, asked_count, served_count, usd > 0 as cost from error_analyses",
    ),
    [{ status: "answered", asked_count: 1, served_count: 1, cost: true }],
  );
});

Deno.test("advanced-reasoning-engine pays once for ten that ask for the same error at once", async () => {
  await using reasoning = await serve();
  const { model } = reasoning;
  model.always(saysJson(proposes(EXTENSION)));
  const answers = await Promise.all(Array.from({ length: 10 }, () => reasoning.ask(REPORT)));
  assert.deepEqual(new Set(answers.map(({ body }) => body.mode)), new Set(["ai"]));
  assert.equal(answers.filter(({ body }) => !body.cached).length, 1);
  assert.equal(model.requests.length, 1);
});

const RULES_ANSWER: [string, Behaviour, RegExp, number][] = [
  ["a cut reply", isCutAfter('{"explanation": "It is mis'), /JSON_TRUNCATED/, 1],
  ["a refusal", refuses("I cannot help with that."), /refused/, 1],
  ["a reply of another shape", saysJson({ fixes: [] }), /JSON_SCHEMA_MISMATCH/, 2],
  ["prose without a value", says("I think that you should look at your database."), /JSON_INVALID/, 2],
  [
    "a fix of an unknown kind",
    saysJson(proposes({ kind: "run_sql", sql: "drop table orders" })),
    /JSON_SCHEMA_MISMATCH/,
    2,
  ],
  [
    "a parameter that its kind does not have",
    saysJson(proposes({ ...EXTENSION, sql: "drop table orders" })),
    /JSON_SCHEMA_MISMATCH/,
    2,
  ],
  [
    "a kind that no model may name",
    saysJson(proposes({ kind: "set_sandbox_cell", cell: `audit_${"0".repeat(32)}` })),
    /JSON_SCHEMA_MISMATCH/,
    2,
  ],
  [
    "a confidence above one",
    saysJson({ ...proposes(EXTENSION), proposals: [{ action: EXTENSION, confidence: 7, because: "sure" }] }),
    /JSON_SCHEMA_MISMATCH/,
    2,
  ],
  ["too many requests", rateLimited(), /RATE_LIMITED/, 3],
  ["an error of the endpoint", serverError(), /UNAVAILABLE/, 3],
];

for (const [name, behaviour, why, requests] of RULES_ANSWER) {
  Deno.test(`advanced-reasoning-engine answers by the rules after ${name}, and says why`, async () => {
    await using reasoning = await serve();
    reasoning.model.always(behaviour);
    const { status, body } = await reasoning.ask(REPORT);
    assert.deepEqual([status, body.mode, body.model], [200, "rules", null]);
    assert.match(body.why_rules!, why);
    assert.deepEqual(body.proposals[0]?.action, EXTENSION, "as the rule says");
    const asked = reasoning.model.requests.length;
    assert.ok(asked >= 1 && asked <= requests, `${asked} requests`);
    await reasoning.ask(REPORT);
    assert.equal(reasoning.model.requests.length, asked, "what failed is not asked again at once");
    assert.deepEqual(
      await reasoning.server.database.query("select status, analysis from error_analyses"),
      [{ status: "failed", analysis: null }],
    );
  });
}

Deno.test("advanced-reasoning-engine reads a reply that is wrapped in prose and a fence", async () => {
  await using reasoning = await serve();
  reasoning.model.always(
    says(
      `Sure! Here it is:\n\`\`\`json\n${JSON.stringify(proposes(EXTENSION), null, 2)}\n\`\`\`\nGood luck!`,
    ),
  );
  const { body } = await reasoning.ask(REPORT);
  assert.deepEqual([body.mode, body.proposals.length], ["ai", 1]);
});

Deno.test("advanced-reasoning-engine takes a reply that was corrected when it was told what was wrong", async () => {
  await using reasoning = await serve();
  reasoning.model.answer(saysJson({ fixes: [] }), saysJson(proposes(EXTENSION)));
  const { body } = await reasoning.ask(REPORT);
  assert.deepEqual([body.mode, reasoning.model.requests.length], ["ai", 2]);
});

Deno.test("advanced-reasoning-engine answers by the rules when the model takes too long", async () => {
  await using reasoning = await serve({ maxAttempts: 1 }, 3_000);
  reasoning.model.always(hangs());
  const { body } = await reasoning.ask(REPORT);
  await reasoning.model.hungUp(0);
  assert.equal(body.mode, "rules");
  assert.match(body.why_rules!, /TIMEOUT/);
});

Deno.test("advanced-reasoning-engine answers by the rules without a key, and says what is missing", async () => {
  await using model = startOpenAiServer();
  const none = createAiClient({
    settings: { targets: [], problems: ["its key is not set: OPENAI_API_KEY"] },
  });
  await using server = await serveFunction((_database, { rpc }) =>
    createHandler({ ...meansOver(rpc, [model]), model: none, settings: MACHINE_SETTINGS })
  );
  const { body } = await server.call<Answer>(REPORT);
  assert.deepEqual([body.mode, model.requests.length], ["rules", 0]);
  assert.match(body.why_rules!, /OPENAI_API_KEY/);
  assert.deepEqual(await server.database.query("select from error_analyses"), []);
});

Deno.test("advanced-reasoning-engine asks nobody when the day's money is used up, or the switch is off", async () => {
  await using reasoning = await serve();
  const { rpc } = reasoning.server.contract;
  await setSetting(rpc, "ai_daily_usd", 0);
  const broke = await reasoning.ask(REPORT);
  assert.equal(broke.body.mode, "rules");
  assert.match(broke.body.why_rules!, /RATE_LIMITED.*US dollars/);
  await setSetting(rpc, "ai_daily_usd", 10);
  await setSetting(rpc, "ai_analysis", false);
  const off = await reasoning.ask({ error: { message: "another error" } });
  assert.match(off.body.why_rules!, /ai_analysis is false/);
  assert.equal(reasoning.model.requests.length, 0);
});

Deno.test("advanced-reasoning-engine shows of each proposal whether it could act, and why not", async () => {
  await using reasoning = await serve();
  reasoning.model.always(saysJson(proposes(
    EXTENSION,
    { kind: "create_extension", extension: "pgcrypto", provides: "digest" },
    { kind: "grant_privilege", on: "table", name: "orders", to: "authenticated" },
  )));
  const { body } = await reasoning.ask(REPORT);
  assert.deepEqual(body.proposals.map(({ standing }) => standing), ["acts", "refused", "refused"]);
  assert.match(body.proposals[1]!.because!, /does not name "digest"/);
  assert.match(body.proposals[2]!.because!, /may not propose grant_privilege/);
});

Deno.test("advanced-reasoning-engine refuses what is no question, by a code", async () => {
  await using reasoning = await serve();
  const bodies = [
    {},
    { error_id: "1" },
    { fingerprint: "" },
    { fingerprint: "v2:a", error_id: crypto.randomUUID() },
    { error: {} },
    { error: { message: "" } },
    { error: { message: 1 } },
    { error: { message: "x".repeat(20_001) } },
    { error: { message: "x", apply: true } },
    { error: { message: "x", status: 99 } },
    { ...REPORT, dryRun: false },
    [],
  ];
  for (const body of bodies) {
    const answer = await reasoning.ask(body);
    assert.deepEqual(
      [answer.status, answer.body.code],
      [400, "BAD_REQUEST"],
      JSON.stringify(body).slice(0, 80),
    );
  }
  for (const body of [{ error_id: crypto.randomUUID() }, { fingerprint: "v2:none" }]) {
    const answer = await reasoning.ask(body);
    assert.deepEqual([answer.status, answer.body.code], [404, "NOT_FOUND"]);
  }
  assert.equal(reasoning.model.requests.length, 0);
});

Deno.test("advanced-reasoning-engine answers nobody without a key", async () => {
  await using model = startOpenAiServer();
  await using server = await serveFunction((_database, { rpc }) =>
    createHandler({
      ...meansOver(rpc, [model]),
      settings: { ...MACHINE_SETTINGS, machineKeys: ["another-key-of-some-length"] },
    })
  );
  const { status, body } = await server.call<Answer>(REPORT);
  assert.deepEqual([status, body.code, model.requests.length], [401, "UNAUTHORIZED", 0]);
});
