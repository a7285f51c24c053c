/** What functions measured. @module */

import type { Json, RpcPort } from "../core/ports.ts";
import type { MetricKind, MetricReport, MetricSink } from "../performanceMonitor.ts";

/** Adds a batch to its minutes, once by its id; `recorded` is false for one that was in already. */
export async function recordPerformanceMetrics(
  db: RpcPort,
  batch: { batchId: string; metrics: readonly MetricReport[] },
): Promise<{ recorded: boolean; rows: number }> {
  const { sanitizeText } = await import("../errorSanitizer.ts");
  // Names and tags are an author's words, and now and then hold what a caller sent.
  const clean = (text: string, maxLength: number) => sanitizeText(text, { maxLength });
  return await db.call("record_performance_metrics", {
    p_batch: {
      batch_id: batch.batchId,
      metrics: batch.metrics.map((metric) => ({
        name: clean(metric.name, 100),
        kind: metric.kind,
        unit: clean(metric.unit, 20),
        tags: Object.fromEntries(
          Object.entries(metric.tags).map(([key, value]) => [clean(key, 30), clean(value, 40)]),
        ),
        count: metric.count,
        sum: metric.sum,
        min: metric.min,
        max: metric.max,
        histogram: metric.kind === "counter" ? {} : Object.fromEntries(metric.cells),
        age_ms: metric.ageMs,
      })),
    },
  });
}

/** Where the monitor of an isolate sends its batches. */
export function metricSink(db: RpcPort): MetricSink {
  return { record: (batch) => recordPerformanceMetrics(db, batch) };
}

/** Which measurements are asked for. */
export interface PerformanceFilter {
  /** ISO 8601; an hour ago. */
  since?: string;
  /** ISO 8601; now. */
  until?: string;
  name?: string;
  /** Tags that a series has to have. */
  tags?: Record<string, string>;
  /** `name` adds up the series of a name. */
  by?: "series" | "name";
  /** At most 500; 100. */
  limit?: number;
}

/** One series over the time that was asked for; percentiles are at most 2 % wrong, and null for counters. */
export interface PerformanceSeries {
  name: string;
  kind: MetricKind;
  unit: string;
  tags: Record<string, string>;
  count: number;
  sum: number;
  mean: number;
  min: number;
  max: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** What was measured, the busiest series first. */
export function getPerformanceSummary(
  db: RpcPort,
  filter: PerformanceFilter = {},
): Promise<{ since: string; until: string; series: PerformanceSeries[]; has_more: boolean }> {
  return db.call("get_performance_summary", { p_filter: { ...filter } satisfies Json });
}

/** How many requests failed in a time such as `15 minutes`; the rate is in percent, and null without requests. */
export function getErrorRate(
  db: RpcPort,
  timeWindow = "1 hour",
): Promise<{ error_rate: number | null; total_requests: number; error_count: number }> {
  return db.call("get_error_rate", { time_window: timeWindow });
}
