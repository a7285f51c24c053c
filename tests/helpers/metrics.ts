/** Batches of metrics as a monitor sends them. @module */

import { Histogram, type MetricReport } from "../../supabase/functions/_shared/performanceMonitor.ts";

/** A report of these samples. */
export function metricOf(samples: readonly number[], changes: Partial<MetricReport> = {}): MetricReport {
  const histogram = new Histogram();
  for (const sample of samples) histogram.add(sample);
  const { count, sum, min, max, cells } = histogram;
  return {
    name: "load",
    kind: "duration",
    unit: "ms",
    tags: {},
    ageMs: 0,
    count,
    sum,
    min,
    max,
    cells,
    ...changes,
  };
}

/** A batch under an id of its own. */
export function batchOf(...metrics: MetricReport[]): { batchId: string; metrics: MetricReport[] } {
  return { batchId: crypto.randomUUID(), metrics };
}

/** The value that the share `quantile` of the samples does not exceed, without any sketch. */
export function exactQuantile(samples: readonly number[], quantile: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(quantile * sorted.length)) - 1]!;
}
