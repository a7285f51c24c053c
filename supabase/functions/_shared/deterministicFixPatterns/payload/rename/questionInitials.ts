/** `q` and `a` for `question` and `answer`, only together. @module */

import type { NameRule } from "../rule.ts";
import { columnsCalled } from "../suffix.ts";
import { holdsText } from "../values.ts";

/** The rule `question_initials`. */
export const questionInitials: NameRule = {
  key: "question_initials",
  confidence: 0.86,
  because: "both initials stand side by side, for two columns that are a pair",
  find(key, table) {
    const meant = { q: "question", a: "answer" }[key.words.normal];
    const isPair = ["q", "a"].every((initial) => typeof table.row.get(initial) === "string") &&
      ["question", "answer"].every((name) => table.byPhrase.has(name) && !table.row.has(name));
    return meant !== undefined && isPair ? columnsCalled(table, [meant]).filter(holdsText) : [];
  },
};
