/** Throws away what may be stale, and makes the call once more. @module */

import type { Applied, HealingStrategy, Situation } from "./strategy.ts";

/** The strategy. */
export const clearCacheStrategy: HealingStrategy = {
  name: "CLEAR_CACHE_AND_RETRY",
  fixKind: "clear_cache",
  gives: "answer",
  refusal({ operation, failure, repeats, remainingMs }) {
    if (operation.cache?.clear === undefined) return "no cache that can be cleared is given";
    return repeats.refusal(failure, remainingMs);
  },
  async apply<Result>(
    { operation, repeats }: Situation<Result>,
    signal: AbortSignal,
  ): Promise<Applied<Result>> {
    const denied = repeats.take();
    if (denied !== undefined) return { kind: "refused", reason: denied };
    await operation.cache?.clear?.(signal);
    const value = await repeats.call(() => operation.run(signal), signal);
    return { kind: "value", value, how: "the call succeeded once the cache was cleared" };
  },
};
