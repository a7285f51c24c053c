import assert from "node:assert/strict";
import { createLogger, silentLogger } from "../../../supabase/functions/_shared/core/logger.ts";
import {
  configuredTracer,
  outsideTrace,
  type Tracer,
  type TracerOptions,
} from "../../../supabase/functions/_shared/tracing.ts";
import { startCollector } from "../../helpers/collector.ts";
import { FakeClock } from "../../helpers/fakeClock.ts";
import { traceId, traceparent } from "../../helpers/traces.ts";
import { waitFor } from "../../helpers/waiting.ts";

/** A tracer that sends to this address. */
function sendingTo(endpoint: string, options: TracerOptions = {}): Tracer {
  const headers = { "x-api-key": "key-of-the-collector" };
  return configuredTracer({ endpoint, headers, serviceName: "shop", ratio: 1 }, {
    logger: silentLogger,
    ...options,
  });
}

/** Answers a request in a trace and says how the answer came: nothing here may wait for the collector. */
async function answered(tracer: Tracer, header = traceparent(1)): Promise<number> {
  const request = new Request("http://f/", { headers: { traceparent: header } });
  return (await tracer.request(request, "chat", () => Promise.resolve(new Response()))).status;
}

/** Moves the clock on until the condition holds. */
async function advanceUntil(clock: FakeClock, what: string, holds: () => boolean): Promise<void> {
  await waitFor(what, () => {
    if (!holds()) clock.advance(2_500);
    return holds();
  });
}

Deno.test("spans reach a collector by OTLP, with the service's name, the key and the place in the trace", async () => {
  await using collector = startCollector();
  const tracer = sendingTo(collector.endpoint);
  const request = new Request("http://f/", { method: "POST", headers: { traceparent: traceparent(1) } });
  await tracer.request(request, "chat", async () => {
    await tracer.span("inner", (span) => {
      for (const [key, value] of Object.entries({ s: "text", i: 7, d: 0.5, b: true, n: NaN })) {
        span.setAttribute(key, value);
      }
    });
    return new Response(null, { status: 503 });
  });
  await tracer.flush();
  const [inner, outer] = collector.spans;
  assert.deepEqual([outer!.name, outer!.kind, outer!.traceId, outer!.parentSpanId], [
    "chat",
    2,
    traceId(1),
    "1111111111111111",
  ]);
  assert.equal(inner!.parentSpanId, outer!.spanId);
  assert.deepEqual(outer!.status, { code: 2, message: "answered 503" });
  assert.deepEqual(Object.fromEntries(inner!.attributes.map(({ key, value }) => [key, value])), {
    s: { stringValue: "text" },
    i: { intValue: "7" },
    d: { doubleValue: 0.5 },
    b: { boolValue: true },
    n: { stringValue: "NaN" },
  });
  assert.equal(collector.requests[0]!.get("x-api-key"), "key-of-the-collector");
  assert.equal(collector.requests[0]!.get("traceparent"), null, "sending spans makes none");
  assert.deepEqual(tracer.counts, { sent: 2, dropped: 0, waiting: 0 });
});

Deno.test("spans leave by themselves after a while, and at once when a batch is full", async () => {
  await using collector = startCollector();
  const clock = new FakeClock("2026-01-01T00:00:00Z");
  const tracer = sendingTo(collector.endpoint, { clock, maxBatch: 10, delayMs: 5_000 });
  await answered(tracer);
  clock.advance(4_999);
  assert.equal(collector.requests.length, 0);
  clock.advance(1);
  await waitFor("the first span", () => collector.spans.length === 1);
  await waitFor("the queue to rest", () => tracer.counts.sent === 1);
  for (let i = 0; i < 10; i++) await answered(tracer);
  await waitFor("the full batch", () => collector.spans.length === 11);
  await waitFor("the answer to be read", () => tracer.counts.sent === 11);
});

Deno.test("spans carry no secret to the collector, and no text without end", async () => {
  await using collector = startCollector();
  const tracer = sendingTo(collector.endpoint);
  const key = "sb_secret_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6";
  await tracer.span(`call ${key}`, (span) => {
    span.setAttribute("note", `mail to jane@example.com with ${key}`);
    span.setAttribute("long", "x".repeat(1_000_000));
    span.fail(new Error(`refused ${key}`));
  });
  await tracer.flush();
  const text = JSON.stringify(collector.spans);
  assert.doesNotMatch(text, /A1b2C3d4|jane@example/);
  assert.ok(text.length < 3_000, `${text.length}`);
});

