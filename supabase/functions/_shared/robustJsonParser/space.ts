/**
 * Whitespace and comments between tokens, walked over for good (`skipSpace`) or only looked across (`peekSpace`).
 *
 * @module
 */

import { HASH, isOddSpace, isPlainSpace, NEWLINE, SLASH, SPACE, TAB } from "./chars.ts";
import { type Machine, noteRun } from "./machine.ts";

const STAR = 42;
/** Decisions look at most this far beyond a token's start; nearer to the end than that, more text may change them. */
const MARGIN = 16;
/** A comment longer than this is not looked across when a quote is judged: it keeps lookahead linear. */
const PEEKED_COMMENT = 200;

/** Moves over whitespace and comments, and keeps the indentation of the line that it arrives on. */
export function skipSpace(m: Machine): void {
  const { text, end } = m;
  let pos = m.pos;
  const first = text.charCodeAt(pos);
  if (first > SPACE && first < 127 && first !== SLASH && first !== HASH && pos + MARGIN <= end) {
    m.indent = -1;
    return;
  }
  let lineStart = -1;
  for (;;) {
    if (pos >= end) break;
    const code = text.charCodeAt(pos);
    if (code === NEWLINE) lineStart = ++pos;
    else if (code <= SPACE && isPlainSpace(code)) pos++;
    else if (code > 126 || code === 11 || code === 12) {
      if (!isOddSpace(code)) break;
      noteRun(m, "space_removed", pos++, 1);
    } else if (code === SLASH || code === HASH) {
      const after = commentEnd(text, pos, end);
      if (after >= end) m.touchedEnd = true;
      if (after < 0 || (m.open && after >= end)) break;
      noteRun(m, "comment_removed", pos, after - pos);
      pos = after;
    } else break;
  }
  if (pos + MARGIN > end) m.touchedEnd = true;
  m.pos = pos;
  m.indent = lineStart < 0 ? -1 : pos - lineStart;
  if (lineStart >= 0) m.lineIndent = m.indent;
}

/** The end of the comment that begins at `pos`, or -1 when none does. */
export function commentEnd(text: string, pos: number, end: number): number {
  if (text.charCodeAt(pos) === HASH) {
    return isHexColour(text, pos) ? -1 : lineEnd(text, pos, end);
  }
  const next = text.charCodeAt(pos + 1);
  if (next === SLASH) return lineEnd(text, pos, end);
  if (next !== STAR) return -1;
  const close = text.indexOf("*/", pos + 2);
  return close < 0 || close + 2 > end ? end : close + 2;
}

/** `#fff` and the like are bare values, not comments. */
function isHexColour(text: string, pos: number): boolean {
  return /^#(?:[\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})(?![\w ])/i.test(text.slice(pos, pos + 10));
}

function lineEnd(text: string, pos: number, end: number): number {
  const found = text.indexOf("\n", pos);
  return found < 0 || found > end ? end : found;
}

/** The first position at or after `pos` that holds neither whitespace nor a comment. */
export function peekSpace(m: Machine, from: number): number {
  const { text, end } = m;
  let pos = from;
  for (;;) {
    if (pos >= end) break;
    const code = text.charCodeAt(pos);
    if (isPlainSpace(code) || isOddSpace(code)) pos++;
    else if (code === SLASH || code === HASH) {
      const limit = Math.min(end, pos + PEEKED_COMMENT);
      const after = peekComment(text, pos, limit);
      if (after < 0) break;
      if (after >= limit && limit < end) return end;
      pos = after;
    } else break;
  }
  if (pos + MARGIN > end) m.touchedEnd = true;
  return pos;
}

function peekComment(text: string, pos: number, limit: number): number {
  const block = text.charCodeAt(pos + 1) === STAR && text.charCodeAt(pos) === SLASH;
  if (!block && text.charCodeAt(pos) === SLASH && text.charCodeAt(pos + 1) !== SLASH) return -1;
  for (let i = pos + 2; i < limit; i++) {
    if (block && text.charCodeAt(i) === SLASH && text.charCodeAt(i - 1) === STAR && i > pos + 2) return i + 1;
    if (!block && text.charCodeAt(i) === NEWLINE) return i;
  }
  return limit;
}

/** True for a blank that does not end the line. */
export function isInlineSpace(code: number): boolean {
  return code === SPACE || code === TAB || (code > 126 && isOddSpace(code));
}
