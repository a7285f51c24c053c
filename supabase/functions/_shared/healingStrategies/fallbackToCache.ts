/** Gives the last good answer, with its age. @module */

import type { ErrorType } from "../errorClassifier.ts";
import type { Applied, HealingStrategy, Situation } from "./strategy.ts";

const A_DAY_MS = 86_400_000;

/** Answers about the thing itself, which an older answer must not hide. */
const ANSWERS: ReadonlySet<ErrorType> = new Set<ErrorType>([
  "not_found",
  "object_not_found",
  "unexpected_row_count",
]);

/** The strategy. */
export const cacheStrategy: HealingStrategy = {
  name: "FALLBACK_TO_CACHE",
  fixKind: "use_cached",
  gives: "standIn",
  refusal({ operation, effect, failure }) {
    if (operation.cache === undefined) return "no cache is given";
    if (effect !== "read") return "an earlier answer does not stand in for a write";
    if (failure.scope === "security") return "who is refused now gets no earlier answer";
    return ANSWERS.has(failure.errorType) ? `${failure.errorType} is an answer` : undefined;
  },
  async apply<Result>({ operation }: Situation<Result>, signal: AbortSignal): Promise<Applied<Result>> {
    const cached = await operation.cache?.read(signal);
    if (cached === undefined) return { kind: "refused", reason: "the cache holds no answer" };
    const maxAgeMs = operation.cache?.maxAgeMs ?? A_DAY_MS;
    // A clock that was set back makes an answer look younger than none.
    const ageMs = Math.max(0, cached.ageMs);
    if (!(ageMs <= maxAgeMs)) return { kind: "refused", reason: "the cached answer is too old" };
    return { kind: "standIn", value: cached.value, standIn: { kind: "cached", ageMs } };
  },
};
