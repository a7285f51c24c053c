/** A date with its day in front or behind becomes the day, once that has been confirmed and where only one reading is a date. @module */

import type { CastRule } from "../rule.ts";

/** The rule `day_first_date`. */
export const dayFirstDate: CastRule = {
  key: "day_first_date",
  confidence: 0.7,
  because: "a number above twelve is a day, so only one reading is a date",
  learned: true,
  families: ["date"],
  cast(value) {
    const found = typeof value === "string" ? /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4})$/.exec(value) : null;
    if (found === null) return undefined;
    const [first, second] = [Number(found[1]), Number(found[3])];
    if ((first > 12) === (second > 12)) return undefined;
    const [day, month] = first > 12 ? [first, second] : [second, first];
    return `${found[4]}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  },
};
