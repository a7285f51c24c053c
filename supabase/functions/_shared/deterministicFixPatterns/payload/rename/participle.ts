/** A boolean as adjective or participle: `completed` for `is_complete`. @module */

import type { NameRule } from "../rule.ts";

const SHORTEST = 6;

function stemOf(words: readonly string[]): string | null {
  const bare = words[0] === "is" ? words.slice(1) : words;
  const word = bare.length === 1 ? bare[0]! : "";
  return word.length < SHORTEST ? null : word.replace(/(?:ed|e|d)$/, "");
}

/** The rule `participle`. */
export const participle: NameRule = {
  key: "participle",
  confidence: 0.88,
  because: "one is the participle of the other, and both are booleans",
  find(key, table) {
    if (typeof key.value !== "boolean") return [];
    const said = stemOf(key.words.canon);
    return said === null
      ? []
      : table.columns.filter(({ words, type }) => type.family === "boolean" && stemOf(words.canon) === said);
  },
};
