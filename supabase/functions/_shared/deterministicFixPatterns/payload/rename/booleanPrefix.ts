/** `is` and `has` come or go on a boolean: `completed` for `is_completed`. @module */

import type { NameRule } from "../rule.ts";

const PREFIXES = new Set(["is", "has"]);

function withoutPrefix(words: readonly string[]): string {
  return (PREFIXES.has(words[0] ?? "") ? words.slice(1) : words).join(" ");
}

/** The rule `boolean_prefix`. */
export const booleanPrefix: NameRule = {
  key: "boolean_prefix",
  confidence: 0.93,
  because: "is and has say no more than that the column is a boolean",
  find(key, table) {
    if (typeof key.value !== "boolean") return [];
    const said = withoutPrefix(key.words.canon);
    return table.columns.filter(({ words, type }) =>
      type.family === "boolean" && said !== "" && withoutPrefix(words.canon) === said
    );
  },
};
