/** Projects in folders, built and started with the tools that their authors use. @module */

import assert from "node:assert/strict";
import type { ProjectFile } from "../../supabase/functions/_shared/core/projectPaths.ts";
import { waitFor } from "./waiting.ts";

/** Writes the files to a new folder. */
export async function writeProject(files: readonly ProjectFile[]): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "built-project-" });
  for (const { path, content } of files) {
    const at = `${folder}/${path}`;
    await Deno.mkdir(at.slice(0, at.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(at, content);
  }
  return folder;
}

/** Runs a command in a folder; fails with the end of what it said. */
export async function run(folder: string, command: string, ...args: string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd: folder,
    env: { CI: "true" },
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.ok(success, `${command} ${args.join(" ")}: ${text.slice(-2_000)}`);
}

/** Fetches the packages of a project. */
export async function install(folder: string): Promise<void> {
  await run(folder, "npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error");
}

/** Starts a server of a project on Node, and looks how it answers. */
export async function answers(
  files: readonly ProjectFile[],
  entry: string,
  path: string,
  status: number,
): Promise<void> {
  const folder = await writeProject(files);
  await install(folder);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const server = new Deno.Command("node", {
    args: [entry],
    cwd: folder,
    env: { PORT: `${port}` },
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  try {
    assert.equal(await statusOf(`http://127.0.0.1:${port}${path}`), status);
  } finally {
    server.kill();
    await server.status;
    await Deno.remove(folder, { recursive: true });
  }
}

/** The answer of a server that is still starting: asked until it is there. */
async function statusOf(url: string): Promise<number> {
  let status = 0;
  await waitFor(`${url} answers`, async () => {
    const answer = await fetch(url).catch(() => null);
    await answer?.body?.cancel();
    status = answer?.status ?? 0;
    return answer !== null;
  }, 60_000);
  return status;
}
