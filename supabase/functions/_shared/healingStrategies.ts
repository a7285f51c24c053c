/**
 * What can be done for a failed call while its caller waits: ten strategies, and the dispatcher that chooses.
 *
 * The choice starts from the documents (transient: back off; a text that cannot be read: ask for another; too slow or
 * too large: smaller parts; rate limit: wait or queue; unknown: have it analysed; else a person) and moves with what
 * has worked for the same signature. Each strategy says what it needs; one whose need the author has not supplied
 * does not apply. No strategy is tried twice, all of them together end within one deadline, and every repetition,
 * whichever strategy makes it, counts against the same attempts and the same budget.
 *
 * A write without an idempotency key is never made again. What lasts behind a status that looks transient is not
 * retried. A refusal is never evaded. A stand-in is named as one.
 *
 * @example
 * ```ts
 * import { applyHealingStrategy } from "./healingStrategies.ts";
 *
 * const failed = Object.assign(new Error("the service is unavailable"), { status: 503 });
 * const outcome = await applyHealingStrategy(failed, {
 *   name: "prices",
 *   run: () => Promise.reject(failed),
 *   cache: { read: () => ({ value: 42, ageMs: 60_000 }) },
 *   effect: "read",
 * }, { maxAttempts: 1 });
 * if (outcome.kind !== "standIn" || outcome.standIn.kind !== "cached") throw new Error("unexpected");
 * ```
 *
 * @module
 */

import { type Clock, systemClock } from "./core/clock.ts";
import { optionCheck } from "./core/options.ts";
import { type Random, systemRandom } from "./core/random.ts";
import { Dispatch } from "./healingStrategies/dispatch.ts";
import type { KnownFailure } from "./healingStrategies/failure.ts";
import { StrategyMemory } from "./healingStrategies/memory.ts";
import type { HealingOutcome } from "./healingStrategies/outcome.ts";
import type { HealableOperation } from "./healingStrategies/strategy.ts";
import { budgetOf, type RetryBudget } from "./retry.ts";

export { STRATEGY_NAMES } from "./healingStrategies/dispatch.ts";
export type { HealingAdvice } from "./healingStrategies/catalogue.ts";
export {
  type RecordSource,
  StrategyMemory,
  type StrategyMemoryOptions,
  type StrategyRecord,
} from "./healingStrategies/memory.ts";
export type { HealingOutcome, StrategyRefusal, StrategyTrial } from "./healingStrategies/outcome.ts";
export type {
  AlternativeCall,
  AnswerCache,
  CachedAnswer,
  CallEffect,
  Endpoint,
  HealableOperation,
  HealingMeans,
  HealingStrategyName,
  QueuedCall,
  StandIn,
} from "./healingStrategies/strategy.ts";

const checkLimit = optionCheck("heal");

/** Limits of one healing, and what it may know. */
export interface HealingStrategyOptions {
  /** Time for all strategies together, in milliseconds; 5,000. */
  deadlineMs?: number;
  /** Time after which no strategy that makes a call begins, in milliseconds; the deadline less a reserve. */
  answersWithinMs?: number;
  /** Calls in all, the failed one included; 3. */
  maxAttempts?: number;
  /** The budget in which the failed call is counted already; by default the one of the operation's name. */
  budget?: RetryBudget;
  /** What has worked before; by default what this isolate has seen. */
  memory?: StrategyMemory;
  /** What an analysis of the failure has found already. */
  known?: KnownFailure;
  /** The moment before the failed call, so that what layers below have tried since counts; see `core/errorMarks`. */
  since?: number;
  /** Ends everything when the caller stops. */
  signal?: AbortSignal;
  clock?: Clock;
  random?: Random;
}

const ownMemory = new StrategyMemory();

/** Chooses and tries strategies for a failed call; resolves to what came of it and rejects only for misuse. */
export async function applyHealingStrategy<Result>(
  thrown: unknown,
  operation: HealableOperation<Result>,
  options: HealingStrategyOptions = {},
): Promise<HealingOutcome<Result>> {
  const { deadlineMs = 5_000, maxAttempts = 3, budget = budgetOf(operation.name) } = options;
  checkLimit("deadlineMs", deadlineMs, Number.isFinite(deadlineMs) && deadlineMs >= 0, "a number >= 0");
  for (
    const [key, value] of Object.entries({
      maxAttempts,
      requestsPerAttempt: operation.requestsPerAttempt ?? 1,
    })
  ) {
    checkLimit(key, value, Number.isInteger(value) && value >= 1, "a whole number >= 1");
  }
  const end = options.budget === undefined ? budget.start() : undefined;
  try {
    return await new Dispatch(thrown, operation, {
      deadlineMs,
      answersWithinMs: options.answersWithinMs,
      maxAttempts,
      budget,
      memory: options.memory ?? ownMemory,
      known: options.known,
      since: options.since ?? 0,
      signal: options.signal,
      clock: options.clock ?? systemClock,
      random: options.random ?? systemRandom,
    }).run();
  } finally {
    end?.();
  }
}
