/** A value that is undefined: JSON has none, so the field is not there; it is not a null. @module */

import type { FieldRule } from "../rule.ts";

/** The rule `undefined_left_out`. */
export const undefinedLeftOut: FieldRule = {
  key: "undefined_left_out",
  confidence: 0.98,
  because: "undefined is no value and never reaches the database",
  applies: (value) => value === undefined,
};
