/** A Date becomes the text of its moment. @module */

import type { CastRule } from "../rule.ts";

/** The rule `date_object`. */
export const dateObject: CastRule = {
  key: "date_object",
  confidence: 0.97,
  because: "a Date is exactly one moment",
  families: ["timestamptz", "timestamp"],
  cast(value) {
    return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : undefined;
  },
};
