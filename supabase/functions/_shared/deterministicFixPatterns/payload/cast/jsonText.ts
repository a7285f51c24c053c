/** The text of an object or a list becomes what it says; any other text is a value of its own. @module */

import { parseStructure } from "../structure.ts";
import type { CastRule } from "../rule.ts";

/** The rule `json_text`. */
export const jsonText: CastRule = {
  key: "json_text",
  confidence: 0.94,
  because: "the text is the JSON of an object or a list",
  families: ["json"],
  cast(value) {
    return typeof value === "string" ? parseStructure(value) : undefined;
  },
};
