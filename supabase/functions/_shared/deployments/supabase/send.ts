/** What changes functions at Supabase: bundling, putting in force, removing. @module */

import { noteDeploymentProgress } from "../../deploymentDb.ts";
import { type ApiAnswer, textAt, valueAt } from "../api.ts";
import { bundlerWords, failed, type Look, refusalOf } from "../provider.ts";
import { bytesOf, functionPath } from "./bodies.ts";
import type { SupabaseJob, WantedFunction } from "./types.ts";

/** Bundles the functions; a single one is in force then, of several none is. */
export async function bundle(
  job: SupabaseJob,
  functions: readonly WantedFunction[],
): Promise<unknown[] | Look> {
  const isAlone = functions.length === 1;
  const bundled: unknown[] = [];
  for (const wanted of functions) {
    await goOn(job, `bundling ${wanted.slug}`);
    const query = new URLSearchParams({ slug: wanted.slug, ...(isAlone ? {} : { bundleOnly: "true" }) });
    const path = `/v1/projects/${job.config.projectRef}/functions/deploy?${query}`;
    const answer = await job.api({ method: "POST", path, body: formOf(wanted) });
    if (answer.kind === "silence" || !answer.ok) {
      const refusal = refusalOf(answer, `deploying ${wanted.slug}`);
      // A bundle that nobody puts in force changes nothing.
      if (refusal.kind === "cannotTell" && !isAlone) return { kind: "notTaken", reason: refusal.reason };
      if (refusal.kind !== "failed") return refusal;
      return bundlingFailed(answer as ApiAnswer, wanted.slug);
    }
    bundled.push(answer.json);
  }
  return bundled;
}

/** In the words that the command line uses too, and for the error in those of the bundler. */
function bundlingFailed({ status, text, json }: ApiAnswer, slug: string): Look {
  const said = textAt(json, "message") ?? "";
  const own = bundlerWords(said);
  const whole = `unexpected deploy status ${status}: ${text}`;
  // What is wrong with a source is no matter of HTTP.
  const failure = own === said ? { message: whole, status } : { message: own };
  return failed(whole, { ...failure, functionName: slug });
}

function formOf({ metadata, files }: WantedFunction): FormData {
  const form = new FormData();
  form.append("metadata", JSON.stringify({ static_patterns: [], ...metadata }));
  for (const file of files ?? []) form.append("file", new Blob([bytesOf(file)]), file.path);
  return form;
}

/** Many functions take longer than a lease: it is renewed before each call, and whoever has lost it sends no more. */
function goOn({ db, deployment }: SupabaseJob, doing: string): Promise<void> {
  return noteDeploymentProgress(db, deployment, { doing });
}

/** Puts bundled functions in force, all of them or none; undefined when it was done. */
export async function putInForce(job: SupabaseJob, bundled: readonly unknown[]): Promise<Look | undefined> {
  await goOn(job, "putting the functions in force");
  const body = bundled.map((one) => ({
    ...one as Record<string, unknown>,
    version: Math.max(Number(valueAt(one, "version")) || 1, before(job, one) + 1),
  }));
  const path = `/v1/projects/${job.config.projectRef}/functions`;
  const answer = await job.api({ method: "PUT", path, body });
  return answer.kind === "answer" && answer.ok
    ? undefined
    : refusalOf(answer, "putting the functions in force");
}

function before({ deployment }: SupabaseJob, bundled: unknown): number {
  return Number(valueAt(deployment.intent, "before", String(valueAt(bundled, "slug")))) || 0;
}

/** Removes a function that was not there before; undefined when it is gone. */
export async function remove(job: SupabaseJob, slug: string): Promise<Look | undefined> {
  await goOn(job, `removing ${slug}`);
  const answer = await job.api({ method: "DELETE", path: functionPath(job, slug) });
  if (answer.kind === "answer" && (answer.ok || answer.status === 404)) return undefined;
  return refusalOf(answer, `removing ${slug}`);
}