Deno.test("a collector that hangs delays no call, and its spans are given up and counted", async () => {
  await using collector = startCollector();
  collector.behaviour = "hang";
  const clock = new FakeClock("2026-01-01T00:00:00Z");
  const tracer = sendingTo(collector.endpoint, { clock, maxBatch: 1, maxWaiting: 5 });
  // The clock stands still: whoever waited for the collector would wait for ever.
  for (let i = 0; i < 50; i++) assert.equal(await answered(tracer), 200);
  assert.ok(tracer.counts.dropped >= 44, JSON.stringify(tracer.counts));
  await advanceUntil(clock, "all of them to be given up", () => tracer.counts.dropped === 50);
  assert.deepEqual(tracer.counts, { sent: 0, dropped: 50, waiting: 0 });
});

Deno.test("a collector that is down delays no call, and its spans are given up after three tries", async () => {
  const collector = startCollector();
  const { endpoint } = collector;
  await collector[Symbol.asyncDispose]();
  const clock = new FakeClock("2026-01-01T00:00:00Z");
  const tracer = sendingTo(endpoint, { clock });
  for (let i = 0; i < 20; i++) assert.equal(await answered(tracer), 200);
  await advanceUntil(clock, "the spans to be given up", () => tracer.counts.dropped === 20);
});

for (const status of [400, 401, 404, 413, 500]) {
  Deno.test(`a collector that answers ${status} is not asked again for the same spans`, async () => {
    await using collector = startCollector();
    collector.behaviour = status;
    const tracer = sendingTo(collector.endpoint);
    assert.equal(await answered(tracer), 200);
    await tracer.flush();
    assert.equal(collector.requests.length, 1);
    assert.deepEqual(tracer.counts, { sent: 0, dropped: 1, waiting: 0 });
  });
}

for (const status of [429, 502, 503, 504]) {
  Deno.test(`a collector that answers ${status} gets the same spans again, not before it wants them`, async () => {
    await using collector = startCollector();
    Object.assign(collector, { behaviour: status, retryAfter: "7" });
    const clock = new FakeClock("2026-01-01T00:00:00Z");
    const tracer = sendingTo(collector.endpoint, { clock, maxBatch: 1 });
    await answered(tracer);
    await waitFor("the first try", () => collector.requests.length === 1);
    collector.behaviour = "take";
    const before = clock.now();
    await advanceUntil(clock, "the spans", () => tracer.counts.sent === 1);
    assert.ok(clock.now() - before >= 7_000, `${clock.now() - before} ms`);
    assert.equal(collector.spans.length, 1);
  });
}

Deno.test("a collector may take a part of a batch: the rest is counted", async () => {
  await using collector = startCollector();
  collector.behaviour = "rejectOne";
  const tracer = sendingTo(collector.endpoint);
  for (let i = 0; i < 3; i++) await answered(tracer);
  await tracer.flush();
  assert.deepEqual(tracer.counts, { sent: 2, dropped: 1, waiting: 0 });
});

Deno.test("a collector cannot send the key elsewhere", async () => {
  const reached: Request[] = [];
  await using elsewhere = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    reached.push(request);
    return new Response();
  });
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => Response.redirect(`http://127.0.0.1:${elsewhere.addr.port}/`, 307),
  );
  const tracer = sendingTo(`http://127.0.0.1:${server.addr.port}/v1/traces`);
  await answered(tracer);
  await tracer.flush();
  assert.equal(reached.length, 0);
  assert.equal(tracer.counts.dropped, 1);
});

Deno.test("a flush at the end of a worker sends what waits, and what others push meanwhile", async () => {
  await using collector = startCollector();
  const tracer = sendingTo(collector.endpoint);
  for (let i = 0; i < 1_500; i++) await answered(tracer);
  await Promise.all([tracer.flush(), answered(tracer), tracer.flush()]);
  await tracer.flush();
  assert.equal(collector.spans.length, 1_501);
  assert.deepEqual(tracer.counts, { sent: 1_501, dropped: 0, waiting: 0 });
});

Deno.test("an exporter that throws and a logger that throws fail no call", async () => {
  const { Tracer } = await import("../../../supabase/functions/_shared/tracing.ts");
  const logger = createLogger("x", () => {
    throw new Error("the logger is broken");
  });
  for (
    const exporter of [
      () => Promise.reject(new Error("cannot be loaded")),
      () => Promise.resolve({ export: () => Promise.reject(new Error("broken")) }),
    ]
  ) {
    const tracer = new Tracer({ exporter, logger });
    assert.equal(await outsideTrace(() => answered(tracer)), 200);
    await tracer.flush();
    assert.equal(tracer.counts.dropped, 1);
  }
});
