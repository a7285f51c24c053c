import assert from "node:assert/strict";
import { createLogger } from "../../supabase/functions/_shared/core/logger.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { z } from "../../supabase/functions/_shared/core/validation.ts";
import { getAiBudget, getCircuitBreakers } from "../../supabase/functions/_shared/healingDb.ts";
import { clientOf, question, TEST_KEY } from "../helpers/aiClients.ts";
import { settledCalls } from "../helpers/aiLedger.ts";
import { openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { serverError, wrongKey } from "../helpers/openAiFailures.ts";
import { hangs, isCutAfter, refuses, says, saysJson } from "../helpers/openAiReplies.ts";
import { startOpenAiServer } from "../helpers/openAiServer.ts";
import { waitFor } from "../helpers/waiting.ts";

/** Everything that our tables hold, as one text. */
async function everything(database: TestDatabase): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname in ('public', 'healing_private')`,
  );
  const texts = tables.map(async ({ name }) =>
    (await database.query(`select to_jsonb(t)::text as row from ${name} as t`)).map(({ row }) => row).join(
      "\n",
    )
  );
  return (await Promise.all(texts)).join("\n");
}

Deno.test("complete() records each request with what it used and how it ended, and neither prompt nor reply nor key", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await using server = startOpenAiServer();
  const usage = { prompt_tokens: 12, completion_tokens: 3 };
  server.answer(
    says("the secret reply", { usage }),
    serverError(),
    says("again", { usage }),
    refuses("No, Ada."),
    isCutAfter("half"),
    wrongKey(),
  );
  const client = clientOf([server], { db: contract.rpc, functionName: "chat" });
  const ask = () =>
    client.complete(question({ messages: [{ role: "user", content: "a prompt about Ada" }] })).catch((
      error,
    ) => error);
  const first = await ask();
  assert.equal(first.budget, "fleet");
  for (let i = 0; i < 4; i++) await ask();
  const rows = await settledCalls(database, 6);
  assert.deepEqual(rows.map(({ outcome, error_type }) => [outcome, error_type]), [
    ["answered", null],
    ["failed", "provider_error"],
    ["answered", null],
    ["refused", null],
    ["cut", null],
    ["failed", "auth_failed"],
  ]);
  assert.deepEqual(rows[0], {
    outcome: "answered",
    model: "model-0",
    ...usage,
    is_estimate: false,
    error_type: null,
  });
  assert.deepEqual([rows[1]!.prompt_tokens, rows[1]!.completion_tokens], [0, 0], "an error is not charged");
  const kept = await everything(database);
  for (const text of ["secret reply", "a prompt about", "Ada", TEST_KEY, "abcdEFGH1234"]) {
    assert.ok(!kept.includes(text), text);
  }
});

Deno.test("complete() of 50 callers at once stays within the day on real Postgres, to the token", async () => {
  await using database = await createTestDatabase();
  await using server = startOpenAiServer();
  const contracts = await Promise.all(Array.from({ length: 10 }, () => openContract(database)));
  const [{ rpc }] = contracts as [typeof contracts[0]];
  // Each asks for 100 tokens and its prompt's bound; what it uses is 30.
  server.always(says("Hi.", { usage: { prompt_tokens: 20, completion_tokens: 10 } }));
  await setSetting(rpc, "ai_daily_tokens", 3_000);
  const clients = contracts.map((contract) => clientOf([server], { db: contract.rpc }));
  const calls = Array.from(
    { length: 50 },
    (_, index) => clients[index % 10]!.complete(question()).catch((error) => error),
  );
  const outcomes = await Promise.all(calls);
  const answered = outcomes.filter(({ kind }) => kind === "answered").length;
  const refused =
    outcomes.filter(({ code, details }) => code === "RATE_LIMITED" && details.refused === true).length;
  assert.equal(answered + refused, 50);
  assert.equal(server.requests.length, answered, "what is refused is not sent");
  await settledCalls(database, answered);
  const { committed_tokens, committed_usd } = await getAiBudget(rpc);
  assert.equal(committed_tokens, 30 * answered);
  assert.equal(Number(committed_usd), (answered * 6) / 10_000);
  assert.ok(answered >= 13 && committed_tokens <= 3_000, `${answered} answered`);
  await Promise.all(contracts.map((contract) => contract[Symbol.asyncDispose]()));
});

Deno.test("complete() that timed out keeps its whole reservation: it may have been charged", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await using server = startOpenAiServer();
  server.always(hangs());
  const stop = new AbortController();
  const asked = clientOf([server], { db: contract.rpc }).complete(question({ signal: stop.signal }));
  await server.received(1);
  stop.abort(new Error("enough"));
  await assert.rejects(asked, /enough/);
  await server.hungUp(0);
  const [row] = await settledCalls(database, 1);
  assert.equal(row!.outcome, "failed");
  assert.equal(row!.is_estimate, true);
  assert.equal(row!.completion_tokens, 100);
});

Deno.test("complete() goes on without the database, says so once, and counts within the isolate", async () => {
  await using database = await createTestDatabase();
  await using server = startOpenAiServer();
  const contract = await openContract(database);
  const lines: string[] = [];
  const logger = createLogger("aiClient", (_level, line) => lines.push(line));
  const client = clientOf([server], { db: contract.rpc, logger, isolateBudget: { tokens: 2_000, usd: 1 } });
  assert.equal((await client.complete(question())).budget, "fleet");
  await settledCalls(database, 1);
  await contract[Symbol.asyncDispose]();
  const outcomes = [];
  for (let i = 0; i < 200; i++) outcomes.push(await client.complete(question()).catch((error) => error));
  assert.equal(outcomes[0].budget, "isolate");
  const last = outcomes.at(-1);
  assert.deepEqual([last.code, last.details.budget], ["RATE_LIMITED", "isolate"]);
  assert.equal(lines.length, 1, lines.join("\n"));
  assert.match(lines[0]!, /cannot be reached/);
});

Deno.test("complete() does not wait for a database that hangs", async () => {
  await using server = startOpenAiServer();
  const db: RpcPort = { call: () => new Promise(() => {}) };
  const reply = await clientOf([server], { db }).complete(
    question({ cache: { ttlSeconds: 60, isImpersonal: true } }),
  );
  assert.equal(reply.budget, "isolate");
});

Deno.test("complete() gives a cached reply to its subject alone, and only to calls that ask for it", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await using server = startOpenAiServer();
  server.always((request) => says(`reply ${request.index}`)(request));
  const client = clientOf([server], { db: contract.rpc });
  const of = async (subject: string) => {
    const reply = await client.complete(question({ cache: { ttlSeconds: 60, subject } }));
    return reply.kind === "answered" ? reply.text : reply.kind;
  };
  const stored = (count: number) =>
    waitFor(
      `${count} kept replies`,
      async () => (await database.query("select from healing_private.ai_replies")).length === count,
    );
  assert.equal(await of("ada"), "reply 0");
  await stored(1);
  assert.equal(await of("ada"), "reply 0");
  assert.equal(await of("bob"), "reply 1");
  await stored(2);
  assert.equal(await of("bob"), "reply 1");
  const impersonal = () => client.complete(question({ cache: { ttlSeconds: 60, isImpersonal: true } }));
  assert.equal((await impersonal()).isCached, false, "another subject's reply is nobody's");
  await stored(3);
  const again = await impersonal();
  assert.deepEqual([again.isCached, again.requests, again.costUsd], [true, 0, "0"]);
  assert.equal((await client.complete(question())).isCached, false, "nobody asked for it");
  assert.equal(
    (await client.complete(question({ temperature: 1, cache: { ttlSeconds: 60, subject: "ada" } }))).isCached,
    false,
  );
  const kept = await everything(database);
  assert.ok(!kept.includes('"ada"') && !kept.includes("bob"), "subjects are hashed");
});

Deno.test("completeJson() keeps only what the schema accepted, and judges what it takes from the cache", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await using server = startOpenAiServer();
  const client = clientOf([server], { db: contract.rpc });
  const schema = z.object({ n: z.number() });
  const ask = () =>
    client.completeJson({
      ...question({ cache: { ttlSeconds: 60, isImpersonal: true } }),
      schema,
      maxReasks: 0,
    });
  server.answer(saysJson({ n: "one" }), saysJson({ n: 1 }));
  await assert.rejects(ask(), { code: "JSON_SCHEMA_MISMATCH" });
  const fresh = await ask();
  assert.equal(fresh.isCached, false);
  await waitFor(
    "the kept reply",
    async () => (await database.query("select from healing_private.ai_replies")).length === 1,
  );
  const reply = await ask();
  assert.ok(reply.kind === "answered" && reply.isCached && reply.value.n === 1);
  assert.equal(server.requests.length, 2);
});

Deno.test("complete() keeps no reply that holds a secret or personal data, or that was cut", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await using server = startOpenAiServer();
  const client = clientOf([server], { db: contract.rpc });
  const replies = [
    says("write to ada.lovelace@example.com"),
    says(`the key is ${TEST_KEY}`),
    isCutAfter("half"),
    says("a\0b"),
  ];
  for (const [index, behaviour] of replies.entries()) {
    server.answer(behaviour);
    await client.complete(question({ temperature: index / 10, cache: { ttlSeconds: 60, subject: "ada" } }));
  }
  server.answer(says("harmless"));
  await client.complete(question({ cache: { ttlSeconds: 60, subject: "ada" } }));
  await waitFor(
    "the harmless one",
    async () => (await database.query("select from healing_private.ai_replies")).length > 0,
  );
  assert.deepEqual(await database.query("select reply from healing_private.ai_replies"), [{
    reply: "harmless",
  }]);
});

Deno.test("complete() shares its breakers with the fleet under a name without a key", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await using broken = startOpenAiServer();
  await using other = startOpenAiServer();
  broken.always(serverError());
  const client = clientOf([broken, other], { db: contract.rpc, maxAttempts: 1 });
  for (let call = 0; call < 7; call++) assert.equal((await client.complete(question())).model, "model-1");
  assert.equal(broken.requests.length, 5);
  await waitFor("both breakers", async () => (await getCircuitBreakers(contract.rpc)).length === 2);
  const breakers = await getCircuitBreakers(contract.rpc);
  assert.deepEqual(breakers.map(({ name }) => name).sort(), [
    `ai:model-0 at ${new URL(broken.url).host}/v1`,
    `ai:model-1 at ${new URL(other.url).host}/v1`,
  ]);
  await settledCalls(database, 12);
});

Deno.test("complete() keeps texts, sanitised, while a person wants it", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await using server = startOpenAiServer();
  await setSetting(contract.rpc, "ai_record_texts", true);
  server.always(says(`your key is ${TEST_KEY}`));
  await clientOf([server], { db: contract.rpc }).complete(question());
  await settledCalls(database, 1);
  const [row] = await database.query("select texts from healing_private.ai_calls");
  assert.equal(row!.texts.prompt, "user: Say hello.");
  assert.match(row!.texts.reply, /^your key is \[redacted/);
});
