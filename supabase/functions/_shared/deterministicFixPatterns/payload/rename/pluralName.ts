/** Equal but for the plural, where the whole value fits: `embeddings` for `embedding`. @module */

import type { NameRule } from "../rule.ts";
import { squeeze } from "../table.ts";

/** The rule `plural_name`. */
export const pluralName: NameRule = {
  key: "plural_name",
  confidence: 0.92,
  because: "the names are equal but for the plural, and the value fits whole",
  find(key, table) {
    return table.byPhrase.get(squeeze(key.words.phrase)) ?? [];
  },
};
