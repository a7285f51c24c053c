/**
 * Looks at the health of everything every two minutes, stores it, tells what has changed, and calls healing for what is
 * not well.
 *
 * @module
 */

import { type Clock, systemClock } from "../_shared/core/clock.ts";
import { HealingError } from "../_shared/core/errors.ts";
import type { Logger } from "../_shared/core/logger.ts";
import type { RpcPort } from "../_shared/core/ports.ts";
import type { PlatformSettings } from "../_shared/core/settings.ts";
import { z } from "../_shared/core/validation.ts";
import type { EdgeCall } from "../_shared/edgeHandler.ts";
import { ownFunction, readBody } from "../_shared/ownFunction.ts";
import type { HealthStatus } from "../_shared/healthDb.ts";
import { type HealthCheck, runHealthChecks, triggerProactiveHealing } from "../_shared/healthMonitor.ts";
import { answerScheduledRun, scheduledCall } from "../_shared/scheduledRun.ts";

/** What the function is wired to. */
export interface HealthDependencies {
  settings: PlatformSettings;
  db: RpcPort;
  checks: readonly HealthCheck[];
  instanceId: string;
  logger: Logger;
  clock?: Clock;
  request?: typeof fetch;
}

/** What a run reports, under the names of its row. */
type HealthCounters = Record<HealthStatus, number> & {
  /** Checks whose change people were told. */
  told: number;
  /** Checks for which healing was called. */
  healing_called: number;
};

const FUNCTION_NAME = "health-check";

const requestBody = z.strictObject(scheduledCall);
const HINT = 'Send {"wait"?: boolean, "run_id"?: uuid, "trigger"?: string}';

/** Makes the function's handler. */
export function createHandler(dependencies: HealthDependencies): (request: Request) => Promise<Response> {
  return ownFunction(FUNCTION_NAME, dependencies, (call) => startRun(call, dependencies));
}

function startRun(call: EdgeCall, dependencies: HealthDependencies): Promise<Response> {
  const wanted = readBody(requestBody, call.body, HINT);
  const { db, logger, instanceId } = dependencies;
  return answerScheduledRun<HealthCounters>(
    call,
    wanted,
    { db, functionName: FUNCTION_NAME, instanceId, logger },
    { healthy: 0, degraded: 0, unhealthy: 0, unknown: 0, told: 0, healing_called: 0 },
    (runId, counters) => look(runId, counters, dependencies),
  );
}

async function look(
  runId: string,
  counters: HealthCounters,
  dependencies: HealthDependencies,
): Promise<void> {
  const { db, checks, clock = systemClock } = dependencies;
  const report = await runHealthChecks(checks, { db, runId, clock });
  for (const { status } of report.checks) counters[status]++;
  counters.told = report.told.length;
  if (report.notRecorded !== undefined) {
    throw new HealingError("UNAVAILABLE", `The looks could not be stored: ${report.notRecorded}`);
  }
  counters.healing_called = (await triggerProactiveHealing(db)).checks.length;
}
