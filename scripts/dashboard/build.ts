/**
 * Builds the dashboard when it is wanted and its sources have changed: `deno task dashboard:build`, the first
 * `deno task start`, and the browser tests. The result carries the hash of what it was built from, so that the next
 * one takes no time; it is made beside its place and moved there, so that nobody serves half of it.
 *
 * @module
 */

import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { sha256 } from "../../supabase/functions/_shared/core/sha256.ts";
import { type OnProgress, withProgress } from "../stack/progress.ts";

/** The folder of the dashboard's sources. */
export const DASHBOARD_DIRECTORY = decodeURIComponent(new URL("../../dashboard", import.meta.url).pathname);

const BUILT_FROM = ".built-from";
const FOREIGN = new Set(["node_modules", "dist"]);

/** How to build. */
export interface BuildOptions {
  onProgress?: OnProgress | undefined;
  /** Ends the build. */
  signal?: AbortSignal | undefined;
}

/** The folder with the built dashboard; builds it when there is none of these sources. */
export async function buildDashboard({ onProgress, signal }: BuildOptions = {}): Promise<string> {
  const wanted = await hashSources();
  const dist = `${DASHBOARD_DIRECTORY}/dist`;
  if (await builtFrom(dist) === wanted) return dist;
  const draft = `${DASHBOARD_DIRECTORY}/dist/.${crypto.randomUUID()}`;
  try {
    await withProgress("Building the dashboard", onProgress, () => runVite(draft, signal));
    await Deno.writeTextFile(`${draft}/${BUILT_FROM}`, wanted);
    await replaceBuild(dist, draft);
  } finally {
    await Deno.remove(draft, { recursive: true }).catch(() => {});
  }
  return dist;
}

async function builtFrom(dist: string): Promise<string | undefined> {
  return await Deno.readTextFile(`${dist}/${BUILT_FROM}`).catch(() => undefined);
}

async function hashSources(): Promise<string> {
  const paths: string[] = [];
  await collect("", paths);
  const parts = await Promise.all(
    paths.toSorted().map(async (path) =>
      `${path}\n${await Deno.readTextFile(`${DASHBOARD_DIRECTORY}/${path}`)}`
    ),
  );
  return await sha256(parts.join("\0"));
}

async function collect(folder: string, paths: string[]): Promise<void> {
  for await (const entry of Deno.readDir(`${DASHBOARD_DIRECTORY}/${folder}`)) {
    if (entry.isDirectory && !FOREIGN.has(entry.name)) await collect(`${folder}${entry.name}/`, paths);
    if (entry.isFile) paths.push(`${folder}${entry.name}`);
  }
}

async function runVite(outDir: string, signal: AbortSignal | undefined): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "build", "--outDir", outDir, "--emptyOutDir"],
    cwd: DASHBOARD_DIRECTORY,
    env: { NO_COLOR: "1", CI: "true" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...(signal === undefined ? {} : { signal }),
  }).output();
  if (code === 0) return;
  const decoder = new TextDecoder();
  const said = `${decoder.decode(stdout)}\n${decoder.decode(stderr)}`.trim().split("\n").slice(-12).join(
    "\n",
  );
  throw new HealingError("UNAVAILABLE", `The dashboard could not be built:\n${said}`, {
    hint:
      "It needs its packages once: check the network, then deno task dashboard:build. Nothing else needs it.",
  });
}

/** Files first, the page last: whoever asks meanwhile gets the old page with its old files, or the new one. */
async function replaceBuild(dist: string, draft: string): Promise<void> {
  await Deno.mkdir(`${dist}/assets`, { recursive: true });
  const old = new Set(await namesIn(`${dist}/assets`));
  for (const name of await namesIn(`${draft}/assets`)) {
    await Deno.rename(`${draft}/assets/${name}`, `${dist}/assets/${name}`);
    old.delete(name);
  }
  for (const name of await namesIn(draft)) await Deno.rename(`${draft}/${name}`, `${dist}/${name}`);
  for (const name of old) await Deno.remove(`${dist}/assets/${name}`).catch(() => {});
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) if (entry.isFile) names.push(entry.name);
  return names;
}

if (import.meta.main) {
  const { print } = await import("../lib/print.ts");
  print(`The dashboard is in ${await buildDashboard({ onProgress: print })}`);
}
