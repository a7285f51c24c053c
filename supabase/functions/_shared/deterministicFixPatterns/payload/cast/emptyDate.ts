/** An empty text for a day or a moment becomes null, where the column takes one. @module */

import type { CastRule } from "../rule.ts";

/** The rule `empty_date`. */
export const emptyDate: CastRule = {
  key: "empty_date",
  confidence: 0.93,
  because: "an empty text is how forms say that no date was chosen",
  families: ["date", "timestamptz", "timestamp", "time"],
  cast(value, column) {
    return value === "" && column.facts.nullable ? null : undefined;
  },
};
