/**
 * Deploys by Vercel: from git, from files, or what is there once more; promotes and rolls back by pointing production
 * elsewhere, without a build.
 *
 * A deployment is found again by the id of ours in its meta data. Whether production was pointed elsewhere, the project
 * says itself.
 *
 * @module
 */

import type { Json } from "../core/ports.ts";
import { endpointOf } from "../core/settings.ts";
import { z } from "../core/validation.ts";
import { textAt, valueAt } from "./api.ts";
import { type Changes, readChanges } from "./changes.ts";
import {
  type DeploymentProvider,
  failed,
  type Job,
  type Look,
  type Preparation,
  refusalOf,
  unreadable,
} from "./provider.ts";

const configSchema = z.strictObject({
  /** Id of the project. */
  projectId: z.string().regex(/^[\w-]{1,100}$/),
  /** Name of the project, as a deployment from git or files needs it. */
  name: z.string().regex(/^[\w.-]{1,100}$/),
  teamId: z.string().regex(/^[\w-]{1,100}$/).optional(),
  /** Where the source is, when Vercel builds from git. */
  gitSource: z.strictObject({
    type: z.literal("github"),
    repoId: z.union([z.string(), z.number()]),
    ref: z.string().regex(/^[\w./-]{1,200}$/),
  }).optional(),
  /** Another address of the interface. */
  apiUrl: z.string().refine((url) => endpointOf(url) !== undefined, "is no https address").optional(),
});

type Config = z.infer<typeof configSchema>;
type VercelJob = Job<Config>;

/** Meta data by which a deployment is found again. */
const META = "healingDeployment";
const PAGES = 5;
/** Clocks differ; a deployment is looked for from a little before its intent. */
const SKEW_MS = 120_000;

/** The provider `vercel`. */
export const vercel: DeploymentProvider<Config> = {
  configSchema,
  reach: ({ apiUrl }, token) => ({
    baseUrl: endpointOf(apiUrl ?? "https://api.vercel.com")!,
    headers: { authorization: `Bearer ${token}` },
  }),
  prepare,
  send: (job) => job.deployment.action === "deploy" ? create(job) : point(job),
  look: (job) => job.deployment.action === "deploy" ? lookAtDeployment(job) : lookAtProduction(job),
  async cancel(job) {
    const id = job.deployment.provider_deployment_id;
    if (id !== null && job.deployment.action === "deploy") {
      await job.api({ method: "PATCH", path: at(job, `/v12/deployments/${encodeURIComponent(id)}/cancel`) });
    }
  },
};

function at({ config }: VercelJob, path: string, query: Record<string, string> = {}): string {
  const team = config.teamId === undefined ? {} : { teamId: config.teamId };
  const words = new URLSearchParams({ ...query, ...team }).toString();
  return words === "" ? path : `${path}?${words}`;
}

/** The project, or why it cannot be read. */
async function readProject(job: VercelJob): Promise<{ project: unknown } | { look: Look }> {
  const answer = await job.api({ method: "GET", path: at(job, `/v9/projects/${job.config.projectId}`) });
  if (answer.kind === "answer" && answer.ok) return { project: answer.json };
  if (answer.kind === "answer" && [401, 403, 404].includes(answer.status) && !answer.isLimited) {
    return { look: refusalOf(answer, "the project of Vercel") };
  }
  return { look: unreadable(answer, "the project of Vercel") };
}

async function prepare(job: VercelJob): Promise<Preparation | Look> {
  const { action, subject, changes: said } = job.deployment;
  const read = readChanges(said);
  if ("problem" in read) return failed(`The changes cannot be deployed: ${read.problem}`);
  const found = await readProject(job);
  if ("look" in found) return found.look;
  const production = textAt(found.project, "targets", "production", "id") ?? null;
  const rollbackPoint = production === null ? null : { productionId: production };
  if (action === "deploy") {
    const { files = [], complete } = read.changes;
    if (job.config.gitSource === undefined && files.length > 0 && complete !== true) {
      return failed("The files are not said to be the whole project: a part of it alone would be served");
    }
    const source = sourceOf(job.config, read.changes, production);
    if (source === undefined) {
      return failed("There is nothing to deploy: no git source, no files, and nothing in production");
    }
    return { kind: "prepared", intent: source, rollbackPoint };
  }
  const to = action === "promote"
    ? subject?.provider_deployment_id
    : textAt(subject?.rollback_point, "productionId");
  if (to === null || to === undefined) return failed("Which deployment of Vercel is meant is not on record");
  if (action === "rollback" && production !== to && production !== subject?.provider_deployment_id) {
    return failed(
      `Production is ${production} by now, which somebody else has put there: it is not taken back`,
    );
  }
  return { kind: "prepared", intent: { to, from: production }, rollbackPoint };
}

/** What is built: a place in git, the files themselves, or what production serves, once more. */
function sourceOf(
  { gitSource }: Config,
  { git, files }: Changes,
  production: string | null,
): { [key: string]: Json } | undefined {
  if (gitSource !== undefined) {
    const sha = git?.sha === undefined ? {} : { sha: git.sha };
    return { gitSource: { ...gitSource, ref: git?.ref ?? gitSource.ref, ...sha } };
  }
  if (files !== undefined && files.length > 0) return { files: files.length };
  return production === null ? undefined : { deploymentId: production };
}

