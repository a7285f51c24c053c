/** Captured errors on their way to the database: read, batched, and logged for a script when it cannot be reached. @module */

import { messageOf } from "../core/errors.ts";
import { createLogger, type Logger } from "../core/logger.ts";
import type { RestoreLog } from "../core/restoreLines.ts";
import type { AnalyzedError, ErrorContext } from "../errorAnalysis.ts";
import { sanitizeFailure, sanitizeText } from "../errorSanitizer.ts";
import type { CapturedError } from "../healingDb.ts";
import { BatchQueue } from "./batchQueue.ts";

/** Where captured errors go. */
export interface FailureSink {
  /** Stores a batch; a rejection makes the batch go to the log instead. */
  capture(errors: readonly CapturedError[]): Promise<unknown>;
}

/** What is said of an error that is captured. */
export interface CaptureContext extends ErrorContext {
  /** What an analysis of this very error has found: it is not made twice. */
  analyzed?: AnalyzedError;
}

/** How a queue works. */
export interface CaptureQueueOptions {
  sink: () => Promise<FailureSink>;
  analyze: (thrown: unknown, context: ErrorContext) => Promise<AnalyzedError>;
  /** Takes what could not be stored. */
  restoreLog: RestoreLog;
  logger?: Logger;
}

interface WaitingError {
  thrown: unknown;
  context: CaptureContext;
  /** By the monotonic clock. */
  takenAt: number;
  captured: CapturedError | undefined;
  /** Being read, or read already. */
  reading?: Promise<void>;
}

/** Takes errors at once and stores them later. */
export class CaptureQueue {
  readonly #options: CaptureQueueOptions;
  readonly #logger: Logger;
  readonly #queue: BatchQueue<WaitingError>;

  constructor(options: CaptureQueueOptions) {
    this.#options = options;
    this.#logger = options.logger ?? createLogger("captureError");
    this.#queue = new BatchQueue<WaitingError>({
      store: (errors) => this.#store(errors),
      lost: (error, reason) => this.#lose(error, reason),
      dropped: (dropped) => this.#logger.error("errors were dropped as too many waited", { dropped }),
    });
  }

  /** Takes an error; returns at once and never throws. */
  push(thrown: unknown, context: CaptureContext): void {
    const { analyzed, operation } = context;
    const captured = analyzed === undefined
      ? undefined
      : { ...analyzed.captured, ...(operation === undefined ? {} : { operation }) };
    this.#queue.push({ thrown, context, takenAt: performance.now(), captured });
  }

  /** Resolves when everything taken so far is stored or logged. */
  flush(): Promise<void> {
    return this.#queue.flush();
  }

  /** The worker ends: what is not known to be stored goes to the log, at once. */
  abandon(): void {
    this.#queue.abandon();
  }

  async #store(errors: readonly WaitingError[]): Promise<void> {
    await this.#readAll(errors);
    const now = performance.now();
    const captured = errors.flatMap((error) =>
      error.captured === undefined ? [] : [{ ...error.captured, age_ms: now - error.takenAt }]
    );
    if (captured.length === 0) return;
    const sink = await this.#options.sink();
    await Promise.all([sink.capture(captured), this.#readAhead()]);
  }

  /** While the database stores one batch there is time to read the next. */
  async #readAhead(): Promise<void> {
    if (this.#queue.next().length === 0) return;
    // First the batch has to be on its way: reading leaves the event loop no turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
    await this.#readAll(this.#queue.next());
  }

  async #readAll(errors: readonly WaitingError[]): Promise<void> {
    await Promise.all(errors.map((error) => error.reading ??= this.#read(error)));
  }

  async #read(error: WaitingError): Promise<void> {
    if (error.captured !== undefined) return;
    try {
      error.captured = (await this.#options.analyze(error.thrown, error.context)).captured;
    } catch (reason) {
      this.#logger.error("an error could not be read", { reason: reasonOf(reason) });
    }
  }

  #lose({ thrown, context, captured }: WaitingError, reason: unknown): void {
    const { restoreLog } = this.#options;
    const why = `a captured error could not be stored: ${reasonOf(reason)}`;
    if (captured !== undefined) restoreLog.write("captured_error", forLog(captured), why);
    else {
      const { functionName, source, projectId, requestId } = context;
      const error = sanitizeFailure(thrown);
      restoreLog.write("raw_error", { error, context: { functionName, source, projectId, requestId } }, why);
    }
  }
}

/** Why something could not be stored; it may quote what was to be stored, or an address with its password. */
export function reasonOf(reason: unknown): string {
  return sanitizeText(messageOf(reason), { maxLength: 200 });
}

/** The log is the last place: what is needed to read the error back, and never a payload. */
function forLog(
  { operation: _payload, stack_trace: stack, ...captured }: CapturedError,
): Partial<CapturedError> {
  return {
    ...captured,
    error_message: captured.error_message.slice(0, 1_500),
    error_signature: captured.error_signature.slice(0, 1_000),
    error_template: captured.error_template.slice(0, 1_000),
    ...(stack === undefined ? {} : { stack_trace: stack.slice(0, 2_000) }),
  };
}
