import assert from "node:assert/strict";
import { isAiFailure } from "../../../supabase/functions/_shared/aiClient.ts";
import type { RpcPort } from "../../../supabase/functions/_shared/core/ports.ts";
import { clientOf, hurriedClock, question, SteppedClock, TEST_KEY } from "../../helpers/aiClients.ts";
import {
  modelMissing,
  promptFlagged,
  proxyPage,
  quotaUsedUp,
  rateLimited,
  regionBlocked,
  requestTooLarge,
  sendsBytes,
  serverError,
  wrongKey,
} from "../../helpers/openAiFailures.ts";
import { breaksAfter, hangs, hasNoChoices, isFiltered, refuses, sends } from "../../helpers/openAiReplies.ts";
import { startOpenAiServer } from "../../helpers/openAiServer.ts";

Deno.test("complete() gives a request that timed out one more, with more time, and then asks elsewhere", async () => {
  await using slow = startOpenAiServer();
  await using other = startOpenAiServer();
  slow.always(hangs());
  const clock = new SteppedClock();
  const asked = clientOf([slow, other], { attemptTimeoutMs: 10_000, clock }).complete(question());
  await slow.received(1);
  clock.advance(10_000);
  await slow.received(2);
  clock.advance(10_000);
  await slow.hungUp(0);
  assert.equal(slow.requests[1]!.isHungUp, false, "it has twice as long");
  clock.advance(10_000);
  const reply = await asked;
  assert.deepEqual([reply.model, reply.requests], ["model-1", 3]);
  await slow.hungUp(1);
});

Deno.test("complete() retries what passes, waits as long as it is asked to, and counts its requests", async () => {
  await using server = startOpenAiServer();
  const slept: number[] = [];
  const clock = hurriedClock(slept);
  server.answer(rateLimited({ retryAfterS: 2 }), proxyPage());
  const reply = await clientOf([server], { clock }).complete(question());
  assert.equal(reply.requests, 3);
  assert.equal(slept[0], 2_000);
});

Deno.test("complete() does not wait longer than ten seconds for a limit to pass", async () => {
  await using limited = startOpenAiServer();
  await using other = startOpenAiServer();
  limited.always(rateLimited({ retryAfterS: 3_600 }));
  const reply = await clientOf([limited, other]).complete(question());
  assert.equal(reply.model, "model-1");
  assert.equal(limited.requests.length, 1);
  await assert.rejects(clientOf([limited]).complete(question()), {
    code: "RATE_LIMITED",
    retryAfterMs: 3_600_000,
  });
});

Deno.test("complete() sends at most 1.2 requests a call to a target that always fails", async () => {
  for (const behaviour of [serverError(), rateLimited(), proxyPage(), hasNoChoices(), breaksAfter("half")]) {
    await using server = startOpenAiServer();
    server.always(behaviour);
    const client = clientOf([server], { isolateBudget: { tokens: 1e9, usd: 1e6 } });
    const calls = 100;
    let failed = 0;
    for (let batch = 0; batch < 10; batch++) {
      const asked = Array.from({ length: 10 }, () => client.complete(question()).catch(() => failed++));
      await Promise.all(asked);
    }
    assert.equal(failed, calls);
    assert.ok(server.requests.length <= 1.2 * calls, `${server.requests.length} requests for ${calls} calls`);
    assert.ok(server.requests.length >= calls, "the last target is never blocked");
  }
});

Deno.test("complete() never repeats what is permanent, whatever its status looks like", async () => {
  for (const behaviour of [quotaUsedUp(), requestTooLarge(), wrongKey(), modelMissing()]) {
    await using server = startOpenAiServer();
    server.always(behaviour);
    const error = await clientOf([server]).complete(question()).catch((thrown) => thrown);
    assert.ok(isAiFailure(error), `${error}`);
    assert.equal(error.details!.refused, true);
    assert.equal(server.requests.length, 1, error.message);
  }
});

Deno.test("complete() opens the breaker of a target that fails, and the next one answers without waiting for it", async () => {
  await using broken = startOpenAiServer();
  await using other = startOpenAiServer();
  broken.always(serverError());
  const client = clientOf([broken, other], { maxAttempts: 1 });
  for (let call = 0; call < 20; call++) assert.equal((await client.complete(question())).model, "model-1");
  assert.equal(broken.requests.length, 5, "five failures open it");
  other.always(serverError());
  for (let call = 0; call < 10; call++) await client.complete(question()).catch(() => {});
  const before = other.requests.length;
  await client.complete(question()).catch(() => {});
  assert.equal(other.requests.length, before + 1, "the last target is never blocked");
});

