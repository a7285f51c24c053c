/**
 * The order in which strategies are tried: real answers before promises, promises before what stands in, and among
 * real answers the one that is most surely good.
 *
 * How good is the posterior of a success rate: the catalogue's expectation counts as four outcomes, what was recorded
 * for this signature as what it is. Strategies are ordered by mean less one standard deviation, so that a good record
 * beats a good guess, and equal ones keep the catalogue's order.
 *
 * @module
 */

import { expectationOf } from "./catalogue.ts";
import type { Failure } from "./failure.ts";
import type { StrategyRecord } from "./memory.ts";
import type { HealingStrategy } from "./strategy.ts";

/** A strategy with the reason for its place. */
export interface Ranked {
  strategy: HealingStrategy;
  /** Expected success less one standard deviation; absent where success is no question. */
  score: number | undefined;
  /** Why it stands where it does, one sentence. */
  because: string;
}

/** How many outcomes the catalogue's expectation is worth. */
const PRIOR_WEIGHT = 4;

const ORDER = ["order", "answer", "promise", "standIn"] as const;

/** The remedies for a failure in the order in which they are tried; what is no remedy for it is left out. */
export function rankStrategies(
  strategies: readonly HealingStrategy[],
  failure: Failure,
  records: ReadonlyMap<string, StrategyRecord>,
): Ranked[] {
  return strategies
    .map((strategy) => rank(strategy, failure, records.get(strategy.fixKind)))
    .filter((ranked) => ranked !== undefined)
    .map((ranked, place) => ({ ranked, place }))
    .sort((a, b) =>
      ORDER.indexOf(a.ranked.strategy.gives) - ORDER.indexOf(b.ranked.strategy.gives) ||
      (b.ranked.score ?? 0) - (a.ranked.score ?? 0) || a.place - b.place
    )
    .map(({ ranked }) => ranked);
}

function rank(
  strategy: HealingStrategy,
  failure: Failure,
  record: StrategyRecord | undefined,
): Ranked | undefined {
  if (strategy.gives !== "answer") {
    return { strategy, score: undefined, because: WHY[strategy.gives] };
  }
  const expected = expectationOf(failure, strategy.name);
  if (expected === undefined) return undefined;
  const { successes, failures } = record ?? { successes: 0, failures: 0 };
  const a = PRIOR_WEIGHT * expected + successes;
  const b = PRIOR_WEIGHT * (1 - expected) + failures;
  const mean = a / (a + b);
  const deviation = Math.sqrt(mean * (1 - mean) / (a + b + 1));
  const seen = successes + failures === 0
    ? "nothing recorded yet"
    : `${brief(successes)} of ${brief(successes + failures)} recorded outcomes good`;
  return {
    strategy,
    score: mean - deviation,
    because: `expected ${mean.toFixed(2)} +- ${deviation.toFixed(2)}: ${expected} by the catalogue, ${seen}`,
  };
}

const WHY = {
  order: "what is half done is taken back first",
  promise: "a promise comes before what stands in",
  standIn: "what stands in comes last",
} as const;

function brief(count: number): string {
  return Number(count.toFixed(1)).toString();
}
