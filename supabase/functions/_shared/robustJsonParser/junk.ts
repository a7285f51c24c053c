/**
 * Text that belongs to no token: removed when the JSON goes on behind it, taken as the end when it does not.
 *
 * @module
 */

import { isCloser, isCommaLike, isQuote } from "./chars.ts";
import { AFTER, type Frame, type Machine, noteEdit } from "./machine.ts";

/** A reading that throws text away is worse than one that adds or drops a closer or two. */
const JUNK_WEIGHT = 3;

/** Skips text to the next comma, closer, quote or line end; stops the reading when no closer follows at all. */
export function skipJunk(m: Machine): void {
  const { text, end } = m;
  const frame = m.top as Frame;
  const start = m.pos;
  if (m.open) {
    m.irregular = true;
    m.touchedEnd = true;
    return;
  }
  if (m.indent >= 0 && !closersFollow(m)) {
    m.stopped = true;
    return;
  }
  let i = start + 1;
  while (i < end) {
    const code = text.charCodeAt(i);
    if (isCommaLike(code) || isCloser(code) || isQuote(code) || code === 10) {
      break;
    }
    i++;
  }
  frame.doubt++;
  noteEdit(m, "text_removed", start, i - start);
  m.edits += JUNK_WEIGHT - 1;
  frame.phase = AFTER;
  m.pos = i;
}

function closersFollow(m: Machine): boolean {
  if (m.lastCloser === -2) {
    m.lastCloser = Math.max(m.text.lastIndexOf("}", m.end - 1), m.text.lastIndexOf("]", m.end - 1));
  }
  return m.lastCloser >= m.pos;
}
