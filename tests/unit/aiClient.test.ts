import assert from "node:assert/strict";
import { clientOf, question, SteppedClock, TEST_KEY } from "../helpers/aiClients.ts";
import { knowsNoMaxTokens, knowsNoTemperature } from "../helpers/openAiFailures.ts";
import { hangs, isCutAfter, says, sends } from "../helpers/openAiReplies.ts";
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
  server.always(says("Hi.", { usage: { prompt_tokens: -5, completion_tokens: 5 } }));
  assert.equal((await clientOf([server]).complete(question())).usage.isEstimate, true, "nobody uses that");
  server.always(says("Hi.", { usage: { prompt_tokens: 5, completion_tokens: 900_000_000 } }));
  const { usage: absurd } = await clientOf([server]).complete(question());
  assert.deepEqual(
    [absurd.isEstimate, absurd.completionTokens],
    [true, 100],
    "the day is not used up by a number",
  );
});

Deno.test("complete() that times out really stops: the server sees the client go", async () => {
  await using server = startOpenAiServer();
  server.always(hangs());
  const clock = new SteppedClock();
  const asked = clientOf([server], { clock }).complete(question({ timeoutMs: 5_000 }));
  await server.received(1);
  clock.advance(5_000);
  await assert.rejects(asked, { code: "TIMEOUT", message: /"AI call" did not end within 5000 ms/ });
  await server.hungUp(0);
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
  await server.hungUp(0);
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
