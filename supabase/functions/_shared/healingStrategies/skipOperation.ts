/** Leaves an operation out that its author has declared not critical. @module */

import type { Applied, HealingStrategy } from "./strategy.ts";

/** The strategy. */
export const skipStrategy: HealingStrategy = {
  name: "SKIP_OPERATION",
  fixKind: "skip_operation",
  gives: "standIn",
  refusal({ operation }) {
    return operation.isCritical === false ? undefined : "the operation is not declared to be left out";
  },
  apply<Result>(): Promise<Applied<Result>> {
    return Promise.resolve({ kind: "skipped" });
  },
};
