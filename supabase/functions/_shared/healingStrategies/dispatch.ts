/** The healing of one failed call: one strategy after another, each at most once, until one helps or time is over. @module */

import type { Clock } from "../core/clock.ts";
import type { Random } from "../core/random.ts";
import { type RetryBudget, wasRetried } from "../retry.ts";
import { withTimeout } from "../timeout.ts";
import { adviceFor, expectationOf } from "./catalogue.ts";
import { clearCacheStrategy } from "./clearCacheAndRetry.ts";
import { type Failure, type KnownFailure, readFailure } from "./failure.ts";
import { cacheStrategy } from "./fallbackToCache.ts";
import type { StrategyMemory, StrategyRecord } from "./memory.ts";
import type { HealingOutcome, StrategyRefusal, StrategyTrial } from "./outcome.ts";
import { queueStrategy } from "./queueForLater.ts";
import { type Ranked, rankStrategies } from "./ranking.ts";
import { rateLimitStrategy } from "./rateLimitBackoff.ts";
import { Repeats } from "./repeats.ts";
import { resetConnectionStrategy } from "./resetConnection.ts";
import { retryStrategy } from "./retryWithBackoff.ts";
import { rollbackStrategy } from "./rollbackTransaction.ts";
import { skipStrategy } from "./skipOperation.ts";
import type {
  Applied,
  HealableOperation,
  HealingStrategy,
  HealingStrategyName,
  Situation,
} from "./strategy.ts";
import { switchEndpointStrategy } from "./switchApiEndpoint.ts";
import { defaultStrategy } from "./useDefaultValue.ts";

const STRATEGIES: readonly HealingStrategy[] = [
  rollbackStrategy,
  rateLimitStrategy,
  clearCacheStrategy,
  resetConnectionStrategy,
  retryStrategy,
  switchEndpointStrategy,
  queueStrategy,
  cacheStrategy,
  defaultStrategy,
  skipStrategy,
];

/** The names of all strategies. */
export const STRATEGY_NAMES: readonly HealingStrategyName[] = STRATEGIES.map(({ name }) => name);

const NO_RECORDS: ReadonlyMap<string, StrategyRecord> = new Map();

/** What is kept of the deadline for what stands in: a share, and at most so many milliseconds. */
const RESERVE = { share: 0.2, mostMs: 500 };

/** Limits and means of one dispatch. */
export interface DispatchOptions {
  deadlineMs: number;
  answersWithinMs: number | undefined;
  maxAttempts: number;
  budget: RetryBudget;
  memory: StrategyMemory;
  known: KnownFailure | undefined;
  since: number;
  signal: AbortSignal | undefined;
  clock: Clock;
  random: Random;
}

/** One dispatch; run it once. */
export class Dispatch<Result> {
  readonly #startedAt: number;
  readonly #answersWithinMs: number;
  readonly #repeats: Repeats<Result>;
  readonly #effect;
  readonly #signature: string;
  readonly #tried: StrategyTrial[] = [];
  readonly #refused = new Map<HealingStrategyName, string>();
  readonly #left = new Set(STRATEGIES);
  #failure: Failure;

