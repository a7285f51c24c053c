/**
 * Deploys by GitHub, in one of three ways that the target's config names: a workflow that is dispatched and followed, a
 * patch as a pull request that a person merges, or a Deployment that somebody else carries out and reports on.
 *
 * @module
 */

import type { DeploymentProvider } from "./provider.ts";
import { configSchema, type GitHubConfig, type GitHubJob, type GitHubMode, reach } from "./github/common.ts";
import { deploymentMode } from "./github/deployment.ts";
import { pullRequestMode } from "./github/pullRequest.ts";
import { workflowMode } from "./github/workflow.ts";

const MODES = { workflow: workflowMode, pull_request: pullRequestMode, deployment: deploymentMode };

function modeOf({ config }: GitHubJob): GitHubMode {
  return MODES[config.mode];
}

/** The provider `github`. */
export const github: DeploymentProvider<GitHubConfig> = {
  configSchema,
  reach,
  prepare: (job) => modeOf(job).prepare(job),
  send: (job) => modeOf(job).send(job),
  look: (job) => modeOf(job).look(job),
  cancel: (job) => modeOf(job).cancel(job),
};
