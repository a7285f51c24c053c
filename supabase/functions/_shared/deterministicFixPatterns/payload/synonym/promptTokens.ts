/** Two vendors' words for the tokens that went in. @module */

import { synonymRule } from "../synonym.ts";
import { holdsNumber } from "../values.ts";

/** The rule `prompt_tokens`. */
export const promptTokens = synonymRule({
  key: "prompt_tokens",
  confidence: 0.93,
  because: "two vendors call the same count by these names",
  from: ["prompt tokens", "input tokens"],
  strength: "proven",
  accepts: (value, column) => typeof value === "number" && holdsNumber(column),
});
