/** A number with grouped thousands becomes the number, once that has been confirmed and where only one reading is a number. @module */

import type { CastRule } from "../rule.ts";

/** Two groups, or a group and a fraction behind the other mark: `1,234` alone may be either. */
const ENGLISH = /^(?:\d{1,3}(?:,\d{3})+\.\d{1,12}|\d{1,3}(?:,\d{3}){2,})$/;
const CONTINENTAL = /^(?:\d{1,3}(?:\.\d{3})+,\d{1,12}|\d{1,3}(?:\.\d{3}){2,})$/;
const WRITTEN = /^\s{0,9}([+-]?)\s?([$€£¥]?)\s?([\d.,]{5,40})\s{0,9}$/;

/** The codes that a sign stands for; a row in another currency is another amount. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  "$": ["usd", "$"],
  "€": ["eur", "€"],
  "£": ["gbp", "£"],
  "¥": ["jpy", "cny", "¥"],
};

/** The rule `grouped_number`. */
export const groupedNumber: CastRule = {
  key: "grouped_number",
  confidence: 0.8,
  because: "the marks of its thousands and its fraction have one reading",
  learned: true,
  families: ["integer", "numeric", "float"],
  cast(value, _column, row) {
    const [, sign, currency, digits] = typeof value === "string" ? WRITTEN.exec(value) ?? [] : [];
    if (digits === undefined || !agrees(currency!, row)) return undefined;
    const plain = ENGLISH.test(digits)
      ? digits.replaceAll(",", "")
      : CONTINENTAL.test(digits)
      ? digits.replaceAll(".", "").replace(",", ".")
      : undefined;
    return plain === undefined ? undefined : `${sign === "-" ? "-" : ""}${plain}`;
  },
};

function agrees(sign: string, row: ReadonlyMap<string, unknown> | undefined): boolean {
  if (sign === "") return true;
  const codes = [...row ?? []].flatMap(([key, value]) =>
    /currency/i.test(key) && typeof value === "string" ? [value.toLowerCase()] : []
  );
  return codes.every((code) => CODES[sign]!.includes(code));
}
