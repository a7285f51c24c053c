/** The prefix of a function's parameter: `postId` for `p_post_id`. @module */

import type { NameRule } from "../rule.ts";

const PREFIXES = new Set(["p", "arg", "param"]);

function bare(words: readonly string[]): string {
  return (PREFIXES.has(words[0] ?? "") ? words.slice(1) : words).join(" ");
}

/** The rule `parameter_prefix`. */
export const parameterPrefix: NameRule = {
  key: "parameter_prefix",
  confidence: 0.95,
  because: "the prefix says only that it is a parameter",
  find(key, table) {
    if (!table.isProcedure) return [];
    const said = bare(key.words.canon);
    return table.columns.filter(({ words }) => said !== "" && bare(words.canon) === said);
  },
};
