/**
 * Judging a quote by what follows it.
 *
 * A quote ends its string when the text goes on as JSON would go on there. For valid JSON the first unescaped
 * quote always passes, so valid documents are read exactly. Each check looks at most a few quotes ahead, and the
 * gaps between quotes add up to the text's length: judging stays linear.
 *
 * @module
 */

import {
  CLOSE_TUPLE,
  COLON,
  DOT,
  ELLIPSIS,
  isCloser,
  isColonLike,
  isCommaLike,
  isOpener,
  isPlainSpace,
  isQuote,
  isWordCode,
  NEWLINE,
  OPEN_OBJECT,
  PLUS,
  QUOTE,
} from "./chars.ts";
import type { Frame, Machine } from "./machine.ts";
import { startsJsonValue, startsMember } from "./members.ts";
import { hasLineEnd, isFence, nextQuote } from "./peek.ts";
import { peekSpace } from "./space.ts";

/** Whether a value's string may end just before `after`, having passed over `skipped` quotes inside it. */
export function endsValue(m: Machine, after: number, skipped: number): boolean {
  const pos = peekSpace(m, after);
  if (pos >= m.end) return true;
  const code = m.text.charCodeAt(pos);
  const depth = m.frames.length - 1;
  if (closesFrame(m.frames[depth], code)) {
    return closersGoOn(m, pos, depth, skipped);
  }
  if (isCommaLike(code)) return goesOnAfterComma(m, pos, depth, skipped);
  if (code === PLUS) return startsString(m, peekSpace(m, pos + 1));
  if (isFence(m, pos) || code === 60) return true;
  if (isWordCode(code) && !hasLineEnd(m.text, after, pos)) {
    return m.sawBareKey && skipped === 0 && pos > after && startsItem(m, pos, depth, skipped);
  }
  if (pos === after && isQuote(code) && nextQuote(m, pos + 1, code, true) < 0) {
    return false;
  }
  return startsItem(m, pos, depth, skipped);
}

/** Whether the closers at `pos` belong to the structure, by what follows them. */
function closersGoOn(m: Machine, from: number, top: number, skipped: number): boolean {
  let pos = from;
  let depth = top;
  let matched = true;
  while (pos < m.end && closesFrame(m.frames[depth], m.text.charCodeAt(pos))) {
    const frame = m.frames[depth--];
    if (
      frame !== undefined && (frame.array === undefined) !== (m.text.charCodeAt(pos) === 125)
    ) matched = false;
    pos = peekSpace(m, pos + 1);
  }
  if (pos >= m.end) return true;
  const code = m.text.charCodeAt(pos);
  if (isCommaLike(code)) {
    return skipped === 0 || goesOnAfterComma(m, pos, depth, skipped);
  }
  if (matched && skipped === 0) return true;
  return depth < 0 ? endsDocument(m, pos, code) : startsItem(m, pos, depth, skipped);
}

/** A closer; `)` counts inside a tuple only. */
export function closesFrame(frame: Frame | undefined, code: number): boolean {
  return isCloser(code) || (code === CLOSE_TUPLE && frame?.tuple === true);
}

/** Whether what follows the last closer looks like the end of the document. */
function endsDocument(m: Machine, pos: number, code: number): boolean {
  if (code === 60 || code === 59 || code === 41 || isFence(m, pos) || isOpener(code)) return true;
  let from = pos;
  while (from > 0 && !isCloser(m.text.charCodeAt(from - 1))) from--;
  return hasLineEnd(m.text, from, pos);
}

function startsString(m: Machine, pos: number): boolean {
  return pos >= m.end || isQuote(m.text.charCodeAt(pos));
}

/** Whether the text after a comma goes on as an item of the container at `depth`. */
function goesOnAfterComma(m: Machine, comma: number, depth: number, skipped: number): boolean {
  const pos = peekItems(m, comma);
  if (pos >= m.end) return true;
  const code = m.text.charCodeAt(pos);
  const frame = m.frames[depth];
  if (closesFrame(frame, code)) {
    return skipped === 0 || closersGoOn(m, pos, depth, skipped);
  }
  if (frame === undefined) return isOpener(code) || startsMember(m, pos, false);
  if (frame.array === undefined) {
    if (isQuote(code) && skipped === 0 && code === QUOTE) return true;
    if (!isQuote(code) && skipped % 2 === 1 && !frame.bareKey) return false;
    return startsMember(m, pos, frame.bareKey || (m.sawBareKey && skipped === 0)) ||
      (code === OPEN_OBJECT && m.frames[depth - 1]?.array !== undefined);
  }
  return startsElement(m, pos, depth, skipped);
}

/** The first position after commas and ellipses. */
export function peekItems(m: Machine, from: number): number {
  let pos = from;
  while (pos < m.end) {
    const code = m.text.charCodeAt(pos);
    const dots = code === ELLIPSIS ? 1 : code === DOT && m.text.startsWith("...", pos) ? 3 : 0;
    if (dots === 0 && !isCommaLike(code)) return pos;
    pos = peekSpace(m, pos + Math.max(dots, 1));
  }
  m.touchedEnd = true;
  return pos;
}

/** Whether an item begins at `pos` although no comma stands before it. */
function startsItem(m: Machine, pos: number, depth: number, skipped: number): boolean {
  const frame = m.frames[depth];
  if (frame === undefined) return false;
  const code = m.text.charCodeAt(pos);
  // After quotes inside the text, a last lone quote is the text's own end rather than the next item's beginning.
  if (skipped > 0 && isQuote(code) && nextQuote(m, pos + 1, code, true) < 0) return false;
  if (frame.array === undefined) {
    return startsMember(m, pos, frame.bareKey || (m.sawBareKey && skipped === 0));
  }
  if (isOpener(code)) return true;
  return isQuote(code) && startsElement(m, pos, depth, skipped + 1);
}

/** Whether an element of an array begins at `pos`; strict when quotes were passed over. */
function startsElement(m: Machine, pos: number, depth: number, skipped: number): boolean {
  const code = m.text.charCodeAt(pos);
  if (isOpener(code)) return true;
  if (!isQuote(code)) return startsScalar(m, pos, skipped);
  if (skipped === 0) return true;
  const close = nextQuote(m, pos + 1, code, false);
  if (close < 0) return true;
  let next = peekSpace(m, close + 1);
  const first = next;
  let level = depth;
  while (next < m.end && isCloser(m.text.charCodeAt(next))) {
    level--;
    next = peekSpace(m, next + 1);
  }
  if (next >= m.end) return true;
  const after = m.text.charCodeAt(next);
  if (isCommaLike(after)) return true;
  if (next > first) {
    return level < 0 ? endsDocument(m, next, after) : startsItem(m, next, level, skipped);
  }
  return after === PLUS || isColonLike(after) || (isQuote(after) && next > close + 1 && skipped === 1);
}

/** Whether a number, a literal or a bare word that ends properly stands at `pos` of an array. */
function startsScalar(m: Machine, pos: number, skipped: number): boolean {
  if (skipped % 2 === 1 && !startsJsonValue(m, pos)) return false;
  for (let i = pos; i < m.end; i++) {
    const code = m.text.charCodeAt(i);
    if (isCommaLike(code) || closesFrame(m.top, code) || code === NEWLINE) {
      return i > pos;
    }
    if (isQuote(code) || isOpener(code) || code === COLON) return false;
    if (skipped > 0 && isPlainSpace(code)) {
      return isCloser(m.text.charCodeAt(peekSpace(m, i)));
    }
  }
  m.touchedEnd = true;
  return true;
}
