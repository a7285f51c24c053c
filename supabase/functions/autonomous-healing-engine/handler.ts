/**
 * The healing engine as the schedule calls it: takes a run, answers 202, and works in the background; the run's row
 * says how it ended.
 *
 * @module
 */

import { runInBackground } from "../_shared/core/background.ts";
import { type Clock, systemClock } from "../_shared/core/clock.ts";
import { HealingError, messageOf } from "../_shared/core/errors.ts";
import type { Logger } from "../_shared/core/logger.ts";
import type { RpcPort } from "../_shared/core/ports.ts";
import type { PlatformSettings } from "../_shared/core/settings.ts";
import { z } from "../_shared/core/validation.ts";
import { type EdgeCall, edgeHandler } from "../_shared/edgeHandler.ts";
import { createHealingEngine, type HealCounters, type OperationInvoker } from "../_shared/healingEngine.ts";
import { type DeploymentPort, tickExperiments } from "../_shared/fixExperiments.ts";
import {
  createHealingEvent,
  type ExperimentMetrics,
  finishHealingRun,
  getHealingSettings,
  maintainPatterns,
  startHealingRun,
} from "../_shared/healingDb.ts";
import { deliverNotifications, type NotificationChannels } from "../_shared/notifications.ts";
import type { DirectConnection } from "../_shared/postgres.ts";
import { withSpan } from "../_shared/tracing.ts";

/** What the function is wired to. */
export interface HandlerDependencies {
  settings: PlatformSettings;
  db: RpcPort;
  openDirect: (() => Promise<DirectConnection>) | undefined;
  invoke: OperationInvoker | undefined;
  /** Where the winner of an experiment asks to be deployed; without it the request waits. */
  deployments?: DeploymentPort | undefined;
  /** What people are told over; without it nothing is delivered. */
  notifications?: NotificationChannels | undefined;
  instanceId: string;
  logger: Logger;
  clock?: Clock;
  /** How the project's authentication is asked; `fetch`. */
  request?: typeof fetch;
}

const FUNCTION_NAME = "autonomous-healing-engine";
/** The platform ends a worker after 150 s; what is not finished by then is claimed again by the next run. */
const BUDGET_MS = 100_000;
const EXPERIMENTS_BUDGET_MS = 15_000;
/** Before the cycles, for what must not wait, and after them, for what they had to say. */
const DELIVERY_BUDGET_MS = 8_000;

const requestBody = z.object({
  /** The row that the dispatcher wrote; a call without one gets a row of its own. */
  run_id: z.uuid().optional(),
  trigger: z.string().max(50).default("manual"),
  /** `true` answers when the run has ended instead of at once. */
  wait: z.boolean().default(false),
});

/** What a run reports, under the names of its row. */
type RunCounters = HealCounters & ExperimentMetrics & {
  cycles_run: number;
  patterns_retired: number;
  optimizations_made: number;
  improvements_deployed: number;
  not_installed: string[];
  notifications_sent: number;
  /** Cycles that failed, and why; the run goes on without them. */
  failed_cycles?: Record<string, string>;
  /** Why nothing was healed although there may be errors. */
  held?: string;
};

/** Makes the function's handler. */
export function createHandler(dependencies: HandlerDependencies): (request: Request) => Promise<Response> {
  const { settings, db, logger, request } = dependencies;
  return edgeHandler({
    functionName: FUNCTION_NAME,
    settings,
    trace: (event) => createHealingEvent(db, event),
    logger,
    ...(request === undefined ? {} : { request }),
  }, (call) => startRun(call, dependencies));
}

async function startRun(call: EdgeCall, dependencies: HandlerDependencies): Promise<Response> {
  const parsed = requestBody.safeParse(call.body);
  if (!parsed.success) {
    throw new HealingError("BAD_REQUEST", `The body does not fit: ${z.prettifyError(parsed.error)}`, {
      hint: 'Send {"run_id"?: uuid, "trigger"?: string, "wait"?: boolean}',
    });
  }
  const { run_id, trigger, wait } = parsed.data;
  const run = await startHealingRun(dependencies.db, {
    runId: run_id ?? null,
    functionName: FUNCTION_NAME,
    instanceId: dependencies.instanceId,
    trigger: call.caller.kind === "admin" ? `admin:${call.caller.id}` : trigger,
  });
  if (!run.started) return Response.json({ run_id: run.id, started: false }, { status: 200 });
  if (wait) return await answerWhenDone(run.id, dependencies);
  runInBackground(() => runCycles(run.id, dependencies));
  return Response.json({ run_id: run.id, started: true }, { status: 202 });
}

async function answerWhenDone(runId: string, dependencies: HandlerDependencies): Promise<Response> {
  const { counters, failure } = await runCycles(runId, dependencies);
  if (failure === undefined) return Response.json({ run_id: runId, started: true, counters });
  throw new HealingError("UNAVAILABLE", "The run has failed", {
    hint: `Read why: select reason from healing_runs where id = '${runId}'`,
  });
}

