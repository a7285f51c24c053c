/** Two vendors' words for the tokens that came out. @module */

import { synonymRule } from "../synonym.ts";
import { holdsNumber } from "../values.ts";

/** The rule `completion_tokens`. */
export const completionTokens = synonymRule({
  key: "completion_tokens",
  confidence: 0.93,
  because: "two vendors call the same count by these names",
  from: ["completion tokens", "output tokens"],
  strength: "proven",
  accepts: (value, column) => typeof value === "number" && holdsNumber(column),
});
