/**
 * One process that runs a function's unchanged `index.ts` behind {@link ./edgeRuntimeShim.ts}.
 *
 * It sees the network, the environment that it is given, and files; it writes only to a temporary folder of its
 * own. What Deno needs to find its cache is passed along and hidden from the function.
 *
 * @module
 */

import { linesOf } from "../lib/lines.ts";
import type { HostCommand } from "./edgeRuntimeShim.ts";
import type { FunctionSettings } from "./functionSettings.ts";
import { dirname } from "node:path";

/** A line that a function has written. */
export interface FunctionLog {
  functionName: string;
  stream: "stdout" | "stderr";
  line: string;
}

/** How a process is started. */
export interface ProcessOptions {
  env: Readonly<Record<string, string>>;
  /** Largest V8 heap. */
  memoryMb: number;
  onLog: (log: FunctionLog) => void;
}

/** A function's process. */
export interface FunctionProcess {
  readonly pid: number;
  /** Where it may write; gone when the process has ended. */
  readonly folder: string;
  /** Settles when the function listens; undefined when the process ended before. */
  readonly port: Promise<number | undefined>;
  /** Settles when the process has ended and its temporary folder is gone. */
  readonly ended: Promise<Deno.CommandStatus>;
  tell(command: HostCommand): Promise<void>;
  kill(): void;
}

const SHIM = new URL("./edgeRuntimeShim.ts", import.meta.url).href;

/** What Deno needs of our environment: caches, registries, certificates, proxies. */
const CARRIED =
  /^(HOME|XDG_CACHE_HOME|DENO_(DIR|CERT|TLS_CA_STORE|AUTH_TOKENS)|NPM_CONFIG_.*|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|HTTPS?_PROXY|NO_PROXY|ALL_PROXY|SYSTEMROOT|USERPROFILE|LOCALAPPDATA|APPDATA)$/i;

/** Starts the process; it listens when `port` settles. */
export async function startFunctionProcess(
  settings: FunctionSettings,
  { env, memoryMb, onLog }: ProcessOptions,
): Promise<FunctionProcess> {
  const tmp = await Deno.makeTempDir({ prefix: "edge-function-" });
  const mark = `edge-host-${crypto.randomUUID()}`;
  const child = new Deno.Command(Deno.execPath(), {
    args: [...flagsOf(settings, tmp, memoryMb), settings.entrypoint],
    cwd: dirname(settings.entrypoint),
    clearEnv: true,
    env: environmentOf(env, tmp, mark),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    // A Ctrl-C in the terminal is for us: we end functions in order, after their work.
    detached: true,
  }).spawn();
  const { promise: port, resolve: onPort } = Promise.withResolvers<number | undefined>();
  const write = (stream: FunctionLog["stream"]) => (line: string) =>
    onLog({ functionName: settings.name, stream, line });
  const outputs = [
    readLines(child.stdout, (line) => {
      if (line.startsWith(`${mark} `)) onPort(Number(line.slice(mark.length)));
      else write("stdout")(line);
    }),
    readLines(child.stderr, write("stderr")),
  ];
  const writer = child.stdin.getWriter();
  return {
    pid: child.pid,
    folder: tmp,
    port,
    ended: cleanUp(child, outputs, tmp).finally(() => onPort(undefined)),
    tell: (command) => writer.write(new TextEncoder().encode(`${JSON.stringify(command)}\n`)).catch(() => {}),
    kill: () => killQuietly(child),
  };
}

function flagsOf({ importMap }: FunctionSettings, tmp: string, memoryMb: number): string[] {
  return [
    "run",
    "--quiet",
    "--no-prompt",
    "--no-lock",
    importMap === undefined ? "--no-config" : `--config=${importMap}`,
    `--preload=${SHIM}`,
    // As the platform does it; the old meaning of a request's signal only warns.
    "--unstable-no-legacy-abort",
    `--v8-flags=--max-old-space-size=${memoryMb}`,
    "--allow-net",
    "--allow-env",
    "--allow-read",
    `--allow-write=${tmp}`,
    "--allow-sys=hostname",
  ];
}

function environmentOf(
  env: Readonly<Record<string, string>>,
  tmp: string,
  mark: string,
): Record<string, string> {
  const carried = Object.entries(Deno.env.toObject()).filter(([name]) => CARRIED.test(name));
  const shown = { SB_EXECUTION_ID: crypto.randomUUID(), ...env };
  return {
    ...Object.fromEntries(carried),
    NO_COLOR: "1",
    TMPDIR: tmp,
    ...shown,
    EDGE_HOST_MARK: mark,
    EDGE_HOST_SHOWS: Object.keys(shown).join(","),
    EDGE_HOST_CARRIES: carried.map(([name]) => name).join(","),
  };
}

async function cleanUp(
  child: Deno.ChildProcess,
  outputs: Promise<void>[],
  tmp: string,
): Promise<Deno.CommandStatus> {
  const status = await child.status;
  await Promise.allSettled(outputs);
  await Deno.remove(tmp, { recursive: true }).catch(() => {});
  return status;
}

async function readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<void> {
  for await (const line of linesOf(stream)) if (line !== "") onLine(line);
}

function killQuietly(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
}
