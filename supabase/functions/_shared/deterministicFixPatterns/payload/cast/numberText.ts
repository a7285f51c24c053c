/** A number as text becomes the number, where a JavaScript number can hold it; else the text stays, which Postgres reads digit by digit. @module */

import { readDecimal } from "../../../core/columns.ts";
import type { CastRule } from "../rule.ts";

/** The rule `number_text`. */
export const numberText: CastRule = {
  key: "number_text",
  confidence: 0.95,
  because: "the text is exactly a number",
  families: ["integer", "numeric", "float"],
  cast(value) {
    if (typeof value !== "string") return undefined;
    const wanted = readDecimal(value);
    if (wanted === null) return undefined;
    const number = Number(value);
    const got = Number.isFinite(number) ? readDecimal(String(number)) : null;
    const isSame = got !== null && got.digits === wanted.digits && got.scale === wanted.scale &&
      got.negative === wanted.negative && (!Number.isInteger(number) || Number.isSafeInteger(number));
    return isSame ? number : undefined;
  },
};
