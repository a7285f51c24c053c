/** `text` comes or goes at the end of a text: `query` for `query_text`. @module */

import type { NameRule } from "../rule.ts";
import { differByEnding } from "../suffix.ts";
import { holdsText } from "../values.ts";

const ENDINGS = new Set(["text"]);

/** The rule `text_ending`. */
export const textEnding: NameRule = {
  key: "text_ending",
  confidence: 0.9,
  because: "the ending says that it is text, which the column and the value are",
  find(key, table) {
    return typeof key.value === "string" ? differByEnding(key, table, ENDINGS).filter(holdsText) : [];
  },
};
