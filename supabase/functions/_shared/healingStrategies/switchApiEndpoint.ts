/** Asks another place for the same answer; never to get round a refusal. @module */

import type { ErrorType } from "../errorClassifier.ts";
import { type Failure, readFailure } from "./failure.ts";
import type { Applied, HealingStrategy, Situation } from "./strategy.ts";

/** What another place must not be asked for: the first one's refusal is the answer. */
const NEVER_EVADED: ReadonlySet<ErrorType> = new Set<ErrorType>([
  "content_refused",
  "region_blocked",
  "rate_limited",
  "auth_failed",
  "auth_refused",
  "permission_denied",
  "row_level_security",
]);

/** The strategy. */
export const switchEndpointStrategy: HealingStrategy = {
  name: "SWITCH_API_ENDPOINT",
  fixKind: "switch_endpoint",
  gives: "answer",
  refusal({ operation, effect, failure, remainingMs }) {
    if (!operation.endpoints?.length) return "no other endpoint is given";
    if (effect === "write") return "a write without an idempotency key is never made again elsewhere";
    if (isEvasion(failure)) {
      return `${failure.lasting ?? failure.errorType} is a refusal, and is never evaded`;
    }
    return remainingMs > 0 ? undefined : "no time is left";
  },
  async apply<Result>(
    { operation, clock }: Situation<Result>,
    signal: AbortSignal,
  ): Promise<Applied<Result>> {
    let last: unknown;
    for (const { name, call } of operation.endpoints ?? []) {
      signal.throwIfAborted();
      try {
        return { kind: "value", value: await call(signal), how: `"${name}" answered` };
      } catch (error) {
        last = error;
        if (isEvasion(readFailure(error, clock.now()))) break;
      }
    }
    throw last;
  },
};

/** One refusal is enough, wherever in the chain of causes it stands. */
function isEvasion({ errorType, lasting }: Failure): boolean {
  return NEVER_EVADED.has(errorType) || (lasting !== undefined && lasting !== "quota_exhausted");
}
