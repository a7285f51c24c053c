/**
 * Holds finished spans until the background has sent them, in batches, one at a time.
 *
 * Nobody waits for it. Of what does not fit or cannot be sent there remains a count.
 *
 * @module
 */

import { runInBackground } from "../core/background.ts";
import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { runInScope } from "./scope.ts";
import type { FinishedSpan } from "./span.ts";

/** What came of a batch; `retry` says that the other side may take it later. */
export type ExportOutcome =
  | { kind: "sent"; rejected: number }
  | { kind: "retry"; reason: string; afterMs?: number | undefined }
  | { kind: "refused"; reason: string };

/** Where finished spans go. */
export interface SpanExporter {
  /** Sends a batch before the signal aborts. */
  export(spans: readonly FinishedSpan[], signal: AbortSignal): Promise<ExportOutcome>;
}

/** How a queue works. */
export interface SpanQueueOptions {
  exporter: () => Promise<SpanExporter>;
  clock: Clock;
  logger: Logger;
  /** Spans that may wait. */
  maxWaiting: number;
  /** Spans in one batch. */
  maxBatch: number;
  /** How long the first span of a batch waits for others, in milliseconds. */
  delayMs: number;
  /** How long the other side may take, in milliseconds. */
  timeoutMs: number;
}

/** What a queue has done with spans so far. */
export interface SpanCounts {
  sent: number;
  /** Dropped as too many waited, or as they could not be sent. */
  dropped: number;
  waiting: number;
}

const MAX_TRIES = 3;
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;

/** The queue. */
export class SpanQueue {
  readonly #options: SpanQueueOptions;
  readonly #waiting: FinishedSpan[] = [];
  #nap = new AbortController();
  #running: Promise<void> | undefined;
  #isFlushing = false;
  #sent = 0;
  #dropped = 0;
  #told = 0;

  constructor(options: SpanQueueOptions) {
    this.#options = options;
  }

  /** How many spans went where. */
  get counts(): SpanCounts {
    return { sent: this.#sent, dropped: this.#dropped, waiting: this.#waiting.length };
  }

  /** Takes a span; returns at once. */
  push(span: FinishedSpan): void {
    if (this.#waiting.length >= this.#options.maxWaiting) {
      this.#drop(1, "too many waited");
      return;
    }
    this.#waiting.push(span);
    // Once and not with every further span: each abort makes an error with a stack.
    if (this.#waiting.length >= this.#options.maxBatch && !this.#nap.signal.aborted) this.#nap.abort();
    // Outside of the trace of whoever came by: sending spans makes none.
    this.#running ??= runInScope(undefined, () => this.#run());
  }

  /** Sends what waits, each batch once more at most, and resolves when it is sent or dropped. */
  async flush(): Promise<void> {
    this.#isFlushing = true;
    this.#nap.abort();
    await this.#running;
    this.#isFlushing = false;
  }

  async #run(): Promise<void> {
    const { maxBatch, delayMs } = this.#options;
    while (this.#waiting.length > 0) {
      if (this.#waiting.length < maxBatch) await this.#sleep(delayMs);
      const delivery = this.#deliver(this.#waiting.splice(0, maxBatch));
      // Only while something is on its way: a worker that merely collects may be ended, and is asked to flush then.
      runInBackground(() => delivery);
      await delivery;
    }
    this.#running = undefined;
  }

  async #deliver(batch: readonly FinishedSpan[]): Promise<void> {
    for (let tries = 1;; tries++) {
      const outcome = await this.#try(batch);
      if (outcome.kind === "sent") {
        this.#sent += batch.length - outcome.rejected;
        if (outcome.rejected > 0) this.#drop(outcome.rejected, "the collector rejected them");
        return;
      }
      // A worker that ends has no time for another try.
      if (outcome.kind === "refused" || tries === MAX_TRIES || this.#isFlushing) {
        return this.#drop(batch.length, outcome.reason);
      }
      await this.#sleep(Math.min(outcome.afterMs ?? RETRY_MS * 2 ** (tries - 1), MAX_RETRY_MS));
    }
  }

  /** Ends early when a batch is full or somebody flushes. */
  async #sleep(ms: number): Promise<void> {
    if (this.#isFlushing) return;
    this.#nap = new AbortController();
    await this.#options.clock.sleep(ms, this.#nap.signal).catch(() => {});
  }

  async #try(batch: readonly FinishedSpan[]): Promise<ExportOutcome> {
    const { clock, timeoutMs, exporter } = this.#options;
    const limit = new AbortController();
    const done = new AbortController();
    const expire = async (): Promise<ExportOutcome> => {
      await clock.sleep(timeoutMs, done.signal);
      limit.abort();
      return { kind: "retry", reason: `no answer in ${timeoutMs} ms` };
    };
    const send = async () => await (await exporter()).export(batch, limit.signal);
    const [sending, late] = [send(), expire()];
    for (const loser of [sending, late]) loser.catch(() => {});
    try {
      return await Promise.race([sending, late]);
    } catch (error) {
      return { kind: "refused", reason: messageOf(error) };
    } finally {
      done.abort();
    }
  }

  #drop(count: number, reason: string): void {
    this.#dropped += count;
    // The first ones are worth a line, and then every doubling of them.
    if (this.#dropped < this.#told * 2) return;
    this.#told = this.#dropped;
    this.#options.logger.warn("spans were dropped", { dropped: this.#dropped, reason: reason.slice(0, 300) });
  }
}
