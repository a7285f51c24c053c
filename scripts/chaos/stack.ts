/** The stack of a chaos run: in a process that is started again whenever it ends. @module */

import { freePort } from "../stack/postgres.ts";
import type { StackKeys } from "../stack/keys.ts";
import { pause } from "./pause.ts";
import { childrenOf, killNow, type RunProcess } from "./processes.ts";
import type { StackProcessOptions } from "./stackProcess.ts";

/** A stack that comes back under the same address and keys. */
export interface ChaosStack extends AsyncDisposable {
  readonly url: string;
  readonly keys: StackKeys;
  /** Its process; undefined between two. */
  pid(): number | undefined;
  /** The processes of functions that live now. */
  workers(): Promise<RunProcess[]>;
  kill(): void;
  /** How often it was started. */
  starts(): number;
}

const PROGRAM = decodeURIComponent(new URL("./stackProcess.ts", import.meta.url).pathname);
const RESTART_MS = 300;
const FIRST_START_MS = 120_000;

/** Starts it and waits until it answers; what it logs goes to the file. */
export async function startChaosStack(
  options: Omit<StackProcessOptions, "apiPort">,
  logFile: string,
): Promise<ChaosStack> {
  const apiPort = freePort();
  const log = await Deno.open(logFile, { create: true, append: true });
  const where = Promise.withResolvers<{ url: string; keys: StackKeys }>();
  let child: Deno.ChildProcess | undefined;
  let starts = 0;
  let isStopping = false;
  const supervisor = (async () => {
    while (!isStopping) {
      starts++;
      child = spawn({ ...options, apiPort });
      const outputs = [
        readFirstLine(child.stdout, (line) => where.resolve(JSON.parse(line))),
        child.stderr.pipeTo(log.writable, { preventClose: true }).catch(() => {}),
      ];
      await child.status;
      await Promise.allSettled(outputs);
      if (!isStopping) await pause(RESTART_MS);
    }
    log.close();
  })();
  const timer = setTimeout(
    () => where.reject(new Error(`The stack did not start; see ${logFile}`)),
    FIRST_START_MS,
  );
  const { url, keys } = await where.promise.finally(() => clearTimeout(timer));
  return {
    url,
    keys,
    pid: () => child?.pid,
    workers: async () => {
      const children = child === undefined ? [] : await childrenOf(child.pid);
      return children.filter(({ name }) => /^[\w-]+$/.test(name));
    },
    kill: () => child !== undefined && killNow(child.pid),
    starts: () => starts,
    async [Symbol.asyncDispose]() {
      isStopping = true;
      await child?.stdin.close().catch(() => {});
      await supervisor;
    },
  };
}

function spawn(options: StackProcessOptions): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", PROGRAM, JSON.stringify(options)],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function readFirstLine(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  let text = "";
  for await (const piece of stream) {
    text += new TextDecoder().decode(piece);
    if (!text.includes("\n")) continue;
    onLine(text.slice(0, text.indexOf("\n")));
    text = "";
  }
}
