/** The key repeats its table: `post_title` for `title` in `posts`. @module */

import type { NameRule } from "../rule.ts";
import { columnsCalled } from "../suffix.ts";

/** What the table's own word turns into something else: its key, its number, its kind of right. */
const ELSEWHERE = new Set(["", "id", "type", "level", "group", "key", "number", "code"]);

/** The rule `own_prefix_dropped`. */
export const ownPrefixDropped: NameRule = {
  key: "own_prefix_dropped",
  confidence: 0.9,
  because: "the key repeats what its table is about",
  find(key, table) {
    const [first, ...rest] = key.words.canon;
    const isOwn = first !== undefined && first === table.words.canon.at(-1) && !table.isProcedure;
    return isOwn && !ELSEWHERE.has(rest.join(" ")) && key.words.phrase !== "user name"
      ? columnsCalled(table, rest)
      : [];
  },
};
