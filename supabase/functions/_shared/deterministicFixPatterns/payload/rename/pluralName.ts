/** Equal but for the plural, where the whole value fits: `embeddings` for `embedding`. @module */

import type { NameRule } from "../rule.ts";
import { squeeze } from "../table.ts";

/** The rule `plural_name`. */
export const pluralName: NameRule = {
  key: "plural_name",
  confidence: 0.92,
  because: "the names are equal but for the plural, and the value fits whole",
  find(key, table) {
    // A number under a plural is a count, and under a singular a value.
    if (typeof key.value !== "string" && typeof key.value !== "object") return [];
    return table.byPhrase.get(squeeze(key.words.phrase)) ?? [];
  },
};
