/** Holds captured errors until the background has stored them; nobody waits for it and nothing escapes from it. @module */

import { runInBackground } from "../core/background.ts";
import { messageOf } from "../core/errors.ts";
import { createLogger, type Logger } from "../core/logger.ts";
import type { AnalyzedError, ErrorContext } from "../errorAnalysis.ts";
import type { CapturedError } from "../healingDb.ts";

/** Where captured errors go. */
export interface FailureSink {
  /** Stores a batch; a rejection makes the batch go to the log instead. */
  capture(errors: readonly CapturedError[]): Promise<unknown>;
}

/** How a queue works. */
export interface CaptureQueueOptions {
  sink: () => Promise<FailureSink>;
  analyze: (thrown: unknown, context: ErrorContext) => Promise<AnalyzedError>;
  logger?: Logger;
}

/** Takes errors at once and stores them later. */
export interface CaptureQueue {
  /** Takes an error; returns at once and never throws. */
  push(thrown: unknown, context: ErrorContext): void;
  /** Resolves when everything taken so far is stored or logged. */
  flush(): Promise<void>;
}

const MAX_BATCH = 100;
/** Beyond this many waiting errors further ones are only counted: a flood must not eat the memory of the worker. */
const MAX_WAITING = 1_000;

/** Makes a queue. */
export function createCaptureQueue(options: CaptureQueueOptions): CaptureQueue {
  const logger = options.logger ?? createLogger("captureError");
  const waiting: { thrown: unknown; context: ErrorContext }[] = [];
  let dropped = 0;
  let running: Promise<void> | undefined;

  async function drain(): Promise<void> {
    // The first turn of the event loop lets errors of one moment travel together.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MAX_BATCH);
      if (dropped > 0) {
        logger.error("errors were dropped as too many waited", { dropped });
        dropped = 0;
      }
      await store(await analyzeAll(batch));
    }
    running = undefined;
  }
  async function analyzeAll(batch: typeof waiting): Promise<CapturedError[]> {
    const analyzed = await Promise.allSettled(
      batch.map(({ thrown, context }) => options.analyze(thrown, context)),
    );
    return analyzed.flatMap((result) => {
      if (result.status === "fulfilled") return [result.value.captured];
      logger.error("an error could not be read", { reason: messageOf(result.reason) });
      return [];
    });
  }
  async function store(errors: CapturedError[]): Promise<void> {
    try {
      const sink = await options.sink();
      await sink.capture(errors);
    } catch (reason) {
      // The log is the last place: sanitised, and complete enough to be read back from there.
      for (const { operation: _payload, ...captured } of errors) {
        logger.error("a captured error could not be stored", { captured, reason: messageOf(reason) });
      }
    }
  }
  return {
    push(thrown, context) {
      if (waiting.length >= MAX_WAITING) {
        dropped++;
        return;
      }
      waiting.push({ thrown, context });
      if (running === undefined) {
        running = drain();
        const current = running;
        runInBackground(() => current);
      }
    },
    async flush() {
      await running;
    },
  };
}
