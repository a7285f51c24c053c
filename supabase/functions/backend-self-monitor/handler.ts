/**
 * The backend monitor: takes one error of an edge function and makes up to four attempts on it; on the schedule, or when
 * a critical error was captured, it reads what the platform tells and attends to what is new and to what is critical.
 *
 * @module
 */

import { type Clock, systemClock } from "../_shared/core/clock.ts";
import type { Logger } from "../_shared/core/logger.ts";
import type { RpcPort } from "../_shared/core/ports.ts";
import type { PlatformSettings } from "../_shared/core/settings.ts";
import { z } from "../_shared/core/validation.ts";
import type { EdgeCall } from "../_shared/edgeHandler.ts";
import { analyzeError } from "../_shared/errorAnalysis.ts";
import { captureErrors, getDueErrors } from "../_shared/healingDb.ts";
import {
  createHealingEngine,
  type HealingEngine,
  type OperationInvoker,
  type Proposer,
} from "../_shared/healingEngine.ts";
import { ownFunction, readBody } from "../_shared/ownFunction.ts";
import type { DirectConnection } from "../_shared/postgres.ts";
import { answerScheduledRun, scheduledCall } from "../_shared/scheduledRun.ts";
import {
  type AttemptTools,
  createContextProposer,
  executeFixStrategy,
  type StrategyReport,
} from "./attempts.ts";
import { captureFromPlatform } from "./platform.ts";

/** What the function is wired to. */
export interface MonitorDependencies {
  settings: PlatformSettings;
  db: RpcPort;
  openDirect: (() => Promise<DirectConnection>) | undefined;
  invoke: OperationInvoker | undefined;
  /** Asks a model for fixes; without it the second attempt is not installed, and says why. */
  model?: { propose: Proposer } | { missing: string } | undefined;
  instanceId: string;
  logger: Logger;
  clock?: Clock;
  request?: typeof fetch;
}

const FUNCTION_NAME = "backend-self-monitor";
const BUDGET_MS = 90_000;
/** Errors that one run attends to; the engine's own run takes the rest. */
const MOST_ERRORS = 20;

const edgeFunctionError = z.strictObject({
  function_name: z.string().min(1).max(200),
  error_message: z.string().min(1).max(8_000),
  stack_trace: z.string().max(16_000).optional(),
  timestamp: z.iso.datetime({ offset: true }),
  metadata: z.record(z.string().max(100), z.unknown()).optional(),
});

/** One error of an edge function, as it is reported. */
export type EdgeFunctionError = z.infer<typeof edgeFunctionError>;

const runCall = z.strictObject(scheduledCall);

const HINT =
  'Send {"function_name", "error_message", "timestamp", "stack_trace"?, "metadata"?} for one error, or ' +
  '{"run_id"?: uuid, "trigger"?: string, "wait"?: boolean} for a run';

/** Makes the function's handler. */
export function createHandler(dependencies: MonitorDependencies): (request: Request) => Promise<Response> {
  return ownFunction(FUNCTION_NAME, dependencies, (call) => answer(call, dependencies));
}

async function answer(call: EdgeCall, dependencies: MonitorDependencies): Promise<Response> {
  const isError = typeof call.body === "object" && call.body !== null && "error_message" in call.body;
  if (!isError) return await startRun(call, dependencies);
  const error = readBody(edgeFunctionError, call.body, HINT);
  return Response.json(await attendToReport(error, call.requestId, dependencies));
}

/** Captures the error that was reported, and makes the attempts while the caller waits. */
async function attendToReport(
  reported: EdgeFunctionError,
  requestId: string,
  dependencies: MonitorDependencies,
): Promise<StrategyReport> {
  const { db, clock = systemClock } = dependencies;
  const { metadata = {}, function_name, error_message, stack_trace, timestamp } = reported;
  const { captured } = await analyzeError({
    name: typeof metadata.name === "string" ? metadata.name : "Error",
    message: error_message,
    stack: stack_trace,
    code: metadata.code,
    status: metadata.status,
  }, { functionName: function_name, requestId, details: { metadata } });
  const age = Math.min(Math.max(clock.now() - Date.parse(timestamp), 0), 9_999_999);
  const { errors: [group] } = await captureErrors(db, [{ ...captured, age_ms: Math.round(age) }]);
  await using tools = toolsOf(dependencies, `report:${requestId}`);
  return await executeFixStrategy(group!.id, tools);
}

function startRun(call: EdgeCall, dependencies: MonitorDependencies): Promise<Response> {
  const { db, instanceId, logger } = dependencies;
  return answerScheduledRun<MonitorCounters>(
    call,
    readBody(runCall, call.body, HINT),
    { db, functionName: FUNCTION_NAME, instanceId, logger },
    {
      harvested: { runs: 0, answers: 0, jobs: 0 },
      captured: 0,
      attended: 0,
      healed: 0,
      waiting: 0,
      given_up: 0,
    },
    (runId, counters) => attend(runId, dependencies, counters),
  );
}

/** What a run reports, under the names of its row. */
type MonitorCounters = {
  harvested: { runs: number; answers: number; jobs: number };
  captured: number;
  attended: number;
  healed: number;
  waiting: number;
  given_up: number;
};

async function attend(
  runId: string,
  dependencies: MonitorDependencies,
  counters: MonitorCounters,
): Promise<void> {
  const { db, clock = systemClock } = dependencies;
  const until = clock.monotonic() + BUDGET_MS;
  const hasTime = () => clock.monotonic() < until;
  const { newErrors, ...told } = await captureFromPlatform(db, hasTime);
  Object.assign(counters, told);
  const due = await getDueErrors(db, { limit: 200 });
  const critical = due.filter(({ severity, source }) => severity === "critical" && source !== "self_audit");
  await using tools = toolsOf(dependencies, `monitor:${runId}`);
  const ids = new Set([...critical.map(({ id }) => id), ...newErrors]);
  for (const errorId of [...ids].slice(0, MOST_ERRORS)) {
    if (!hasTime()) break;
    const { healed, waiting, busy } = await executeFixStrategy(errorId, tools);
    if (busy) continue;
    counters.attended++;
    if (healed) counters.healed++;
    else if (waiting) counters.waiting++;
    else counters.given_up++;
  }
}

/** The engine with the proposers of all four attempts; it ends with the work. */
function toolsOf(
  { db, openDirect, invoke, model, logger, clock = systemClock }: MonitorDependencies,
  worker: string,
): AttemptTools & AsyncDisposable {
  const wired = model ?? { missing: "no model can be asked here" };
  const engine: HealingEngine = createHealingEngine({
    db,
    openDirect,
    invoke,
    worker,
    logger,
    clock,
    proposers: { ai: "propose" in wired ? wired.propose : undefined, context: createContextProposer(db) },
  });
  return {
    db,
    engine,
    whyNoModel: "missing" in wired ? wired.missing : undefined,
    logger,
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
