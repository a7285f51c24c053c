/**
 * Serves the built dashboard below `/dashboard/`, with the address of this stack and its publishable key in
 * `config.json`: the same files that any static host serves in production.
 *
 * @module
 */

/** What the door needs. */
export interface DashboardOptions {
  /** The folder with the built files; undefined while they are being built, or when that has failed. */
  folder: () => string | undefined;
  /** Why there are no files, for whoever looks meanwhile. */
  problem?: () => string | undefined;
  publishableKey: string;
}

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  json: "application/json; charset=utf-8",
};

const SAFETY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": "frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** Answers a request for a path below `/dashboard/`. */
export async function serveDashboard(
  request: Request,
  path: string,
  options: DashboardOptions,
): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") return answer(405, "GET only", "html");
  const { pathname, origin } = new URL(request.url);
  if (pathname === "/dashboard") return Response.redirect(`${origin}/dashboard/`, 302);
  if (path === "config.json") {
    // No realtime here: the dashboard asks again instead.
    const config = { supabaseUrl: origin, publishableKey: options.publishableKey, realtime: false };
    return answer(200, JSON.stringify(config), "json");
  }
  const folder = options.folder();
  if (folder === undefined) {
    return answer(503, waitingPage(options.problem?.()), "html", { "retry-after": "2" });
  }
  return await serveFile(folder, path === "" ? "index.html" : path);
}

async function serveFile(folder: string, path: string): Promise<Response> {
  // Names of files of a build, and nothing that leads out of its folder or begins with a dot.
  if (!/^(assets\/)?[\w-][\w.-]*\.\w+$/.test(path)) return answer(404, "There is no such file", "html");
  try {
    const bytes = await Deno.readFile(`${folder}/${path}`);
    const isHashed = path.startsWith("assets/");
    return answer(200, bytes, path.slice(path.lastIndexOf(".") + 1), {
      "cache-control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
    });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return answer(404, "There is no such file", "html");
    throw error;
  }
}

function answer(
  status: number,
  body: string | Uint8Array<ArrayBuffer>,
  extension: string,
  headers: Record<string, string> = {},
): Response {
  const type = TYPES[extension] ?? "application/octet-stream";
  return new Response(body, { status, headers: { "content-type": type, ...SAFETY_HEADERS, ...headers } });
}

function waitingPage(problem: string | undefined): string {
  const text = problem === undefined
    ? "The dashboard is being built, which takes a moment the first time. This page looks again by itself."
    : `${problem} This page looks again by itself.`;
  const safe = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<meta name="color-scheme" content="light dark"><title>Dashboard</title>
<body style="font:16px system-ui;max-width:36rem;margin:20vh auto;padding:1rem"><p style="white-space:pre-wrap">${safe}</p>`;
}
