/** Keeps a write to be made again under its key. @module */

import type { Applied, HealingStrategy, Situation } from "./strategy.ts";

/** However long the other side asks to be left alone, an hour later is soon enough to look. */
const LONGEST_DELAY_MS = 3_600_000;

/** The strategy. */
export const queueStrategy: HealingStrategy = {
  name: "QUEUE_FOR_LATER",
  fixKind: "queue_operation",
  gives: "promise",
  refusal({ operation, effect, failure }) {
    if (operation.queue === undefined) return "no queue is given";
    if (effect === "read") return "nobody waits for the answer of a read that is made later";
    if (effect === "write") return "a write without an idempotency key is never made again";
    if (failure.lasting !== undefined) return `${failure.lasting} lasts, also later`;
    const isMendable = failure.scope === "schema" || failure.scope === "infrastructure";
    if (isMendable || failure.errorType === "rate_limited") return undefined;
    return `${failure.errorType} is about the call itself, and fails later too`;
  },
  async apply<Result>(
    { operation, failure }: Situation<Result>,
    signal: AbortSignal,
  ): Promise<Applied<Result>> {
    const notBeforeMs = Math.min(failure.retryAfterMs ?? 0, LONGEST_DELAY_MS);
    const kept = await operation.queue?.enqueue({ operation: operation.name, notBeforeMs }, signal);
    return kept ? { kind: "queued", id: kept.id } : { kind: "refused", reason: "the queue does not keep it" };
  },
};
