/** Gives the value that the author has chosen for this case. @module */

import type { Applied, HealingStrategy, Situation } from "./strategy.ts";

/** The strategy. */
export const defaultStrategy: HealingStrategy = {
  name: "USE_DEFAULT_VALUE",
  fixKind: "use_default",
  gives: "standIn",
  refusal({ operation }) {
    return operation.defaultValue === undefined ? "no default is given" : undefined;
  },
  apply<Result>({ operation }: Situation<Result>): Promise<Applied<Result>> {
    const { defaultValue } = operation;
    if (defaultValue === undefined) {
      return Promise.resolve({ kind: "refused", reason: "no default is given" });
    }
    return Promise.resolve({ kind: "standIn", value: defaultValue(), standIn: { kind: "default" } });
  },
};
