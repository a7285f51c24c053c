/**
 * A log that outlives an outage of the database: entries go to the table in batches, to a file while the database is
 * away, and from there to the table when it is back.
 *
 * An entry may be delivered more than once, and stands in the table once, by its id. The file is removed last. Where
 * no file can be written, entries wait in memory, up to a bound; beyond every bound, entries are counted, and the
 * count is an entry itself. When the worker ends, what is left goes out as console lines that `scripts/restoreLogs.ts`
 * restores. Whoever logs never waits and never fails; `settled()` is for those who want to know.
 *
 * @module
 */

import { runInBackground } from "./core/background.ts";
import { type Clock, systemClock } from "./core/clock.ts";
import { messageOf } from "./core/errors.ts";
import { createLogger, type Logger, type LogLevel } from "./core/logger.ts";
import { type Random, systemRandom } from "./core/random.ts";
import { restoreLog } from "./core/restoreLines.ts";
import { type LogEntry, makeEntry, readEntry } from "./fallbackLogger/entry.ts";
import { batchesOf, Spool } from "./spool.ts";

export { isEntry, type LogEntry } from "./fallbackLogger/entry.ts";

/** Where entries belong. */
export interface LogSink {
  /** Stores entries, each once however often it comes; rejects when it could not. */
  store(entries: readonly LogEntry[]): Promise<unknown>;
}

/** How the log works. */
export interface FallbackLoggerOptions {
  /** The table; called when the first entry is stored. */
  sink: () => Promise<LogSink>;
  /** The file for outages; `lovable-emergency-logs.jsonl` in the folder for temporary files. */
  path?: string;
  /** Bytes that wait in the file at most; 5,000,000. Beyond them entries wait in memory. */
  maxSpoolBytes?: number;
  /** Entries that wait in memory at most; 1,000. The newest are dropped, debug and info from four fifths on. */
  maxWaiting?: number;
  /** Pause after a failed delivery, in milliseconds; it doubles with each up to a minute. 2,000. */
  retryMs?: number;
  /** Where its own troubles and its last lines go; the console. */
  console?: Logger;
  clock?: Clock;
  random?: Random;
}

/** What has become of the entries so far. */
export interface FallbackCounts {
  /** Delivered to the table; one that had to be delivered twice counts twice. */
  stored: number;
  /** Written to the file. */
  spooled: number;
  /** Dropped because every bound was reached. */
  dropped: number;
}

const LONGEST_PAUSE_MS = 60_000;
const BATCH = 50;

/** The file for outages, in the folder for temporary files. */
export function defaultSpoolPath(name = "lovable-emergency-logs.jsonl"): string {
  return `${(Deno.env.get("TMPDIR") || "/tmp").replace(/\/+$/, "")}/${name}`;
}

/**
 * A log with a fallback; one for an isolate and a path.
 *
 * @example
 * ```ts
 * import { FallbackLogger } from "./fallbackLogger.ts";
 *
 * const stored: string[] = [];
 * const log = new FallbackLogger({
 *   sink: () => Promise.resolve({ store: (entries) => Promise.resolve(stored.push(...entries.map((entry) => entry.message))) }),
 *   path: `${await Deno.makeTempDir()}/log.jsonl`,
 * });
 * log.error("the payment service refused", { order: 7 });
 * await log.settled();
 * if (stored[0] !== "the payment service refused") throw new Error("unexpected");
 * ```
 */
export class FallbackLogger implements Logger {
  readonly counts: FallbackCounts = { stored: 0, spooled: 0, dropped: 0 };
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #console: Logger;
  readonly #spool: Spool;
  readonly #maxWaiting: number;
  readonly #retryMs: number;
  readonly #end = new AbortController();
  /** Entries that stand nowhere but here. */
  readonly #waiting: LogEntry[] = [];
  /** What this isolate has written to the file, for its last lines. */
  readonly #spooled: LogEntry[] = [];
  #running: Promise<void> | undefined;
  #arrivals = 0;
  #failures = 0;
  #retryAt = -Infinity;
  #isRetryPlanned = false;
  /** True until the file was emptied once: an earlier process may have left one. */
  #mayHaveSpool = true;
  #droppedSince = 0;
  /** True once the worker was told that it ends; the last requests may still log. */
  #isEnding = false;

