/** A number out of a sequence is taken: rows were imported with their numbers, and the sequence stayed behind. @module */

import type { DeterministicRule } from "./rule.ts";

/** The rule `sequence_behind`. */
export const sequenceBehind: DeterministicRule = {
  key: "sequence_behind",
  confidence: 0.9,
  because: "the sequence behind the key may stand behind the highest number in its column",
  propose({ code, message }) {
    // The words alone are not enough: a duplicate is an answer more often than a fault.
    if (code !== "23505") return null;
    const constraint = /^duplicate key value violates unique constraint "([^"]{1,63})"/.exec(message)?.[1];
    return constraint === undefined ? null : { kind: "resync_sequence", constraint };
  },
};
