import assert from "node:assert/strict";
import { isAiFailure } from "../../supabase/functions/_shared/aiClient.ts";
import { systemClock } from "../../supabase/functions/_shared/core/clock.ts";
import { clientOf, question, SteppedClock, TEST_KEY } from "../helpers/aiClients.ts";
import {
  knowsNoMaxTokens,
  knowsNoTemperature,
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
} from "../helpers/openAiFailures.ts";
import {
  breaksAfter,
  hangs,
  hasNoChoices,
  isCutAfter,
  isFiltered,
  refuses,
  says,
  sends,
} from "../helpers/openAiReplies.ts";
import { startOpenAiServer } from "../helpers/openAiServer.ts";

Deno.test("complete() gives the model's text, what it used and what it cost", async () => {
  await using server = startOpenAiServer({ apiKey: TEST_KEY });
  server.always(says("Hi.", { usage: { prompt_tokens: 11, completion_tokens: 3 } }));
  const reply = await clientOf([server]).complete(question({ temperature: 0.2 }));
  assert.deepEqual(reply, {
    kind: "answered",
    text: "Hi.",
    isCut: false,
    model: "model-0",
    endpoint: new URL(server.url).host + "/v1",
    usage: { promptTokens: 11, completionTokens: 3, isEstimate: false },
    // 11 at 10 and 3 at 40 dollars a million.
    costUsd: "0.00023",
    isCached: false,
    requests: 1,
    budget: "isolate",
    fixes: [],
  });
  const [request] = server.requests;
  assert.deepEqual(request!.body, {
    model: "model-0",
    messages: [{ role: "user", content: "Say hello." }],
    max_tokens: 100,
    temperature: 0.2,
    stream: false,
  });
});

Deno.test("complete() counts the whole reservation where the endpoint does not say what was used", async () => {
  await using server = startOpenAiServer();
  server.always(says("Hi.", { usage: null }));
  const { usage } = await clientOf([server]).complete(question());
  assert.deepEqual(usage.isEstimate, true);
  assert.equal(usage.completionTokens, 100);
  server.always(says("Hi.", { usage: { prompt_tokens: -5, completion_tokens: 1e15 } }));
  assert.equal((await clientOf([server]).complete(question())).usage.isEstimate, true, "nobody uses that");
});

Deno.test("complete() that times out really stops: the server sees the client go", async () => {
  await using server = startOpenAiServer();
  server.always(hangs());
  const clock = new SteppedClock();
  const asked = clientOf([server], { clock }).complete(question({ timeoutMs: 5_000 }));
  await server.received(1);
  clock.advance(5_000);
  await assert.rejects(asked, { code: "TIMEOUT", message: /"AI call" did not end within 5000 ms/ });
  await server.requests[0]!.hangUp;
  assert.equal(server.requests.length, 1, "and nothing is begun again");
});

Deno.test("complete() stops for its caller, before and in the middle of a reply", async () => {
  await using server = startOpenAiServer();
  server.always(sends(200, "", {}));
  const stopped = AbortSignal.abort(new Error("not any more"));
  await assert.rejects(clientOf([server]).complete(question({ signal: stopped })), /not any more/);
  assert.equal(server.requests.length, 0);
  server.always((request) => {
    const body = new ReadableStream({
      start: (stream) => stream.enqueue(new TextEncoder().encode('{"id":')),
    });
    return new Response(body, {
      headers: { "content-type": "application/json", "x-index": `${request.index}` },
    });
  });
  const stop = new AbortController();
  const asked = clientOf([server]).complete(question({ signal: stop.signal }));
  await server.received(1);
  stop.abort(new Error("that is enough"));
  await assert.rejects(asked, /that is enough/);
  await server.requests[0]!.hangUp;
});

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
  await slow.requests[0]!.hangUp;
  assert.equal(slow.requests[1]!.isHungUp, false, "it has twice as long");
  clock.advance(10_000);
  const reply = await asked;
  assert.deepEqual([reply.model, reply.requests], ["model-1", 3]);
  await slow.requests[1]!.hangUp;
});

