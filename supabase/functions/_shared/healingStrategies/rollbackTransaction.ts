/** Takes back what the failed call has half done, before anything else is tried; and makes a call that may pass again. @module */

import type { Applied, HealingStrategy, Situation } from "./strategy.ts";

/** The strategy. */
export const rollbackStrategy: HealingStrategy = {
  name: "ROLLBACK_TRANSACTION",
  fixKind: "rollback_transaction",
  gives: "order",
  refusal({ operation }) {
    return operation.transaction === undefined
      ? "no transaction that can be rolled back is given"
      : undefined;
  },
  async apply<Result>(situation: Situation<Result>, signal: AbortSignal): Promise<Applied<Result>> {
    const { operation, repeats, failure, remainingMs } = situation;
    try {
      await operation.transaction?.rollback(signal);
    } catch (error) {
      // Nobody knows what stands now, so nothing may be made again on top of it.
      repeats.block("the transaction could not be rolled back");
      throw error;
    }
    if (!mayPass(situation)) {
      return { kind: "contained", reason: `it was rolled back; ${failure.errorType} lasts` };
    }
    const refused = repeats.refusal(failure, remainingMs) ?? repeats.take();
    if (refused !== undefined) return { kind: "contained", reason: `it was rolled back; ${refused}` };
    const value = await repeats.call(() => operation.run(signal), signal);
    return { kind: "value", value, how: "the call succeeded in a new transaction" };
  },
};

/** A transaction that an earlier statement has broken passes once it is rolled back. */
function mayPass({ failure }: Situation<unknown>): boolean {
  return failure.transient || failure.errorType === "transaction_aborted";
}
