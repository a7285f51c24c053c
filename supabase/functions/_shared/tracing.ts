/**
 * One trace from the user's call through healing, database and engine: spans, and the W3C `traceparent` that carries
 * a call's place from one process to the next.
 *
 * Code finds its place by itself, through every `await`. Spans are recorded when a collector is configured
 * (`OTEL_EXPORTER_OTLP_ENDPOINT`) or when the project has registered an OpenTelemetry provider of its own, which then
 * gets them. Otherwise nothing is recorded, and a trace id is made only when a row, a request or an error's answer
 * needs one. Spans are sent in the background: a collector that is down costs spans, and never a call.
 *
 * @example
 * ```ts
 * import { currentTraceId, traceRequest, withSpan } from "./tracing.ts";
 *
 * const request = new Request("http://localhost/", {
 *   headers: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
 * });
 * const answer = await traceRequest(request, "chat", () =>
 *   withSpan("load the plan", () => new Response(currentTraceId())));
 * if (await answer.text() !== "0af7651916cd43dd8448eb211c80319c") throw new Error("unexpected");
 * ```
 *
 * @module
 */

import { isolateTracer } from "./tracing/isolate.ts";
import { currentScope, runInScope } from "./tracing/scope.ts";
import type { Span } from "./tracing/span.ts";
import { formatTraceparent } from "./tracing/traceContext.ts";
import type { SpanOptions } from "./tracing/tracer.ts";

export { configuredTracer, useTracer } from "./tracing/isolate.ts";
export { readTracingSettings, type TracingSettings } from "./tracing/settings.ts";
export type { AttributeValue, FinishedSpan, Span, SpanKind } from "./tracing/span.ts";
export type { ExportOutcome, SpanCounts, SpanExporter } from "./tracing/spanQueue.ts";
export { formatTraceparent, readTraceparent, type TraceContext } from "./tracing/traceContext.ts";
export { traceAnswer, tracedFetch, traceHeaders } from "./tracing/tracedFetch.ts";
export { type SpanOptions, Tracer, type TracerOptions } from "./tracing/tracer.ts";

/** Runs the handler of a request as the server's side of its trace, or of a new one. */
export function traceRequest(
  request: Request,
  name: string,
  work: () => Promise<Response>,
): Promise<Response> {
  return isolateTracer().request(request, name, work);
}

/** Runs work as a span of the present trace; it fails when the work throws, and the work's error goes on. */
export function withSpan<Result>(
  name: string,
  work: (span: Span) => Promise<Result> | Result,
  options?: SpanOptions,
): Promise<Result> {
  return isolateTracer().span(name, work, options);
}

/** The request whose handler the code that asks runs in; undefined outside of one that is watched. */
export function currentRequest(): Request | undefined {
  return currentScope()?.request;
}

/** The `traceparent` of the code that asks; undefined outside of a trace. */
export function currentTraceparent(): string | undefined {
  const scope = currentScope();
  return scope === undefined ? undefined : formatTraceparent(scope.context);
}

/** The id of the present trace; undefined outside of one. */
export function currentTraceId(): string | undefined {
  return currentScope()?.context.traceId;
}

/** True when the request's handler runs already inside of {@link traceRequest}. */
export function isTraced(request: Request): boolean {
  return currentScope()?.request === request;
}

/**
 * Runs work outside of any trace: for what serves many requests at once, and for a module that is loaded when it is
 * first needed. Deno 2.9 hands the place in which a module was first loaded on to whatever comes next from outside,
 * such as the next request; the platform's version does not.
 */
export function outsideTrace<Result>(work: () => Result): Result {
  return runInScope(undefined, work);
}

/** Sends the spans that wait; for the end of a worker and for tests. */
export function flushSpans(): Promise<void> {
  return isolateTracer().flush();
}
