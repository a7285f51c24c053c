/** A text that Postgres reads as a boolean becomes one. @module */

import { isBooleanText } from "../../../core/columns.ts";
import type { CastRule } from "../rule.ts";

/** The rule `boolean_text`. */
export const booleanText: CastRule = {
  key: "boolean_text",
  confidence: 0.95,
  because: "Postgres itself reads the text as true or false",
  families: ["boolean"],
  cast(value) {
    return isBooleanText(value) ? /^\s*(?:t|y|on|1)/i.test(value as string) : undefined;
  },
};
