/**
 * The healing engine as the schedule calls it: takes a run, answers 202, and works in the background; the run's row
 * says how it ended. A person may call for one cycle, one project, or a dry run that only says what would be done.
 *
 * @module
 */

import { runInBackground } from "../_shared/core/background.ts";
import { type Clock, systemClock } from "../_shared/core/clock.ts";
import { HealingError, messageOf } from "../_shared/core/errors.ts";
import type { PlatformSettings } from "../_shared/core/settings.ts";
import { z } from "../_shared/core/validation.ts";
import type { EdgeCall } from "../_shared/edgeHandler.ts";
import { finishHealingRun, getHealingSettings, startHealingRun } from "../_shared/healingDb.ts";
import type { NotificationChannels } from "../_shared/notifications.ts";
import { ownFunction, readBody } from "../_shared/ownFunction.ts";
import { scheduledCall } from "../_shared/scheduledRun.ts";
import { withSpan } from "../_shared/tracing.ts";
import { allCycles, type CyclePorts } from "./cycles.ts";
import type { CycleMeans, CyclePlan } from "./cycles/cycle.ts";
import { addDelivery, deliver } from "./deliver.ts";
import type { Ping } from "./ping.ts";
import { planCycles, type RunCounters, runCycles, type RunOrder } from "./runCycles.ts";

/** What the function is wired to. */
export interface HandlerDependencies extends Omit<CycleMeans, "clock"> {
  settings: PlatformSettings;
  /** What people are told over; without it nothing is delivered. */
  notifications?: NotificationChannels | undefined;
  /** Abilities behind cycles 3, 4 and 5. */
  ports?: CyclePorts;
  /** Called when a run has completed. */
  ping?: Ping | undefined;
  instanceId: string;
  clock?: Clock;
  /** How the project's authentication is asked; `fetch`. */
  request?: typeof fetch;
}

const FUNCTION_NAME = "autonomous-healing-engine";

// Strict: a misspelt dryRun must not be a run that changes things.
const requestBody = z.strictObject({
  ...scheduledCall,
  /** Only this one, 1 to 6. */
  cycle: z.int().min(1).max(6).optional(),
  /** Only this project. */
  project_id: z.string().min(1).max(200).optional(),
  /** `true` answers, and records, what would be done, and does nothing. */
  dryRun: z.boolean().default(false),
});

type Wanted = z.infer<typeof requestBody>;

/** Makes the function's handler. */
export function createHandler(dependencies: HandlerDependencies): (request: Request) => Promise<Response> {
  return ownFunction(FUNCTION_NAME, dependencies, (call) => startRun(call, dependencies));
}

async function startRun(call: EdgeCall, dependencies: HandlerDependencies): Promise<Response> {
  const wanted = readWanted(call.body);
  const cycles = chooseCycles(wanted, dependencies.ports);
  const run = await startHealingRun(dependencies.db, {
    runId: wanted.run_id ?? null,
    functionName: FUNCTION_NAME,
    instanceId: dependencies.instanceId,
    trigger: call.caller.kind === "admin" ? `admin:${call.caller.id}` : wanted.trigger,
  });
  if (!run.started) return Response.json({ run_id: run.id, started: false }, { status: 200 });
  const order: RunOrder = { runId: run.id, projectId: wanted.project_id, cycles };
  if (wanted.dryRun) return await answerPlan(order, dependencies);
  if (wanted.wait) return await answerWhenDone(order, dependencies);
  runInBackground(() => runToTheEnd(order, dependencies));
  return Response.json({ run_id: run.id, started: true }, { status: 202 });
}

function readWanted(body: unknown): Wanted {
  return readBody(
    requestBody,
    body,
    'Send {"wait"?: boolean, "cycle"?: 1..6, "project_id"?: string, "dryRun"?: boolean, ' +
      '"run_id"?: uuid, "trigger"?: string}',
  );
}

function chooseCycles({ cycle: number, project_id: projectId }: Wanted, ports: CyclePorts | undefined) {
  const wanted = allCycles(ports).filter((cycle) => number === undefined || cycle.number === number);
  const possible = wanted.filter((cycle) => projectId === undefined || cycle.canOneProject);
  if (possible.length > 0) return possible;
  throw new HealingError("BAD_REQUEST", `Cycle ${number} works on all projects together`, {
    hint: "Leave project_id out",
  });
}

async function answerPlan(order: RunOrder, dependencies: HandlerDependencies): Promise<Response> {
  const plan: CyclePlan[] = await planCycles(order, meansOf(dependencies));
  // An open list of objects, as it stands in the row.
  const counters = JSON.parse(JSON.stringify({ dry_run: true, plan }));
  await finishHealingRun(dependencies.db, order.runId, counters);
  return Response.json({ run_id: order.runId, started: true, dry_run: true, plan });
}

async function answerWhenDone(order: RunOrder, dependencies: HandlerDependencies): Promise<Response> {
  const { counters, failure } = await runToTheEnd(order, dependencies);
  if (failure === undefined) return Response.json({ run_id: order.runId, started: true, counters });
  throw new HealingError("UNAVAILABLE", "The run has failed", {
    hint: `Read why: select reason from healing_runs where id = '${order.runId}'`,
  });
}

interface RunEnd {
  counters: RunCounters;
  failure: string | undefined;
}

function meansOf({ clock = systemClock, ...dependencies }: HandlerDependencies): CycleMeans {
  const { db, openDirect, invoke, deployments, proposers, tests, deploy, logger } = dependencies;
  return { db, openDirect, invoke, deployments, proposers, tests, deploy, logger, clock };
}

/** Runs the cycles in the trace of whoever called for them, and finishes the run's row, whatever happens. */
function runToTheEnd(order: RunOrder, dependencies: HandlerDependencies): Promise<RunEnd> {
  return withSpan("healing run", async (span) => {
    // Before the cycles, for what must not wait, and after them, for what they had to say.
    const early = await deliver(order.runId, dependencies);
    const counters = await runCycles(order, meansOf(dependencies));
    addDelivery(counters, early, await deliver(order.runId, dependencies));
    // What a run is for is to heal; where that fails it has failed, whatever else was done.
    const failure = counters.failed_cycles?.heal;
    if (failure !== undefined) span.fail(new Error(failure));
    await finish(order.runId, counters, failure, dependencies);
    return { counters, failure };
  }, { attributes: { "healing.run_id": order.runId } });
}

async function finish(
  runId: string,
  counters: RunCounters,
  failure: string | undefined,
  { db, logger, ping }: HandlerDependencies,
): Promise<void> {
  try {
    const { enabled } = await getHealingSettings(db);
    if (enabled?.wanted === false) counters.held = `the kill switch is thrown, by ${enabled.updated_by}`;
  } catch (thrown) {
    logger.warn("the switches could not be read", { runId, reason: messageOf(thrown) });
  }
  await finishHealingRun(db, runId, { ...counters }, failure);
  logger.info("run finished", { runId, ...counters });
  if (failure !== undefined || ping === undefined) return;
  const outcome = await ping({ runId, counters });
  if (outcome !== "sent") logger.warn("the ping of a completed run did not arrive", { runId, outcome });
}
