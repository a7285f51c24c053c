/**
 * Takes away what this Deno has and the platform's has not, so that code which uses it fails here first.
 *
 * The platform stands at Deno 2.1.4. The names of the language were found by comparing the two versions.
 *
 * @module
 */

import { type Members, redefine } from "./files.ts";

/** Members of `Deno` that the platform does not have. */
const ABSENT = [
  "bench",
  "cpuUsage",
  "cron",
  "dlopen",
  "inspect",
  "lint",
  "openKv",
  "spawn",
  "spawnAndWait",
  "spawnAndWaitSync",
  "telemetry",
  "test",
  "umask",
  "watchFs",
];
/** Members that do nothing there. */
const SILENT = ["addSignalListener", "exit", "kill", "removeSignalListener"];

/** Names of the language and of the web that are newer than the platform. */
const NEWER: readonly [owner: object, names: readonly string[]][] = [
  [globalThis, ["Temporal", "DisposableStack", "AsyncDisposableStack", "Worker"]],
  [Date.prototype, ["toTemporalInstant"]],
  [Error, ["isError"]],
  [RegExp, ["escape"]],
  [Math, ["sumPrecise"]],
  [Iterator, ["concat"]],
  [Map.prototype, ["getOrInsert", "getOrInsertComputed"]],
  [WeakMap.prototype, ["getOrInsert", "getOrInsertComputed"]],
  [Uint8Array, ["fromBase64", "fromHex"]],
  [Uint8Array.prototype, ["setFromBase64", "setFromHex", "toBase64", "toHex"]],
];

const NO_PROCESSES = "Spawning subprocesses is not allowed on Supabase Edge Runtime.";

/** What `Deno.Command` is there: it can be made, and nothing can be run with it. */
class DeniedCommand {
  output(): Promise<never> {
    return Promise.reject(new Deno.errors.PermissionDenied(NO_PROCESSES));
  }

  outputSync(): never {
    throw new Deno.errors.PermissionDenied(NO_PROCESSES);
  }

  spawn(): never {
    throw new Deno.errors.PermissionDenied(NO_PROCESSES);
  }
}

/** Makes `deno` and the globals those of the platform. */
export function restrictGlobals(deno: Members): void {
  for (const name of ABSENT) delete deno[name];
  for (const name of SILENT) redefine(deno, name, () => {});
  for (const [owner, names] of NEWER) for (const name of names) delete (owner as Members)[name];
  redefine(deno, "Command", DeniedCommand);
  redefine(deno, "args", []);
  redefine(deno, "execPath", () => "/bin/edge-runtime");
  redefine(deno, "version", {
    deno: "supabase-edge-runtime-1.78.1 (compatible with Deno v2.1.4)",
    v8: "11.6.189.12",
    typescript: "5.1.6",
  });
}
