/** Where writes wait while the database is away. @module */

import { runInBackground } from "../core/background.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import type { WriteOperation, WriteRowsOptions } from "../healingDb.ts";

/** A write that waits, as its author meant it. It holds no token: whoever replays it brings the right to. */
export interface SpooledWrite {
  operation: WriteOperation;
  table: string;
  rows: readonly Record<string, unknown>[];
  /** Under it the write is made at most once. */
  key: string;
  /** How many parts of the write were made under its key before the database went away. */
  made: number;
  options: Pick<WriteRowsOptions, "filter" | "on_conflict" | "ignore_duplicates">;
}

/** Makes a spooled write: `later` when the database is still away, `refused` when it will not have all of it. */
export type SpoolSender = (write: SpooledWrite) => Promise<"done" | "later" | "refused">;

/** A write that waited in vain. */
export interface LostWrite {
  table: string;
  key: string;
  rows: number;
  reason: "refused" | "tooLate" | "workerEnds";
}

/** A place for writes that cannot be made now. */
export interface WriteSpool {
  /** False when there is no room: the write then fails. `send` is how the same caller makes it later. */
  put(write: SpooledWrite, send: SpoolSender): boolean | Promise<boolean>;
}

/** What a spool in memory may be told. */
export interface MemorySpoolOptions {
  /** Most rows that wait; 1,000. */
  maxRows?: number;
  /** Most characters of JSON that wait; 4,000,000. */
  maxLength?: number;
  /** After how long a write is given up, in milliseconds; 120,000, which is about what an isolate lives. */
  giveUpAfterMs?: number;
  /** Told of writes that were given up, and of those that the database refused in the end. */
  onLost?: (writes: readonly LostWrite[]) => void;
  clock?: Clock;
}

interface Waiting {
  write: SpooledWrite;
  send: SpoolSender;
  length: number;
  until: number;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** A spool that lives as long as its isolate: writes go out in their order as soon as the database answers. */
export class MemorySpool implements WriteSpool {
  readonly #maxRows: number;
  readonly #maxLength: number;
  readonly #giveUpAfterMs: number;
  readonly #onLost: MemorySpoolOptions["onLost"];
  readonly #clock: Clock;
  #waiting: Waiting[] = [];
  #isDraining = false;

  constructor(options: MemorySpoolOptions = {}) {
    this.#maxRows = options.maxRows ?? 1_000;
    this.#maxLength = options.maxLength ?? 4_000_000;
    this.#giveUpAfterMs = options.giveUpAfterMs ?? 120_000;
    this.#onLost = options.onLost;
    this.#clock = options.clock ?? systemClock;
  }

  /** How many writes wait. */
  get size(): number {
    return this.#waiting.length;
  }

  put(write: SpooledWrite, send: SpoolSender): boolean {
    const length = JSON.stringify(write.rows).length;
    const rows = this.#waiting.reduce((sum, { write }) => sum + write.rows.length, write.rows.length);
    const lengths = this.#waiting.reduce((sum, { length }) => sum + length, length);
    if (rows > this.#maxRows || lengths > this.#maxLength) return false;
    // A copy: its author may change the objects before they are sent.
    const copy = { ...write, rows: structuredClone(write.rows) };
    this.#waiting.push({ write: copy, send, length, until: this.#clock.monotonic() + this.#giveUpAfterMs });
    if (!this.#isDraining) {
      this.#isDraining = true;
      globalThis.addEventListener("beforeunload", this.#tellRest);
      runInBackground(() => this.#drain());
    }
    return true;
  }

  async #drain(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (this.#waiting.length > 0) {
      await this.#clock.sleep(pauseMs);
      const sent = await this.#sendAll();
      pauseMs = sent ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      this.#giveUpOld();
    }
    globalThis.removeEventListener("beforeunload", this.#tellRest);
    this.#isDraining = false;
  }

  /** What waits in an isolate ends with it, and somebody should know. */
  readonly #tellRest = (): void => this.#tellLost(this.#waiting.map(({ write }) => write), "workerEnds");

  /** Sends the waiting writes in their order until one has to wait longer; true when one got through. */
  async #sendAll(): Promise<boolean> {
    let sent = false;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const outcome = await next.send(next.write).catch(() => "later" as const);
      if (outcome === "later") return sent;
      this.#waiting.shift();
      sent = true;
      if (outcome === "refused") this.#tellLost([next.write], "refused");
    }
    return sent;
  }

  #giveUpOld(): void {
    const now = this.#clock.monotonic();
    const lost = this.#waiting.filter(({ until }) => until <= now).map(({ write }) => write);
    if (lost.length === 0) return;
    this.#waiting = this.#waiting.filter(({ until }) => until > now);
    this.#tellLost(lost, "tooLate");
  }

  #tellLost(writes: readonly SpooledWrite[], reason: LostWrite["reason"]): void {
    try {
      this.#onLost?.(writes.map(({ table, key, rows }) => ({ table, key, rows: rows.length, reason })));
    } catch {
      // Whoever watches cannot keep the others waiting.
    }
  }
}