Deno.test("complete() tells a refusal and asks nobody else", async () => {
  await using first = startOpenAiServer();
  await using second = startOpenAiServer();
  const expected = [
    [refuses("I cannot help with that."), "model", /cannot help/],
    [isFiltered(), "filter", /held the reply back/],
    [promptFlagged(), "policy", /flagged/],
    [regionBlocked(), "region", /not supported/],
  ] as const;
  for (const [behaviour, by, words] of expected) {
    first.answer(behaviour);
    const reply = await clientOf([first, second]).complete(question());
    assert.ok(reply.kind === "refused" && reply.by === by, by);
    assert.match(reply.message, words);
  }
  assert.equal(second.requests.length, 0);
});

Deno.test("complete() does not evade a limit with another key for the same model at the same endpoint", async () => {
  await using server = startOpenAiServer();
  server.always(rateLimited({ retryAfterS: 60 }));
  const base = { model: "same", baseUrl: server.url };
  const settings = {
    targets: [{ ...base, apiKey: TEST_KEY }, { ...base, apiKey: `${TEST_KEY}2` }, {
      ...base,
      model: "b",
      apiKey: TEST_KEY,
    }],
    problems: [],
  };
  const error = await clientOf([], { settings }).complete(question()).catch((thrown) => thrown);
  assert.equal(error.code, "RATE_LIMITED");
  assert.deepEqual(server.requests.map(({ body }) => body.model), ["same", "b"]);
  assert.deepEqual(error.details.tried.map(({ errorType }: { errorType: string }) => errorType), [
    "rate_limited",
    "rate_limited",
  ]);
});

Deno.test("complete() gives coded errors for replies that are hostile or none", async () => {
  const cases = [
    [sendsBytes(10_000_000), "PAYLOAD_TOO_LARGE", "reply_too_large"],
    [sends(200, "<html>welcome</html>", { "content-type": "text/html" }), "UNAVAILABLE", "invalid_reply"],
    [sends(200, "", { "content-type": "application/json" }), "UNAVAILABLE", "invalid_reply"],
    [
      sends(200, "[".repeat(100_000) + "]".repeat(100_000), { "content-type": "application/json" }),
      "UNAVAILABLE",
      "invalid_reply",
    ],
    [
      sends(200, '{"choices": "none"}', { "content-type": "application/json" }),
      "UNAVAILABLE",
      "invalid_reply",
    ],
    [
      sends(200, '{"choices": [{"message": {"content": "\0"}}]}', { "content-type": "application/json" }),
      "UNAVAILABLE",
      "invalid_reply",
    ],
    [sends(302, "", { location: "http://127.0.0.1:1/" }), "CONFIG_MISSING", undefined],
    [hasNoChoices(), "UNAVAILABLE", "invalid_reply"],
  ] as const;
  for (const [behaviour, code, errorType] of cases) {
    await using server = startOpenAiServer();
    server.always(behaviour);
    const error = await clientOf([server], { maxAttempts: 1 }).complete(question()).catch((thrown) => thrown);
    assert.ok(isAiFailure(error), `${error} ${error?.stack}`);
    assert.equal(error.code, code, error.message);
    if (errorType !== undefined) assert.equal(error.details!.errorType, errorType);
  }
});

Deno.test("complete() counts an unreachable endpoint as that, without a cost, and goes elsewhere", async () => {
  await using other = startOpenAiServer();
  const client = clientOf(["http://127.0.0.1:1/v1", other]);
  const reply = await client.complete(question());
  assert.equal(reply.model, "model-1");
  await assert.rejects(clientOf(["http://127.0.0.1:1/v1"]).complete(question()), { code: "UNAVAILABLE" });
});

Deno.test("complete() that the budget refuses says nothing about the target: its probe is free for the next call", async () => {
  await using broken = startOpenAiServer();
  await using other = startOpenAiServer();
  broken.always(serverError());
  let isUsedUp = false;
  const db: RpcPort = {
    call: (name) =>
      name !== "reserve_ai_call" ? Promise.reject(new Error("gone")) : Promise.resolve(
        isUsedUp
          ? {
            decision: "refused",
            about: "usd",
            limit: "1",
            committed: "1",
            asked: "0.1",
            resets_in_ms: 1_000,
          }
          : { decision: "reserved", price: { input: "1", output: "1" }, records_texts: false },
      ) as Promise<never>,
  };
  const clock = new SteppedClock();
  const client = clientOf([broken, other], { db, clock, maxAttempts: 1 });
  const calls = async (count: number) => {
    for (let call = 0; call < count; call++) await client.complete(question());
    return broken.requests.length;
  };
  assert.equal(await calls(7), 5);
  clock.advance(60_000);
  isUsedUp = true;
  await assert.rejects(client.complete(question()), { code: "RATE_LIMITED", retryAfterMs: 1_000 });
  isUsedUp = false;
  assert.equal(await calls(1), 6, "the probe");
  assert.equal(await calls(3), 6, "it is open still");
});
