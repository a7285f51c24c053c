/**
 * Turns a plain Deno into the platform's edge runtime, as far as a function can tell.
 *
 * The function host preloads this file into each function's process and talks with it: one line in JSON on
 * standard input asks the function to finish, one marked line on standard output tells the port. Imported from
 * a wrapper instead, without a host, it restricts in the same way and serves on port 8000, or on the one that
 * `EDGE_SHIM_PORT` names.
 *
 * @module
 */

import { backgroundWork, installEdgeRuntime } from "./edgeRuntime/background.ts";
import { hideEnvironment } from "./edgeRuntime/environment.ts";
import { type Members, restrictFiles } from "./edgeRuntime/files.ts";
import { restrictGlobals } from "./edgeRuntime/globals.ts";
import { replaceServe, serveDefaultExport } from "./edgeRuntime/serving.ts";

/** Why a function's process ends, as `beforeunload` tells it. */
export type UnloadReason = "wall_clock" | "memory" | "early_drop" | "termination";

/** What the host says. */
export interface HostCommand {
  reason: UnloadReason;
  /** True when the process is to end once its work is done; otherwise it is only warned. */
  end: boolean;
}

const exit = Deno.exit;
const mark = Deno.env.get("EDGE_HOST_MARK");
const tmp = mark === undefined ? undefined : Deno.env.get("TMPDIR");
let started = false;
let served = false;

install();

function install(): void {
  const deno = Deno as unknown as Members;
  if (mark !== undefined) hideEnvironment(deno, namesIn("EDGE_HOST_SHOWS"), namesIn("EDGE_HOST_CARRIES"));
  installEdgeRuntime();
  replaceServe(deno, {
    address: mark === undefined ? addressWithoutHost() : { hostname: "127.0.0.1", port: 0 },
    onRequest: () => started = true,
    onListening: (port) => {
      served = true;
      if (mark === undefined) return;
      tellHost(mark, port);
      // Not earlier: Deno waits for a preloaded module's pending reads before it runs the main one.
      listenToHost();
    },
  });
  restrictFiles(deno, tmp, () => started);
  restrictGlobals(deno);
  addEventListener("load", onLoad);
}

/** A wrapper may name a port; otherwise Deno's own default applies. */
function addressWithoutHost(): { hostname: string; port: number } | undefined {
  const port = Deno.env.get("EDGE_SHIM_PORT");
  return port === undefined ? undefined : { hostname: "127.0.0.1", port: Number(port) };
}

function namesIn(variable: string): string[] {
  return (Deno.env.get(variable) ?? "").split(",");
}

function onLoad(): void {
  started = true;
  if (!served) serveDefaultExport();
}

/** On a line of its own, because the function may have written half a line. */
function tellHost(mark: string, port: number): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`\n${mark} ${port}\n`));
}

async function listenToHost(): Promise<void> {
  if (Deno.stdin.readable.locked) return;
  let rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) obey(JSON.parse(line));
  }
  // The pipe is closed: the host has died, and nobody can reach this process any more.
  exit(1);
}

async function obey({ reason, end }: HostCommand): Promise<void> {
  // A function that is dropped because it is idle first finishes what it began.
  if (reason === "early_drop") await backgroundWork();
  dispatchEvent(new CustomEvent("beforeunload", { cancelable: true, detail: { reason } }));
  if (!end) return;
  await backgroundWork();
  // This also dispatches `unload`.
  exit(0);
}
