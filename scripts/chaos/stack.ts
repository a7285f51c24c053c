/** The stack of a chaos run: in a process that is started again whenever it ends. @module */

import { linesOf } from "../lib/lines.ts";
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
  const wanted: StackProcessOptions = { ...options, apiPort: freePort() };
  const log = await Deno.open(logFile, { create: true, append: true });
  const supervisor = new Supervisor(wanted, log);
  const timer = setTimeout(() => supervisor.giveUp(logFile), FIRST_START_MS);
  const { url, keys } = await supervisor.where.finally(() => clearTimeout(timer));
  return {
    url,
    keys,
    pid: () => supervisor.pid,
    workers: async () => {
      const children = supervisor.pid === undefined ? [] : await childrenOf(supervisor.pid);
      return children.filter(({ name }) => /^[\w-]+$/.test(name));
    },
    kill: () => supervisor.pid !== undefined && killNow(supervisor.pid),
    starts: () => supervisor.starts,
    [Symbol.asyncDispose]: () => supervisor.stop(),
  };
}

type Where = Pick<ChaosStack, "url" | "keys">;

/** Starts the process again whenever it has ended. */
class Supervisor {
  starts = 0;
  readonly #where = Promise.withResolvers<Where>();
  readonly #loop: Promise<void>;
  #child: Deno.ChildProcess | undefined;
  #isStopping = false;

  constructor(private readonly options: StackProcessOptions, private readonly log: Deno.FsFile) {
    this.#loop = this.#run();
  }

  /** Settles when it answers for the first time. */
  get where(): Promise<Where> {
    return this.#where.promise;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  giveUp(logFile: string): void {
    this.#where.reject(new Error(`The stack did not start; see ${logFile}`));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#child?.stdin.close().catch(() => {});
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      this.starts++;
      this.#child = spawn(this.options);
      const outputs = [
        this.#listen(this.#child.stdout),
        this.#child.stderr.pipeTo(this.log.writable, { preventClose: true }).catch(() => {}),
      ];
      await this.#child.status;
      await Promise.allSettled(outputs);
      if (!this.#isStopping) await pause(RESTART_MS);
    }
    this.log.close();
  }

  /** Waits for the line that says where it is; the runtime may have something to say as well, which is logged. */
  async #listen(stdout: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const line of linesOf(stdout)) {
      if (line.startsWith("{")) this.#where.resolve(JSON.parse(line));
      else await this.log.write(new TextEncoder().encode(`[stack] ${line}\n`));
    }
  }
}

function spawn(options: StackProcessOptions): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", PROGRAM, JSON.stringify(options)],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}
