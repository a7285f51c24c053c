/** `name` for `full_name` or `display_name`, where nothing else is a name. @module */

import type { NameRule } from "../rule.ts";
import { holdsText } from "../values.ts";

const LONGER = new Set(["full name", "display name"]);

/** The rule `only_name`. */
export const onlyName: NameRule = {
  key: "only_name",
  confidence: 0.88,
  because: "it is the only name that the table has",
  find(key, table) {
    const names = table.columns.filter(({ words }) => words.canon.at(-1) === "name");
    const [only, second] = names;
    if (typeof key.value !== "string" || only === undefined || second !== undefined || !holdsText(only)) {
      return [];
    }
    const isLonger = key.words.phrase === "name" && LONGER.has(only.words.phrase);
    return isLonger || (LONGER.has(key.words.phrase) && only.words.phrase === "name") ? [only] : [];
  },
};
