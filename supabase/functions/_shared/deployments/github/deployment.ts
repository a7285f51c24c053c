/** A Deployment of GitHub, which somebody else carries out and reports on by statuses. @module */

import { textAt, valueAt } from "../api.ts";
import { failed, type Look, type Preparation, refusalOf, unreadable } from "../provider.ts";
import { commitOf, type GitHubJob, type GitHubMode, inRepo, read } from "./common.ts";

/** Deployments and their statuses. */
export const deploymentMode: GitHubMode = {
  prepare,
  send,
  look,
  async cancel(job) {
    const { provider_deployment_id: id } = job.deployment;
    if (id === null) return;
    const body = { state: "inactive", description: "cancelled by the self-healing system" };
    await job.api({ method: "POST", path: inRepo(job, `/deployments/${id}/statuses`), body });
  },
};

/** A Deployment is found again by its task. */
function taskOf({ deployment }: GitHubJob): string {
  return `heal:${deployment.id}`;
}

async function prepare(job: GitHubJob): Promise<Preparation | Look> {
  const commit = await commitOf(job);
  if ("look" in commit) return commit.look;
  const before = await lastGood(job);
  if ("look" in before) return before.look;
  const { environment } = job.config;
  const rollbackPoint = before.sha === undefined ? null : { sha: before.sha };
  return { kind: "prepared", intent: { sha: commit.sha, task: taskOf(job), environment }, rollbackPoint };
}

/** The commit of the last deployment that succeeded. */
async function lastGood(job: GitHubJob): Promise<{ sha: string | undefined } | { look: Look }> {
  const query = new URLSearchParams({ environment: job.config.environment, per_page: "5" });
  const found = await read(job, `/deployments?${query}`);
  if ("look" in found) return found;
  for (const entry of Array.isArray(found.json) ? found.json : []) {
    const statuses = await read(job, `/deployments/${textAt(entry, "id")}/statuses?per_page=1`);
    if ("look" in statuses) return statuses;
    const state = textAt(statuses.json, 0, "state");
    if (state === "success" || state === "inactive") return { sha: textAt(entry, "sha") };
  }
  return { sha: undefined };
}

async function send(job: GitHubJob): Promise<Look> {
  const { deployment, config } = job;
  const answer = await job.api({
    method: "POST",
    path: inRepo(job, "/deployments"),
    body: {
      ref: textAt(deployment.intent, "sha"),
      task: taskOf(job),
      // Left out, GitHub merges the default branch into what is deployed.
      auto_merge: false,
      environment: config.environment,
      production_environment: deployment.environment === "production",
      payload: { healing_deployment: deployment.id, action: deployment.action },
      description: deployment.trigger_reason.slice(0, 140),
    },
  });
  if (answer.kind === "silence" || !answer.ok) {
    return refusalOf(answer, "GitHub did not create the deployment");
  }
  const id = textAt(answer.json, "id");
  return answer.status === 201 && id !== undefined
    ? { kind: "building", id, url: textAt(answer.json, "url"), reason: "GitHub has created the deployment" }
    : { kind: "cannotTell", reason: `GitHub answered ${answer.status} without a deployment` };
}

async function look(job: GitHubJob): Promise<Look> {
  let id = job.deployment.provider_deployment_id ?? undefined;
  if (id === undefined) {
    const query = new URLSearchParams({ task: taskOf(job), environment: job.config.environment });
    const list = await job.api({ method: "GET", path: inRepo(job, `/deployments?${query}`) });
    if (list.kind === "silence" || !list.ok || !Array.isArray(list.json)) {
      return unreadable(list, "the list of deployments");
    }
    id = textAt(list.json.find((entry) => textAt(entry, "task") === taskOf(job)), "id");
    if (id === undefined) return { kind: "absent", reason: "GitHub lists no deployment with this task" };
  }
  const answer = await job.api({
    method: "GET",
    path: inRepo(job, `/deployments/${id}/statuses?per_page=1`),
  });
  return answer.kind === "answer" && answer.ok
    ? stateOf(id, valueAt(answer.json, 0))
    : unreadable(answer, `the statuses of deployment ${id}`);
}

function stateOf(id: string, status: unknown): Look {
  const state = textAt(status, "state") ?? "none";
  const words = textAt(status, "description");
  const seen = {
    id,
    state,
    url: textAt(status, "environment_url"),
    reason: words ?? `the deployment is ${state}`,
  };
  switch (state) {
    case "none":
    case "queued":
    case "pending":
    case "in_progress":
      return { ...seen, kind: "building" };
    case "success":
      return { ...seen, kind: "ready", proof: { deployment: id, state } };
    case "inactive":
      return { ...seen, kind: "cancelled" };
    case "failure":
    case "error":
      return { ...failed(`Build failed: ${words ?? `the deployment ended with ${state}`}`), id, state };
    default:
      return {
        ...seen,
        kind: "cannotTell",
        reason: `GitHub answered without a state that is known: ${state}`,
      };
  }
}