interface RunEnd {
  counters: RunCounters;
  failure: string | undefined;
}

/** Runs the cycles in the trace of whoever called for them. */
function runCycles(runId: string, dependencies: HandlerDependencies): Promise<RunEnd> {
  return withSpan("healing run", async (span) => {
    const end = await runToTheEnd(runId, dependencies);
    if (end.failure !== undefined) span.fail(new Error(end.failure));
    return end;
  }, { attributes: { "healing.run_id": runId } });
}

/** Finishes the run's row, whatever happens. */
async function runToTheEnd(runId: string, dependencies: HandlerDependencies): Promise<RunEnd> {
  const { db, logger } = dependencies;
  const counters = noCounters();
  let failure: string | undefined;
  await deliver(runId, dependencies, counters);
  try {
    const { enabled } = await getHealingSettings(db);
    if (enabled?.wanted === false) counters.held = `the kill switch is thrown, by ${enabled.updated_by}`;
    Object.assign(counters, await detectAndHeal(runId, dependencies));
    counters.cycles_run++;
  } catch (thrown) {
    failure = messageOf(thrown).slice(0, 1_000);
    logger.error("cycle 1 failed", { runId, reason: failure });
  }
  await concludeExperiments(runId, dependencies, counters);
  await learn(runId, dependencies, counters);
  await deliver(runId, dependencies, counters);
  await finishHealingRun(db, runId, { ...counters }, failure);
  logger.info("run finished", { runId, ...counters });
  return { counters, failure };
}

async function detectAndHeal(runId: string, dependencies: HandlerDependencies): Promise<HealCounters> {
  const { db, openDirect, invoke, logger, clock = systemClock } = dependencies;
  await using engine = createHealingEngine({
    db,
    worker: `run:${runId}`,
    logger,
    clock,
    openDirect,
    invoke,
  });
  return await engine.detectAndHeal({ untilMs: clock.monotonic() + BUDGET_MS });
}

/** Cycle 6. Its failure is told in the run's row and takes nothing else with it. */
async function concludeExperiments(
  runId: string,
  { db, deployments, logger, clock = systemClock }: HandlerDependencies,
  counters: RunCounters,
): Promise<void> {
  const until = clock.monotonic() + EXPERIMENTS_BUDGET_MS;
  try {
    const { failures, experiments_judged: _judged, experiments_concluded: _concluded, ...figures } =
      await tickExperiments(db, { deployments, logger, hasTime: () => clock.monotonic() < until });
    Object.assign(counters, figures);
    if (failures.length > 0) {
      counters.failed_cycles = {
        ...counters.failed_cycles,
        experiments: failures.join("; ").slice(0, 1_000),
      };
    }
    counters.cycles_run++;
  } catch (thrown) {
    counters.failed_cycles = { ...counters.failed_cycles, experiments: messageOf(thrown).slice(0, 1_000) };
    logger.error("cycle 6 failed", { runId, reason: messageOf(thrown) });
  }
}

/** Cycle 2. Its failure is told in the run's row and takes nothing else with it. */
async function learn(
  runId: string,
  { db, logger }: HandlerDependencies,
  counters: RunCounters,
): Promise<void> {
  try {
    const { retired_bad, retired_unused } = await maintainPatterns(db);
    counters.patterns_retired = retired_bad + retired_unused;
    counters.cycles_run++;
  } catch (thrown) {
    counters.failed_cycles = { ...counters.failed_cycles, learn: messageOf(thrown).slice(0, 1_000) };
    logger.error("cycle 2 failed", { runId, reason: messageOf(thrown) });
  }
}

/** No cycle, and in nobody's way: what it could not send waits in the outbox. */
async function deliver(
  runId: string,
  { db, notifications, logger, clock = systemClock }: HandlerDependencies,
  counters: RunCounters,
): Promise<void> {
  if (notifications === undefined) return;
  try {
    const untilMs = clock.monotonic() + DELIVERY_BUDGET_MS;
    const { sent, failures } = await deliverNotifications(db, notifications, {
      untilMs,
      worker: `run:${runId}`,
      clock,
      logger,
    });
    counters.notifications_sent += sent;
    if (failures.length > 0) throw new Error(failures.join("; "));
  } catch (thrown) {
    counters.failed_cycles = { ...counters.failed_cycles, notifications: messageOf(thrown).slice(0, 1_000) };
    logger.error("notifications were not delivered", { runId, reason: messageOf(thrown) });
  }
}

function noCounters(): RunCounters {
  return {
    cycles_run: 0,
    errors_detected: 0,
    fixes_applied: 0,
    fixes_kept: 0,
    fixes_reverted: 0,
    fixes_waiting: 0,
    patterns_learned: 0,
    patterns_retired: 0,
    optimizations_made: 0,
    improvements_deployed: 0,
    experiments_running: 0,
    winning_variant_deployments: 0,
    statistical_confidence: 0,
    auto_redeploys_triggered: 0,
    notifications_sent: 0,
    not_installed: ["deployments", "optimise", "quality"],
  };
}
