/** The JSON text of a list becomes the list. @module */

import { castElements } from "./arrayElements.ts";
import { parseStructure } from "../structure.ts";
import type { CastRule } from "../rule.ts";

/** The rule `json_array_text`. */
export const jsonArrayText: CastRule = {
  key: "json_array_text",
  confidence: 0.94,
  because: "the text is the JSON of a list",
  families: ["array"],
  cast(value, column) {
    const parsed = typeof value === "string" && value.trimStart().startsWith("[")
      ? parseStructure(value)
      : undefined;
    return Array.isArray(parsed) ? castElements(parsed, column) ?? parsed : undefined;
  },
};
