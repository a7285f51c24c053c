/** Where errors and heals are reported, and the queues on the way there. @module */

import { readSettings } from "../core/settings.ts";
import type { ErrorContext } from "../errorAnalysis.ts";
import type { CapturedError, RequestHeal } from "../healingDb.ts";
import { currentTraceparent, outsideTrace } from "../tracing.ts";
import { CaptureQueue, type FailureSink } from "./captureQueue.ts";

/** Where the interceptor reports; by default the project's database, with the service role. */
export interface Reporter extends FailureSink {
  /** Stores errors with their operations; `queued` says how many of the operations are kept. */
  capture(errors: readonly CapturedError[]): Promise<{ queued: number }>;
  /** Records heals that happened in requests. */
  healed(heals: readonly RequestHeal[]): Promise<unknown>;
}

/** Captures an error in the background: returns at once, never waits for the database and never throws. */
export function captureError(
  thrown: unknown,
  context: ErrorContext = {},
  reporter?: () => Promise<Reporter>,
): void {
  try {
    // Taken now: the queue works for many requests, in the trace of none of them.
    const traceparent = context.traceparent ?? currentTraceparent();
    queueFor(reporter ?? defaultReporter).push(
      thrown,
      traceparent === undefined ? context : { ...context, traceparent },
    );
  } catch {
    // Whoever captures an error has trouble enough.
  }
}

/** Resolves when every captured error is stored or logged; for tests and for the end of a worker. */
export async function flushErrors(): Promise<void> {
  await Promise.all([...queues.values()].map((queue) => queue.flush()));
}

const queues = new Map<() => Promise<Reporter>, CaptureQueue>();
let reporterOfProject: Promise<Reporter> | undefined;

function queueFor(reporter: () => Promise<Reporter>): CaptureQueue {
  let queue = queues.get(reporter);
  if (queue === undefined) {
    queue = new CaptureQueue({
      sink: reporter,
      analyze: async (thrown, context) =>
        (await outsideTrace(() => import("../errorAnalysis.ts"))).analyzeError(thrown, context),
    });
    queues.set(reporter, queue);
    globalThis.addEventListener("beforeunload", () => void queue?.flush());
  }
  return queue;
}

/** The project's database, reached when it is first needed. */
export function defaultReporter(): Promise<Reporter> {
  reporterOfProject ??= (async () => {
    const [{ createServiceRpc }, db] = await outsideTrace(() =>
      Promise.all([
        import("../supabaseClient.ts"),
        import("../healingDb.ts"),
      ])
    );
    const rpc = createServiceRpc(readSettings());
    return {
      capture: (errors) => db.captureErrors(rpc, errors),
      healed: (heals) => db.recordRequestHeals(rpc, heals),
    };
  })();
  return reporterOfProject;
}
