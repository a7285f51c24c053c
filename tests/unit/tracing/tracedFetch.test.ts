import assert from "node:assert/strict";
import {
  readTraceparent,
  readTracingSettings,
  tracedFetch,
  traceRequest,
} from "../../../supabase/functions/_shared/tracing.ts";
import { recording, requestWith, traceId, traceparent } from "../../helpers/traces.ts";

Deno.test("tracedFetch() adds the place in the trace to whatever the request already says", async () => {
  using watched = recording();
  const sent: Request[] = [];
  const send = tracedFetch((input, init) => {
    sent.push(new Request(input, init));
    return Promise.resolve(new Response(null, { status: 404 }));
  });
  const state = "vendor=value,other@x=1";
  await traceRequest(requestWith(traceparent(1), { tracestate: state, baggage: "user=7" }), "f", async () => {
    await send(new URL("http://a.test/path?secret=1"), { headers: [["x-a", "1"]] });
    await send(new Request("http://a.test/b", { method: "PUT", headers: { "x-b": "2" }, body: "b" }));
    return new Response();
  });
  await send("http://a.test/outside");
  assert.deepEqual(sent.map(({ headers }) => [headers.get("x-a"), headers.get("x-b")]), [
    ["1", null],
    [null, "2"],
    [null, null],
  ]);
  assert.equal(await sent[1]!.text(), "b");
  const spans = await watched.finished();
  for (const [index, request] of sent.slice(0, 2).entries()) {
    const { traceId: trace, spanId } = readTraceparent(request.headers.get("traceparent"))!;
    assert.deepEqual([trace, spanId], [traceId(1), spans[index]!.context.spanId]);
    assert.equal(request.headers.get("tracestate"), state);
    assert.equal(request.headers.get("baggage"), null);
  }
  assert.equal(sent[2]!.headers.get("traceparent"), null);
  assert.deepEqual(spans.slice(0, 2).map(({ name }) => name), ["GET /path", "PUT /b"]);
  assert.equal(JSON.stringify([...spans[0]!.attributes]).includes("secret"), false);
});

Deno.test("tracedFetch() passes on no tracestate that is not of the standard's form", async () => {
  const hostile = ["a".repeat(513), "no member", "UPPER=1", "a=\u00e9", "=1", "a=", ",,,", "a=1,".repeat(40)];
  for (const tracestate of hostile) {
    let passed: string | null = "not called";
    const send = tracedFetch((_, init) => {
      passed = new Headers(init?.headers).get("tracestate");
      return Promise.resolve(new Response());
    });
    await traceRequest(requestWith(traceparent(1), { tracestate }), "f", () => send("http://a.test/"));
    assert.equal(passed, null, tracestate.slice(0, 40));
  }
});

Deno.test("readTracingSettings() reads OpenTelemetry's names, and leaves out what makes no sense", () => {
  const read = (values: Record<string, string>) => readTracingSettings({ get: (name) => values[name] });
  assert.equal(read({}).endpoint, undefined);
  const all = read({
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.test/",
    OTEL_EXPORTER_OTLP_HEADERS: "api-key=a%20b, x = y=z ,broken,=1,bad%zz=1,bad name=1",
    OTEL_SERVICE_NAME: "shop",
    OTEL_TRACES_SAMPLER_ARG: "0.5",
  });
  assert.deepEqual(all, {
    endpoint: "https://collector.test/v1/traces",
    headers: { "api-key": "a b", x: "y=z" },
    serviceName: "shop",
    ratio: 0.5,
  });
  assert.equal(read({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://c.test/x" }).endpoint, "http://c.test/x");
  for (const endpoint of ["file:///etc/passwd", "nonsense", "javascript:1"]) {
    assert.equal(read({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }).endpoint, undefined, endpoint);
  }
  for (const ratio of ["2", "-1", "NaN", "x"]) {
    assert.equal(read({ OTEL_TRACES_SAMPLER_ARG: ratio }).ratio, 1);
  }
  assert.equal(
    read({ OTEL_TRACES_SAMPLER: "parentbased_always_off", OTEL_TRACES_SAMPLER_ARG: "1" }).ratio,
    0,
  );
  const off = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c.test", OTEL_SDK_DISABLED: "true" };
  assert.equal(read(off).endpoint, undefined);
});
