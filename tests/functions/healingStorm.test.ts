import assert from "node:assert/strict";
import { CircuitBreaker } from "../../supabase/functions/_shared/circuitBreaker.ts";
import {
  flushErrors,
  type FunctionMeans,
  type Reporter,
  withSelfHealing,
} from "../../supabase/functions/_shared/errorInterceptor.ts";
import type { CapturedError, RequestHeal } from "../../supabase/functions/_shared/healingDb.ts";
import { retryWithBackoff } from "../../supabase/functions/_shared/retry.ts";
import { createServerClient } from "../../supabase/functions/_shared/supabaseClient.ts";
import { clientOf } from "../helpers/aiClients.ts";
import { ask, startFailingServer } from "../helpers/failingServer.ts";
import { serverError } from "../helpers/openAiFailures.ts";
import { startOpenAiServer } from "../helpers/openAiServer.ts";

function recorder() {
  const captured: CapturedError[] = [];
  const heals: RequestHeal[] = [];
  const reporter = () =>
    Promise.resolve<Reporter>({
      capture: (errors) => Promise.resolve({ queued: 0 * captured.push(...errors) }),
      healed: (batch) => Promise.resolve(heals.push(...batch)),
    });
  return { captured, heals, reporter };
}

/** Calls in waves, as a busy function gets them. */
async function call(times: number, once: () => Promise<unknown>): Promise<void> {
  for (let made = 0; made < times; made += 20) {
    await Promise.all(Array.from({ length: 20 }, () => once().catch(() => {})));
  }
}

const CALLS = 200;

Deno.test("withSelfHealing() gives a target that fails always at most 1.2 times the load, through three layers", async () => {
  await using server = startFailingServer();
  const { captured, reporter } = recorder();
  const fetchPrice = () => retryWithBackoff(() => ask(`${server.url}/a`), { target: "storm: three layers" });
  const priceOf = withSelfHealing(fetchPrice, { functionName: "storm: inner", effect: "read", reporter });
  const handler = withSelfHealing(async () => new Response(await priceOf()), {
    functionName: "storm: outer",
    reporter,
  });
  await call(CALLS, async () => await (await handler(new Request("http://project.test/"))).text());
  await flushErrors();
  const requests = server.requests.get("/a")!;
  assert.ok(requests <= 1.2 * CALLS, `${requests} requests for ${CALLS} calls`);
  assert.ok(requests > CALLS, "the budget is used");
  assert.equal(captured.length, CALLS, "each failure is captured once, by the layer that it came out of");
});

Deno.test("withSelfHealing() gives it no more when every strategy has what it needs", async () => {
  await using server = startFailingServer((request) =>
    new Response("busy", { status: request.url.endsWith("/cleared") ? 200 : 503 })
  );
  const { reporter } = recorder();
  const means = (): FunctionMeans<string> => ({
    cache: { read: () => undefined, clear: () => {} },
    connection: { reset: () => {} },
    transaction: { rollback: () => {} },
    endpoints: [{ name: "b", call: (signal) => ask(`${server.url}/b`, { signal }) }],
    regenerate: (signal) => ask(`${server.url}/a`, { signal }),
    splitIntoChunks: (signal) => ask(`${server.url}/a`, { signal }),
  });
  const priceOf = withSelfHealing(() => ask(`${server.url}/a`), {
    functionName: "storm: all means",
    effect: "read",
    maxAttempts: 5,
    reporter,
    means,
  });
  await call(CALLS, priceOf);
  await flushErrors();
  const [a, b] = ["/a", "/b"].map((path) => server.requests.get(path) ?? 0);
  assert.ok(a! <= 1.2 * CALLS, `${a} requests for ${CALLS} calls`);
  assert.ok(a! > CALLS, "the budget is used");
  assert.ok(b! <= CALLS, `the other endpoint got ${b} requests for ${CALLS} calls`);
});

Deno.test("withSelfHealing() counts what a client library sends by itself", async () => {
  await using server = startFailingServer();
  const { reporter } = recorder();
  // As openai's client does: three requests, and an error of its own class.
  const model = async () => {
    for (let request = 1;; request++) {
      try {
        return await ask(`${server.url}/v1`);
      } catch (error) {
        if (request < 3) continue;
        throw Object.assign(error as Error, { name: "InternalServerError" });
      }
    }
  };
  const refusals: string[] = [];
  const answerOf = withSelfHealing(model, {
    functionName: "storm: client",
    effect: "read",
    reporter,
    onOutcome: ({ refused }) => refusals.push(...refused.map(({ reason }) => reason)),
  });
  await call(40, answerOf);
  await flushErrors();
  assert.equal(server.requests.get("/v1"), 120);
  assert.ok(refusals.includes("the client has made 3 requests a call by itself"), refusals.join("; "));
});

