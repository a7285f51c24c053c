/** A policy casts a text column to uuid, and one row that holds none stops every reader: compare as text. @module */

import type { DeterministicRule } from "./rule.ts";

/** The rule `casting_policy`. */
export const castingPolicy: DeterministicRule = {
  key: "casting_policy",
  confidence: 0.8,
  because: "a row that holds no uuid is a row of nobody, and stops no reader when texts are compared",
  propose({ code, message, place }) {
    if (code !== "22P02" || place?.operation === "write") return null;
    if (!/^invalid input syntax for type uuid/.test(message)) return null;
    return { kind: "replace_policy", repair: "compare_as_text", table: place?.relation ?? "*" };
  },
};
