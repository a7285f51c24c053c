/** The column repeats its table: `name` for `product_name` in `products`. @module */

import type { NameRule } from "../rule.ts";
import { columnsCalled } from "../suffix.ts";

/** Words that say too little to be sure, or that decide about rights. */
const TOO_LITTLE = new Set(["id", "agent", "type", "level", "group", "status", "key", "number", "code"]);

/** The rule `own_prefix_added`. */
export const ownPrefixAdded: NameRule = {
  key: "own_prefix_added",
  confidence: 0.86,
  because: "the column repeats what its table is about",
  find(key, table) {
    const own = table.words.canon.at(-1);
    return own === undefined || table.isProcedure || TOO_LITTLE.has(key.words.phrase)
      ? []
      : columnsCalled(table, [own, ...key.words.canon]);
  },
};
