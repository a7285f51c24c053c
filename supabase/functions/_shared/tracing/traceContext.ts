/**
 * Where a call stands in its trace, as the W3C headers say it.
 *
 * The headers are a stranger's text: what is not exactly of the standard's form counts as not sent. `baggage` is never
 * read and never passed on, since nobody knows what is in it.
 *
 * @module
 */

import type { Random } from "../core/random.ts";

/** A place in a trace. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits: the span that further ones are below. */
  spanId: string;
  /** Whether whoever began the trace wants it recorded. */
  isSampled: boolean;
  /** What other tracing systems along the way need, passed on as it came. */
  traceState?: string;
}

const FORM = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})/;
const LENGTH = 55;
const MAX_LENGTH = 128;
const MAX_STATE = 512;
const STATE_MEMBER = /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{1,256}$/;

/** The place that a `traceparent` names; undefined unless it has the form of the standard. */
export function readTraceparent(header: string | null | undefined): TraceContext | undefined {
  if (!header || header.length < LENGTH || header.length > MAX_LENGTH) return undefined;
  const [, traceId, spanId, flags] = FORM.exec(header) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  // Later versions may add fields behind a hyphen; the first one has none.
  const hasMore = header.length > LENGTH;
  if (hasMore && (header.startsWith("00") || header[LENGTH] !== "-")) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** A `tracestate` of the standard's form; undefined for any other. */
export function readTracestate(header: string | null | undefined): string | undefined {
  if (!header || header.length > MAX_STATE) return undefined;
  const members = header.split(",").map((member) => member.trim()).filter((member) => member !== "");
  const isKnown = members.length > 0 && members.length <= 32 &&
    members.every((member) => STATE_MEMBER.test(member));
  return isKnown ? members.join(",") : undefined;
}

/** The place that the headers of a request name. */
export function readHeaders(headers: Headers): TraceContext | undefined {
  const context = readTraceparent(headers.get("traceparent"));
  const traceState = context === undefined ? undefined : readTracestate(headers.get("tracestate"));
  return context === undefined || traceState === undefined ? context : { ...context, traceState };
}

/** The `traceparent` of a place. */
export function formatTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-0${isSampled ? 1 : 0}`;
}

/** The id of a new trace; its last half is random, as samplers along the way expect. */
export function newTraceId(random: Random): string {
  return random.uuid().replaceAll("-", "");
}

/** The id of a new span. */
export function newSpanId(random: Random): string {
  const uuid = random.uuid();
  return uuid.slice(0, 8) + uuid.slice(28, 36);
}
