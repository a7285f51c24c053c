import assert from "node:assert/strict";
import {
  currentTraceId,
  currentTraceparent,
  isTraced,
  outsideTrace,
  readTraceparent,
  tracedFetch,
  Tracer,
  traceRequest,
  useTracer,
  withSpan,
} from "../../supabase/functions/_shared/tracing.ts";
import { FakeClock } from "../helpers/fakeClock.ts";
import { hostileTraceparents, recording, requestWith, traceId, traceparent } from "../helpers/traces.ts";

/** Which trace a handler of this request finds itself in. */
async function traceIn(request: Request): Promise<string | undefined> {
  let found: string | undefined;
  await traceRequest(request, "f", async () => {
    await Promise.resolve();
    found = currentTraceparent();
    return new Response();
  });
  return found;
}

Deno.test("readTraceparent() reads what the standard allows, and nothing else", () => {
  assert.deepEqual(readTraceparent(traceparent(1)), {
    traceId: traceId(1),
    spanId: "1111111111111111",
    isSampled: true,
  });
  assert.equal(readTraceparent(traceparent(1, "00"))!.isSampled, false);
  assert.equal(readTraceparent(traceparent(1, "03"))!.isSampled, true);
  // A later version may say more behind a hyphen.
  assert.equal(readTraceparent(`cc${traceparent(1).slice(2)}-what-comes`)!.traceId, traceId(1));
  for (const header of hostileTraceparents()) {
    assert.equal(readTraceparent(header), undefined, header.slice(0, 80));
  }
  for (const header of [null, undefined]) assert.equal(readTraceparent(header), undefined);
});

Deno.test("traceRequest() goes on with the caller's trace, through every await", async () => {
  assert.equal(await traceIn(requestWith(traceparent(1))), traceparent(1));
});

Deno.test("traceRequest() begins a trace of its own for a hostile header, and gives nothing of it back", async () => {
  for (const header of hostileTraceparents()) {
    // What the platform itself refuses never arrives.
    let request: Request;
    try {
      request = requestWith(header);
    } catch {
      continue;
    }
    const found = await traceIn(request);
    assert.match(found!, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    assert.notEqual(found!.split("-")[1], traceId(10));
  }
});

Deno.test("traceRequest() makes ids only when somebody asks", async () => {
  let asked = 0;
  const random = { next: () => 0, uuid: () => `${asked++}`.padStart(8, "a") + crypto.randomUUID().slice(8) };
  const tracer = new Tracer({ random });
  await tracer.request(requestWith(undefined), "f", () => Promise.resolve(new Response()));
  assert.equal(asked, 0);
  await tracer.request(requestWith(undefined), "f", () => Promise.resolve(new Response(currentTraceId())));
  assert.equal(asked, 2);
});

Deno.test("traceRequest() adds nothing for the second wrapper of one request", async () => {
  using watched = recording();
  const request = requestWith(undefined);
  await traceRequest(request, "outer", () =>
    traceRequest(request, "inner", () => {
      assert.equal(isTraced(request), true);
      return Promise.resolve(new Response());
    }));
  assert.deepEqual((await watched.finished()).map(({ name }) => name), ["outer"]);
});

Deno.test("fifty requests at once never meet in one another's trace", async () => {
  using watched = recording();
  // A server that says in which trace it was called, so that the contexts cross real reads and writes.
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    await request.text();
    return new Response(request.headers.get("traceparent"));
  });
  const send = tracedFetch();
  const call = async (number: number) => {
    const seen = [currentTraceId()];
    for (let step = 0; step < 5; step++) {
      await withSpan(`step ${step}`, async () => {
        const answer = await send(`http://127.0.0.1:${server.addr.port}/`, {
          method: "POST",
          body: `${number}`,
        });
        seen.push(readTraceparent(await answer.text())?.traceId, currentTraceId());
      });
    }
    return new Response(JSON.stringify(seen));
  };
  await Promise.all(Array.from({ length: 50 }, async (_, index) => {
    const number = index + 1;
    const answer = await traceRequest(requestWith(traceparent(number)), "f", () => call(number));
    assert.deepEqual(await answer.json(), Array(11).fill(traceId(number)));
  }));
  assert.equal(currentTraceId(), undefined);
  const spans = await watched.finished();
  assert.equal(spans.length, 50 * 11);
  const byId = new Map(spans.map((span) => [span.context.spanId, span]));
  assert.equal(byId.size, spans.length, "every span has an id of its own");
  for (const { context, parentSpanId, kind } of spans) {
    const parent = byId.get(parentSpanId!);
    assert.equal(parent === undefined, kind === "server", "only the request's own parent is elsewhere");
    if (parent !== undefined) assert.equal(parent.context.traceId, context.traceId);
  }
});

