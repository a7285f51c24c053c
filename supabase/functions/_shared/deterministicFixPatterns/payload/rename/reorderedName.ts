/** The same words in another order: `name_first` for `first_name`. @module */

import type { NameRule } from "../rule.ts";
import type { Words } from "../words.ts";

function inOrder(words: Words): string {
  return [...words.canon].sort().join(" ");
}

/** The rule `reordered_name`. */
export const reorderedName: NameRule = {
  key: "reordered_name",
  confidence: 0.9,
  because: "the names are made of the same words",
  find(key, table) {
    if (key.words.canon.length < 2) return [];
    const sorted = inOrder(key.words);
    return table.columns.filter(({ words }) =>
      words.canon.length === key.words.canon.length && inOrder(words) === sorted
    );
  },
};
