/**
 * Deploys edge functions by Supabase's Management API. There are no versions to go back to, so what stands there is
 * saved before it is changed, and going back is deploying what was saved.
 *
 * Several functions are bundled first, which changes nothing, and then put in force together. What came of it is read
 * from the version of each function, and from its source.
 *
 * @module
 */

import { endpointOf } from "../core/settings.ts";
import { z } from "../core/validation.ts";
import { saveDeploymentBodies } from "../deploymentDb.ts";
import { textAt } from "./api.ts";
import { type FunctionFiles, readChanges } from "./changes.ts";
import { bundlerWords, type DeploymentProvider, failed, type Look, type Preparation } from "./provider.ts";
import { isTheSame, readFunction, readSaved, type Standing } from "./supabase/bodies.ts";
import { problemOf } from "./supabase/precheck.ts";
import { type SupabaseConfig, type SupabaseJob, type WantedFunction } from "./supabase/types.ts";
import { bundle, putInForce, remove } from "./supabase/send.ts";

const configSchema: z.ZodType<SupabaseConfig> = z.strictObject({
  projectRef: z.string().regex(/^[a-z0-9]{10,40}$/),
  /** Another address of the interface. */
  apiUrl: z.string().refine((url) => endpointOf(url) !== undefined, "is no https address").optional(),
});

const DEPLOY_TIMEOUT_MS = 60_000;

/** The provider `supabase`. */
export const supabase: DeploymentProvider<SupabaseConfig> = {
  configSchema,
  reach: ({ apiUrl }, token) => ({
    baseUrl: endpointOf(apiUrl ?? "https://api.supabase.com")!,
    headers: { authorization: `Bearer ${token}` },
    timeoutMs: DEPLOY_TIMEOUT_MS,
  }),
  prepare,
  send,
  look,
};

/** What is to stand there in the end; `files` is null where nothing is to stand. */
async function wantedOf(job: SupabaseJob): Promise<WantedFunction[] | Look> {
  const { action, changes: said, subject } = job.deployment;
  if (action === "rollback") return await readSaved(job, subject?.id ?? "");
  if (action === "promote") return failed("Edge functions have no preview that could be promoted");
  const read = readChanges(said);
  if ("problem" in read) return failed(`The changes cannot be deployed: ${read.problem}`);
  const functions = read.changes.functions ?? [];
  if (functions.length === 0) return failed("There is nothing to deploy: the changes name no functions");
  for (const wanted of functions) {
    const problem = problemOf(wanted);
    if (problem !== undefined) {
      return failed(problem, { message: bundlerWords(problem), functionName: wanted.slug });
    }
  }
  return functions.map(wantedFunction);
}

function wantedFunction({ slug, files, ...rest }: FunctionFiles): WantedFunction {
  return {
    slug,
    files,
    metadata: {
      name: rest.name ?? slug,
      entrypoint_path: rest.entrypointPath,
      ...(rest.importMapPath === undefined ? {} : { import_map_path: rest.importMapPath }),
      // Left out, the value that it has is kept.
      ...(rest.verifyJwt === undefined ? {} : { verify_jwt: rest.verifyJwt }),
    },
  };
}

async function prepare(job: SupabaseJob): Promise<Preparation | Look> {
  const wanted = await wantedOf(job);
  if (!Array.isArray(wanted)) return wanted;
  const standing: Standing[] = [];
  for (const { slug } of wanted) {
    const found = await readFunction(job, slug);
    if ("look" in found) return found.look;
    const changed = changedSince(job, found.standing);
    if (changed !== undefined) return failed(changed);
    standing.push(found.standing);
  }
  await saveDeploymentBodies(
    job.db,
    job.deployment,
    standing.map(({ slug, metadata, body }) => ({ slug, metadata, body })),
  );
  const before = Object.fromEntries(standing.map(({ slug, version }) => [slug, version]));
  return {
    kind: "prepared",
    intent: { before },
    rollbackPoint: { functions: standing.map(({ slug }) => slug) },
  };
}

/** Why going back would take somebody else's work away; undefined when it would not. */
function changedSince({ deployment }: SupabaseJob, { slug, hash }: Standing): string | undefined {
  const ours = textAt(deployment.subject?.progress, "hashes", slug);
  return deployment.action !== "rollback" || ours === undefined || ours === hash
    ? undefined
    : `Function ${slug} was deployed by somebody else since: it is not taken back`;
}

async function send(job: SupabaseJob): Promise<Look> {
  const wanted = await wantedOf(job);
  if (!Array.isArray(wanted)) return wanted;
  const present = wanted.filter(({ files }) => files !== null);
  const bundled = await bundle(job, present);
  if (!Array.isArray(bundled)) return bundled;
  const made = present.length > 1 ? await putInForce(job, bundled) : undefined;
  if (made !== undefined) return made;
  for (const { slug } of wanted.filter(({ files }) => files === null)) {
    const answer = await remove(job, slug);
    if (answer !== undefined) return answer;
  }
  return await look(job);
}

async function look(job: SupabaseJob): Promise<Look> {
  const wanted = await wantedOf(job);
  if (!Array.isArray(wanted)) return wanted;
  const there: string[] = [];
  const proof: { [slug: string]: string | null } = {};
  for (const one of wanted) {
    const found = await readFunction(job, one.slug);
    if ("look" in found) return { kind: "cannotTell", reason: found.look.reason };
    const { standing } = found;
    proof[one.slug] = standing.hash;
    if (isTheSame(one, standing)) there.push(one.slug);
    else if (standing.version !== Number(textAt(job.deployment.intent, "before", one.slug) ?? 0)) {
      // Ours, changed since by somebody, or not ours at all.
      return {
        kind: "cannotTell",
        reason: `function ${one.slug} has a new version with another source than was sent`,
      };
    }
  }
  if (there.length === wanted.length) {
    const reason = `in force: ${there.join(", ").slice(0, 500)}`;
    return { kind: "ready", reason, id: there.join(","), proof, progress: { hashes: proof } };
  }
  return there.length === 0 ? { kind: "absent", reason: "no function has changed" } : {
    kind: "cannotTell",
    reason: `only ${there.join(", ").slice(0, 500)} of ${wanted.length} functions are in force`,
  };
}
