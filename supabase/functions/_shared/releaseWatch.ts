/**
 * Watches releases: whether they do harm, whether they may go on, and which of them an error came with.
 *
 * Each look claims rollouts, judges them by what was counted, and hands the verdict to the database, which moves them. An
 * engine that dies in between leaves its claim to the next one. The judgement is `judgeCanary`'s; what is added here is
 * that nothing is taken back across a migration that destroyed something.
 *
 * @module
 */

import { HealingError, isHealingError, messageOf } from "./core/errors.ts";
import type { Logger } from "./core/logger.ts";
import type { Json, RpcPort } from "./core/ports.ts";
import { correlateErrors } from "./releaseWatch/correlate.ts";
import { judgeRollout } from "./releaseWatch/judge.ts";
import { type ClaimedRollout, claimRollouts, recordRolloutVerdict } from "./rolloutDb.ts";

export { type Destruction, destructionsIn } from "./releaseWatch/destruction.ts";
export { correlateErrors } from "./releaseWatch/correlate.ts";
export { judgeRollout, type RolloutJudgement } from "./releaseWatch/judge.ts";
export { createDeploymentProposer } from "./releaseWatch/proposer.ts";

/** How a watch works. */
export interface WatchOptions {
  /** Who looks. */
  worker: string;
  /** Only this project. */
  projectId?: string | undefined;
  hasTime?: () => boolean;
  logger?: Logger;
}

/** What came of a go. */
export interface WatchReport {
  looked: number;
  promoted: number;
  paused: number;
  rolled_back: number;
  errors_correlated: number;
  failures: string[];
}

const AT_A_TIME = 5;

/** Looks at every rollout that is due, and finds out what young errors came with. */
export async function watchReleases(db: RpcPort, options: WatchOptions): Promise<WatchReport> {
  const { worker, projectId = null, hasTime = () => true } = options;
  const report: WatchReport = {
    looked: 0,
    promoted: 0,
    paused: 0,
    rolled_back: 0,
    errors_correlated: 0,
    failures: [],
  };
  while (hasTime()) {
    const claimed = await claimRollouts(db, { worker, projectId, limit: AT_A_TIME });
    for (const rollout of claimed) await look(db, rollout, report, options);
    if (claimed.length < AT_A_TIME) break;
  }
  if (!hasTime()) return report;
  try {
    report.errors_correlated = await correlateErrors(db, { projectId });
  } catch (thrown) {
    report.failures.push(`correlate: ${messageOf(thrown)}`);
  }
  return report;
}

async function look(
  db: RpcPort,
  rollout: ClaimedRollout,
  report: WatchReport,
  { logger }: WatchOptions,
): Promise<void> {
  try {
    const verdict = judgeRollout(rollout);
    // Plain data, as it stands in the row.
    const figures: Json = JSON.parse(JSON.stringify(verdict.figures));
    const after = await recordRolloutVerdict(db, rollout, { ...verdict, figures });
    report.looked++;
    const hasMoved = after.status !== rollout.status || after.step !== rollout.step;
    if (hasMoved && verdict.kind === "promote") report.promoted++;
    if (hasMoved && after.status === "paused") report.paused++;
    if (hasMoved && after.status === "rolling_back") report.rolled_back++;
    if (hasMoved) {
      logger?.info("a release was moved", {
        rolloutId: rollout.id,
        status: after.status,
        reason: verdict.reason,
      });
    }
  } catch (thrown) {
    // Another engine, or a person, has it now.
    if (isHealingError(thrown) && (thrown as HealingError).code === "LEASE_LOST") return;
    report.failures.push(`rollout ${rollout.id}: ${messageOf(thrown)}`);
  }
}
