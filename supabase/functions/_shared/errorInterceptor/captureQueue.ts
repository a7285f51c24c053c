/** Holds captured errors until the background has stored them; nobody waits for it and nothing escapes from it. @module */

import { runInBackground } from "../core/background.ts";
import { messageOf } from "../core/errors.ts";
import { createLogger, type Logger } from "../core/logger.ts";
import { isPassingTrouble } from "../core/passing.ts";
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

const MAX_BATCH = 100;
/** Beyond this many waiting errors further ones are only counted: a flood must not eat the memory of the worker. */
const MAX_WAITING = 1_000;

/** Takes errors at once and stores them later. */
export class CaptureQueue {
  readonly #options: CaptureQueueOptions;
  readonly #logger: Logger;
  readonly #waiting: WaitingError[] = [];
  #dropped = 0;
  #running: Promise<void> | undefined;

  constructor(options: CaptureQueueOptions) {
    this.#options = options;
    this.#logger = options.logger ?? createLogger("captureError");
  }

  /** Takes an error; returns at once and never throws. */
  push(thrown: unknown, context: ErrorContext): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#dropped++;
      return;
    }
    this.#waiting.push({ thrown, context, takenAt: performance.now() });
    if (this.#running !== undefined) return;
    const running = this.#drain();
    this.#running = running;
    runInBackground(() => running);
  }

  /** Resolves when everything taken so far is stored or logged. */
  async flush(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    // The first turn of the event loop lets errors of one moment travel together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      if (this.#dropped > 0) {
        this.#logger.error("errors were dropped as too many waited", { dropped: this.#dropped });
      }
      this.#dropped = 0;
      await this.#store(await this.#analyze(batch));
    }
    this.#running = undefined;
  }

  async #analyze(batch: readonly WaitingError[]): Promise<CapturedError[]> {
    const analyzed = await Promise.allSettled(
      batch.map(({ thrown, context }) => this.#options.analyze(thrown, context)),
    );
    return analyzed.flatMap((result, index) => {
      if (result.status === "fulfilled") {
        return [{ ...result.value.captured, age_ms: performance.now() - batch[index]!.takenAt }];
      }
      this.#logger.error("an error could not be read", { reason: messageOf(result.reason) });
      return [];
    });
  }

  async #store(errors: readonly CapturedError[]): Promise<void> {
    try {
      const sink = await this.#options.sink();
      await sink.capture(errors);
    } catch (reason) {
      if (errors.length === 1 || isPassingTrouble(reason)) {
        for (const error of errors) this.#log(error, reason);
        return;
      }
      // One error that the database refuses must not take the others with it.
      for (const error of errors) await this.#store([error]);
    }
  }

  #log(error: CapturedError, reason: unknown): void {
    this.#logger.error("a captured error could not be stored", {
      captured: forLog(error),
      reason: messageOf(reason),
    });
  }
}

interface WaitingError {
  thrown: unknown;
  context: ErrorContext;
  /** By the monotonic clock. */
  takenAt: number;
}

/** The log is the last place: what is needed to read the error back, in one line that is not cut; never a payload. */
function forLog(
  { operation: _payload, stack_trace: stack, ...captured }: CapturedError,
): Partial<CapturedError> {
  return {
    ...captured,
    error_message: captured.error_message.slice(0, 1_500),
    error_template: captured.error_template.slice(0, 1_000),
    ...(stack === undefined ? {} : { stack_trace: stack.slice(0, 2_000) }),
  };
}