Deno.test("withSelfHealing() adds nothing to the four requests that supabase-js makes of one read", async () => {
  const body = { code: "PGRST002", message: "Could not query the database for the schema cache. Retrying." };
  await using server = startFailingServer(() => Response.json(body, { status: 503 }));
  const { reporter } = recorder();
  const client = createServerClient(server.url, "a-key-of-some-length");
  const read = withSelfHealing(async () => {
    const { data, error } = await client.from("prices").select();
    if (error !== null) throw error;
    return data;
  }, { functionName: "storm: supabase-js", effect: "read", retryWithinMs: 60_000, reporter });
  await assert.rejects(read(), { code: "UNAVAILABLE" });
  await flushErrors();
  assert.equal(server.requests.get("/rest/v1/prices"), 4);
});

Deno.test("withSelfHealing() gives no more through all layers together: client, retry, breaker, strategies and handler", async () => {
  const body = { code: "PGRST002", message: "Could not query the database for the schema cache. Retrying." };
  const requestsOf = async (target: string, mode: "auto" | "disabled"): Promise<number> => {
    await using server = startFailingServer(() => Response.json(body, { status: 503 }));
    const { reporter } = recorder();
    const client = createServerClient(server.url, "a-key-of-some-length");
    const breaker = new CircuitBreaker(undefined, { mode });
    const select = async () => {
      const { data, error } = await client.from("prices").select();
      if (error !== null) throw error;
      return data;
    };
    const protectedSelect = () => breaker.execute(() => retryWithBackoff(select, { target, baseDelayMs: 0 }));
    const read = withSelfHealing(protectedSelect, { functionName: target, effect: "read", reporter });
    const outer = { functionName: `${target}, outer`, reporter };
    const handler = withSelfHealing(async () => Response.json(await read()), outer);
    // supabase-js pauses for seconds between its own requests: all calls at once.
    const calls = Array.from({ length: 40 }, () => handler(new Request("http://project.test/")));
    for (const answer of await Promise.all(calls)) assert.ok(answer.status >= 500);
    await flushErrors();
    return server.requests.get("/rest/v1/prices")!;
  };
  const requests = await Promise.all([
    requestsOf("storm: all layers", "auto"),
    requestsOf("storm: all layers but a breaker", "disabled"),
  ]);
  // The client alone makes four of each.
  for (const count of requests) assert.ok(count <= 1.2 * 4 * 40, `${requests} requests for 40 calls`);
});

Deno.test("withSelfHealing() gives a model no more than its client does, through function and handler", async () => {
  const calls = 60;
  await using server = startOpenAiServer();
  server.always(serverError());
  const { reporter } = recorder();
  const ai = clientOf([server], { isolateBudget: { tokens: 1e9, usd: 1e6 } });
  const messages = [{ role: "user" as const, content: "Say hello." }];
  const greet = withSelfHealing(() => ai.complete({ purpose: "greeting", messages }), {
    functionName: "storm: model",
    effect: "read",
    reporter,
  });
  const handler = withSelfHealing(async () => Response.json(await greet()), {
    functionName: "storm: model, outer",
    reporter,
  });
  await call(calls, () => handler(new Request("http://project.test/")));
  await flushErrors();
  assert.ok(server.requests.length <= 1.2 * calls, `${server.requests.length} requests for ${calls} calls`);
  assert.ok(server.requests.length >= calls, "the last target is never blocked");
});

Deno.test("withSelfHealing() honours retry-after in seconds and as a date, and never asks within an absurd one", async () => {
  const { reporter } = recorder();
  const inTwoSeconds = () => new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_000).toUTCString();
  for (const [wish, leastMs] of [[() => "1", 1_000], [inTwoSeconds, 900]] as const) {
    await using server = startFailingServer((_, count) =>
      count === 1
        ? new Response("slow down", { status: 429, headers: { "retry-after": wish() } })
        : new Response("welcome")
    );
    const answerOf = withSelfHealing(() => ask(`${server.url}/limited`), {
      functionName: `retry-after ${leastMs}`,
      effect: "read",
      reporter,
    });
    assert.equal(await answerOf(), "welcome");
    const [first, second] = server.arrivals;
    assert.ok(second! - first! >= leastMs, `asked again after ${second! - first!} ms`);
  }
  for (const absurd of ["31536000", "Fri, 01 Jan 2100 00:00:00 GMT", "1e400", "-5", "99999999999999999999"]) {
    await using server = startFailingServer(() =>
      new Response("slow down", { status: 429, headers: { "retry-after": absurd } })
    );
    const startedAt = performance.now();
    const answerOf = withSelfHealing(() => ask(`${server.url}/limited`), {
      functionName: `absurd ${absurd}`,
      effect: "read",
      retryWithinMs: 3_000,
      reporter,
    });
    await assert.rejects(answerOf(), { code: "RATE_LIMITED" });
    assert.ok(performance.now() - startedAt < 5_000, "the caller does not wait for ever");
  }
  await flushErrors();
});
