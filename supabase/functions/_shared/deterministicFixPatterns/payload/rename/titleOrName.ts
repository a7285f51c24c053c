/** `title` and `name` for each other, where the table has only one. @module */

import type { NameRule } from "../rule.ts";
import { columnsCalled } from "../suffix.ts";
import { holdsText } from "../values.ts";

/** The rule `title_or_name`. */
export const titleOrName: NameRule = {
  key: "title_or_name",
  confidence: 0.86,
  because: "the table has the one and not the other",
  find(key, table) {
    if (typeof key.value !== "string" || table.isProcedure) return [];
    const other = key.words.phrase === "title" ? "name" : key.words.phrase === "name" ? "title" : null;
    return other === null ? [] : columnsCalled(table, [other]).filter(holdsText);
  },
};
