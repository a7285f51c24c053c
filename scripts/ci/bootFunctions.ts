/**
 * Starts every function once under another version of Deno, the one that the platform's runtime is built on, and
 * asks it for an answer: `deno run --allow-all scripts/ci/bootFunctions.ts <path of that deno>`.
 *
 * What a newer Deno accepts and the platform does not shows here and not after a deployment.
 *
 * @module
 */

import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { print, printError } from "../lib/print.ts";
import { freePort } from "../stack/postgres.ts";

const ROOT = new URL("../../", import.meta.url);
const FLAGS = [
  "run",
  "--no-lock",
  "--config",
  new URL("supabase/functions/deno.json", ROOT).pathname,
  "--allow-net",
  "--allow-env",
  "--allow-read",
  "--allow-sys",
];
const BOOT_MS = 30_000;
const POLL_MS = 50;

// A function must come up and refuse a stranger without reaching anything behind these.
const ENVIRONMENT = {
  SUPABASE_URL: "http://127.0.0.1:9",
  SUPABASE_ANON_KEY: "anon-key-of-no-project-at-all",
  SUPABASE_SERVICE_ROLE_KEY: "service-role-key-of-no-project-at-all",
  SUPABASE_DB_URL: "postgresql://postgres@127.0.0.1:9/postgres",
};

async function functionNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(new URL("supabase/functions/", ROOT))) {
    if (entry.isDirectory && !entry.name.startsWith("_")) names.push(entry.name);
  }
  return names.sort();
}

/** Starts one function and returns the status of its answer to a caller without a key. */
async function boot(executable: string, name: string, folder: string): Promise<number> {
  const port = freePort();
  const process = new Deno.Command(executable, {
    args: [...FLAGS, await writeWrapper(name, folder)],
    env: { ...ENVIRONMENT, EDGE_SHIM_PORT: String(port), TMPDIR: folder },
    stdin: "null",
    stdout: "null",
  }).spawn();
  let ended = false;
  process.status.then(() => ended = true);
  try {
    return await askUntilAnswered(`http://127.0.0.1:${port}/${name}`, () => ended);
  } finally {
    if (!ended) process.kill("SIGKILL");
    await process.status;
  }
}

async function writeWrapper(name: string, folder: string): Promise<string> {
  const path = `${folder}/${name}.ts`;
  const modules = ["scripts/stack/edgeRuntimeShim.ts", `supabase/functions/${name}/index.ts`];
  const imports = modules.map((module) => `import ${JSON.stringify(new URL(module, ROOT))};\n`);
  await Deno.writeTextFile(path, imports.join(""));
  return path;
}

async function askUntilAnswered(url: string, hasEnded: () => boolean): Promise<number> {
  const deadline = performance.now() + BOOT_MS;
  while (performance.now() < deadline && !hasEnded()) {
    const response = await fetch(url, { method: "POST", body: "{}" }).catch(() => undefined);
    await response?.body?.cancel();
    if (response !== undefined) return response.status;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(hasEnded() ? "it ended before it answered" : `no answer in ${BOOT_MS} ms`);
}

const [deno] = Deno.args;
if (deno === undefined || deno === "") {
  throw new TypeError("Cannot boot functions: the path of a Deno is missing");
}
const folder = await Deno.makeTempDir({ prefix: "boot-" });
try {
  for (const name of await functionNames()) {
    const answer = await boot(deno, name, folder).catch(messageOf);
    const isRefusal = answer === 401 || answer === 403;
    if (isRefusal) print(`${name} starts and refuses a stranger with ${answer}`);
    else {
      printError(`${name} should start and refuse a stranger with 401 or 403, but: ${answer}`);
      Deno.exitCode = 1;
    }
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
