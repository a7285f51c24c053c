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

const ROOT = new URL("../../", import.meta.url);
const MARK = "listening-on";
const BOOT_MS = 30_000;

// A function must come up and refuse a stranger without reaching anything behind these.
const ENVIRONMENT = {
  SUPABASE_URL: "http://127.0.0.1:9",
  SUPABASE_ANON_KEY: "anon-key-of-no-project-at-all",
  SUPABASE_SERVICE_ROLE_KEY: "service-role-key-of-no-project-at-all",
  SUPABASE_DB_URL: "postgresql://postgres@127.0.0.1:9/postgres",
  EDGE_HOST_MARK: MARK,
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
  const wrapper = `${folder}/${name}.ts`;
  const imports = ["scripts/stack/edgeRuntimeShim.ts", `supabase/functions/${name}/index.ts`];
  await Deno.writeTextFile(
    wrapper,
    imports.map((path) => `import ${JSON.stringify(new URL(path, ROOT))};\n`).join(""),
  );
  const config = new URL("supabase/functions/deno.json", ROOT);
  const process = new Deno.Command(executable, {
    args: [
      "run",
      "--no-lock",
      "--config",
      config.pathname,
      "--allow-net",
      "--allow-env",
      "--allow-read",
      "--allow-sys",
      wrapper,
    ],
    env: { ...ENVIRONMENT, TMPDIR: folder },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const deadline = setTimeout(() => process.kill("SIGKILL"), BOOT_MS);
  try {
    const port = await readPort(process.stdout);
    const response = await fetch(`http://127.0.0.1:${port}/${name}`, { method: "POST", body: "{}" });
    await response.body?.cancel();
    return response.status;
  } finally {
    clearTimeout(deadline);
    // Without its host the function ends by itself.
    await process.stdin.close();
    await process.status;
  }
}

async function readPort(stdout: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let seen = "";
  for await (const bytes of stdout) {
    seen += decoder.decode(bytes, { stream: true });
    const port = new RegExp(`^${MARK} (\\d+)$`, "m").exec(seen)?.[1];
    if (port !== undefined) return port;
  }
  throw new Error(`it ended before it listened: ${seen.slice(-500)}`);
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
