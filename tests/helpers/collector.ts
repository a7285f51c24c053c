/** A collector of spans that speaks OTLP over HTTP with JSON, and can be told to misbehave. @module */

import assert from "node:assert/strict";

/** A span as the protocol writes it. */
export interface CollectedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: Record<string, unknown> }[];
  status: { code?: number; message?: string };
}

/** What the collector does with the next request; `hang` never answers. */
export type Behaviour = "take" | "hang" | "rejectOne" | number;

/** A running collector. */
export interface Collector extends AsyncDisposable {
  /** Where spans are posted to. */
  readonly endpoint: string;
  readonly spans: CollectedSpan[];
  /** How often it was asked. */
  readonly requests: Headers[];
  behaviour: Behaviour;
  /** Sent along with every answer that is no success. */
  retryAfter: string | undefined;
}

/** Starts a collector on a free port. */
export function startCollector(): Collector {
  const hanging: (() => void)[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    collector.requests.push(request.headers);
    const body = await request.json();
    const { behaviour, retryAfter } = collector;
    if (behaviour === "hang") await new Promise<void>((resolve) => hanging.push(resolve));
    if (typeof behaviour === "number") {
      return new Response("no", {
        status: behaviour,
        headers: retryAfter === undefined ? {} : { "retry-after": retryAfter },
      });
    }
    collector.spans.push(...readSpans(request, body));
    return Response.json(behaviour === "rejectOne" ? { partialSuccess: { rejectedSpans: "1" } } : {});
  });
  const collector: Collector = {
    endpoint: `http://127.0.0.1:${server.addr.port}/v1/traces`,
    spans: [],
    requests: [],
    behaviour: "take",
    retryAfter: undefined,
    async [Symbol.asyncDispose]() {
      for (const release of hanging) release();
      await server.shutdown();
    },
  };
  return collector;
}

/** Refuses what the protocol does not allow. */
function readSpans(request: Request, body: unknown): CollectedSpan[] {
  assert.equal(request.method, "POST");
  assert.equal(request.headers.get("content-type"), "application/json");
  const { resourceSpans } = body as {
    resourceSpans: { resource: { attributes: unknown }; scopeSpans: { spans: CollectedSpan[] }[] }[];
  };
  assert.ok(Array.isArray(resourceSpans[0]!.resource.attributes));
  const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  for (const span of spans) {
    assert.match(span.traceId, /^[0-9a-f]{32}$/);
    assert.match(span.spanId, /^[0-9a-f]{16}$/);
    assert.match(span.startTimeUnixNano, /^\d{19}$/);
    assert.ok(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano), "a span ends after its start");
    assert.ok(span.kind >= 1 && span.kind <= 5);
    assert.ok(Array.isArray(span.attributes));
  }
  return spans;
}
