import assert from "node:assert/strict";

const TRACING = new URL("../../../supabase/functions/_shared/tracing.ts", import.meta.url).href;

/**
 * A project with an OpenTelemetry of its own, in a process of its own: what is registered holds for a whole process,
 * and the packages stay out of the lock file, where they would change how supabase-js is resolved.
 */
const PROJECT = `
import { context, trace, SpanKind } from "npm:@opentelemetry/api@1.9.0";
import { AsyncLocalStorageContextManager } from "npm:@opentelemetry/context-async-hooks@1.30.1";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "npm:@opentelemetry/sdk-trace-base@1.30.1";
import { currentTraceparent, tracedFetch, traceRequest, useTracer, Tracer, withSpan } from "${TRACING}";

const own = [];
useTracer(new Tracer({ exporter: async () => ({ export: async (spans) => (own.push(...spans), { kind: "sent", rejected: 0 }) }) }));
const exporter = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
if (Deno.args[0] === "managed") context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

const request = new Request("http://f/", { headers: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } });
let sent, theirs;
const send = tracedFetch(async (_, init) => (sent = new Headers(init.headers).get("traceparent"), new Response()));
await traceRequest(request, "chat", async () => {
  await Promise.resolve();
  await withSpan("inner", async (span) => {
    span.setAttribute("rows", 3);
    theirs = trace.getActiveSpan()?.spanContext().spanId;
    await trace.getTracer("project").startActiveSpan("their own", async (span) => {
      await withSpan("below theirs", () => {}).catch(() => {});
      span.end();
    });
    await send("http://a.test/x");
    throw new TypeError("broken: password=Ab1xAb1x");
  }, { links: [{ traceId: "1".repeat(32), spanId: "2".repeat(16), isSampled: true }] }).catch(() => {});
  return new Response(null, { status: 503 });
});
while (exporter.getFinishedSpans().length < 5) await new Promise((resolve) => setTimeout(resolve));
const spans = exporter.getFinishedSpans().map((span) => ({
  name: span.name, traceId: span.spanContext().traceId, spanId: span.spanContext().spanId,
  parent: span.parentSpanId, kind: SpanKind[span.kind], status: span.status, attributes: span.attributes, links: span.links.length,
}));
console.log(JSON.stringify({ spans, own: own.length, sent, theirs, after: currentTraceparent() ?? null }));
`;

interface Seen {
  spans: {
    name: string;
    traceId: string;
    spanId: string;
    parent: string;
    kind: string;
    status: { code: number; message?: string };
    attributes: Record<string, unknown>;
    links: number;
  }[];
  own: number;
  sent: string;
  theirs: string | undefined;
  after: string | null;
}

async function runProject(kind: string): Promise<Seen> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, PROJECT);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--no-lock", "--no-config", "--allow-all", file, kind],
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(file);
  }
}

for (const kind of ["managed", "without a context manager"]) {
  Deno.test(`the project's own OpenTelemetry gets our spans instead of our exporter, ${kind}`, async () => {
    const { spans, own, sent, theirs, after } = await runProject(kind);
    const one = (name: string) => spans.find((span) => span.name === name)!;
    const [chat, inner, call] = [one("chat"), one("inner"), one("GET /x")];
    assert.equal(own, 0);
    assert.equal(after, null);
    const ours = [chat, inner, call, one("below theirs")];
    for (const { traceId } of ours) assert.equal(traceId, "0af7651916cd43dd8448eb211c80319c");
    assert.deepEqual([chat.parent, inner.parent, call.parent], [
      "b7ad6b7169203331",
      chat.spanId,
      inner.spanId,
    ]);
    assert.deepEqual([chat.kind, inner.kind, call.kind], ["SERVER", "INTERNAL", "CLIENT"]);
    assert.deepEqual(chat.status, { code: 2, message: "answered 503" });
    assert.deepEqual(inner.status, { code: 2, message: "broken: password=[redacted:password]" });
    assert.deepEqual([inner.attributes, inner.links], [{ rows: 3 }, 1]);
    assert.equal(sent, `00-${chat.traceId}-${call.spanId}-01`);
    if (kind !== "managed") return;
    assert.equal(theirs, inner.spanId, "their instrumentation sees our span around it");
    assert.equal(one("below theirs").parent, one("their own").spanId, "and ours stands below theirs");
  });
}
