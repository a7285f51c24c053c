/**
 * Small looks at the text that change nothing.
 *
 * @module
 */

import { BACKSLASH, closesQuote, NEWLINE } from "./chars.ts";
import type { Machine } from "./machine.ts";

/** Typographic quotes need not come in pairs, so the search for their end is bounded. */
const SMART_QUOTE_REACH = 400;

/** Three backticks. */
export function isFence(m: Machine, pos: number): boolean {
  return m.text.charCodeAt(pos) === 96 && m.text.startsWith("```", pos);
}

/** Whether a line ends between the two positions. */
export function hasLineEnd(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    if (text.charCodeAt(i) === NEWLINE) return true;
  }
  return false;
}

/** The next quote that may end a string; -1 when the text ends before, -2 at a line's end if the string is a key. */
export function nextQuote(m: Machine, from: number, opener: number, sameLine: boolean): number {
  const limit = opener > 126 ? Math.min(m.end, from + SMART_QUOTE_REACH) : m.end;
  for (let i = from; i < limit; i++) {
    const code = m.text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === NEWLINE && sameLine) return -2;
    else if (closesQuote(opener, code)) return i;
  }
  m.touchedEnd = true;
  return -1;
}
