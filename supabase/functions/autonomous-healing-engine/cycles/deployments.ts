/** Cycle 3: deployments. What is due of them gets its next step here too, should the minute's own run be missing. @module */

import { readDeploymentFailure } from "../../_shared/deploymentFailures.ts";
import { carryOutDeployments } from "../../_shared/deployments.ts";
import type { CycleContext, CyclePlan, CyclePort, CycleReport } from "./cycle.ts";

/** Carries deployments on. */
export const deploymentsPort: CyclePort = { run, plan };

async function run({ db, runId, projectId, clock, logger, hasTime }: CycleContext): Promise<CycleReport> {
  // What is due is due for all projects; a run for one project leaves it to the others.
  if (projectId !== undefined) return { status: "finished", counters: {} };
  const means = { db, logger, clock, worker: `engine:${runId}`, readFailure: readDeploymentFailure };
  const counters = await carryOutDeployments(means, { hasTime });
  return { status: "finished", counters: { deployments: { ...counters } } };
}

function plan(_context: CycleContext): Promise<Omit<CyclePlan, "cycle">> {
  return Promise.resolve({
    reason: "what is due is sent or asked after at its provider, which a dry run does not do",
  });
}
