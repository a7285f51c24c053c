/** Supabase's Management API: edge functions with their source. @module */

import { DeployServer, type ProviderRequest } from "./base.ts";

/** A function that stands. */
export interface StandingFunction {
  version: number;
  files: { path: string; content: string }[];
  metadata: Record<string, unknown>;
}

const REF = "abcdefghijklmnopqrst";
const ROOT = `/v1/projects/${REF}/functions`;

/** The server. */
export class SupabaseServer extends DeployServer {
  readonly functions = new Map<string, StandingFunction>();
  /** How often a function was put in force. */
  deployed = 0;
  readonly #bundled = new Map<string, StandingFunction>();

  /** The config of a target. */
  get config(): Record<string, unknown> {
    return { projectRef: REF, apiUrl: this.base };
  }

  /** A function that stands already. */
  seed(slug: string, content: string): void {
    this.functions.set(slug, {
      version: 3,
      files: [{ path: `functions/${slug}/index.ts`, content }],
      metadata: { name: slug, verify_jwt: true, entrypoint_path: `functions/${slug}/index.ts` },
    });
  }

  protected override stranger(): Response {
    return Response.json({ message: "Unauthorized" }, { status: 401 });
  }

  protected override async take(request: ProviderRequest): Promise<Response> {
    const { method, url, json } = request;
    if (method === "POST" && url.pathname === `${ROOT}/deploy`) return await this.#deploy(request);
    if (method === "PUT" && url.pathname === ROOT) return this.#putInForce(json);
    const [, slug, body] = new RegExp(`^${ROOT}/([\\w-]+)(/body)?$`).exec(url.pathname) ?? [];
    const found = this.functions.get(slug ?? "");
    if (slug === undefined || found === undefined) {
      return Response.json({ message: "Function not found" }, { status: 404 });
    }
    if (method === "DELETE") {
      this.functions.delete(slug);
      return new Response(null, { status: 200 });
    }
    return body === undefined ? Response.json(await shown(slug, found)) : sourceOf(found);
  }

  async #deploy({ url, headers, bytes }: ProviderRequest): Promise<Response> {
    const slug = url.searchParams.get("slug") ?? "";
    const type = headers.get("content-type") ?? "";
    const form = await new Response(bytes as Uint8Array<ArrayBuffer>, { headers: { "content-type": type } })
      .formData();
    const files: StandingFunction["files"] = [];
    for (const part of form.getAll("file")) {
      if (part instanceof File) files.push({ path: part.name, content: await part.text() });
    }
    const metadata = JSON.parse(String(form.get("metadata"))) as Record<string, unknown>;
    if (!files.some(({ path }) => path === metadata.entrypoint_path)) {
      return Response.json({
        message: "Failed to bundle the function (reason: Entrypoint path does not exist).",
      }, { status: 400 });
    }
    if (files.some(({ content }) => content.includes("SYNTAX ERROR"))) {
      const message =
        "Failed to bundle the function (reason: The module's source code could not be parsed: Expected ';').";
      return Response.json({ message }, { status: 400 });
    }
    const version = (this.functions.get(slug)?.version ?? 0) + 1;
    const made = { version, files, metadata: { ...this.functions.get(slug)?.metadata, ...metadata } };
    if (url.searchParams.get("bundleOnly") === "true") this.#bundled.set(slug, made);
    else this.#putOne(slug, made);
    return Response.json(await shown(slug, made), { status: 201 });
  }

  #putInForce(json: Record<string, unknown>): Response {
    const wanted = Object.values(json) as { slug: string; version: number }[];
    for (const { slug, version } of wanted) {
      const made = this.#bundled.get(slug);
      if (made === undefined) return Response.json({ message: `No bundle of ${slug}` }, { status: 400 });
      this.#putOne(slug, { ...made, version });
    }
    return Response.json({ functions: wanted });
  }

  #putOne(slug: string, made: StandingFunction): void {
    this.functions.set(slug, made);
    this.deployed++;
  }
}

async function shown(
  slug: string,
  { version, files, metadata }: StandingFunction,
): Promise<Record<string, unknown>> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(files)));
  const ezbr_sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
  // The platform names the place inside of the bundle.
  const entrypoint_path = `file:///tmp/user_fn_${slug}/source/${metadata.entrypoint_path}`;
  return { id: `fn-${slug}`, slug, status: "ACTIVE", version, ezbr_sha256, ...metadata, entrypoint_path };
}

function sourceOf({ files }: StandingFunction): Response {
  const form = new FormData();
  for (const { path, content } of files) form.append("file", new Blob([content]), path);
  return new Response(form);
}
