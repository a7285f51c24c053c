/** What traces and measurements cost: a request that nothing records, a span that is, a sample. @module */

import { withSelfHealing } from "../../supabase/functions/_shared/errorInterceptor.ts";
import { PerformanceMonitor } from "../../supabase/functions/_shared/performanceMonitor.ts";
import { Tracer, useTracer, withSpan } from "../../supabase/functions/_shared/tracing.ts";

const answer = new Response("ok");

async function handler(request: Request): Promise<Response> {
  await request.method;
  return answer;
}

const off = new Tracer();
const on = new Tracer({
  exporter: () => Promise.resolve({ export: () => Promise.resolve({ kind: "sent", rejected: 0 }) }),
  delayMs: 100,
});
const unsampled = new Tracer({
  ratio: 0,
  exporter: () => Promise.resolve({ export: () => Promise.resolve({ kind: "sent", rejected: 0 }) }),
});
const monitor = new PerformanceMonitor();
const wrapped = withSelfHealing(handler, { functionName: "bench", monitor });
const traced = new Request("http://localhost/", {
  headers: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
});
const plain = new Request("http://localhost/");

async function thousand(one: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < 1_000; i++) await one();
}

function call(): Promise<string> {
  return Promise.resolve("ok");
}

/** A bench with this tracer in force; they run one after the other. */
function withTracer(name: string, group: string, tracer: Tracer, one: () => Promise<unknown>): void {
  Deno.bench({
    name,
    group,
    fn: async () => {
      useTracer(tracer);
      await one();
    },
  });
}

Deno.bench({
  name: "bare handler",
  group: "request",
  baseline: true,
  fn: async () => void await handler(plain),
});
withTracer("withSelfHealing, nothing records", "request", off, () => wrapped(plain));
withTracer("withSelfHealing, traceparent, nothing records", "request", off, () => wrapped(traced));
withTracer("withSelfHealing, not sampled", "request", unsampled, () => wrapped(plain));
withTracer("withSelfHealing, recorded", "request", on, () => wrapped(traced));

Deno.bench({
  name: "no span, 1000 calls",
  group: "span",
  baseline: true,
  fn: async () => await thousand(call),
});
withTracer("withSpan, nothing records, 1000", "span", off, () => thousand(() => withSpan("s", call)));
withTracer("withSpan, recorded, 1000", "span", on, () => thousand(() => withSpan("s", call)));

Deno.bench({
  name: "nothing measured, 1000 calls",
  group: "sample",
  baseline: true,
  fn: async () => await thousand(call),
});
Deno.bench({
  name: "performanceMonitor.measure",
  group: "sample",
  fn: async () => await thousand(() => monitor.measure("bench", call)),
});
Deno.bench({
  name: "performanceMonitor.request",
  group: "sample",
  fn: async () =>
    await thousand(() => {
      monitor.request("bench", "ok", 12.5);
      return call();
    }),
});
