/**
 * A patch as a pull request, which a person merges: the commit goes to a branch that is named after the deployment, so
 * that a second try finds what the first one made.
 *
 * @module
 */

import { type ApiAnswer, textAt, valueAt } from "../api.ts";
import { type Changes, readChanges } from "../changes.ts";
import { failed, type Look, type Preparation, refusalOf, unreadable } from "../provider.ts";
import { type GitHubJob, type GitHubMode, inRepo, read } from "./common.ts";

/** A person takes hours. */
const NEXT_CHECK_SECONDS = 300;

/** Commits and pull requests. */
export const pullRequestMode: GitHubMode = {
  prepare,
  send,
  look,
  async cancel(job) {
    const { provider_deployment_id: id } = job.deployment;
    if (id !== null) {
      await job.api({ method: "PATCH", path: inRepo(job, `/pulls/${id}`), body: { state: "closed" } });
    }
  },
};

function branchOf({ deployment }: GitHubJob): string {
  return `heal/${deployment.id}`;
}

async function prepare(job: GitHubJob): Promise<Preparation | Look> {
  const { action, changes: said } = job.deployment;
  if (action !== "deploy") return failed(`A pull request is not ${action}d: revert it at GitHub`);
  const changes = readChanges(said);
  if ("problem" in changes) return failed(`The changes cannot be deployed: ${changes.problem}`);
  const files = changedFiles(changes.changes);
  if (files.length === 0) return failed("There is nothing to deploy: the changes name no files");
  const head = await read(job, `/git/ref/heads/${job.config.branch}`);
  if ("look" in head) return head.look;
  const base = textAt(head.json, "object", "sha");
  if (base === undefined) {
    return { kind: "cannotTell", reason: "GitHub answered with a branch without a commit" };
  }
  // What a person has merged, a person reverts.
  return {
    kind: "prepared",
    intent: { base, branch: branchOf(job), files: files.length },
    rollbackPoint: null,
  };
}

/** What others have changed in the repository since is left alone. */
function changedFiles({ files = [], touched }: Changes): NonNullable<Changes["files"]> {
  return touched === undefined ? files : files.filter(({ path }) => touched.includes(path));
}

type Made = { answer: ApiAnswer } | { look: Look };

/** Makes something; `422` may mean that a try before this one has made it. */
async function make(job: GitHubJob, path: string, body: unknown, mayBeThere = false): Promise<Made> {
  const answer = await job.api({ method: "POST", path: inRepo(job, path), body });
  const isMade = answer.kind === "answer" && (answer.ok || (mayBeThere && answer.status === 422));
  return isMade ? { answer } : { look: refusalOf(answer, `GitHub: ${path}`) };
}

async function send(job: GitHubJob): Promise<Look> {
  const { deployment, config } = job;
  const commit = await makeCommit(job);
  if ("look" in commit) return commit.look;
  const ref = { ref: `refs/heads/${branchOf(job)}`, sha: commit.sha };
  const branch = await make(job, "/git/refs", ref, true);
  if ("look" in branch) return branch.look;
  const title = deployment.trigger_reason.split("\n", 1)[0]!.slice(0, 200);
  const body = `${deployment.trigger_reason}\n\nDeployment ${deployment.id} of the self-healing system.`;
  const pull = await make(job, "/pulls", { title, body, head: branchOf(job), base: config.branch }, true);
  if ("look" in pull) return pull.look;
  if (!pull.answer.ok) {
    const found = await look(job);
    // It is not there, so this 422 was about something else.
    return found.kind === "absent" ? failed(`GitHub refused the pull request: ${pull.answer.text}`) : found;
  }
  return stateOf(pull.answer.json);
}

/** Blobs, tree and commit, which nobody sees before a branch points to them. */
async function makeCommit(job: GitHubJob): Promise<{ sha: string } | { look: Look }> {
  const { intent, changes, trigger_reason } = job.deployment;
  const base = textAt(intent, "base") ?? "";
  const read = readChanges(changes);
  const files = "changes" in read ? changedFiles(read.changes) : [];
  const entries = files.map(({ path, content }) => ({
    path,
    mode: "100644",
    type: "blob",
    ...(content === null ? { sha: null } : { content }),
  }));
  const tree = await make(job, "/git/trees", { base_tree: base, tree: entries });
  if ("look" in tree) return tree;
  const body = {
    message: trigger_reason.slice(0, 1_000),
    tree: textAt(tree.answer.json, "sha"),
    parents: [base],
  };
  const commit = await make(job, "/git/commits", body);
  if ("look" in commit) return commit;
  const sha = textAt(commit.answer.json, "sha");
  return sha === undefined
    ? { look: { kind: "cannotTell", reason: "GitHub answered with a commit without a sha" } }
    : { sha };
}

async function look(job: GitHubJob): Promise<Look> {
  const query = new URLSearchParams({ head: `${job.config.owner}:${branchOf(job)}`, state: "all" });
  const answer = await job.api({ method: "GET", path: inRepo(job, `/pulls?${query}`) });
  if (answer.kind === "silence" || !answer.ok || !Array.isArray(answer.json)) {
    return unreadable(answer, "the list of pull requests");
  }
  const own = answer.json.find((pull) => valueAt(pull, "head", "ref") === branchOf(job));
  return own === undefined
    ? { kind: "absent", reason: "GitHub lists no pull request of this branch" }
    : stateOf(own);
}

function stateOf(pull: unknown): Look {
  const seen = { id: textAt(pull, "number"), url: textAt(pull, "html_url"), state: textAt(pull, "state") };
  if (textAt(pull, "merged_at") !== undefined) {
    const proof = { merged: textAt(pull, "merge_commit_sha") ?? null };
    return { ...seen, kind: "ready", state: "merged", reason: "the pull request is merged", proof };
  }
  if (seen.state === "closed") {
    return { ...seen, kind: "cancelled", reason: "the pull request was closed unmerged" };
  }
  return seen.state === "open"
    ? {
      ...seen,
      kind: "building",
      reason: "the pull request waits for a person",
      nextCheckSeconds: NEXT_CHECK_SECONDS,
    }
    : { ...seen, kind: "cannotTell", reason: "GitHub answered with a pull request without a state" };
}
