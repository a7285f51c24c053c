/** Cycle 5: the quality of recent projects. What reads code is loaded when a project is due, and not before. @module */

import type { Json } from "../../_shared/core/ports.ts";
import { findQualityWork } from "../../_shared/projectStore.ts";
import type { CycleContext, CyclePlan, CyclePort, CycleReport } from "./cycle.ts";

/** Projects of the last hour whose score is too low. */
export const qualityPort: CyclePort = { run, plan };

/** The score below which a project is healed; whoever heals says it again. */
const LEAST_SCORE = 70;

async function run(context: CycleContext): Promise<CycleReport> {
  const { db, openDirect, projectId, runId, hasTime, logger, clock, checkpoint } = context;
  if (await findQualityWork(db, LEAST_SCORE, projectId) === null) return { status: "finished", counters: {} };
  const { healProjects } = await import("../../_shared/projectHealer.ts");
  const { failures, state, steps, ...told } = await healProjects(
    { db, openDirect, worker: `run:${runId}`, clock },
    { projectId, state: checkpoint, hasTime },
  );
  logger.info("looked at the quality of projects", { ...told, failures: failures.length });
  const counters = { quality_steps: steps, quality: { ...told } };
  // A slice is all that the platform's processor allows; the next invocation takes the next one.
  return state === null
    ? { status: "finished", counters, failures }
    : { status: "paused", counters, failures, checkpoint: JSON.parse(JSON.stringify(state)) as Json };
}

async function plan({ db, clock, projectId }: CycleContext): Promise<Omit<CyclePlan, "cycle">> {
  if (await findQualityWork(db, LEAST_SCORE, projectId) === null) return { reason: "no project is due" };
  const { planProjects } = await import("../../_shared/projectHealer.ts");
  return { reason: await planProjects({ db, clock }, projectId) };
}