Deno.test("withSpan() hands on what the work returns and throws, and marks the failure", async () => {
  using watched = recording();
  assert.equal(await withSpan("good", () => 7), 7);
  await assert.rejects(withSpan("bad", () => Promise.reject(new TypeError("broken"))), TypeError);
  const failures = (await watched.finished()).map(({ name, failure }) => [name, failure]);
  assert.deepEqual(failures, [["good", undefined], ["bad", "broken"]]);
});

Deno.test("withSpan() without an exporter runs the work and records nothing", async () => {
  const restore = useTracer(new Tracer());
  assert.equal(
    await withSpan("any", (span) => {
      span.setAttribute("a", 1);
      span.fail(new Error("x"));
      span.end();
      return span.context.isSampled;
    }),
    false,
  );
  restore();
});

Deno.test("Tracer records as the caller says, and else the share that it was told", async () => {
  using watched = recording({ ratio: 0.25 });
  const noop = () => Promise.resolve(new Response());
  await traceRequest(requestWith(traceparent(1, "00")), "refused", noop);
  await traceRequest(requestWith(traceparent(2, "01")), "wanted", noop);
  for (let i = 0; i < 2_000; i++) await traceRequest(requestWith(undefined), "own", noop);
  const names = (await watched.finished()).map(({ name }) => name);
  assert.equal(names.includes("refused"), false);
  assert.equal(names.filter((name) => name === "wanted").length, 1);
  // Five standard deviations of 2,000 draws at a quarter.
  assert.ok(Math.abs(names.length - 501) < 97, `${names.length} of 2000`);
});

Deno.test("Tracer with a ratio of 0 or 1 records none or all", async () => {
  for (const ratio of [0, 1]) {
    using watched = recording({ ratio });
    for (let i = 0; i < 100; i++) {
      await traceRequest(requestWith(undefined), "own", () => Promise.resolve(new Response()));
    }
    assert.equal((await watched.finished()).length, 100 * ratio);
  }
});

Deno.test("a trace that is not recorded still has one id from end to end", async () => {
  using _watched = recording({ ratio: 0 });
  await traceRequest(requestWith(undefined), "f", async () => {
    const before = currentTraceparent();
    await withSpan("inner", () => assert.equal(currentTraceparent(), before));
    assert.match(before!, /-00$/);
    return new Response();
  });
});

Deno.test("a clock that jumps gives no span a negative duration", async () => {
  const jumps = [1_000_000, 5, 900_000, 1, 0];
  let ticks = 0;
  const clock = new FakeClock("2026-01-01T00:00:00Z");
  const jumping = Object.assign(Object.create(clock), {
    now: () => jumps[ticks++ % jumps.length]!,
    monotonic: () => jumps[ticks++ % jumps.length]!,
  });
  using watched = recording({ clock: jumping });
  for (let i = 0; i < 20; i++) await withSpan("s", () => {});
  for (const { durationMs } of await watched.finished()) assert.ok(durationMs >= 0);
});

Deno.test("a span takes 32 attributes, ends once, and ignores what comes later", async () => {
  using watched = recording();
  await withSpan("s", (span) => {
    for (let i = 0; i < 100; i++) span.setAttribute(`a${i}`, i);
    span.setAttribute("a0", "again");
    span.end();
    span.setAttribute("a1", "late");
  });
  const [span, ...others] = await watched.finished();
  assert.equal(others.length, 0);
  assert.deepEqual([span!.attributes.size, span!.attributes.get("a0"), span!.attributes.get("a1")], [
    32,
    "again",
    1,
  ]);
});

Deno.test("outsideTrace() leaves the trace, and only there", async () => {
  await traceRequest(requestWith(traceparent(1)), "f", async () => {
    assert.equal(await outsideTrace(() => Promise.resolve(currentTraceId())), undefined);
    assert.equal(currentTraceId(), traceId(1));
    return new Response();
  });
});

Deno.test("Tracer refuses options that make no sense", () => {
  for (
    const options of [{ ratio: 2 }, { ratio: NaN }, { maxWaiting: 0 }, { maxBatch: 1.5 }, { delayMs: -1 }, {
      timeoutMs: 0,
    }]
  ) {
    assert.throws(() => new Tracer(options), RangeError, JSON.stringify(options));
  }
});