async function create(job: VercelJob): Promise<Look> {
  const { deployment, config } = job;
  const { files: _count, ...source } = deployment.intent ?? {};
  const read = readChanges(deployment.changes);
  const files = "changes" in read && _count !== undefined
    ? read.changes.files?.flatMap(({ path, content }) =>
      content === null ? [] : [{ file: path, data: content }]
    )
    : undefined;
  const answer = await job.api({
    method: "POST",
    path: at(job, "/v13/deployments", { forceNew: "1", skipAutoDetectionConfirmation: "1" }),
    body: {
      name: config.name,
      project: config.projectId,
      ...(deployment.environment === "production" ? { target: "production" } : {}),
      ...source,
      ...(files === undefined ? {} : { files }),
      meta: { [META]: deployment.id },
    },
  });
  if (answer.kind === "silence" || !answer.ok) return refusalOf(answer, "Vercel did not create it");
  return stateOf(answer.json);
}

/** Promoting and rolling back are the same: production points to another deployment. */
async function point(job: VercelJob): Promise<Look> {
  const { action, intent, trigger_reason } = job.deployment;
  const to = encodeURIComponent(textAt(intent, "to") ?? "");
  const path = action === "promote"
    ? at(job, `/v10/projects/${job.config.projectId}/promote/${to}`)
    : at(job, `/v1/projects/${job.config.projectId}/rollback/${to}`, {
      description: trigger_reason.slice(0, 200),
    });
  const answer = await job.api({ method: "POST", path });
  if (answer.kind === "silence" || !answer.ok) {
    // "Already there" and "another one is under way" are both 409: the project says which.
    if (answer.kind === "answer" && answer.status === 409) {
      const look = await lookAtProduction(job);
      if (look.kind !== "absent") return look;
    }
    return refusalOf(answer, `Vercel did not ${action}`);
  }
  return {
    kind: "building",
    reason: `Vercel points production to ${textAt(intent, "to")}`,
    nextCheckSeconds: 5,
  };
}

async function lookAtDeployment(job: VercelJob): Promise<Look> {
  const { provider_deployment_id: id } = job.deployment;
  if (id === null) return await find(job);
  const answer = await job.api({
    method: "GET",
    path: at(job, `/v13/deployments/${encodeURIComponent(id)}`),
  });
  return answer.kind === "answer" && answer.ok
    ? stateOf(answer.json)
    : unreadable(answer, `deployment ${id}`);
}

async function find(job: VercelJob): Promise<Look> {
  const since = Date.parse(job.deployment.intent_at ?? job.deployment.created_at) - SKEW_MS;
  let until: string | undefined;
  for (let page = 0; page < PAGES; page++) {
    const query = { projectId: job.config.projectId, since: String(since), limit: "100" };
    const answer = await job.api({
      method: "GET",
      path: at(job, "/v6/deployments", until === undefined ? query : { ...query, until }),
    });
    const list = answer.kind === "answer" && answer.ok ? valueAt(answer.json, "deployments") : undefined;
    if (answer.kind === "silence" || !Array.isArray(list)) {
      return unreadable(answer, "the list of deployments");
    }
    const own = list.find((entry) => textAt(entry, "meta", META) === job.deployment.id);
    if (own !== undefined) return stateOf(own);
    until = textAt(answer.json, "pagination", "next");
    if (until === undefined) return { kind: "absent", reason: "Vercel lists no deployment with this id" };
  }
  return {
    kind: "cannotTell",
    reason: `it is not among the last ${PAGES * 100} deployments that Vercel lists`,
  };
}

const STATES: Readonly<Record<string, "building" | "ready" | "cancelled" | "blocked" | "failed">> = {
  QUEUED: "building",
  INITIALIZING: "building",
  BUILDING: "building",
  READY: "ready",
  CANCELED: "cancelled",
  BLOCKED: "blocked",
  ERROR: "failed",
};

/** A list calls it `uid` and `state`, a single one `id` and `readyState`. */
function stateOf(found: unknown): Look {
  const id = textAt(found, "id") ?? textAt(found, "uid");
  const state = textAt(found, "readyState") ?? textAt(found, "state") ?? "none";
  const host = textAt(found, "url");
  const kind = Object.hasOwn(STATES, state) ? STATES[state]! : undefined;
  const seen = {
    id,
    state,
    url: host === undefined ? undefined : `https://${host.replace(/^https?:\/\//, "")}`,
    reason: `Vercel says ${state}`,
  };
  if (kind === undefined || id === undefined) {
    return { ...seen, kind: "cannotTell", reason: `Vercel answered without a state that is known: ${state}` };
  }
  if (kind !== "failed") return { ...seen, kind };
  const words = textAt(found, "errorMessage") ?? textAt(found, "aliasError", "message") ??
    "it gave no reason";
  const code = textAt(found, "errorCode") ?? textAt(found, "aliasError", "code");
  return { ...failed(`Build failed at Vercel: ${words}`, { code }), id, state, url: seen.url };
}

async function lookAtProduction(job: VercelJob): Promise<Look> {
  const wanted = textAt(job.deployment.intent, "to");
  const found = await readProject(job);
  if ("look" in found) return { kind: "cannotTell", reason: found.look.reason };
  const production = textAt(found.project, "targets", "production", "id");
  if (production === wanted) {
    const proof = { production: production ?? null };
    return { kind: "ready", id: production, reason: `production is ${production}`, proof };
  }
  const request = valueAt(found.project, "lastAliasRequest");
  const isOurs = textAt(request, "toDeploymentId") === wanted &&
    Number(valueAt(request, "requestedAt")) >= Date.parse(job.deployment.intent_at ?? "") - SKEW_MS;
  const status = isOurs ? textAt(request, "jobStatus") : undefined;
  if (status === "pending" || status === "in-progress" || status === "succeeded") {
    return { kind: "building", state: status, reason: `Vercel says ${status}`, nextCheckSeconds: 5 };
  }
  if (status !== undefined) return failed(`Vercel could not point production to ${wanted}: ${status}`);
  return { kind: "absent", reason: `production is ${production ?? "nothing"}, and nothing is under way` };
}
