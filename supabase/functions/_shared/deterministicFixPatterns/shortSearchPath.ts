/** A function names something that is there, in a schema that is not on its path: put it on the path. @module */

import type { DeterministicRule } from "./rule.ts";

const MISSING = [
  ["42P01", /^relation "([^".]{1,63})" does not exist/, "relation"],
  ["42883", /^function ([a-z_][\w$]{0,62})\(/, "function"],
  ["42704", /^type "([^".]{1,63})" does not exist/, "type"],
] as const;

/** The rule `short_search_path`; the statements of a migration have their own ways. */
export const shortSearchPath: DeterministicRule = {
  key: "short_search_path",
  confidence: 0.75,
  because: "one function names it without its schema, and looks where it is not",
  propose({ code, message, signature }) {
    if (signature.startsWith("migration ")) return null;
    for (const [state, words, missing] of MISSING) {
      const name = code === state ? words.exec(message)?.[1] : undefined;
      if (name !== undefined) return { kind: "qualify_search_path", missing, name };
    }
    return null;
  },
};
