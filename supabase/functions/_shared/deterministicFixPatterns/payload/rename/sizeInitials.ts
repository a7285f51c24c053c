/** `w` and `h` for `width` and `height`, only together. @module */

import type { NameRule } from "../rule.ts";
import { columnsCalled } from "../suffix.ts";
import { holdsNumber } from "../values.ts";

/** The rule `size_initials`. */
export const sizeInitials: NameRule = {
  key: "size_initials",
  confidence: 0.9,
  because: "both initials stand side by side, for two columns that are a pair",
  find(key, table) {
    const meant = { w: "width", h: "height" }[key.words.normal];
    const isPair = ["w", "h"].every((initial) => typeof table.row.get(initial) === "number") &&
      ["width", "height"].every((name) => table.byPhrase.has(name) && !table.row.has(name));
    return meant !== undefined && isPair ? columnsCalled(table, [meant]).filter(holdsNumber) : [];
  },
};
