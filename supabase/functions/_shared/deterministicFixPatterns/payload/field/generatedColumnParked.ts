/** A value for a column that the database makes itself: parked, not sent. @module */

import { isComputed } from "../../../core/columns.ts";
import type { FieldRule } from "../rule.ts";

/** The rule `generated_column_parked`. */
export const generatedColumnParked: FieldRule = {
  key: "generated_column_parked",
  confidence: 0.97,
  because: "the database makes this column's value and refuses another",
  applies: (_value, column) => isComputed(column.facts),
};
