/** Cycle 1: detect and heal. @module */

import { createHealingEngine, type HealingEngine } from "../../_shared/healingEngine.ts";
import type { Cycle, CycleContext, CyclePlan, CycleReport } from "./cycle.ts";

/** Errors in one go: each costs some milliseconds of the two seconds of computing that a worker has. */
const MOST_ERRORS = 150;
/** Errors that a dry run looks at. */
const MOST_PLANNED = 50;

/** Judges what was applied, heals what is open, and makes again what waits. */
export const healCycle: Cycle = {
  number: 1,
  name: "heal",
  budgetMs: 60_000,
  canOneProject: true,
  run: detectAndHeal,
  plan: planToHeal,
};

function engineFor({ runId, ...means }: CycleContext): HealingEngine {
  return createHealingEngine({ ...means, worker: `run:${runId}` });
}

async function detectAndHeal(context: CycleContext): Promise<CycleReport> {
  const { untilMs, projectId } = context;
  await using engine = engineFor(context);
  const counters = await engine.detectAndHeal({ untilMs, projectId, atMost: MOST_ERRORS });
  // The database knows what is left, so there is nothing to write down but that there is more.
  const isPaused = counters.errors_detected >= MOST_ERRORS || !context.hasTime();
  return { status: isPaused ? "paused" : "finished", counters };
}

async function planToHeal(context: CycleContext): Promise<CyclePlan> {
  const { untilMs, projectId } = context;
  await using engine = engineFor(context);
  return { cycle: "heal", items: await engine.plan({ untilMs, projectId, atMost: MOST_PLANNED }) };
}