  /** Throws a `RangeError` for a bound that makes no sense. */
  constructor(private readonly options: FallbackLoggerOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#console = options.console ?? createLogger("fallbackLogger");
    this.#maxWaiting = options.maxWaiting ?? 1_000;
    this.#retryMs = options.retryMs ?? 2_000;
    for (const [key, value] of [["maxWaiting", this.#maxWaiting], ["retryMs", this.#retryMs]] as const) {
      if (value > 0) continue;
      throw new RangeError(`Cannot create FallbackLogger as "${key}" must be > 0: current value is ${value}`);
    }
    const { maxSpoolBytes } = options;
    this.#spool = new Spool(
      options.path ?? defaultSpoolPath(),
      maxSpoolBytes === undefined ? {} : { maxBytes: maxSpoolBytes },
    );
    globalThis.addEventListener("beforeunload", this.#sayRest);
  }

  debug(message: string, fields?: Record<string, unknown>): void {
    this.#take("debug", message, fields);
  }

  info(message: string, fields?: Record<string, unknown>): void {
    this.#take("info", message, fields);
  }

  warn(message: string, fields?: Record<string, unknown>): void {
    this.#take("warn", message, fields);
  }

  error(message: string, fields?: Record<string, unknown>): void {
    this.#take("error", message, fields);
  }

  /** Resolves when every entry so far is in the table, in the file, waits for room, or is counted as dropped. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Tries the table now, whatever the pause; true when nothing is left to deliver. */
  async flush(): Promise<boolean> {
    await this.settled();
    this.#retryAt = -Infinity;
    this.#start();
    await this.settled();
    return this.#waiting.length === 0 && !this.#mayHaveSpool;
  }

  /** Ends its waiting for another try and for the worker's end; what waits stays where it is. */
  close(): void {
    this.#end.abort();
    globalThis.removeEventListener("beforeunload", this.#sayRest);
  }

  #take(level: LogLevel, message: string, context: unknown): void {
    try {
      // The newest give way, and what matters less already from four fifths on.
      const room = level === "warn" || level === "error" ? 1 : 0.8;
      if (this.#waiting.length >= this.#maxWaiting * room) return this.#drop();
      const { now, id } = { now: this.#clock.now(), id: this.#random.uuid() };
      const entry = makeEntry({ level, message, context, id, at: now });
      this.#waiting.push(entry);
      this.#arrivals++;
      if (this.#isEnding) this.#say(entry);
      this.#start();
    } catch {
      this.#drop();
    }
  }

  #drop(): void {
    this.counts.dropped++;
    this.#droppedSince++;
  }

  #start(): void {
    if (this.#running !== undefined) return;
    const running = this.#run().finally(() => this.#running = undefined);
    this.#running = running;
    runInBackground(() => running);
  }

  async #run(): Promise<void> {
    // Entries of one moment travel together.
    await Promise.resolve();
    for (let seen = -1; seen !== this.#arrivals;) {
      seen = this.#arrivals;
      const isDue = this.#clock.monotonic() >= this.#retryAt;
      if (isDue && await this.#deliver()) continue;
      await this.#writeToSpool();
      this.#planRetry();
    }
  }

  /** Everything to the table, the oldest first; false when the table is away. */
  async #deliver(): Promise<boolean> {
    try {
      const sink = await this.options.sink();
      if (this.#mayHaveSpool) await this.#deliverSpool(sink);
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, BATCH);
        await sink.store(batch);
        this.#waiting.splice(0, batch.length);
        this.counts.stored += batch.length;
      }
      this.#failures = 0;
      this.#sayDropped();
      return true;
    } catch (reason) {
      const pause = Math.min(LONGEST_PAUSE_MS, this.#retryMs * 2 ** this.#failures++);
      this.#retryAt = this.#clock.monotonic() + pause;
      if (this.#failures === 1) this.#console.warn("the log's table is away", { reason: messageOf(reason) });
      return false;
    }
  }

  async #deliverSpool(sink: LogSink): Promise<void> {
    let isAway = false;
    try {
      await this.#spool.empty(async (lines) => {
        const entries = await Promise.all(lines.map(readEntry));
        isAway = true;
        await sink.store(entries);
        isAway = false;
        this.counts.stored += entries.length;
      });
    } catch (reason) {
      if (isAway) throw reason;
      // A file that cannot be read must not keep from the table what waits here.
      this.#console.error("the spooled log cannot be read", { reason: messageOf(reason) });
      return;
    }
    this.#mayHaveSpool = false;
    this.#spooled.length = 0;
  }

  async #writeToSpool(): Promise<void> {
    while (this.#waiting.length > 0) {
      const [lines] = batchesOf(this.#waiting.map((entry) => JSON.stringify(entry)));
      this.#mayHaveSpool = true;
      const appended = await this.#spool.append(lines!);
      // Without room on the disk they go on waiting here.
      if (appended.kind !== "written") return;
      const written = this.#waiting.splice(0, lines!.length);
      this.counts.spooled += written.length;
      this.#spooled.push(...written.slice(0, this.#maxWaiting - this.#spooled.length));
    }
  }

  #planRetry(): void {
    if (this.#isRetryPlanned || this.#end.signal.aborted) return;
    this.#isRetryPlanned = true;
    runInBackground(async () => {
      const pause = Math.max(0, this.#retryAt - this.#clock.monotonic());
      await this.#clock.sleep(pause, this.#end.signal).finally(() => this.#isRetryPlanned = false);
      this.#start();
    });
  }

  #sayDropped(): void {
    if (this.#droppedSince === 0) return;
    const dropped = this.#droppedSince;
    this.#droppedSince = 0;
    this.#take("warn", "Log entries were dropped as too many waited", { dropped });
  }

  /** The worker ends: what stands in no table is said, since the file ends with the worker, and nothing holds it up. */
  readonly #sayRest = (): void => {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#end.abort();
    for (const entry of [...this.#spooled, ...this.#waiting]) this.#say(entry);
    restoreLog().tellDropped();
    if (this.#droppedSince > 0) this.#console.error("log entries were lost", { lost: this.#droppedSince });
  };

  #say(entry: LogEntry): void {
    restoreLog().write("log", entry, "a log entry that is in no table yet");
  }
}
