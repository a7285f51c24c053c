/** Places in traces for tests, headers that are none, and tracers that keep their spans. @module */

import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import {
  type FinishedSpan,
  Tracer,
  type TracerOptions,
  useTracer,
} from "../../supabase/functions/_shared/tracing.ts";

/** The id of the trace with this number, from 1. */
export function traceId(number: number): string {
  return number.toString(16).padStart(32, "0");
}

/** A sampled place in the trace with this number. */
export function traceparent(number: number, flags = "01"): string {
  return `00-${traceId(number)}-${number.toString(16).padStart(16, "1")}-${flags}`;
}

/** Headers that nobody may take for a place in a trace. */
export function hostileTraceparents(): string[] {
  const good = traceparent(10);
  const [, trace = "", span = ""] = good.split("-");
  return [
    "",
    "-",
    good.slice(0, -1),
    `${good}0`,
    `${good}-00`,
    good.toUpperCase().replace("0A", "AA"),
    `00-${"0".repeat(32)}-${span}-01`,
    `00-${trace}-${"0".repeat(16)}-01`,
    `ff-${trace}-${span}-01`,
    `0-${trace}-${span}-01`,
    `00-${trace.slice(1)}g-${span}-01`,
    `00_${trace}_${span}_01`,
    `00-${trace}-${span}-0g`,
    `${good}, ${good}`,
    ` ${good.slice(1)}`,
    "00-'; drop table healing_events; --".padEnd(55, "x"),
    '00-"\\u0000"-'.padEnd(55, "\\"),
    "a".repeat(55),
    "0".repeat(100_000),
    `${good}${"-0".repeat(50_000)}`,
    "\0".repeat(55),
    "é".repeat(55),
  ];
}

/** A tracer that keeps its spans, in force until it is disposed of. */
export function recording(options: TracerOptions = {}) {
  const spans: FinishedSpan[] = [];
  const tracer = new Tracer({
    exporter: () =>
      Promise.resolve({
        export: (batch) => {
          spans.push(...batch);
          return Promise.resolve({ kind: "sent" as const, rejected: 0 });
        },
      }),
    logger: silentLogger,
    ...options,
  });
  const restore = useTracer(tracer);
  return {
    tracer,
    async finished(): Promise<FinishedSpan[]> {
      await tracer.flush();
      return spans;
    },
    [Symbol.dispose]: restore,
  };
}

/** A request with this header. */
export function requestWith(header: string | undefined, more: Record<string, string> = {}): Request {
  return new Request("http://f/", {
    headers: { ...more, ...(header === undefined ? {} : { traceparent: header }) },
  });
}
