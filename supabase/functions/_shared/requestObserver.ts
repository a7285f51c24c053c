/**
 * Watches the requests that a function answers: their place in a trace, how long they took, and how they ended.
 *
 * The wrappers around handlers use it; an author who wraps nothing can use it alone. It joins the tracer and the
 * monitor of the isolate, and connects the monitor to the project's database when there is one.
 *
 * @module
 */

import { armOf, type RequestArm } from "./core/requestArms.ts";
import { readSettings } from "./core/settings.ts";
import {
  type MetricSink,
  type PerformanceMonitor,
  performanceMonitor,
  type RequestOutcome,
} from "./performanceMonitor.ts";
import { isTraced, outsideTrace, traceRequest } from "./tracing.ts";

/** Told of each request that was answered; `PerformanceMonitor` is one. */
export interface RequestMonitor {
  /** Notes a request, with the side of a rollout that it was on. */
  request(functionName: string, outcome: RequestOutcome, durationMs: number, side?: RequestArm): void;
}

/**
 * Runs the handler of a request in its trace, and notes how long it took and how it ended. A request that is watched
 * already is not counted again. The work is told when it started, by the monotonic clock.
 *
 * @example
 * ```ts
 * import { observeRequest } from "./requestObserver.ts";
 *
 * const noted: string[] = [];
 * const monitor = { request: (name: string, outcome: string) => void noted.push(`${name} ${outcome}`) };
 * await observeRequest(new Request("http://localhost/"), "chat", () => Promise.resolve(new Response()), monitor);
 * if (noted.join() !== "chat ok") throw new Error("unexpected");
 * ```
 */
export function observeRequest(
  request: Request,
  functionName: string,
  work: (startedAt: number) => Promise<Response>,
  monitor: RequestMonitor = projectMonitor(),
): Promise<Response> {
  const startedAt = performance.now();
  if (isTraced(request)) return work(startedAt);
  // Not `await`: the clock and each wait are most of what a request pays here.
  return traceRequest(request, functionName, () => work(startedAt)).then(
    (answer) => {
      note(monitor, request, functionName, outcomeOf(answer.status), startedAt);
      return answer;
    },
    (error) => {
      note(monitor, request, functionName, "error", startedAt);
      throw error;
    },
  );
}

function outcomeOf(status: number): RequestOutcome {
  if (status >= 500) return "error";
  return status >= 400 ? "refused" : "ok";
}

function note(
  monitor: RequestMonitor,
  request: Request,
  functionName: string,
  outcome: RequestOutcome,
  startedAt: number,
): void {
  try {
    monitor.request(functionName, outcome, performance.now() - startedAt, armOf(request));
  } catch {
    // A monitor that fails must not fail the request.
  }
}

let isConnected = false;

/** The isolate's monitor, connected to the project's database where there is one. */
export function projectMonitor(): PerformanceMonitor {
  if (isConnected) return performanceMonitor;
  isConnected = true;
  if (hasDatabase()) {
    performanceMonitor.connect(outsideTraces(sinkOfProject));
    globalThis.addEventListener("beforeunload", () => void performanceMonitor.flush());
  }
  return performanceMonitor;
}

/** An environment that may not be read is one without a database. */
function hasDatabase(): boolean {
  try {
    const { url, secretKeys } = readSettings();
    return url !== undefined && secretKeys.length > 0;
  } catch {
    return false;
  }
}

/** A batch belongs to many requests: it is stored outside of the trace of the one that came by. */
function outsideTraces(connect: () => Promise<MetricSink>): () => Promise<MetricSink> {
  return () =>
    outsideTrace(async () => {
      const sink = await connect();
      return {
        record: (batch: Parameters<MetricSink["record"]>[0]) => outsideTrace(() => sink.record(batch)),
      };
    });
}

/** Loaded with the first batch, which nobody waits for. */
async function sinkOfProject(): Promise<MetricSink> {
  const [{ createServiceRpc }, { metricSink }] = await Promise.all([
    import("./supabaseClient.ts"),
    import("./healingDb.ts"),
  ]);
  return metricSink(createServiceRpc(readSettings()));
}
