/** An empty text for a reference becomes null, where the column takes one. @module */

import type { CastRule } from "../rule.ts";

/** The rule `empty_uuid`. */
export const emptyUuid: CastRule = {
  key: "empty_uuid",
  confidence: 0.93,
  because: "an empty text is how forms say that nothing is referred to",
  families: ["uuid"],
  cast(value, column) {
    return value === "" && column.facts.nullable ? null : undefined;
  },
};
