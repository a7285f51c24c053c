/** The life of a run that the schedule or a person calls for: its row, the answer, and the work behind it. @module */

import { runInBackground } from "./core/background.ts";
import { HealingError, messageOf } from "./core/errors.ts";
import type { Logger } from "./core/logger.ts";
import type { Json, RpcPort } from "./core/ports.ts";
import { z } from "./core/validation.ts";
import type { EdgeCall } from "./edgeHandler.ts";
import { finishHealingRun, startHealingRun } from "./healingDb.ts";

/** What every scheduled call may say. */
export const scheduledCall = {
  /** The row that the dispatcher wrote; a call without one gets a row of its own. */
  run_id: z.uuid().optional(),
  trigger: z.string().max(50).default("manual"),
  /** `true` answers when the run has ended instead of at once. */
  wait: z.boolean().default(false),
};

/** Where a run is written down. */
export interface RunMeans {
  db: RpcPort;
  functionName: string;
  instanceId: string;
  logger: Logger;
}

/**
 * Starts a run and answers 202, or waits for its end; a delivery that comes twice starts nothing. `work` counts what it
 * does in `counters`, which stand in the run's row however it ends.
 */
export async function answerScheduledRun<Counters extends { [key: string]: Json }>(
  { caller }: EdgeCall,
  wanted: { run_id?: string | undefined; trigger: string; wait: boolean },
  means: RunMeans,
  counters: Counters,
  work: (runId: string, counters: Counters) => Promise<void>,
): Promise<Response> {
  const run = await startHealingRun(means.db, {
    runId: wanted.run_id ?? null,
    functionName: means.functionName,
    instanceId: means.instanceId,
    trigger: caller.kind === "admin" ? `admin:${caller.id}` : wanted.trigger,
  });
  if (!run.started) return Response.json({ run_id: run.id, started: false });
  const toTheEnd = () => runToTheEnd(run.id, means, counters, work);
  if (!wanted.wait) {
    runInBackground(toTheEnd);
    return Response.json({ run_id: run.id, started: true }, { status: 202 });
  }
  if (await toTheEnd()) return Response.json({ run_id: run.id, started: true, counters });
  throw new HealingError("UNAVAILABLE", "The run has failed", {
    hint: `Read why: select reason from healing_runs where id = '${run.id}'`,
  });
}

/** Whether the work ended well; its row is finished either way. */
async function runToTheEnd<Counters extends { [key: string]: Json }>(
  runId: string,
  { db, functionName, logger }: RunMeans,
  counters: Counters,
  work: (runId: string, counters: Counters) => Promise<void>,
): Promise<boolean> {
  let failure: string | undefined;
  try {
    await work(runId, counters);
  } catch (thrown) {
    failure = messageOf(thrown).slice(0, 1_000);
    logger.error(`a run of ${functionName} failed`, { runId, reason: failure });
  }
  await finishHealingRun(db, runId, { ...counters }, failure);
  return failure === undefined;
}
