/** A policy selects from a table whose policies lead back to it: ask a private function instead. @module */

import { type DeterministicRule, hasCode } from "./rule.ts";

/** The rule `recursive_policy`. */
export const recursivePolicy: DeterministicRule = {
  key: "recursive_policy",
  confidence: 0.85,
  because: "the policies of the table lead back to it, and a private function can answer what they ask",
  propose({ code, message }) {
    if (!hasCode(code, "42P17")) return null;
    const table = /^infinite recursion detected in policy for relation "([^"\n]{1,63})"/.exec(message)?.[1];
    return table === undefined ? null : { kind: "replace_policy", repair: "break_recursion", table };
  },
};
