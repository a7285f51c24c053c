/**
 * Keys and the colon after them.
 *
 * @module
 */

import {
  BACKSLASH,
  closesQuote,
  COLON,
  DOT,
  EQUALS,
  GREATER,
  isCloser,
  isColonLike,
  isCommaLike,
  isOpener,
  isQuote,
  isWordCode,
  MINUS,
  QUOTE,
} from "./chars.ts";
import { AFTER, type Frame, type Machine, note, VALUE } from "./machine.ts";
import { startsJsonValue } from "./members.ts";
import { peekSpace } from "./space.ts";
import { createScan, noteScan, scanEscape, settle, type StringScan } from "./stringScan.ts";
import { takeScan } from "./strings.ts";

/** Reads a key and its colon; false when no key stands here. */
export function readKey(m: Machine, frame: Frame): boolean {
  const start = m.pos;
  const repairs = m.repairs.length;
  const code = m.text.charCodeAt(start);
  const bare = !isQuote(code);
  const key = bare ? readBareKey(m) : readQuotedKey(m, code);
  if (m.open && m.touchedEnd) return rollBack(m, start, repairs, true);
  if (key === undefined) return rollBack(m, start, repairs, m.pos >= m.end);
  frame.key = key;
  frame.keyAt = start;
  frame.bareKey = bare;
  readColon(m, frame);
  if (m.open && m.touchedEnd) return rollBack(m, start, repairs, true);
  commitKey(m, frame);
  return true;
}

function commitKey(m: Machine, frame: Frame): void {
  if (frame.bareKey) m.sawBareKey = true;
  if (frame.phase === VALUE) frame.commaAt = -1;
  if (m.indent < 0) return;
  if (frame.itemIndent < 0) frame.itemIndent = m.indent;
  else if (frame.itemIndent !== m.indent) m.misfits++;
}

function rollBack(m: Machine, pos: number, repairs: number, keep: boolean): boolean {
  if (m.open && m.touchedEnd) {
    m.pos = pos;
    m.repairs.length = repairs;
    m.top!.phase = 0;
  } else if (!keep) m.pos = pos;
  return keep;
}

/** Moves over the colon, or finds that it is missing, or that the member has no value. */
function readColon(m: Machine, frame: Frame): void {
  const pos = peekSpace(m, m.pos);
  const code = m.text.charCodeAt(pos);
  frame.phase = VALUE;
  if (pos >= m.end) {
    if (!m.open) m.pos = m.end;
    return;
  }
  if (isColonLike(code)) {
    const length = code === EQUALS && m.text.charCodeAt(pos + 1) === GREATER ? 2 : 1;
    if (code !== COLON) note(m, "separator_replaced", pos, length);
    m.pos = pos + length;
  } else if (isCommaLike(code) || isCloser(code)) {
    note(m, "member_dropped", frame.keyAt, m.pos - frame.keyAt);
    frame.doubt++;
    frame.phase = AFTER;
  } else note(m, "colon_added", m.pos, 0);
}

/** The end of the text cut this key: nothing of it stays. */
function cutKey(m: Machine): undefined {
  m.touchedEnd = true;
  if (!m.open) {
    note(m, "cut_completed", m.pos, m.end - m.pos);
    m.pos = m.end;
  }
  return undefined;
}

function readBareKey(m: Machine): string | undefined {
  const { text, end } = m;
  const start = m.pos;
  let i = start;
  while (i < end && isKeyCode(text.charCodeAt(i))) i++;
  if (i >= end) return i > start ? cutBareKey(m) : undefined;
  if (i === start) return undefined;
  const key = text.slice(start, i);
  const closed = isQuote(text.charCodeAt(i)) && isColonLike(text.charCodeAt(peekSpace(m, i + 1)));
  if (closed) {
    note(m, "quote_added", start, 0);
    m.pos = i + 1;
    return key;
  }
  const next = peekSpace(m, i);
  if (next >= end) return cutBareKey(m);
  if (!isColonLike(text.charCodeAt(next))) return undefined;
  note(m, "key_quoted", start, i - start);
  m.pos = i;
  return key;
}

/** A bare word that the text ends with may be a key, or a word in braces. */
function cutBareKey(m: Machine): undefined {
  if (!m.open && m.top !== undefined) m.top.doubt++;
  return cutKey(m);
}

function isKeyCode(code: number): boolean {
  return isWordCode(code) || code === MINUS || code === DOT || code === 64;
}

function readQuotedKey(m: Machine, quote: number): string | undefined {
  const { text, end } = m;
  const start = m.pos;
  let i = start + 1;
  if (quote === QUOTE) {
    while (i < end && text.charCodeAt(i) !== QUOTE && text.charCodeAt(i) !== BACKSLASH) i++;
  }
  if (quote === QUOTE && text.charCodeAt(i) === QUOTE && i < end) {
    const after = text.charCodeAt(i + 1);
    if (after === COLON || isColonLike(text.charCodeAt(peekSpace(m, i + 1)))) {
      m.pos = i + 1;
      return text.slice(start + 1, i);
    }
  }
  return scanKey(m, createScan(start, quote));
}

/** Reads a key with escapes, foreign quotes, or quotes that do not fit. */
function scanKey(m: Machine, s: StringScan): string | undefined {
  while (s.pos < m.end) {
    const code = m.text.charCodeAt(s.pos);
    if (code === BACKSLASH) {
      if (!scanEscape(m, s)) return cutKey(m);
    } else if (closesQuote(s.quote, code)) {
      const key = judgeKeyQuote(m, s);
      if (m.open && m.touchedEnd) return undefined;
      if (key !== undefined) return key;
      noteScan(m, s, "quote_escaped", s.pos++, 1);
      s.skipped++;
    } else if (code === 10 && s.skipped > 0) return undefined;
    else s.pos++;
  }
  return cutKey(m);
}

/** The key, if the quote at the scan's position ends it. */
function judgeKeyQuote(m: Machine, s: StringScan): string | undefined {
  const next = peekSpace(m, s.pos + 1);
  if (next >= m.end) return cutKey(m);
  const code = m.text.charCodeAt(next);
  if (isColonLike(code) || isCommaLike(code) || isCloser(code)) {
    return endKey(m, s, s.pos, s.pos + 1);
  }
  const lost = /^\s*[\w$.-]{1,64}(?=\s*:\s)/.exec(m.text.slice(s.start + 1, Math.min(s.pos, s.start + 80)));
  if (lost !== null && s.parts.length === 0) {
    const to = s.start + 1 + lost[0].length;
    noteScan(m, s, "quote_added", to, 0);
    return endKey(m, s, to, to);
  }
  const spaced = next > s.pos + 1;
  if (isOpener(code) || (spaced && (isQuote(code) || startsJsonValue(m, next)))) {
    return endKey(m, s, s.pos, s.pos + 1);
  }
  return undefined;
}

function endKey(m: Machine, s: StringScan, to: number, next: number): string {
  s.parts.push(m.text.slice(s.from, to));
  settle(s);
  s.pos = s.from = next;
  return takeScan(m, s);
}