Deno.test("complete() retries what passes, waits as long as it is asked to, and counts its requests", async () => {
  await using server = startOpenAiServer();
  const slept: number[] = [];
  const sleep = (ms: number, signal?: AbortSignal) => {
    if (ms <= 10_000) slept.push(ms);
    return systemClock.sleep(ms <= 10_000 ? 0 : ms, signal);
  };
  const clock = { ...systemClock, sleep };
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

Deno.test("complete() mends a parameter once and remembers it for the model", async () => {
  await using server = startOpenAiServer();
  server.always(knowsNoMaxTokens(knowsNoTemperature(says("Hi."))));
  const client = clientOf([server]);
  const first = await client.complete(question({ temperature: 0.2 }));
  assert.deepEqual(first.fixes, ["rename_max_tokens", "drop_temperature"]);
  assert.equal(first.requests, 3);
  const second = await client.complete(question({ temperature: 0.2 }));
  assert.equal(second.requests, 1);
  assert.equal(server.requests[3]!.body.max_completion_tokens, 100);
  assert.equal(server.requests[3]!.body.temperature, undefined);
});

Deno.test("complete() gives a parameter up that stays unknown after it was mended", async () => {
  await using server = startOpenAiServer();
  const words =
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
  server.always(() =>
    Response.json({
      error: {
        message: words,
        type: "invalid_request_error",
        param: "max_tokens",
        code: "unsupported_parameter",
      },
    }, {
      status: 400,
    })
  );
  const client = clientOf([server]);
  await assert.rejects(client.complete(question()), { code: "BAD_REQUEST" });
  assert.equal(server.requests.length, 2);
  await assert.rejects(client.complete(question()), { code: "BAD_REQUEST" });
  assert.equal(server.requests.length, 3, "it is not mended again");
});

Deno.test("complete() asks a cut reply to go on, when it is told to, and joins the pieces", async () => {
  await using server = startOpenAiServer();
  server.answer(isCutAfter("one, two"), isCutAfter(", three"), says(", four."));
  const reply = await clientOf([server]).complete(question({ maxContinuations: 3 }));
  assert.ok(reply.kind === "answered" && !reply.isCut);
  assert.equal(reply.text, "one, two, three, four.");
  assert.equal(reply.requests, 3);
  assert.equal(server.requests[2]!.body.messages.at(-2)!.content, "one, two, three");
  server.answer(isCutAfter("one"));
  const cut = await clientOf([server]).complete(question());
  assert.ok(cut.kind === "answered" && cut.isCut);
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

Deno.test("complete() reads JSON that a gateway calls text, and passes an escaped NUL on as it is", async () => {
  await using server = startOpenAiServer();
  const body = JSON.stringify({ choices: [{ message: { content: "a\0b" }, finish_reason: "stop" }] });
  server.always(sends(200, body, { "content-type": "text/plain" }));
  const reply = await clientOf([server]).complete(question());
  assert.ok(reply.kind === "answered" && reply.text === "a\0b");
});

Deno.test("complete() shows no key, neither its own nor one that an endpoint repeats", async () => {
  await using server = startOpenAiServer({ apiKey: "another key than the right one" });
  const error = await clientOf([server]).complete(question()).catch((thrown) => thrown);
  assert.equal(error.code, "CONFIG_MISSING");
  const shown = `${error.stack} ${JSON.stringify(error)} ${JSON.stringify(error.details)} ${
    Deno.inspect(error)
  }`;
  assert.ok(!shown.includes("T3st0nly"), shown);
});

Deno.test("complete() counts an unreachable endpoint as that, without a cost, and goes elsewhere", async () => {
  await using other = startOpenAiServer();
  const client = clientOf(["http://127.0.0.1:1/v1", other]);
  const reply = await client.complete(question());
  assert.equal(reply.model, "model-1");
  await assert.rejects(clientOf(["http://127.0.0.1:1/v1"]).complete(question()), { code: "UNAVAILABLE" });
});

Deno.test("createAiClient() without a usable model says why, and its calls are coded", async () => {
  const settings = {
    targets: [{ model: "m", baseUrl: "http://user:pass@example.com", apiKey: TEST_KEY }],
    problems: [],
  };
  const client = clientOf([], { settings });
  const there = client.availability();
  assert.ok(!there.available && there.reason.includes("address"));
  await assert.rejects(client.complete(question()), { code: "CONFIG_MISSING" });
  const stream = client.stream(question());
  await assert.rejects(async () => {
    for await (const _text of stream);
  }, { code: "CONFIG_MISSING" });
});

Deno.test("complete() without a database stays within the isolate's own budget, and says so", async () => {
  await using server = startOpenAiServer();
  server.always(says("Hi.", { usage: { prompt_tokens: 50, completion_tokens: 50 } }));
  const client = clientOf([server], { isolateBudget: { tokens: 1_000, usd: 1 } });
  let answered = 0;
  const error = await (async () => {
    for (;; answered++) {
      const reply = await client.complete(question());
      assert.equal(reply.budget, "isolate");
    }
  })().catch((thrown) => thrown);
  assert.equal(error.code, "RATE_LIMITED");
  assert.equal(error.details.budget, "isolate");
  assert.ok(error.retryAfterMs > 0 && error.retryAfterMs <= 86_400_000);
  assert.equal(server.requests.length, answered);
  assert.ok(answered >= 7 && answered <= 10, `${answered}`);
});

Deno.test("complete() refuses a request that makes no sense, and says what it was given", async () => {
  const client = clientOf(["http://127.0.0.1:1/v1"]);
  await assert.rejects(client.complete(question({ messages: [] })), TypeError);
  await assert.rejects(client.complete(question({ purpose: " " })), /"purpose" must be 1 to 200 characters/);
  await assert.rejects(client.complete(question({ maxOutputTokens: 0 })), /current value is 0/);
  await assert.rejects(client.complete(question({ temperature: 3 })), RangeError);
  await assert.rejects(client.complete(question({ cache: { ttlSeconds: 60, subject: " " } })), TypeError);
  await assert.rejects(
    client.complete(question({ cache: { ttlSeconds: 0, isImpersonal: true } })),
    RangeError,
  );
});
