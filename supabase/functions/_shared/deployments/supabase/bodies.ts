/** The source of functions: as it stands, as it was saved, and whether two are the same. @module */

import type { Json } from "../../core/ports.ts";
import { getDeploymentBodies, type SavedFile } from "../../deploymentDb.ts";
import { textAt, valueAt } from "../api.ts";
import { failed, type Look, refusalOf, unreadable } from "../provider.ts";
import type { SupabaseJob, WantedFunction } from "./types.ts";

/** A function as it stands; without one the version is 0 and the body null. */
export interface Standing {
  slug: string;
  version: number;
  /** Of the bundle. */
  hash: string | null;
  metadata: { [key: string]: Json };
  body: { files: SavedFile[] } | null;
}

/** The path of a function at the interface. */
export function functionPath({ config }: SupabaseJob, slug: string, rest = ""): string {
  return `/v1/projects/${config.projectRef}/functions/${encodeURIComponent(slug)}${rest}`;
}

/** A function as it stands, with its source. */
export async function readFunction(
  job: SupabaseJob,
  slug: string,
): Promise<{ standing: Standing } | { look: Look }> {
  const answer = await job.api({ method: "GET", path: functionPath(job, slug) });
  if (answer.kind === "answer" && answer.status === 404) {
    return { standing: { slug, version: 0, hash: null, metadata: {}, body: null } };
  }
  if (answer.kind === "silence" || !answer.ok) {
    const isRefused = answer.kind === "answer" && [401, 402, 403].includes(answer.status);
    const what = `function ${slug} of Supabase`;
    return { look: isRefused ? refusalOf(answer, what) : unreadable(answer, what) };
  }
  const files = await readSource(job, slug);
  if ("look" in files) return files;
  return {
    standing: {
      slug,
      version: Number(valueAt(answer.json, "version")),
      hash: textAt(answer.json, "ezbr_sha256") ?? null,
      metadata: metadataOf(answer.json, files.files),
      body: { files: files.files },
    },
  };
}

/** What a redeploy has to say; paths of the bundle become paths among the files. */
function metadataOf(found: unknown, files: readonly SavedFile[]): { [key: string]: Json } {
  const verifyJwt = valueAt(found, "verify_jwt");
  const pathOf = (name: string) => {
    const said = textAt(found, name);
    return files.find(({ path }) => said === path || said?.endsWith(`/${path}`))?.path;
  };
  const [entrypoint, importMap] = [pathOf("entrypoint_path"), pathOf("import_map_path")];
  return {
    name: textAt(found, "name") ?? null,
    ...(typeof verifyJwt === "boolean" ? { verify_jwt: verifyJwt } : {}),
    ...(entrypoint === undefined ? {} : { entrypoint_path: entrypoint }),
    ...(importMap === undefined ? {} : { import_map_path: importMap }),
  };
}

async function readSource(job: SupabaseJob, slug: string): Promise<{ files: SavedFile[] } | { look: Look }> {
  const headers = { accept: "multipart/form-data" };
  const answer = await job.api({ method: "GET", path: functionPath(job, slug, "/body"), headers });
  if (answer.kind === "silence" || !answer.ok) return { look: unreadable(answer, `the source of ${slug}`) };
  if (!answer.contentType.startsWith("multipart/form-data")) {
    return {
      look: failed(`The source of ${slug} cannot be saved: it came as ${answer.contentType || "nothing"}`),
    };
  }
  try {
    const form = await new Response(answer.bytes, { headers: { "content-type": answer.contentType } })
      .formData();
    const files: SavedFile[] = [];
    for (const [, part] of form) if (part instanceof File) files.push(await fileOf(part));
    return files.length === 0 ? { look: failed(`The source of ${slug} came without a file`) } : { files };
  } catch {
    return { look: { kind: "cannotTell", reason: `the source of ${slug} cannot be read` } };
  }
}

async function fileOf(part: File): Promise<SavedFile> {
  const bytes = new Uint8Array(await part.arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  const isText = new TextEncoder().encode(text).length === bytes.length && !text.includes("\ufffd") &&
    !text.includes("\0");
  if (isText) return { path: part.name, content: text };
  const binary = bytes.reduce((all, byte) => all + String.fromCharCode(byte), "");
  return { path: part.name, content: btoa(binary), encoding: "base64" };
}

/** The bytes of a file. */
export function bytesOf({ content, encoding }: SavedFile): ReturnType<TextEncoder["encode"]> {
  if (encoding === undefined) return new TextEncoder().encode(content);
  return Uint8Array.from(atob(content), (unit) => unit.charCodeAt(0));
}

/** What was saved before a deployment changed it. */
export async function readSaved(job: SupabaseJob, deploymentId: string): Promise<WantedFunction[] | Look> {
  const saved = await getDeploymentBodies(job.db, deploymentId);
  if (saved.length === 0) return failed("What stood there before was not saved, or is too old");
  const wanted: WantedFunction[] = [];
  for (const { slug, metadata, body } of saved) {
    const files = body?.files ?? null;
    if (files !== null && textAt(metadata, "entrypoint_path") === undefined) {
      return failed(`Which file of ${slug} begins it was not saved`);
    }
    wanted.push({ slug, metadata, files });
  }
  return wanted;
}

/** Whether what stands is what is wanted; the platform may put a folder before the paths. */
export function isTheSame({ files }: WantedFunction, { body }: Standing): boolean {
  if (files === null || body === null) return files === null && body === null;
  const sorted = (list: readonly SavedFile[]) =>
    list.map(({ content, encoding }) => `${encoding ?? ""}:${content}`).sort();
  return JSON.stringify(sorted(files)) === JSON.stringify(sorted(body.files));
}
