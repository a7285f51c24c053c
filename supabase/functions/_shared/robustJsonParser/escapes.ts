/**
 * Escapes in strings, valid and not.
 *
 * @module
 */

import { APOSTROPHE, BACKTICK, isHexDigit } from "./chars.ts";

/** The escape was understood. */
export const DECODED = 0;
/** The text ends inside the escape. */
export const INCOMPLETE = 1;
/** No escape that anyone knows: backslash and character stay. */
export const UNKNOWN = 2;

/** What an escape means. */
export interface Escape {
  status: number;
  text: string;
  length: number;
  /** True when JSON itself does not have this escape. */
  repaired: boolean;
}

const SIMPLE: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  "'": "'",
  "`": "`",
};

/** Decodes the escape whose backslash stands at `pos`. */
export function decodeEscape(text: string, pos: number, end: number): Escape {
  if (pos + 1 >= end) {
    return { status: INCOMPLETE, text: "", length: 0, repaired: false };
  }
  const letter = text.charAt(pos + 1);
  const simple = SIMPLE[letter];
  if (simple !== undefined) {
    const code = letter.charCodeAt(0);
    const repaired = code === APOSTROPHE || code === BACKTICK;
    return { status: DECODED, text: simple, length: 2, repaired };
  }
  if (letter === "u") return decodeHex(text, pos, end, 4, false);
  if (letter === "x") return decodeHex(text, pos, end, 2, true);
  return { status: UNKNOWN, text: "", length: 2, repaired: true };
}

function decodeHex(text: string, pos: number, end: number, digits: number, repaired: boolean): Escape {
  let i = pos + 2;
  while (i < pos + 2 + digits && i < end && isHexDigit(text.charCodeAt(i))) i++;
  if (i === pos + 2 + digits) {
    const char = String.fromCharCode(parseInt(text.slice(pos + 2, i), 16));
    return { status: DECODED, text: char, length: 2 + digits, repaired };
  }
  const status = i >= end ? INCOMPLETE : UNKNOWN;
  return { status, text: "", length: 2, repaired: true };
}
