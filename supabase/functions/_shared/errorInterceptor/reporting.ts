/** Where errors and heals are reported, the queues on the way there, and what is read back. @module */

import { ErrorMarks } from "../core/errorMarks.ts";
import { createLogger } from "../core/logger.ts";
import { restoreLog } from "../core/restoreLines.ts";
import { readSettings } from "../core/settings.ts";
import type { CapturedError, RequestHeal, RpcPort } from "../healingDb.ts";
import type { StrategyRecord } from "../healingStrategies.ts";
import { currentTraceparent, outsideTrace } from "../tracing.ts";
import { BatchQueue } from "./batchQueue.ts";
import { mergeOccurrences } from "./mergeOccurrences.ts";
import { mergeAlike } from "./record.ts";
import { type CaptureContext, CaptureQueue, type FailureSink, reasonOf } from "./captureQueue.ts";

/** Where the interceptor reports; by default the project's database, with the service role. */
export interface Reporter extends FailureSink {
  /** Stores errors with their operations; `queued` says how many of the operations are kept. */
  capture(errors: readonly CapturedError[]): Promise<{ queued: number }>;
  /** Records what was tried in requests. */
  healed(heals: readonly RequestHeal[]): Promise<unknown>;
  /** What has worked for a signature; without it only this isolate's own outcomes count. */
  recall?(signature: string): Promise<readonly StrategyRecord[]>;
}

/** How a reporter is reached, when it is first needed. */
export type ReporterSource = () => Promise<Reporter>;

/** Captures an error in the background: returns at once, never waits for the database and never throws. */
export function captureError(
  thrown: unknown,
  context: CaptureContext = {},
  reporter?: ReporterSource,
): void {
  try {
    captured.mark(thrown);
    // Taken now: the queue works for many requests, in the trace of none of them.
    const traceparent = context.traceparent ?? currentTraceparent();
    lineFor(reporter ?? defaultReporter).errors.push(
      thrown,
      traceparent === undefined ? context : { ...context, traceparent },
    );
  } catch {
    // Whoever captures an error has trouble enough.
  }
}

/** True when the error, or what caused it, was captured after that moment. */
export function wasCaptured(thrown: unknown, since: number): boolean {
  return captured.has(thrown, since);
}

/** Says that a failure is dealt with, so that no layer above captures it. */
export function markCaptured(thrown: unknown): void {
  captured.mark(thrown);
}

/** Records in the background what was tried. */
export function recordHeals(heals: readonly RequestHeal[], reporter: ReporterSource = defaultReporter): void {
  const line = lineFor(reporter);
  for (const heal of heals) line.heals.push(heal);
}

/** Resolves when every captured error and heal is stored or logged; for tests and for the end of a worker. */
export async function flushErrors(): Promise<void> {
  await Promise.all([...lines.values()].flatMap(({ errors, heals }) => [errors.flush(), heals.flush()]));
}

/** The queues to one reporter. */
interface Line {
  errors: CaptureQueue;
  heals: BatchQueue<RequestHeal>;
}

const captured = new ErrorMarks("captured");
const lines = new Map<ReporterSource, Line>();
let reporterOfProject: Promise<Reporter> | undefined;

function lineFor(reporter: ReporterSource): Line {
  let line = lines.get(reporter);
  if (line === undefined) {
    if (lines.size === 0) globalThis.addEventListener("beforeunload", abandonAll);
    line = {
      errors: new CaptureQueue({
        sink: reporter,
        restoreLog: restoreLog(),
        analyze: async (thrown, context) =>
          (await outsideTrace(() => import("../errorAnalysis.ts"))).analyzeError(thrown, context),
      }),
      heals: healQueue(reporter),
    };
    lines.set(reporter, line);
  }
  return line;
}

/** Nothing that waits any longer is stored for sure; the log takes at once what is left. */
function abandonAll(): void {
  for (const { errors, heals } of lines.values()) {
    errors.abandon();
    heals.abandon();
  }
  restoreLog().tellDropped();
}

function healQueue(reporter: ReporterSource): BatchQueue<RequestHeal> {
  const logger = createLogger("withSelfHealing");
  return new BatchQueue<RequestHeal>({
    store: async (heals) => await (await reporter()).healed(mergeAlike(heals).sort(byPattern)),
    lost: (heal, reason) =>
      restoreLog().write(
        "request_heal",
        heal,
        `a heal could not be recorded: ${reasonOf(reason)}`,
      ),
    dropped: (dropped) => logger.error("heals were dropped as too many waited", { dropped }),
  });
}

/** Batches that meet lock the rows of their patterns in one order, so that they cannot deadlock. */
function byPattern(a: RequestHeal, b: RequestHeal): number {
  const [first, second] = [a, b].map(({ pattern }) =>
    `${pattern?.error_signature ?? ""} ${pattern?.fix_strategy.kind ?? ""}`
  );
  return first! < second! ? -1 : Number(first! > second!);
}

/** Reports to a database over its SQL functions; occurrences of one error that come together are sent as one. */
export async function reporterOver(rpc: RpcPort): Promise<Reporter> {
  const db = await outsideTrace(() => import("../healingDb.ts"));
  return {
    capture: (errors) => db.captureErrors(rpc, mergeOccurrences(errors)),
    healed: (heals) => db.recordRequestHeals(rpc, heals),
    recall: async (signature) =>
      (await db.getHealingPattern(rpc, signature)).map((pattern): StrategyRecord => ({
        fixKind: pattern.fix_strategy.kind,
        successes: pattern.weighted_successes,
        failures: pattern.weighted_failures,
      })),
  };
}

/** The project's database, reached when it is first needed. */
export function defaultReporter(): Promise<Reporter> {
  reporterOfProject ??= (async () => {
    const { createServiceRpc } = await outsideTrace(() => import("../supabaseClient.ts"));
    return await reporterOver(createServiceRpc(readSettings()));
  })();
  return reporterOfProject;
}
