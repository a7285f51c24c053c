/** Objects and lists as JSON text, both ways, without ever throwing. @module */

import { isPlainJson, readDecimal } from "../../core/columns.ts";

/** A text longer than this is no value of a column, and parsing it would stop everything else. */
const LONGEST = 4_000_000;

/** The object or list that the whole text is; undefined for any other text. */
export function parseStructure(text: string): unknown {
  if (text.length > LONGEST || !/^\s{0,99}[[{]/.test(text)) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return hasRoundedNumber(text) ? undefined : parsed;
  } catch {
    return undefined;
  }
}

/** A number of more digits than JavaScript keeps would come back rounded. */
function hasRoundedNumber(text: string): boolean {
  const numbers = text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"/g, '""').match(/-?\d[\d.]{15,}(?:e[+-]?\d+)?/gi) ??
    [];
  return numbers.some((number) => {
    const wanted = readDecimal(number);
    const got = readDecimal(String(Number(number)));
    return wanted === null || wanted.digits !== got?.digits || wanted.scale !== got.scale;
  });
}

/** The JSON text of a value that JSON carries whole; undefined for any other. */
export function writeStructure(value: unknown): string | undefined {
  try {
    return isPlainJson(value) ? JSON.stringify(value) : undefined;
  } catch {
    return undefined;
  }
}
