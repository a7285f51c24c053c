/** Reading a table runs out of time while its policies ask for every row who calls: let them ask once. @module */

import type { DeterministicRule } from "./rule.ts";

/** The rule `slow_policy`. */
export const slowPolicy: DeterministicRule = {
  key: "slow_policy",
  confidence: 0.75,
  because: "the policies of the table call for every row what is the same for all rows",
  propose({ code, message, place }) {
    if (code !== "57014" || !/statement timeout/.test(message)) return null;
    return { kind: "replace_policy", repair: "evaluate_once", table: place?.relation ?? "*" };
  },
};
