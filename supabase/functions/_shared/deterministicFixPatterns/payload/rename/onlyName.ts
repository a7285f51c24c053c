/** `name` for `full_name` or `display_name`, where nothing else is a name. @module */

import type { NameRule } from "../rule.ts";
import { columnsCalled } from "../suffix.ts";
import { holdsText } from "../values.ts";

const LONGER = new Set(["full name", "display name"]);

/** The rule `only_name`. */
export const onlyName: NameRule = {
  key: "only_name",
  confidence: 0.88,
  because: "it is the only name that the table has",
  find(key, table) {
    if (typeof key.value !== "string") return [];
    const others = key.words.phrase === "name"
      ? ["full name", "display name"]
      : LONGER.has(key.words.phrase)
      ? ["name"]
      : [];
    return others.flatMap((name) => columnsCalled(table, name.split(" "))).filter(holdsText);
  },
};
