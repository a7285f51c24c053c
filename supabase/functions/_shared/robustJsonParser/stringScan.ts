/**
 * Reading one string: decoding it, and deciding which quote ends it.
 *
 * The scan is a value of its own so that a stream can leave it in the middle and come back without reading the
 * beginning again.
 *
 * @module
 */

import {
  BACKSLASH,
  BACKTICK,
  closesQuote,
  COMMA,
  isCloser,
  isCommaLike,
  isOddSpace,
  isOpener,
  isPlainSpace,
  isQuote,
  isSmartQuote,
} from "./chars.ts";
import { decodeEscape, INCOMPLETE, UNKNOWN } from "./escapes.ts";
import { endsValue, nextQuote, startsJsonValue } from "./lookahead.ts";
import type { Machine } from "./machine.ts";
import { peekSpace } from "./space.ts";
import type { Repair, RepairKind } from "./types.ts";

/** Behind JSON in prose the line ends; behind JSON that starts the text a blank line has to follow. */
const LINE_OVER = /^[;)\s]*(?:\n|$)/;
const PARAGRAPH_OVER = /^[;)]*[ \t]*\n[ \t]*\n/;

/** A string that is being read. */
export interface StringScan {
  quote: number;
  /** Where the string's first quote stands. */
  start: number;
  /** Decoded text up to `from`, and pieces of it that are not yet joined. */
  out: string;
  parts: string[];
  /** The last character that an escape gave; looking it up in `out` would flatten a growing string every time. */
  lastEscaped: number;
  from: number;
  pos: number;
  /** Quotes that turned out to belong to the text. */
  skipped: number;
  repairs: Repair[];
  /** How the scan ended. */
  outcome: "open" | "closed" | "unclosed" | "cut";
}

/** A scan at the opening quote at `start`. */
export function createScan(start: number, quote: number): StringScan {
  return { quote, start, out: "", parts: [], lastEscaped: 0, from: start + 1, pos: start + 1, skipped: 0, repairs: [], outcome: "open" };
}

/** Reads on until the string ends, or until the text does while more may come. */
export function scanValue(m: Machine, s: StringScan): void {
  const { text, end } = m;
  while (s.pos < end) {
    const code = text.charCodeAt(s.pos);
    if (code === BACKSLASH) {
      if (!scanEscape(m, s)) return;
    } else if (closesQuote(s.quote, code)) {
      const ended = judgeQuote(m, s);
      if (m.open && m.touchedEnd) return;
      if (ended) return;
      noteScan(m, s, "quote_escaped", s.pos, 1);
      s.skipped++;
      s.pos++;
    } else s.pos++;
  }
  m.touchedEnd = true;
  if (!m.open) endUnterminated(m, s);
}

/** Decodes the escape at the scan's position; false when the text ends inside it. */
export function scanEscape(m: Machine, s: StringScan): boolean {
  if (s.quote === BACKTICK && m.text.charCodeAt(s.pos + 1) !== BACKTICK && s.pos + 1 < m.end) {
    s.pos += 2;
    return true;
  }
  const escape = decodeEscape(m.text, s.pos, m.end);
  if (escape.status === INCOMPLETE) {
    m.touchedEnd = true;
    if (m.open) return false;
    if (s.pos > s.from) {
      s.parts.push(m.text.slice(s.from, s.pos));
      s.lastEscaped = m.text.charCodeAt(s.pos - 1);
    }
    s.from = s.pos = m.end;
    endUnterminated(m, s);
    return false;
  }
  if (escape.status === UNKNOWN) {
    noteScan(m, s, "escape_kept", s.pos, 2);
    s.pos++;
    return true;
  }
  if (escape.repaired) noteScan(m, s, "escape_kept", s.pos, escape.length);
  if (s.pos > s.from) s.parts.push(m.text.slice(s.from, s.pos));
  s.parts.push(escape.text);
  s.lastEscaped = escape.text.charCodeAt(0);
  s.pos += escape.length;
  s.from = s.pos;
  return true;
}

/** Notes a repair with the scan; the machine gets it when the string is done. */
export function noteScan(m: Machine, s: StringScan, kind: RepairKind, at: number, length: number): void {
  s.repairs.push({ kind, offset: at + m.offset, length });
}

/** Whether the quote at the scan's position ends the string, here or already before the item that it opens. */
function judgeQuote(m: Machine, s: StringScan): boolean {
  if (endsValue(m, s.pos + 1, s.skipped)) {
    finish(s, m.text, s.pos, s.pos + 1, "closed");
    return true;
  }
  const lost = lostEnd(m, s);
  if (lost < 0) return false;
  const smart = lost > s.from && isSmartQuote(m.text.charCodeAt(lost - 1)) && s.quote < 128 ? 1 : 0;
  noteScan(m, s, smart === 1 ? "quote_replaced" : "quote_added", lost - smart, smart);
  finish(s, m.text, lost - smart, lost, "closed");
  return true;
}

/** Joins the decoded pieces. */
export function settle(s: StringScan): void {
  if (s.parts.length === 0) return;
  s.out += s.parts.length === 1 ? s.parts[0] : s.parts.join("");
  s.parts = [];
}

function finish(s: StringScan, text: string, to: number, next: number, outcome: StringScan["outcome"]): void {
  s.parts.push(text.slice(s.from, to));
  settle(s);
  s.from = s.pos = next;
  s.outcome = outcome;
}

