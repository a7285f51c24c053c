/** A prefix that parameters share: `threshold` for `match_threshold` beside `match_count`. @module */

import type { NameRule } from "../rule.ts";
import { columnsCalled } from "../suffix.ts";

/** The rule `procedure_prefix`. */
export const procedurePrefix: NameRule = {
  key: "procedure_prefix",
  confidence: 0.9,
  because: "the prefix is shared by the parameters and says nothing about this one",
  find(key, table) {
    if (!table.isProcedure) return [];
    const prefixes = table.columns.map(({ words }) => words.canon[0]);
    const shared = new Set(prefixes.filter((prefix, at) => prefixes.indexOf(prefix) !== at));
    return [...shared].flatMap((prefix) =>
      prefix === undefined || key.words.phrase === "id"
        ? []
        : columnsCalled(table, [prefix, ...key.words.canon])
    );
  },
};
