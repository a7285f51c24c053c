import assert from "node:assert/strict";
import { isCircuitOpenError } from "../../supabase/functions/_shared/circuitBreaker.ts";
import type { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { readSettings } from "../../supabase/functions/_shared/core/settings.ts";
import { clientOf, question } from "../helpers/aiClients.ts";
import { contextLength } from "../helpers/openAiFailures.ts";
import { says } from "../helpers/openAiReplies.ts";
import { startOpenAiServer } from "../helpers/openAiServer.ts";
import { initializeEnterpriseInfrastructure } from "../../supabase/functions/_shared/universalIntegrationHelper.ts";

/** A project without a single key: everything heals, and nothing is recorded. */
const settings = readSettings({ get: () => undefined });
const request = new Request("http://localhost/functions/v1/checkout");
const coded = (code: string) => (error: unknown) => (error as HealingError).code === code;

/** Fails a number of times, then succeeds. */
function flaky(failures: number, error: () => unknown) {
  const calls = { count: 0 };
  const work = () => ++calls.count <= failures ? Promise.reject(error()) : Promise.resolve("done");
  return { calls, work };
}

const busy = () => Object.assign(new Error("busy"), { status: 503 });

Deno.test("protectedDBCall() makes a read again, and a write only where its author says that it may", async () => {
  const { protectedDBCall } = await initializeEnterpriseInfrastructure(request, {
    settings,
    functionName: "reads",
  });
  const read = flaky(1, busy);
  assert.equal(await protectedDBCall(read.work, { effect: "read", name: "db-a" }), "done");
  const write = flaky(1, busy);
  await assert.rejects(protectedDBCall(write.work, { name: "db-b" }));
  assert.deepEqual([read.calls.count, write.calls.count], [2, 1]);
});

Deno.test("protectedDBCall() takes the error that supabase-js answers for one, and gives an answer without error as it is", async () => {
  const { protectedDBCall } = await initializeEnterpriseInfrastructure(request, { settings });
  const answer = { data: [1], error: null, status: 200 };
  assert.equal(await protectedDBCall(() => Promise.resolve(answer), { name: "db-c" }), answer);
  const refused = {
    data: null,
    error: { code: "23505", message: "duplicate key", details: null, hint: null },
    status: 409,
  };
  await assert.rejects(
    protectedDBCall(() => Promise.resolve(refused), { name: "db-c" }),
    (error: HealingError) => {
      return String(JSON.stringify(error.cause ?? error)).includes("23505") ||
        /duplicate key/.test(String(error.cause ?? error.message));
    },
  );
});

Deno.test("protectedAICall() ends a call that takes too long, and refuses further ones when its target is down", async () => {
  const { protectedAICall } = await initializeEnterpriseInfrastructure(request, { settings });
  let seen: AbortSignal | undefined;
  const hangs = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      seen = signal;
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  await assert.rejects(
    protectedAICall(hangs, { name: "slow", limitMs: 5, effect: "write" }),
    coded("TIMEOUT"),
  );
  assert.equal(seen!.aborted, true);
  const down = flaky(Infinity, busy);
  for (let call = 0; call < 5; call++) {
    await assert.rejects(protectedAICall(down.work, { name: "down", effect: "write" }));
  }
  const reached = down.calls.count;
  await assert.rejects(protectedAICall(down.work, { name: "down", effect: "write" }), (error) => {
    return isCircuitOpenError(error) || isCircuitOpenError((error as Error).cause);
  });
  assert.equal(down.calls.count, reached, "a target that is down is not called");
});

Deno.test("protectedAICall() lets a default stand in where its author gives one", async () => {
  const { protectedAICall } = await initializeEnterpriseInfrastructure(request, { settings });
  const answer = await protectedAICall((): Promise<string> => Promise.reject(busy()), {
    name: "stand-in",
    effect: "write",
    means: { defaultValue: () => "no suggestion today" },
  });
  assert.equal(answer, "no suggestion today");
});

Deno.test("protectedAICall() does in the author's smaller parts what is too large for a model, and only then", async () => {
  await using server = startOpenAiServer();
  server.always((sent) =>
    (sent.body.messages[0]!.content.length > 100 ? contextLength() : says("part"))(sent)
  );
  const client = clientOf([server]);
  const { protectedAICall } = await initializeEnterpriseInfrastructure(request, { settings });
  const ask = async (content: string) => {
    const reply = await client.complete(question({ messages: [{ role: "user", content }] }));
    return reply.kind === "answered" ? reply.text : "";
  };
  const long = "x".repeat(150);
  await assert.rejects(protectedAICall(() => ask(long), { name: "whole" }), coded("PAYLOAD_TOO_LARGE"));
  assert.equal(server.requests.length, 1, "it is not sent again as it is");
  const halves = async () => [await ask(long.slice(0, 75)), await ask(long.slice(75))].join();
  const means = { splitIntoChunks: halves };
  assert.equal(await protectedAICall(() => ask(long), { name: "parts", means }), "part,part");
  assert.equal(server.requests.length, 4);
});

Deno.test("protectedFunctionCall() makes a call again only under a key: its outcome is not known", async () => {
  const { protectedFunctionCall } = await initializeEnterpriseInfrastructure(request, { settings });
  const plain = flaky(1, busy);
  await assert.rejects(protectedFunctionCall(plain.work, { name: "function-a" }));
  const keyed = flaky(1, busy);
  assert.equal(await protectedFunctionCall(keyed.work, { name: "function-b", effect: "keyedWrite" }), "done");
  const lasting = flaky(
    1,
    () => Object.assign(new Error("does not start"), { status: 503, code: "BOOT_ERROR" }),
  );
  await assert.rejects(protectedFunctionCall(lasting.work, { name: "function-c", effect: "keyedWrite" }));
  assert.deepEqual([plain.calls.count, keyed.calls.count, lasting.calls.count], [1, 2, 1]);
});

Deno.test("initializeEnterpriseInfrastructure() says what is missing when something is used that needs it", async () => {
  const { resilientDb, ai } = await initializeEnterpriseInfrastructure(request, { settings });
  await assert.rejects(resilientDb.insert("messages", { a: 1 }), coded("CONFIG_MISSING"));
  assert.equal(typeof (await ai()).availability().available, "boolean");
});

Deno.test("protectedDBCall() gives null for a read that may find no row, NOT_FOUND where it must, and never for many or a write", async () => {
  const { protectedDBCall } = await initializeEnterpriseInfrastructure(request, { settings });
  const told = (details: string | null) => ({
    data: null,
    error: {
      code: "PGRST116",
      message: "Cannot coerce the result to a single JSON object",
      details,
      hint: null,
    },
    count: null,
    status: 406,
    statusText: "Not Acceptable",
  });
  let calls = 0;
  const ask = (details: string | null, options: object) =>
    protectedDBCall(() => (calls++, Promise.resolve(told(details))), { name: "db-maybe", ...options });
  const none = await ask("The result contains 0 rows", { effect: "read", maybe: true });
  assert.deepEqual(none, { data: null, error: null, count: null, status: 200, statusText: "OK" } as never);
  await assert.rejects(ask("The result contains 0 rows", { effect: "read" }), coded("NOT_FOUND"));
  const old = "Results contain 0 rows, application/vnd.pgrst.object+json requires 1 row";
  assert.equal((await ask(old, { effect: "read", maybe: true })).data, null);
  assert.equal(calls, 3);
  for (const details of ["The result contains 2 rows", "The result contains 10 rows", null]) {
    await assert.rejects(ask(details, { effect: "read", maybe: true }), coded("INTERNAL"));
  }
  await assert.rejects(
    ask("The result contains 0 rows", {}),
    coded("INTERNAL"),
    "behind a write a policy may hide it",
  );
  await assert.rejects(ask("", { maybe: true }), RangeError);
});

Deno.test("supabase() and resilientStorage are made when they are used, with the caller's own token", async () => {
  const seen: (string | null)[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    seen.push(`${new URL(request.url).pathname} ${request.headers.get("authorization")}`);
    return request.url.includes("/storage/")
      ? Response.json({ statusCode: "404", error: "not_found", message: "Object not found" }, { status: 400 })
      : Response.json([{ id: 1 }]);
  });
  try {
    const env: Record<string, string> = {
      SUPABASE_URL: `http://127.0.0.1:${server.addr.port}`,
      SUPABASE_ANON_KEY: "sb_publishable_test",
    };
    const asked = new Request("http://localhost/functions/v1/files", {
      headers: { authorization: "Bearer a.b.c" },
    });
    const { supabase, resilientStorage } = await initializeEnterpriseInfrastructure(asked, {
      settings: readSettings({ get: (name) => env[name] }),
    });
    assert.deepEqual((await (await supabase()).from("items").select()).data, [{ id: 1 }]);
    assert.equal(await resilientStorage.download("files", "ä.txt"), null);
    assert.deepEqual(seen, [
      "/rest/v1/items Bearer a.b.c",
      "/storage/v1/object/files/=C3=A4.txt Bearer a.b.c",
    ]);
  } finally {
    await server.shutdown();
  }
});
