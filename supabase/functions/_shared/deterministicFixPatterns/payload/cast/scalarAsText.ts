/** A number or a boolean becomes its text, where its digits are exact. @module */

import type { CastRule } from "../rule.ts";

/** The rule `scalar_as_text`. */
export const scalarAsText: CastRule = {
  key: "scalar_as_text",
  confidence: 0.9,
  because: "the text of a number or a boolean is the same value",
  sameName: true,
  families: ["text"],
  cast(value) {
    if (typeof value === "boolean") return String(value);
    if (typeof value === "bigint") return String(value);
    const isExact = typeof value === "number" && Number.isFinite(value) &&
      (!Number.isInteger(value) || Number.isSafeInteger(value));
    return isExact ? String(value) : undefined;
  },
};