/**
 * Where the string ended without its quote, when the quote at hand opens the next key or element; else -1.
 * Between the lost end and that quote there is only structure, with a comma, a line end or a closer in it.
 */
function lostEnd(m: Machine, s: StringScan): number {
  const start = structureStart(m.text, s.from, s.pos);
  if (start === s.pos || start <= s.start + 1) return -1;
  const gap = m.text.slice(start, Math.min(s.pos, start + 200));
  if (!/[,;}\]\n]/.test(gap) && !gap.includes("，")) return -1;
  if (opensMember(m, s.pos, s.quote)) return start;
  const inArray = m.top?.array !== undefined && !/[{}[]/.test(gap) && gap.trimStart().charCodeAt(0) === COMMA;
  return inArray && s.skipped % 2 === 0 && opensElement(m, s.pos, s.quote) ? start : -1;
}

/** The start of the run of structural characters and whitespace that ends at `to`. */
function structureStart(text: string, from: number, to: number): number {
  let i = to;
  while (i > from) {
    const code = text.charCodeAt(i - 1);
    if (!isPlainSpace(code) && !isCommaLike(code) && !isCloser(code) && !isOpener(code) && !isOddSpace(code)) break;
    i--;
  }
  return i;
}

/** Whether a whole member, key and value, begins at the quote. */
function opensMember(m: Machine, pos: number, quote: number): boolean {
  const close = nextQuote(m, pos + 1, quote, true);
  if (close < 0 || close === pos + 1) return false;
  const colon = peekSpace(m, close + 1);
  if (!/[:=：]/.test(m.text.charAt(colon))) return false;
  const value = peekSpace(m, colon + 1);
  if (!startsJsonValue(m, value)) return false;
  const code = m.text.charCodeAt(value);
  if (isQuote(code)) {
    const end = nextQuote(m, value + 1, code, false);
    return end < 0 || endsWell(m, end + 1);
  }
  return isOpener(code) || endsWell(m, scalarEnd(m, value));
}

function opensElement(m: Machine, pos: number, quote: number): boolean {
  const close = nextQuote(m, pos + 1, quote, true);
  return close > pos + 1 && endsWell(m, close + 1);
}

function scalarEnd(m: Machine, pos: number): number {
  let i = pos;
  while (i < m.end && /[\w.+-]/.test(m.text.charAt(i))) i++;
  return i;
}

function endsWell(m: Machine, pos: number): boolean {
  const next = peekSpace(m, pos);
  if (next >= m.end) return true;
  const code = m.text.charCodeAt(next);
  return isCommaLike(code) || isCloser(code) || isQuote(code) && next > pos ||
    m.text.slice(pos, next).includes("\n");
}

/** Ends a string that the text ran out on: its quote is lost if exactly the closers are there, else it was cut. */
export function endUnterminated(m: Machine, s: StringScan): void {
  let lost = m.policy.inProse ? -1 : closersStart(m, s);
  if (lost < 0) lost = firstClosers(m, s, m.policy.inProse ? LINE_OVER : PARAGRAPH_OVER);
  if (lost >= 0) {
    noteScan(m, s, "quote_added", lost, 0);
    finish(s, m.text, lost, lost, "unclosed");
    return;
  }
  const last = m.end > s.from ? m.text.charCodeAt(m.end - 1) : s.lastEscaped;
  finish(s, m.text, m.end, m.end, "cut");
  if (last >= 0xd800 && last <= 0xdbff) s.out = s.out.slice(0, -1);
  noteScan(m, s, "cut_completed", m.end, 0);
}

/** Where the closers of all open containers begin, when the text ends in exactly those; else -1. */
function closersStart(m: Machine, s: StringScan): number {
  let i = m.end;
  let start = -1;
  let depth = 0;
  while (i > s.from) {
    const code = m.text.charCodeAt(i - 1);
    if (isCloser(code)) {
      const frame = m.frames[depth++];
      if (frame === undefined || (frame.array === undefined) !== (code === 125)) return -1;
      start = i - 1;
    } else if (!isPlainSpace(code)) break;
    i--;
  }
  if (depth !== m.frames.length || depth === 0) return -1;
  return trimmed(m, s, start);
}

/** Where a string's own text is followed by exactly the closers of all open containers, and then by other text. */
function firstClosers(m: Machine, s: StringScan, over: RegExp): number {
  for (let i = s.from; i < m.end; i++) {
    if (!isCloser(m.text.charCodeAt(i))) continue;
    const start = i;
    let depth = m.frames.length;
    while (i < m.end && (isCloser(m.text.charCodeAt(i)) || isPlainSpace(m.text.charCodeAt(i)))) {
      const code = m.text.charCodeAt(i++);
      const frame = isCloser(code) ? m.frames[--depth] : m.frames[0];
      if (frame === undefined || (isCloser(code) && (frame.array === undefined) !== (code === 125))) break;
      if (depth > 0) continue;
      if (over.test(m.text.slice(i, Math.min(m.end, i + 8)))) return trimmed(m, s, start);
      break;
    }
  }
  return -1;
}

function trimmed(m: Machine, s: StringScan, to: number): number {
  let end = to;
  while (end > s.from && isPlainSpace(m.text.charCodeAt(end - 1))) end--;
  return end;
}
