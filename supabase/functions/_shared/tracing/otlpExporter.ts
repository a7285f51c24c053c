/**
 * Sends spans to a collector by OTLP over HTTP with JSON. Loaded only when a collector is configured.
 *
 * @module
 */

import { messageOf } from "../core/errors.ts";
import { sanitizeText, sanitizeValue } from "../errorSanitizer.ts";
import type { AttributeValue, FinishedSpan, SpanKind } from "./span.ts";
import type { ExportOutcome, SpanExporter } from "./spanQueue.ts";

/** Where the collector is. */
export interface OtlpOptions {
  /** The full address, with its path. */
  endpoint: string;
  headers: Readonly<Record<string, string>>;
  serviceName: string;
  request?: typeof fetch;
}

const KINDS: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3 };
/** What the protocol calls an error; unset is 0. */
const STATUS_ERROR = 2;
const MAX_NAME = 200;
const MAX_TEXT = 500;
/** Trouble after which the protocol allows another try. */
const PASSING = new Set([429, 502, 503, 504]);

/** Makes the exporter. */
export function otlpExporter(options: OtlpOptions): SpanExporter {
  const { endpoint, headers, request = fetch } = options;
  return {
    async export(spans, signal) {
      const body = JSON.stringify(otlpBody(spans, options.serviceName));
      let answer: Response;
      try {
        answer = await request(endpoint, {
          method: "POST",
          headers: { ...headers, "content-type": "application/json" },
          body,
          signal,
          // A key must not follow to wherever an answer points.
          redirect: "error",
        });
      } catch (error) {
        return { kind: "retry", reason: clean(messageOf(error), MAX_TEXT) };
      }
      return await judge(answer);
    },
  };
}

async function judge(answer: Response): Promise<ExportOutcome> {
  if (answer.ok) return { kind: "sent", rejected: await rejectedIn(answer) };
  await answer.body?.cancel();
  const reason = `the collector answered ${answer.status}`;
  if (!PASSING.has(answer.status)) return { kind: "refused", reason };
  const seconds = Number(answer.headers.get("retry-after") ?? "");
  return { kind: "retry", reason, ...(seconds > 0 ? { afterMs: seconds * 1_000 } : {}) };
}

/** A collector may take a part of a batch. An answer that cannot be read says nothing against it. */
async function rejectedIn(answer: Response): Promise<number> {
  try {
    const rejected = Number((await answer.json())?.partialSuccess?.rejectedSpans ?? 0);
    return rejected > 0 ? rejected : 0;
  } catch {
    return 0;
  }
}

/** The body of a request. */
export function otlpBody(spans: readonly FinishedSpan[], serviceName: string): unknown {
  return {
    resourceSpans: [{
      resource: { attributes: [attributeOf("service.name", serviceName)] },
      scopeSpans: [{ scope: { name: "self-healing" }, spans: spans.map(spanOf) }],
    }],
  };
}

function spanOf(span: FinishedSpan): unknown {
  const { context, parentSpanId, failure } = span;
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    ...(context.traceState === undefined ? {} : { traceState: context.traceState }),
    name: clean(span.name, MAX_NAME),
    kind: KINDS[span.kind],
    startTimeUnixNano: nanoseconds(span.startMs),
    endTimeUnixNano: nanoseconds(span.startMs + span.durationMs),
    attributes: [...span.attributes].map(([key, value]) => attributeOf(key, value)),
    links: span.links.map(({ traceId, spanId }) => ({ traceId, spanId })),
    status: failure === undefined ? {} : { code: STATUS_ERROR, message: clean(failure, MAX_TEXT) },
  };
}

function attributeOf(key: string, value: AttributeValue): { key: string; value: unknown } {
  return { key: clean(key, MAX_NAME), value: valueOf(key, value) };
}

/** Numbers go as doubles unless they are whole; what JSON cannot say goes as text. */
function valueOf(key: string, value: AttributeValue): unknown {
  if (typeof value === "boolean") return { boolValue: value };
  if (Number.isSafeInteger(value)) return { intValue: String(value) };
  if (typeof value === "number" && Number.isFinite(value)) return { doubleValue: value };
  // By the name of its key a secret is known that has no form of its own.
  const safe = sanitizeValue({ [key]: clean(String(value), MAX_TEXT) }) as object;
  return { stringValue: String(Object.values(safe)[0]) };
}

/** What goes to another party goes through the same cleaning as what is stored. */
function clean(text: string, maxLength: number): string {
  return sanitizeText(text, { maxLength });
}

/** As text: the number is greater than what JSON's numbers hold exactly. */
function nanoseconds(ms: number): string {
  const micros = Math.round(ms * 1_000);
  return `${BigInt(micros) * 1_000n}`;
}
