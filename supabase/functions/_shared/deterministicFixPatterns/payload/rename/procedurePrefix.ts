/** The parameters repeat their function: `threshold` for `match_threshold` of `match_documents`. @module */

import type { NameRule } from "../rule.ts";
import { columnsCalled } from "../suffix.ts";

/** The rule `procedure_prefix`. */
export const procedurePrefix: NameRule = {
  key: "procedure_prefix",
  confidence: 0.9,
  because: "the prefix repeats what the function does",
  find(key, table) {
    const own = table.words.canon[0];
    return table.isProcedure && own !== undefined ? columnsCalled(table, [own, ...key.words.canon]) : [];
  },
};
