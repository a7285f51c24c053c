/** A BigInt, which JSON cannot carry, becomes a number, or its digits where a number would round. @module */

import type { CastRule } from "../rule.ts";

/** The rule `bigint_value`. */
export const bigintValue: CastRule = {
  key: "bigint_value",
  confidence: 0.96,
  because: "its digits are exact, whichever way they are sent",
  families: ["integer", "numeric"],
  cast(value) {
    if (typeof value !== "bigint") return undefined;
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  },
};
