import assert from "node:assert/strict";
import { z } from "../../../supabase/functions/_shared/core/validation.ts";
import { clientOf, question, SteppedClock } from "../../helpers/aiClients.ts";
import { knowsNoStreamOptions, serverError } from "../../helpers/openAiFailures.ts";
import {
  drips,
  hangs,
  isCutAfter,
  refuses,
  says,
  saysJson,
  stopsAfter,
} from "../../helpers/openAiReplies.ts";
import { startOpenAiServer } from "../../helpers/openAiServer.ts";

async function gather<Piece>(stream: AsyncIterable<Piece>): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for await (const piece of stream) pieces.push(piece);
  return pieces;
}

const TEXT = "Once upon a time, a server fell — and got up again.";

Deno.test("stream() gives the text in pieces, and at the end the same facts as a whole reply", async () => {
  await using server = startOpenAiServer();
  server.always(says(TEXT, { usage: { prompt_tokens: 20, completion_tokens: 10 } }));
  const stream = clientOf([server]).stream(question());
  const pieces = await gather(stream);
  assert.ok(pieces.length > 3);
  assert.equal(pieces.join(""), TEXT);
  const reply = await stream.reply;
  assert.ok(reply.kind === "answered" && !reply.isCut && reply.text === TEXT);
  assert.deepEqual(reply.usage, { promptTokens: 20, completionTokens: 10, isEstimate: false });
  assert.deepEqual(server.requests[0]!.body.stream_options, { include_usage: true });
});

Deno.test("stream() retries and falls back until the first text is there", async () => {
  await using broken = startOpenAiServer();
  await using other = startOpenAiServer();
  broken.always(serverError());
  const stream = clientOf([broken, other]).stream(question());
  assert.equal((await gather(stream)).join(""), "Hello!");
  assert.equal((await stream.reply).model, "model-1");
  assert.ok(broken.requests.length > 1);
});

Deno.test("stream() ends its request when its reader leaves, and counts what it may have cost", async () => {
  await using server = startOpenAiServer();
  server.always(drips(["one", "two"], (index) => index === 0 ? Promise.resolve() : new Promise(() => {})));
  const stream = clientOf([server]).stream(question());
  for await (const text of stream) {
    assert.equal(text, "one");
    break;
  }
  await server.hungUp(0);
  await assert.rejects(stream.reply, { code: "ABORTED" });
});

Deno.test("stream() ends its request when its caller stops and when its time is over", async () => {
  await using server = startOpenAiServer();
  server.always(drips(["one"], (index) => index === 0 ? Promise.resolve() : new Promise(() => {})));
  const stop = new AbortController();
  const running = clientOf([server]).stream(question({ signal: stop.signal }))[Symbol.asyncIterator]();
  await running.next();
  const stopped = running.next();
  stop.abort(new Error("enough"));
  await assert.rejects(stopped, /enough/);
  await server.hungUp(0);

  const clock = new SteppedClock();
  const iterator = clientOf([server], { clock }).stream(question({ timeoutMs: 30_000 }))
    [Symbol.asyncIterator]();
  await iterator.next();
  const next = iterator.next();
  clock.advance(30_000);
  await assert.rejects(next, { code: "TIMEOUT" });
  await server.hungUp(1);
});

Deno.test("stream() that never begins times out and stops", async () => {
  await using server = startOpenAiServer();
  server.always(hangs());
  const clock = new SteppedClock();
  const next = clientOf([server], { clock }).stream(question({ timeoutMs: 5_000 }))[Symbol.asyncIterator]()
    .next();
  await server.received(1);
  clock.advance(5_000);
  await assert.rejects(next, { code: "TIMEOUT" });
  await server.hungUp(0);
});

Deno.test("stream() does not take a stream that just stops for a reply", async () => {
  await using server = startOpenAiServer();
  server.always(stopsAfter(["one", "two"]));
  const stream = clientOf([server]).stream(question());
  await assert.rejects(gather(stream), { code: "UNAVAILABLE" });
  await assert.rejects(stream.reply, { code: "UNAVAILABLE" });
});

Deno.test("stream() says that a reply was cut, and tells a refusal", async () => {
  await using server = startOpenAiServer();
  server.answer(isCutAfter("one, two"), refuses("No."), knowsNoStreamOptions(says("Hi.")), says("Hi."));
  const client = clientOf([server]);
  const cut = client.stream(question());
  assert.equal((await gather(cut)).join(""), "one, two");
  const reply = await cut.reply;
  assert.ok(reply.kind === "answered" && reply.isCut);
  const refused = client.stream(question());
  assert.deepEqual(await gather(refused), []);
  const refusal = await refused.reply;
  assert.ok(refusal.kind === "refused" && refusal.by === "model" && refusal.message === "No.");
  const plain = client.stream(question());
  assert.equal((await gather(plain)).join(""), "Hi.");
  assert.deepEqual((await plain.reply).fixes, ["drop_stream_options"]);
  assert.equal((await plain.reply).usage.isEstimate, true);
});

Deno.test("streamJson() gives the value so far and judges the end", async () => {
  await using server = startOpenAiServer();
  const schema = z.object({ title: z.string(), tags: z.array(z.string()) });
  const value = { title: "A plan", tags: ["one", "two", "three"] };
  server.always(saysJson(value));
  const stream = await clientOf([server]).streamJson({ ...question(), schema });
  const values = await gather(stream);
  assert.ok(values.length > 3);
  assert.deepEqual(values.at(-1), value);
  const reply = await stream.reply;
  assert.ok(reply.kind === "answered");
  assert.deepEqual(reply.value, value);
  server.always(saysJson({ title: 1 }));
  const wrong = await clientOf([server]).streamJson({ ...question(), schema });
  await gather(wrong);
  await assert.rejects(wrong.reply, { code: "JSON_SCHEMA_MISMATCH" });
});
