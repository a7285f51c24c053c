/**
 * Strings that lost their end quote: where they ended.
 *
 * @module
 */

import { COMMA, isCloser, isCommaLike, isOddSpace, isOpener, isPlainSpace, isQuote } from "./chars.ts";
import type { Machine } from "./machine.ts";
import { startsJsonValue } from "./members.ts";
import { nextQuote } from "./peek.ts";
import { peekSpace } from "./space.ts";
import type { StringScan } from "./stringScan.ts";

/** Behind JSON in prose the line ends; behind JSON that starts the text a blank line has to follow. */
const SCALAR = /^(?:true|false|null|True|False|None|-?\d[\d.eE+-]*)$/;
const LINE_OVER = /^[;)\s]*(?:\n|$)/;
const PARAGRAPH_OVER = /^[;)]*[ \t]*\n[ \t]*\n/;

/**
 * Where the string ended without its quote, when the quote at hand opens the next key or element; else -1.
 * Between the lost end and that quote there is only structure, with a comma, a line end or a closer in it.
 */
export function lostEnd(m: Machine, s: StringScan): number {
  const nearest = structureStart(m.text, s.from, s.pos);
  const start = m.top?.array === undefined ? nearest : scalarsStart(m.text, s.from, nearest);
  if (start === s.pos || start <= s.start + 1) return -1;
  const gap = m.text.slice(start, Math.min(s.pos, start + 200));
  if (!/[,;}\]\n]/.test(gap) && !gap.includes("，")) return -1;
  if (opensMember(m, s.pos, s.quote)) return start;
  const inArray = m.top?.array !== undefined && (start < nearest || !/[{}[]/.test(gap)) &&
    gap.trimStart().charCodeAt(0) === COMMA;
  return inArray && s.skipped % 2 === 0 && opensElement(m, s.pos, s.quote) ? start : -1;
}

/** The start of the run of structural characters and whitespace that ends at `to`. */
function structureStart(text: string, from: number, to: number): number {
  let i = to;
  while (i > from) {
    const code = text.charCodeAt(i - 1);
    if (
      !isPlainSpace(code) && !isCommaLike(code) && !isCloser(code) && !isOpener(code) && !isOddSpace(code)
    ) break;
    i--;
  }
  return i;
}

/** The start of the elements without quotes, numbers and literals, that stand before the run at `to`. */
function scalarsStart(text: string, from: number, to: number): number {
  let start = to;
  for (;;) {
    let i = start;
    while (i > from && isScalarCode(text.charCodeAt(i - 1))) i--;
    if (i === start || !SCALAR.test(text.slice(i, start))) return start;
    const before = structureStart(text, from, i);
    if (before === i || !/[,[{\]}\n]/.test(text.slice(before, i))) return start;
    start = before;
  }
}

function isScalarCode(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 122) ||
    (code >= 43 && code <= 46 && code !== 44) ||
    code === 69 || code === 78 || code === 84 || code === 70;
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

/** Where the closers of all open containers begin, when the text ends in exactly those; else -1. */
export function closersStart(m: Machine, s: StringScan): number {
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
  if (m.top?.array !== undefined) start = scalarsStart(m.text, s.from, trimmed(m, s, start));
  return trimmed(m, s, start);
}

/** Where a string's own text is followed by exactly the closers of all open containers, and then by other text. */
export function firstClosers(m: Machine, s: StringScan): number {
  const over = m.policy.inProse ? LINE_OVER : PARAGRAPH_OVER;
  for (let i = s.from; i < m.end; i++) {
    if (!isCloser(m.text.charCodeAt(i))) continue;
    const start = i;
    let depth = m.frames.length;
    while (i < m.end && (isCloser(m.text.charCodeAt(i)) || isPlainSpace(m.text.charCodeAt(i)))) {
      const code = m.text.charCodeAt(i++);
      const frame = isCloser(code) ? m.frames[--depth] : m.frames[0];
      if (frame === undefined || (isCloser(code) && (frame.array === undefined) !== (code === 125))) break;
      if (depth > 0) continue;
      if (over.test(m.text.slice(i, Math.min(m.end, i + 8)))) {
        return trimmed(m, s, start);
      }
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
