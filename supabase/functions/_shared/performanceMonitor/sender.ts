/**
 * Takes batches of aggregates to the database, one at a time and in their order.
 *
 * A batch keeps its id until it is in or given up, so that one whose answer was lost counts once. While the database
 * is away a few minutes of batches are kept; of what is given up there remains a count.
 *
 * @module
 */

import { runInBackground } from "../core/background.ts";
import type { Clock } from "../core/clock.ts";
import { HealingError, messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { isPassingTrouble } from "../core/passing.ts";
import type { SeriesIdentity } from "./registry.ts";
import type { Aggregate } from "./histogram.ts";

/** Samples of one series. */
export interface MetricReport extends SeriesIdentity, Aggregate {
  /** Milliseconds since they were taken, by the monotonic clock. */
  ageMs: number;
}

/** Where batches go. */
export interface MetricSink {
  /** Stores a batch, once by its id. */
  record(batch: { batchId: string; metrics: readonly MetricReport[] }): Promise<unknown>;
}

/** How a sender works. */
export interface MetricSenderOptions {
  clock: Clock;
  logger: Logger;
  /** Batches that wait for the database, at least 2. */
  maxBatches: number;
  /** How long the database may take, in milliseconds. */
  timeoutMs: number;
}

interface Batch {
  id: string;
  takenAt: number;
  metrics: readonly Omit<MetricReport, "ageMs">[];
  samples: number;
  /** Lost samples that the batch reports. */
  tells: number;
}

/** The database forgets ids after 30 minutes; by then no batch may be tried any more. */
const MAX_AGE_MS = 600_000;

/** The sender. */
export class MetricSender {
  readonly #options: MetricSenderOptions;
  readonly #waiting: Batch[] = [];
  #running: Promise<void> | undefined;
  #isLost = false;
  #recorded = 0;
  #dropped = 0;
  #told = 0;

  constructor(options: MetricSenderOptions) {
    this.#options = options;
  }

  /** Samples that are in, that were given up, that wait, and of those that were lost the ones that were reported. */
  get counts(): { recorded: number; dropped: number; waiting: number; told: number } {
    const waiting = this.#waiting.reduce((sum, { samples }) => sum + samples, 0);
    return { recorded: this.#recorded, dropped: this.#dropped, waiting, told: this.#told };
  }

  /** True when everything that was pushed is in or given up. */
  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  /** Takes a batch; the oldest one goes when too many wait. */
  push(batch: Batch): void {
    if (this.#waiting.length >= this.#options.maxBatches) {
      // What is on its way may yet arrive.
      const [oldest] = this.#waiting.splice(this.#running === undefined ? 0 : 1, 1);
      if (oldest !== undefined) this.#give(oldest);
    }
    this.#waiting.push(batch);
  }

  /** Sends what waits, in the background; resolves when it is in, or has to wait for the next time. */
  send(sink: () => Promise<MetricSink>): Promise<void> {
    if (this.#running === undefined) {
      const running = this.#run(sink);
      this.#running = running;
      runInBackground(() => running);
    }
    return this.#running;
  }

  async #run(sink: () => Promise<MetricSink>): Promise<void> {
    while (this.#waiting.length > 0 && await this.#try(sink, this.#waiting[0]!)) {
      // The next one.
    }
    this.#running = undefined;
  }

  /** False when the database has to come back first. */
  async #try(sink: () => Promise<MetricSink>, batch: Batch): Promise<boolean> {
    const ageMs = Math.max(0, this.#options.clock.monotonic() - batch.takenAt);
    try {
      if (ageMs > MAX_AGE_MS) this.#give(batch);
      else {
        const metrics = batch.metrics.map((metric) => ({ ...metric, ageMs }));
        await this.#within(async () => await (await sink()).record({ batchId: batch.id, metrics }));
        this.#recorded += batch.samples;
        this.#told += batch.tells;
      }
    } catch (error) {
      if (isPassingTrouble(error)) return this.#lose(error);
      this.#give(batch);
      this.#options.logger.error("a batch of metrics was refused", {
        reason: messageOf(error).slice(0, 300),
      });
    }
    this.#isLost = false;
    this.#waiting.shift();
    return true;
  }

  /** A database that hangs must not hold up the batches behind this one for ever. */
  async #within(work: () => Promise<unknown>): Promise<void> {
    const done = new AbortController();
    const { clock, timeoutMs } = this.#options;
    const expire = async () => {
      await clock.sleep(timeoutMs, done.signal);
      throw new HealingError("TIMEOUT", `The database did not take the metrics in ${timeoutMs} ms`);
    };
    const [working, late] = [work(), expire()];
    for (const loser of [working, late]) loser.catch(() => {});
    try {
      await Promise.race([working, late]);
    } finally {
      done.abort();
    }
  }

  /** Says so once, not with every try. */
  #lose(error: unknown): false {
    if (!this.#isLost) {
      this.#options.logger.warn("metrics wait for the database", { reason: messageOf(error).slice(0, 300) });
    }
    this.#isLost = true;
    return false;
  }

  #give(batch: Batch): void {
    this.#dropped += batch.samples;
  }
}
