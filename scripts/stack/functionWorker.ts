/**
 * One running copy of a function and the platform's limits on it.
 *
 * At half its wall clock it takes no new requests and ends when its work is done; at nine tenths it is warned;
 * at the end it is killed, as it is when it uses too much memory. Whoever waits for its answer then gets the
 * platform's. The platform's limit on CPU time is not imitated.
 *
 * @module
 */

import type { FunctionSettings } from "./functionSettings.ts";
import { functionFault } from "./functionFault.ts";
import { forwardCall, type FunctionCall } from "./functionCall.ts";
import { type FunctionLog, type FunctionProcess, startFunctionProcess } from "./functionProcess.ts";
import type { OrphanGuard } from "./orphanGuard.ts";
import type { UnloadReason } from "./edgeRuntimeShim.ts";

/** What a function may use. */
export interface WorkerLimits {
  /** Life of one process. */
  wallClockMs: number;
  /** Longest wait for the head of an answer. */
  requestIdleMs: number;
  /** V8's heap; the process as a whole may use {@link PROCESS_OVERHEAD_MB} more. */
  memoryMb: number;
  /** Longest time from the start to listening; the first start may have to download packages. */
  bootMs: number;
  /** How long work may go on after the stack was asked to stop. */
  drainMs: number;
}

/** The platform's limits of the free plan; boot and drain are ours. */
export const DEFAULT_LIMITS: Readonly<WorkerLimits> = {
  wallClockMs: 150_000,
  requestIdleMs: 150_000,
  memoryMb: 256,
  bootMs: 60_000,
  drainMs: 10_000,
};

/** An empty Deno that serves takes about 60 MB; the platform does not count its own runtime either. */
export const PROCESS_OVERHEAD_MB = 64;

/** What a worker needs besides its settings. */
export interface WorkerOptions {
  env: Readonly<Record<string, string>>;
  limits: WorkerLimits;
  guard: OrphanGuard;
  /** Aborts a start that is under way. */
  stopping: AbortSignal;
  onLog: (log: FunctionLog) => void;
}

const WATCH_INTERVAL_MS = 200;

/** A function that answers. */
export class FunctionWorker {
  readonly #process: FunctionProcess;
  readonly #port: number;
  readonly #limits: WorkerLimits;
  readonly #startedAt: number;
  #isOpen = true;
  #hasEnded = false;
  #isWarned = false;
  #hitLimit = false;
  #inFlight = 0;
  #onIdle: (() => void) | undefined;

  private constructor(process: FunctionProcess, port: number, startedAt: number, limits: WorkerLimits) {
    this.#process = process;
    this.#port = port;
    this.#startedAt = startedAt;
    this.#limits = limits;
    // Finely enough that no stage of a short life is skipped.
    const watch = setInterval(() => this.#watch(), Math.min(WATCH_INTERVAL_MS, limits.wallClockMs / 40));
    process.ended.finally(() => {
      clearInterval(watch);
      this.#isOpen = false;
      this.#hasEnded = true;
    });
  }

  /** Starts a process; undefined when it does not listen in time, and its log says why. */
  static async start(
    settings: FunctionSettings,
    options: WorkerOptions,
  ): Promise<FunctionWorker | undefined> {
    const startedAt = performance.now();
    const { env, limits, guard, stopping, onLog } = options;
    const process = await startFunctionProcess(settings, { env, onLog, memoryMb: limits.memoryMb });
    await guard.add(process.pid, process.folder);
    process.ended.finally(() => guard.remove(process.pid));
    const timer = setTimeout(process.kill, limits.bootMs);
    stopping.addEventListener("abort", process.kill);
    if (stopping.aborted) process.kill();
    const port = await process.port;
    clearTimeout(timer);
    stopping.removeEventListener("abort", process.kill);
    if (port !== undefined) return new FunctionWorker(process, port, startedAt, limits);
    const { code, signal } = await process.ended;
    const line = signal === "SIGKILL"
      ? `did not listen within ${limits.bootMs} ms`
      : `ended with code ${code} before it listened`;
    onLog({ functionName: settings.name, stream: "stderr", line });
    return undefined;
  }

  /** False when new requests must go to another worker. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Settles when the process has ended. */
  get ended(): Promise<unknown> {
    return this.#process.ended;
  }

  /** The function's answer, or the platform's in its place; "gone" when the function never saw the call. */
  async answer(call: FunctionCall): Promise<Response | "gone"> {
    if (this.#hasEnded) return "gone";
    this.#inFlight++;
    const outcome = await forwardCall(call, this.#port, this.#limits.requestIdleMs, () => this.#onDone());
    if (outcome instanceof Response) return outcome;
    this.#onDone();
    if (outcome === "idle") return functionFault("IDLE_TIMEOUT");
    return functionFault(await this.#hasHitLimit() ? "WORKER_LIMIT" : "WORKER_ERROR");
  }

  /** Takes no more requests, waits for those under way, tells the function why, and lets it finish its work. */
  async finish(reason: UnloadReason): Promise<void> {
    this.#isOpen = false;
    const idle = new Promise<void>((resolve) => this.#onIdle = resolve);
    if (this.#inFlight > 0) await Promise.race([idle, this.#process.ended]);
    await this.#process.tell({ reason, end: true });
    await this.#process.ended;
  }

  /** Ends the process at once. */
  kill(): void {
    this.#process.kill();
  }

  /** The connection broke. The call may have been carried out, so it is not repeated. */
  async #hasHitLimit(): Promise<boolean> {
    const patience = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 1_000));
    const status = await Promise.race([this.#process.ended, patience]);
    // V8 ends the process by a trap when its heap is full.
    return this.#hitLimit || status?.signal === "SIGTRAP" || status?.signal === "SIGABRT" ||
      status?.code === 133;
  }

  #onDone(): void {
    this.#inFlight--;
    if (this.#inFlight === 0) this.#onIdle?.();
  }

  #watch(): void {
    const age = performance.now() - this.#startedAt;
    const { wallClockMs, memoryMb } = this.#limits;
    if (age >= wallClockMs || residentMb(this.#process.pid) > memoryMb + PROCESS_OVERHEAD_MB) {
      this.#hitLimit = true;
      this.#process.kill();
    } else if (age >= wallClockMs * 0.9 && !this.#isWarned) {
      this.#isWarned = true;
      this.#process.tell({ reason: "wall_clock", end: false });
    } else if (age >= wallClockMs / 2 && this.#isOpen) {
      this.finish("early_drop");
    }
  }
}

/** What a process holds in memory; 0 where the system does not say, and V8's own limit remains. */
function residentMb(pid: number): number {
  if (Deno.build.os !== "linux") return 0;
  try {
    const pages = Number(Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ")[1]);
    return pages * 4_096 / 1_048_576;
  } catch {
    return 0;
  }
}
