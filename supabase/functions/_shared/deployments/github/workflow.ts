/**
 * A workflow that is dispatched and followed. Its run name holds the id of the deployment, so that the run is found
 * again when the answer to the dispatch was lost.
 *
 * @module
 */

import { textAt, valueAt } from "../api.ts";
import { failed, type Look, type Preparation, refusalOf, unreadable } from "../provider.ts";
import { commitOf, type GitHubJob, type GitHubMode, inRepo, read, searchedSince } from "./common.ts";

/** `workflow_dispatch`. */
export const workflowMode: GitHubMode = {
  prepare,
  send,
  look,
  async cancel(job) {
    const { provider_deployment_id: id } = job.deployment;
    if (id !== null) await job.api({ method: "POST", path: inRepo(job, `/actions/runs/${id}/cancel`) });
  },
};

function runsOf({ config }: GitHubJob): string {
  return `/actions/workflows/${config.workflow}/runs`;
}

async function prepare(job: GitHubJob): Promise<Preparation | Look> {
  const commit = await commitOf(job);
  if ("look" in commit) return commit.look;
  const before = await read(job, `${runsOf(job)}?status=success&per_page=1`);
  if ("look" in before) return before.look;
  const last = valueAt(before.json, "workflow_runs", 0);
  // A run that went back names the commit that it went back to.
  const sha = /@ ([0-9a-f]{7,64})\s*$/.exec(textAt(last, "display_title") ?? "")?.[1] ??
    textAt(last, "head_sha");
  const { action, subject } = job.deployment;
  if (action === "rollback" && sha !== commit.sha && sha !== textAt(subject?.intent, "sha")) {
    return failed(
      `The last run has deployed ${sha}, which somebody else has asked for: it is not taken back`,
    );
  }
  const rollbackPoint = sha === undefined ? null : { sha };
  return { kind: "prepared", intent: { sha: commit.sha, workflow: job.config.workflow }, rollbackPoint };
}

async function send(job: GitHubJob): Promise<Look> {
  const { deployment, config } = job;
  const answer = await job.api({
    method: "POST",
    path: inRepo(job, `/actions/workflows/${config.workflow}/dispatches`),
    body: {
      ref: config.branch,
      inputs: {
        reason: deployment.trigger_reason.slice(0, 200),
        trigger_id: deployment.id,
        ref: textAt(deployment.intent, "sha") ?? config.branch,
        action: deployment.action,
      },
      return_run_details: true,
    },
  });
  if (answer.kind === "silence" || !answer.ok) return refusalOf(answer, "GitHub did not take the dispatch");
  return {
    kind: "building",
    id: textAt(answer.json, "workflow_run_id"),
    url: textAt(answer.json, "html_url"),
    reason: "GitHub has taken the dispatch",
    // From here on a run that is not listed is late, not missing.
    progress: { accepted: true },
  };
}

async function look(job: GitHubJob): Promise<Look> {
  const { provider_deployment_id: id } = job.deployment;
  if (id === null) return await find(job);
  const answer = await job.api({ method: "GET", path: inRepo(job, `/actions/runs/${id}`) });
  return answer.kind === "answer" && answer.ok
    ? await stateOf(answer.json, job)
    : unreadable(answer, `run ${id}`);
}

async function find(job: GitHubJob): Promise<Look> {
  const { id, progress } = job.deployment;
  const query = new URLSearchParams({
    event: "workflow_dispatch",
    created: `>=${searchedSince(job)}`,
    per_page: "100",
  });
  const answer = await job.api({ method: "GET", path: inRepo(job, `${runsOf(job)}?${query}`) });
  const runs = answer.kind === "answer" && answer.ok ? valueAt(answer.json, "workflow_runs") : undefined;
  if (!Array.isArray(runs)) return unreadable(answer, "the list of runs");
  const own = runs.find((run) => `${textAt(run, "display_title")} ${textAt(run, "name")}`.includes(id));
  if (own !== undefined) return await stateOf(own, job);
  if (progress.accepted === true || runs.length >= 100) {
    return { kind: "cannotTell", reason: "GitHub has taken the dispatch, and does not list its run yet" };
  }
  return { kind: "absent", reason: "GitHub lists no run with this id" };
}

async function stateOf(run: unknown, job: GitHubJob): Promise<Look> {
  const [id, status] = [textAt(run, "id"), textAt(run, "status") ?? "none"];
  const conclusion = textAt(run, "conclusion");
  const seen = {
    id,
    url: textAt(run, "html_url"),
    state: conclusion ?? status,
    reason: `the run is ${conclusion ?? status}`,
  };
  if (status !== "completed") {
    return ["queued", "in_progress", "requested", "waiting", "pending"].includes(status)
      ? { ...seen, kind: "building" }
      : { ...seen, kind: "cannotTell", reason: `GitHub answered without a status that is known: ${status}` };
  }
  switch (conclusion) {
    case "success":
      return {
        ...seen,
        kind: "ready",
        proof: { run: id ?? null, sha: textAt(job.deployment.intent, "sha") ?? null },
      };
    case "cancelled":
    case "skipped":
      return { ...seen, kind: "cancelled" };
    case "action_required":
      return { ...seen, kind: "blocked", reason: "the run waits for a person at GitHub" };
    case "failure":
    case "timed_out":
    case "startup_failure":
    case "neutral":
    case "stale":
      return { ...await failureOf(job, id, conclusion), id, url: seen.url, state: conclusion };
    default:
      return { ...seen, kind: "cannotTell", reason: `GitHub answered without a conclusion that is known` };
  }
}

/** Which step failed, where GitHub tells. */
async function failureOf(job: GitHubJob, id: string | undefined, conclusion: string): Promise<Look> {
  const found = await read(job, `/actions/runs/${id}/jobs?per_page=50`);
  const jobs = "json" in found ? valueAt(found.json, "jobs") : undefined;
  const broken = Array.isArray(jobs)
    ? jobs.find((entry) => textAt(entry, "conclusion") === "failure")
    : undefined;
  const steps = valueAt(broken, "steps");
  const step = Array.isArray(steps)
    ? steps.find((entry) => textAt(entry, "conclusion") === "failure")
    : undefined;
  const where = broken === undefined
    ? ""
    : ` in ${textAt(broken, "name")}, step ${textAt(step, "name") ?? "unknown"}`;
  return failed(`Build failed: the workflow run ended with ${conclusion}${where}`);
}
