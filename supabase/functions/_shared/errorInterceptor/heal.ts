/** What handlers and other functions have in common once they have failed: analysis, strategies, and the record. @module */

import { isHealingError, statusOf } from "../core/errors.ts";
import { part } from "../core/unknownValues.ts";
import type { AnalyzedError, ErrorContext } from "../errorAnalysis.ts";
import {
  applyHealingStrategy,
  type HealableOperation,
  type HealingMeans,
  type HealingOutcome,
  StrategyMemory,
} from "../healingStrategies.ts";
import type { RetryBudget } from "../retry.ts";
import { currentTraceparent } from "../tracing.ts";
import type { CommonHealingOptions } from "./options.ts";
import { healsOf } from "./record.ts";
import { defaultReporter, recordHeals, type ReporterSource } from "./reporting.ts";

/** A call that has failed once. */
export interface FailedCall {
  /** By the monotonic clock. */
  startedAt: number;
  /** The moment before it, see `core/errorMarks`. */
  since: number;
  /** The budget in which it is counted. */
  budget: RetryBudget;
}

/** After the time for further attempts something may still stand in for the answer, or be kept for later. */
const STAND_IN_MS = 2_500;

/** Tries what may help, and records it in the background. */
export async function heal<Result>(
  thrown: unknown,
  analyzed: AnalyzedError,
  operation: HealableOperation<Result>,
  call: FailedCall,
  options: CommonHealingOptions & { context: ErrorContext; signal?: AbortSignal },
): Promise<HealingOutcome<Result>> {
  const { maxAttempts = 3, retryWithinMs = 5_000, requestsPerAttempt, reporter = defaultReporter } = options;
  const answersWithinMs = Math.max(0, retryWithinMs - (performance.now() - call.startedAt));
  const outcome = await applyHealingStrategy(thrown, {
    ...operation,
    ...(requestsPerAttempt === undefined ? {} : { requestsPerAttempt }),
  }, {
    deadlineMs: answersWithinMs + STAND_IN_MS,
    answersWithinMs,
    maxAttempts,
    budget: call.budget,
    since: call.since,
    memory: memoryOf(reporter),
    known: { classification: analyzed.classification, signature: analyzed.captured.error_signature },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.random === undefined ? {} : { random: options.random }),
  });
  recordHeals(healsOf(outcome, analyzed, options.context), reporter);
  tell(options, outcome);
  return outcome;
}

/** What the author supplies for this call; a mistake in it must not take the error's place. */
export function meansOf<Result>(make: (() => HealingMeans<Result>) | undefined): HealingMeans<Result> {
  try {
    return make?.() ?? {};
  } catch {
    return {};
  }
}

/** True for a coded refusal of the author's own, or of our SQL functions; what the database itself says is evidence. */
export function isCallersMistake(thrown: unknown): boolean {
  if (!isHealingError(thrown)) return false;
  // What a model's endpoint refuses is a mistake of ours, and smaller parts may help.
  if (part(thrown, "name") === "AiFailure") return thrown.code === "ABORTED";
  const status = statusOf(thrown.code);
  const sqlState = part(thrown.details, "sqlState");
  const isOurs = sqlState === undefined || (typeof sqlState === "string" && sqlState.startsWith("PT"));
  return isOurs && status >= 400 && status < 500 && thrown.code !== "RATE_LIMITED";
}

/** What a place knows about its failures. */
export function contextOf(
  { functionName, projectId }: CommonHealingOptions,
  more: Partial<ErrorContext> = {},
): ErrorContext {
  const traceparent = currentTraceparent();
  return {
    functionName,
    ...(projectId === undefined ? {} : { projectId }),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...more,
  };
}

const memories = new WeakMap<ReporterSource, StrategyMemory>();

function memoryOf(reporter: ReporterSource): StrategyMemory {
  let memory = memories.get(reporter);
  if (memory === undefined) {
    memory = new StrategyMemory({
      source: async (signature) => await (await reporter()).recall?.(signature),
    });
    memories.set(reporter, memory);
  }
  return memory;
}

function tell({ onOutcome }: CommonHealingOptions, outcome: HealingOutcome<unknown>): void {
  try {
    onOutcome?.(outcome);
  } catch {
    // Whoever listens cannot break the call.
  }
}
