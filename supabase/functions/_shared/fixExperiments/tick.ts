/** Judges experiments: count what has matured, decide, make the decision take effect. @module */

import { messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Json } from "../core/ports.ts";
import {
  advanceExperiment,
  claimExperimentDeployments,
  type ExperimentMetrics,
  finishExperimentDeployment,
  getDueExperiments,
  getExperimentMetrics,
  judgeStoredExperiment,
  purgeJudgementHistory,
  type StoredExperiment,
} from "../engineDb.ts";
import { type RpcPort } from "../healingDb.ts";
import { decideExperiment } from "../statistics.ts";

/** A deployment that a winner asks for. */
export interface DeploymentRequest {
  /** The same request has the same key; it may come twice when its caller died in between. */
  key: string;
  projectId: string;
  reason: string;
  changes: Json;
}

/** Where deployments are asked for. */
export interface DeploymentPort {
  request(wanted: DeploymentRequest): Promise<void>;
}

/** What a tick may use. */
export interface TickOptions {
  /** Without it a wanted deployment waits in the experiment's row. */
  deployments?: DeploymentPort | undefined;
  logger?: Logger | undefined;
  /** False when the time is up. */
  hasTime?: () => boolean;
}

/** What a tick came to, with the four figures of all experiments. */
export interface ExperimentTick extends ExperimentMetrics {
  experiments_judged: number;
  experiments_concluded: number;
  /** Challengers that became first choice in this tick. */
  improvements_deployed: number;
  /** Experiments that could not be judged, one sentence each. */
  failures: string[];
}

/** Judges every running experiment, each by itself, asks for the deployments that winners want, and forgets what is old. */
export async function tickExperiments(db: RpcPort, options: TickOptions = {}): Promise<ExperimentTick> {
  const { hasTime = () => true, logger } = options;
  const tick = { experiments_judged: 0, experiments_concluded: 0, improvements_deployed: 0 };
  const failures: string[] = [];
  for (const id of await getDueExperiments(db)) {
    if (!hasTime()) break;
    try {
      const { experiment, concluded } = await judgeExperiment(db, id);
      tick.experiments_judged++;
      if (concluded) tick.experiments_concluded++;
      if (concluded && experiment.winning_variant === "b") tick.improvements_deployed++;
    } catch (error) {
      failures.push(`${id}: ${messageOf(error)}`);
      logger?.warn("an experiment could not be judged", { experimentId: id, reason: messageOf(error) });
    }
  }
  await requestDeployments(db, options, failures);
  await purgeJudgementHistory(db);
  return { ...tick, failures, ...await getExperimentMetrics(db) };
}

/** Judges one experiment by what has matured; `concluded` is true when this very call has ended it. */
export async function judgeExperiment(
  db: RpcPort,
  experimentId: string,
): Promise<{ experiment: StoredExperiment; concluded: boolean }> {
  let advanced = await advanceExperiment(db, experimentId);
  while (advanced.has_more) advanced = await advanceExperiment(db, experimentId);
  if (advanced.experiment_status !== "running") return { experiment: advanced, concluded: false };
  const decision = decideExperiment(advanced.e_process, {
    maxN: advanced.max_n,
    split: advanced.share_of_b === 0.5 ? "even" : "other",
  });
  const experiment = await judgeStoredExperiment(db, advanced, decision);
  return { experiment, concluded: experiment.taken && experiment.experiment_status === "completed" };
}

async function requestDeployments(
  db: RpcPort,
  { deployments, logger }: TickOptions,
  failures: string[],
): Promise<void> {
  if (deployments === undefined) return;
  for (const { experiment_id, request } of await claimExperimentDeployments(db)) {
    try {
      const { project_id: projectId, reason, changes } = request;
      await deployments.request({ key: `experiment:${experiment_id}`, projectId, reason, changes });
      await finishExperimentDeployment(db, experiment_id);
    } catch (error) {
      // Its lease ends, and a later tick asks again.
      failures.push(`deployment of ${experiment_id}: ${messageOf(error)}`);
      logger?.warn("a deployment could not be asked for", {
        experimentId: experiment_id,
        reason: messageOf(error),
      });
    }
  }
}
