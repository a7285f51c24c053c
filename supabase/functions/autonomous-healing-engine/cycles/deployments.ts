/** Cycle 3: deployments. The work is the watch's; here it gets its time and says what came of it. @module */

import { watchReleases } from "../../_shared/releaseWatch.ts";
import { getRollouts } from "../../_shared/rolloutDb.ts";
import type { CycleContext, CyclePlan, CyclePort, CycleReport } from "./cycle.ts";

/** Releases on their way, and which of them errors came with. */
export const deploymentsPort: CyclePort = { run: watch, plan };

async function watch({ db, projectId, runId, hasTime, logger }: CycleContext): Promise<CycleReport> {
  const { failures, ...told } = await watchReleases(db, {
    worker: `run:${runId}`,
    projectId,
    hasTime,
    logger,
  });
  // What has no time left is looked at by the next run: the database knows what is due.
  return { status: hasTime() ? "finished" : "paused", counters: { releases: told }, failures };
}

/** A look changes nothing but by its verdict, so what the last look said is what would be done. */
async function plan({ db, projectId }: CycleContext): Promise<Omit<CyclePlan, "cycle">> {
  const running = (await getRollouts(db, projectId === undefined ? {} : { project_id: projectId }))
    .filter(({ finished_at }) => finished_at === null);
  const told = running.map(({ deployment_id, status, share, reason }) =>
    `${deployment_id}: ${status} at ${share} %: ${reason}`
  );
  return { reason: told.length === 0 ? "no release is on its way" : told.join("; ").slice(0, 1_000) };
}
