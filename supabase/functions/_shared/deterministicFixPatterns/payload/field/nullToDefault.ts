/** A null where the column takes none and has a default: the field goes, and the default comes. @module */

import type { FieldRule } from "../rule.ts";
import { isProtected } from "../vetoes.ts";

/** The rule `null_to_default`; for inserts only, and never where the default decides about rights or money. */
export const nullToDefault: FieldRule = {
  key: "null_to_default",
  confidence: 0.95,
  because: "the column takes no null and the database has a default for it",
  applies: (value, column) =>
    value === null && !column.facts.nullable && column.facts.default !== null && !isProtected(column),
};
