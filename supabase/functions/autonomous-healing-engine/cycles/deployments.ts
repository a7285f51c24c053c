/**
 * Cycle 3: deployments. Releases are watched, and what is due of deployments gets its next step here too, should the
 * minute's own run be missing: a rollback that was just decided is sent at once.
 *
 * @module
 */

import { messageOf } from "../../_shared/core/errors.ts";
import { readDeploymentFailure } from "../../_shared/deploymentFailures.ts";
import { carryOutDeployments } from "../../_shared/deployments.ts";
import { watchReleases } from "../../_shared/releaseWatch.ts";
import { getRollouts } from "../../_shared/rolloutDb.ts";
import type { CycleContext, CycleCounters, CyclePlan, CyclePort, CycleReport } from "./cycle.ts";

/** Releases on their way, deployments under way, and which of them errors came with. */
export const deploymentsPort: CyclePort = { run, plan };

type Step = (context: CycleContext) => Promise<{ counters: Partial<CycleCounters>; failures?: string[] }>;

/** One that fails takes the other with it no more than a provider that is down keeps a release from being judged. */
const STEPS: readonly Step[] = [watch, carryOut];

async function run(context: CycleContext): Promise<CycleReport> {
  const report = { counters: {} as Partial<CycleCounters>, failures: [] as string[] };
  for (const step of STEPS) {
    try {
      const { counters, failures = [] } = await step(context);
      Object.assign(report.counters, counters);
      report.failures.push(...failures);
    } catch (thrown) {
      report.failures.push(`${step.name}: ${messageOf(thrown)}`);
    }
  }
  // What has no time left is looked at by the next run: the database knows what is due.
  return { status: "finished", ...report };
}

async function watch({ db, projectId, runId, hasTime, logger }: CycleContext) {
  const worker = `engine:${runId}`;
  const { failures, ...told } = await watchReleases(db, { worker, projectId, hasTime, logger });
  return { counters: { releases: { ...told } }, failures };
}

async function carryOut({ db, runId, projectId, clock, logger, hasTime }: CycleContext) {
  // What is due is due for all projects; a run for one project leaves it to the others.
  if (projectId !== undefined) return { counters: {} };
  const means = { db, logger, clock, worker: `engine:${runId}`, readFailure: readDeploymentFailure };
  return { counters: { deployments: { ...await carryOutDeployments(means, { hasTime }) } } };
}

/** A look changes nothing but by its verdict, and what is due is sent to its provider: a dry run does neither. */
async function plan({ db, projectId }: CycleContext): Promise<Omit<CyclePlan, "cycle">> {
  const rollouts = await getRollouts(db, projectId === undefined ? {} : { project_id: projectId });
  const told = rollouts.filter(({ finished_at }) => finished_at === null).map((
    { deployment_id, ...rollout },
  ) => `${deployment_id}: ${rollout.status} at ${rollout.share} %: ${rollout.reason}`);
  const reason = "what is due is sent or asked after at its provider, which a dry run does not do";
  return { reason: [...told, reason].join("; ").slice(0, 1_000) };
}
