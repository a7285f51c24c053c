/** 0 becomes false and 1 becomes true; no other number becomes anything. @module */

import type { CastRule } from "../rule.ts";

/** The rule `boolean_number`. */
export const booleanNumber: CastRule = {
  key: "boolean_number",
  confidence: 0.93,
  because: "0 and 1 are the only numbers that are booleans",
  families: ["boolean"],
  cast(value) {
    return value === 0 || value === 1 ? value === 1 : undefined;
  },
};
