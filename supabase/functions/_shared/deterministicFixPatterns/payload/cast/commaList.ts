/** A list with commas becomes the list, once that has been confirmed; prose never does. @module */

import type { CastRule } from "../rule.ts";

/** A word or a hyphenated one; what has blanks or stops in it may be prose. */
const ONE_WORD = /^[\p{L}\p{N}_#+-]{1,50}$/u;

/** The rule `comma_list`. */
export const commaList: CastRule = {
  key: "comma_list",
  confidence: 0.75,
  because: "lists of this column were written with commas before, and every part is one word",
  learned: true,
  families: ["array"],
  cast(value, column) {
    if (
      typeof value !== "string" || column.type.family !== "array" || column.type.element.family !== "text"
    ) {
      return undefined;
    }
    if (value.length > 10_000 || /^\s*[[{]/.test(value)) return undefined;
    const parts = value.split(",").map((part) => part.trim());
    return parts.length > 1 && parts.every((part) => ONE_WORD.test(part)) ? parts : undefined;
  },
};
