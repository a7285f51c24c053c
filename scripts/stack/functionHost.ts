/**
 * Runs the project's functions, each in a process of its own that starts with its first call.
 *
 * A process that has ended is replaced by the next call, which is also when a changed file takes effect. Only
 * one process of a function takes calls; one that has been retired finishes beside it.
 *
 * @module
 */

import type { FunctionCall } from "./functionCall.ts";
import type { FunctionRunner } from "./functionDoor.ts";
import { functionFault } from "./functionFault.ts";
import type { FunctionLog } from "./functionProcess.ts";
import { type FunctionSettings, readFunctions } from "./functionSettings.ts";
import { DEFAULT_LIMITS, FunctionWorker, type WorkerLimits } from "./functionWorker.ts";
import { OrphanGuard } from "./orphanGuard.ts";

/** How functions are found and run. */
export interface FunctionHostOptions {
  /** Folders with functions, each a folder with an `index.ts`. */
  roots: readonly string[];
  /** The environment of every function; it sees nothing else of ours. */
  env: Readonly<Record<string, string>>;
  /** The platform's limits when left out. */
  limits?: Partial<WorkerLimits>;
  onLog?: (log: FunctionLog) => void;
}

/** Finds and runs functions. */
export class FunctionHost implements FunctionRunner {
  readonly #options: FunctionHostOptions;
  readonly #limits: WorkerLimits;
  readonly #guard = new OrphanGuard();
  readonly #current = new Map<string, Promise<FunctionWorker | undefined>>();
  readonly #living = new Set<FunctionWorker>();
  readonly #stopping = new AbortController();
  #functions: Map<string, FunctionSettings>;

  private constructor(options: FunctionHostOptions, functions: Map<string, FunctionSettings>) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#functions = functions;
  }

  /** Reads the folders; no function is started yet. */
  static async create(options: FunctionHostOptions): Promise<FunctionHost> {
    return new FunctionHost(options, await readFunctions(options.roots));
  }

  /** The names of all functions. */
  get names(): string[] {
    return [...this.#functions.keys()];
  }

  /** How a function is guarded; a name that is not known may belong to a function that was added since. */
  async settingsOf(name: string): Promise<FunctionSettings | undefined> {
    if (!this.#functions.has(name)) this.#functions = await readFunctions(this.#options.roots);
    return this.#functions.get(name);
  }

  /** Starts a function before anybody calls it; false when it cannot start. */
  async start(name: string): Promise<boolean> {
    const settings = await this.settingsOf(name);
    return settings !== undefined && await this.#workerOf(settings) !== undefined;
  }

  /** Lets the function answer. */
  async call(name: string, call: FunctionCall): Promise<Response> {
    const settings = await this.settingsOf(name);
    if (settings === undefined) return functionFault("NOT_FOUND");
    // A worker may end between being found and being reached; then the call goes to its successor.
    for (let attempt = 1; attempt <= 2; attempt++) {
      const worker = this.#stopping.signal.aborted ? undefined : await this.#workerOf(settings);
      if (worker === undefined) return functionFault("BOOT_ERROR");
      const answer = await worker.answer(call);
      if (answer !== "gone") return answer;
    }
    return functionFault("WORKER_ERROR");
  }

  /** Ends all functions after their work, or by force when that takes longer than `drainMs`. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#current.values());
    await Promise.all([...this.#living].map((worker) => this.#end(worker)));
    await this.#guard.close();
  }

  async #workerOf(settings: FunctionSettings): Promise<FunctionWorker | undefined> {
    const known = this.#current.get(settings.name);
    const worker = await known;
    if (worker?.isOpen) return worker;
    // Whoever finds the closed worker first starts the next one; the others wait for it.
    const rival = this.#current.get(settings.name);
    if (rival !== known) return await rival;
    const starting = this.#startWorker(settings);
    this.#current.set(settings.name, starting);
    return await starting;
  }

  async #startWorker(settings: FunctionSettings): Promise<FunctionWorker | undefined> {
    const worker = await FunctionWorker.start(settings, {
      env: this.#options.env,
      limits: this.#limits,
      guard: this.#guard,
      stopping: this.#stopping.signal,
      onLog: this.#options.onLog ?? (() => {}),
    });
    if (worker === undefined) return undefined;
    this.#living.add(worker);
    worker.ended.finally(() => this.#living.delete(worker));
    return worker;
  }

  async #end(worker: FunctionWorker): Promise<void> {
    const timer = setTimeout(() => worker.kill(), this.#limits.drainMs);
    await worker.finish("termination");
    clearTimeout(timer);
  }
}
