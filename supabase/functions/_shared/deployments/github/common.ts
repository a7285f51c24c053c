/** What the three ways of GitHub share: the config, the address, and places in git. @module */

import { endpointOf } from "../../core/settings.ts";
import { z } from "../../core/validation.ts";
import { textAt } from "../api.ts";
import { readChanges } from "../changes.ts";
import { failed, type Job, type Look, type Preparation, refusalOf, unreadable } from "../provider.ts";

const name = z.string().regex(/^[\w.-]{1,100}$/);

/** What a target of GitHub has to say. */
export const configSchema = z.strictObject({
  owner: name,
  repo: name,
  mode: z.enum(["workflow", "pull_request", "deployment"]),
  /** What is deployed when the changes name no place in git, and what a pull request goes to. */
  branch: z.string().regex(/^[\w./-]{1,200}$/).default("main"),
  /** File of the workflow. */
  workflow: z.string().regex(/^[\w.-]{1,100}\.ya?ml$/).default("self-healing-deploy.yml"),
  /** Environment of a Deployment. */
  environment: z.string().max(100).default("production"),
  /** Another address of the interface, as GitHub Enterprise has. */
  apiUrl: z.string().refine((url) => endpointOf(url) !== undefined, "is no https address").optional(),
});

/** The config of a target of GitHub. */
export type GitHubConfig = z.infer<typeof configSchema>;

/** A job for GitHub. */
export type GitHubJob = Job<GitHubConfig>;

/** One of the three ways. */
export interface GitHubMode {
  prepare(job: GitHubJob): Promise<Preparation | Look>;
  send(job: GitHubJob): Promise<Look>;
  look(job: GitHubJob): Promise<Look>;
  cancel(job: GitHubJob): Promise<void>;
}

/** How GitHub is reached. */
export function reach(
  { apiUrl }: GitHubConfig,
  token: string,
): { baseUrl: string; headers: Record<string, string> } {
  return {
    baseUrl: endpointOf(apiUrl ?? "https://api.github.com")!,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "user-agent": "self-healing",
      "x-github-api-version": "2022-11-28",
    },
  };
}

/** The path of something in the repository. */
export function inRepo({ config }: GitHubJob, path: string): string {
  return `/repos/${config.owner}/${config.repo}${path}`;
}

/** Reads; what is refused for good is a failure, what cannot be read now is not known. */
export async function read(job: GitHubJob, path: string): Promise<{ json: unknown } | { look: Look }> {
  const answer = await job.api({ method: "GET", path: inRepo(job, path) });
  if (answer.kind === "answer" && answer.ok) return { json: answer.json };
  const isRefused = answer.kind === "answer" && !answer.isLimited &&
    [401, 403, 404, 422].includes(answer.status);
  return { look: isRefused ? refusalOf(answer, `GitHub: ${path}`) : unreadable(answer, `GitHub: ${path}`) };
}

/** The commit that is to be deployed. */
export async function commitOf(job: GitHubJob): Promise<{ sha: string } | { look: Look }> {
  const { action, subject, changes: said } = job.deployment;
  if (action === "rollback") {
    const sha = textAt(subject?.rollback_point, "sha");
    return sha === undefined ? { look: failed("Which commit to go back to is not on record") } : { sha };
  }
  const changes = readChanges(said);
  if ("problem" in changes) return { look: failed(`The changes cannot be deployed: ${changes.problem}`) };
  const { git } = changes.changes;
  const found = await read(job, `/commits/${encodeURIComponent(git?.sha ?? git?.ref ?? job.config.branch)}`);
  if ("look" in found) return found;
  const sha = textAt(found.json, "sha");
  return sha === undefined
    ? { look: { kind: "cannotTell", reason: "GitHub answered with a commit without a sha" } }
    : { sha };
}

/** A time for GitHub's filters, an hour before the intent: clocks differ. */
export function searchedSince({ deployment }: GitHubJob): string {
  const at = Date.parse(deployment.intent_at ?? deployment.created_at) - 3_600_000;
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}
