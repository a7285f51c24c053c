/** A word by which programs say that there is nothing becomes null, once that has been confirmed. @module */

import type { CastRule } from "../rule.ts";
import { isProtected } from "../vetoes.ts";

/** What JavaScript, Python and forms print for a value that is not there. */
const NOTHING = /^\s{0,9}(?:undefined|null|nan|none|nil|n\/a|unknown|-)\s{0,9}$/i;

/** The rule `nothing_word`; never for a text, where the word may be the value. */
export const nothingWord: CastRule = {
  key: "nothing_word",
  confidence: 0.8,
  because: "the word is how programs print a value that is not there, and the column takes null",
  learned: true,
  families: [
    "uuid",
    "date",
    "timestamptz",
    "timestamp",
    "time",
    "interval",
    "integer",
    "numeric",
    "float",
    "network",
    "hardware",
  ],
  cast(value, column) {
    const isNothing = typeof value === "string" && NOTHING.test(value);
    return isNothing && column.facts.nullable && !isProtected(column) ? null : undefined;
  },
};