  constructor(
    thrown: unknown,
    private readonly operation: HealableOperation<Result>,
    private readonly options: DispatchOptions,
  ) {
    const { clock, deadlineMs, maxAttempts, budget, since } = options;
    this.#startedAt = clock.monotonic();
    const reserved = deadlineMs - Math.min(RESERVE.share * deadlineMs, RESERVE.mostMs);
    this.#answersWithinMs = Math.min(options.answersWithinMs ?? reserved, deadlineMs);
    this.#effect = operation.effect ?? "write";
    this.#failure = readFailure(thrown, clock.now(), options.known);
    this.#signature = this.#failure.signature;
    const isSpent = wasRetried(thrown, since);
    this.#repeats = new Repeats(operation, this.#effect, {
      maxAttempts,
      budget,
      isSpent,
      clock,
      error: thrown,
    });
  }

  /** Ends within the deadline. */
  async run(): Promise<HealingOutcome<Result>> {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const outcome = await this.#try(next);
      if (outcome !== undefined) return outcome;
    }
    return { kind: "failed", error: this.#failure.error, ...this.#account() };
  }

  /** The best strategy that applies to the latest failure and has not been tried. */
  #next(): Ranked | undefined {
    // An abort that is not the caller's is a time limit of the author's own: somebody still waits for an answer.
    const isOver = this.options.signal?.aborted ?? false;
    const ranking = isOver ? [] : rankStrategies([...this.#left], this.#failure, this.#records());
    for (const strategy of this.#left) this.#refused.set(strategy.name, this.#whyNot(isOver));
    for (const ranked of ranking) {
      const reason = this.#refusalOf(ranked.strategy);
      if (reason === undefined) {
        this.#left.delete(ranked.strategy);
        this.#refused.delete(ranked.strategy.name);
        return ranked;
      }
      this.#refused.set(ranked.strategy.name, reason);
    }
    return undefined;
  }

  /** Nothing is looked up for a failure that leaves no choice. */
  #records(): ReadonlyMap<string, StrategyRecord> {
    const choices = [...this.#left].filter((strategy) =>
      strategy.gives === "answer" && expectationOf(this.#failure, strategy.name) !== undefined &&
      this.#refusalOf(strategy) === undefined
    );
    return choices.length > 1 ? this.options.memory.recall(this.#signature) : NO_RECORDS;
  }

  #whyNot(isOver: boolean): string {
    return isOver ? "the caller has stopped" : `it is no remedy for ${this.#failure.errorType}`;
  }

  #refusalOf(strategy: HealingStrategy): string | undefined {
    if (this.#remainingFor(strategy) <= 0) return "no time is left";
    try {
      return strategy.refusal(this.#situation(strategy));
    } catch {
      return "its needs cannot be read";
    }
  }

  async #try({ strategy, because }: Ranked): Promise<HealingOutcome<Result> | undefined> {
    const { clock, signal } = this.options;
    const startedAt = clock.monotonic();
    let ended: AbortSignal | undefined;
    const note = (result: StrategyTrial["result"], measured: string) => {
      const { name, fixKind } = strategy;
      const durationMs = clock.monotonic() - startedAt;
      this.#tried.push({ strategy: name, fixKind, result, because, measured, durationMs });
    };
    try {
      const applied = await withTimeout<Applied<Result>>(
        (signal) => strategy.apply(this.#situation(strategy), ended = signal),
        Math.max(1, this.#remainingFor(strategy)),
        { operation: `healing ${strategy.name}`, clock, ...(signal === undefined ? {} : { signal }) },
      );
      return this.#conclude(strategy, applied, note);
    } catch (error) {
      if (ended?.aborted || signal?.aborted) {
        note("outOfTime", "it did not end in the time that was left");
        return undefined;
      }
      note("failed", `it ended with ${this.#learnFrom(error)}`);
      this.#remember(strategy, false);
      return undefined;
    }
  }

  #conclude(
    strategy: HealingStrategy,
    applied: Applied<Result>,
    note: (result: StrategyTrial["result"], measured: string) => void,
  ): HealingOutcome<Result> | undefined {
    const { error } = this.#failure;
    switch (applied.kind) {
      case "refused":
        this.#refused.set(strategy.name, applied.reason);
        return undefined;
      case "contained":
        note("contained", applied.reason);
        return undefined;
      case "value":
        note("healed", applied.how);
        this.#remember(strategy, true);
        return { kind: "healed", value: applied.value, by: strategy.name, ...this.#account() };
      case "standIn": {
        const { value, standIn } = applied;
        note("standIn", standIn.kind === "cached" ? `an answer of ${standIn.ageMs} ms ago` : "the default");
        return { kind: "standIn", value, standIn, by: strategy.name, error, ...this.#account() };
      }
      case "queued":
        note("queued", "it is kept to be made again");
        return { kind: "queued", id: applied.id, by: "QUEUE_FOR_LATER", error, ...this.#account() };
      case "skipped":
        note("skipped", "it was left out");
        return { kind: "skipped", by: "SKIP_OPERATION", error, ...this.#account() };
    }
  }

  /**
   * What the call itself ends with is the latest failure; trouble of a cache or of another endpoint is not. A lasting
   * fault that either has shown stays known.
   */
  #learnFrom(error: unknown): string {
    const after = readFailure(error, this.options.clock.now());
    const lasting = this.#failure.lasting ?? after.lasting;
    const latest = this.#repeats.endedWith(error) ? after : this.#failure;
    this.#failure = { ...latest, lasting, transient: latest.transient && lasting === undefined };
    return after.errorType;
  }

  #remember({ gives, fixKind }: HealingStrategy, succeeded: boolean): void {
    if (gives === "answer" || gives === "order") {
      this.options.memory.note(this.#signature, fixKind, succeeded);
    }
  }

  #remainingFor({ gives }: HealingStrategy): number {
    const { deadlineMs, clock } = this.options;
    const isCall = gives === "answer" || gives === "order";
    return (isCall ? this.#answersWithinMs : deadlineMs) - (clock.monotonic() - this.#startedAt);
  }

  #situation(strategy: HealingStrategy): Situation<Result> {
    const remaining = () => this.#remainingFor(strategy);
    const { clock, random } = this.options;
    return {
      operation: this.operation,
      effect: this.#effect,
      failure: this.#failure,
      repeats: this.#repeats,
      clock,
      random,
      get remainingMs() {
        return remaining();
      },
    };
  }

  #account() {
    const refused = [...this.#refused].map(([strategy, reason]): StrategyRefusal => ({ strategy, reason }));
    return {
      tried: this.#tried,
      refused,
      advice: adviceFor(this.#failure),
      signature: this.#signature,
      isSpent: this.#repeats.wereUsed,
    };
  }
}
