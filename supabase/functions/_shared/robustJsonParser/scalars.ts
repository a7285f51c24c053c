/**
 * Numbers, literals and bare words.
 *
 * @module
 */

import {
  BACKTICK,
  DOT,
  HASH,
  isCloser,
  isCommaLike,
  isDigit,
  isQuote,
  MINUS,
  NEWLINE,
  PLUS,
  SLASH,
  WIDE_COMMA,
} from "./chars.ts";
import { closesFrame, endsValue, peekItems } from "./lookahead.ts";
import { type Machine, note } from "./machine.ts";
import { startsJsonValue, startsMember } from "./members.ts";
import { isFence } from "./peek.ts";
import { isInlineSpace, peekSpace } from "./space.ts";
import type { JsonValue } from "./types.ts";

/** A scalar that was read: what it is, and how much it looks like JSON. */
export interface Scalar {
  value: JsonValue | undefined;
  /** True for a word or text without quotes. */
  bare: boolean;
}

const LITERALS: ReadonlyMap<string, boolean | null> = new Map<
  string,
  boolean | null
>([
  ["true", true],
  ["false", false],
  ["null", null],
  ["True", true],
  ["False", false],
  ["None", null],
  ["NaN", null],
  ["-NaN", null],
  ["Infinity", null],
  ["-Infinity", null],
  ["+Infinity", null],
  ["undefined", null],
]);
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const ODD_NUMBER = /^[+-]?(?:0[xX][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)$/;
const NUMBER_PREFIX = /^[+-]?(?:0[xX][\da-fA-F]+|(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)/;

/** Reads a value that has no quotes and no brackets. `undefined` as value means that there is none. */
export function readScalar(m: Machine): Scalar {
  const start = m.pos;
  const tokenEnd = endOfToken(m, start);
  const token = m.text.slice(start, tokenEnd);
  const value = tokenValue(token);
  if (tokenEnd >= m.end || (value === undefined && token !== "" && isOver(m, tokenEnd))) {
    m.touchedEnd = true;
    return readCutScalar(m, token);
  }
  if (value === undefined || !endsScalar(m, tokenEnd)) return readBare(m);
  noteScalar(m, token, start);
  m.pos = tokenEnd;
  return { value, bare: false };
}

/** Whether nothing follows but blanks, or the line that closes a fence. */
function isOver(m: Machine, pos: number): boolean {
  const next = peekSpace(m, pos);
  return next >= m.end || isFence(m, next);
}

function endOfToken(m: Machine, start: number): number {
  const { text, end } = m;
  let i = start;
  while (i < end) {
    const code = text.charCodeAt(i);
    const inToken = isDigit(code) || (code >= 97 && code <= 122) ||
      (code >= 65 && code <= 90) || code === MINUS || code === PLUS || code === DOT || code === 95;
    if (!inToken) break;
    i++;
  }
  return i;
}

/** The value of a number or literal; `undefined` when the token is neither. */
function tokenValue(token: string): number | boolean | null | undefined {
  const first = token.charCodeAt(0);
  if (isDigit(first) || first === MINUS || first === DOT || first === PLUS) {
    if (JSON_NUMBER.test(token)) return Number(token);
    if (ODD_NUMBER.test(token)) return oddNumber(token);
  }
  return LITERALS.get(token);
}

function oddNumber(token: string): number | undefined {
  const negative = token.startsWith("-");
  const digits = token.replace(/^[+-]/, "").replaceAll("_", "");
  const hex = /^0[xX]/.test(digits);
  const value = hex ? parseInt(digits, 16) : Number(digits);
  if (Number.isNaN(value)) return undefined;
  return negative ? -value : value;
}

function noteScalar(m: Machine, token: string, at: number): void {
  const first = token.charCodeAt(0);
  if (first >= 97 && token !== "undefined") return;
  if (LITERALS.has(token)) note(m, "literal_replaced", at, token.length);
  else if (!JSON_NUMBER.test(token)) {
    note(m, "number_normalised", at, token.length);
  }
}

/** Whether a number or literal may end at `pos`: nothing but structure, a comment or a new token follows. */
function endsScalar(m: Machine, pos: number): boolean {
  let i = pos;
  while (i < m.end && isInlineSpace(m.text.charCodeAt(i))) i++;
  if (i >= m.end) {
    m.touchedEnd = true;
    return true;
  }
  const code = m.text.charCodeAt(i);
  if (isCommaLike(code) || closesFrame(m.top, code) || code === NEWLINE || code === 13) return true;
  if (code === WIDE_COMMA || code === BACKTICK || code === 60 || code === 0x2026) return true;
  if (code === HASH || (code === SLASH && /[/*]/.test(m.text.charAt(i + 1)))) {
    return i > pos || code === SLASH;
  }
  if (isQuote(code)) return i > pos || startsMember(m, i, false);
  if (code === 123 || code === 91) return true;
  if (i === pos) return code > 126 && isInlineSpace(code);
  if (m.top?.array !== undefined) return startsJsonValue(m, i);
  return startsMember(m, i, false);
}

/** The last token of a text that was cut. */
function readCutScalar(m: Machine, token: string): Scalar {
  const start = m.pos;
  m.pos = start + token.length;
  const whole = tokenValue(token);
  if (whole !== undefined) {
    noteScalar(m, token, start);
    return { value: whole, bare: false };
  }
  note(m, "cut_completed", start, token.length);
  for (const [name, value] of LITERALS) {
    if (
      token !== "" && token !== "-" && token !== "+" && name.startsWith(token)
    ) return { value, bare: false };
  }
  const prefix = NUMBER_PREFIX.exec(token)?.[0];
  if (prefix !== undefined && /^[-+\d.][\d._xXa-fA-FeE+-]*$/.test(token) && !/\d-\d/.test(token)) {
    return { value: tokenValue(prefix), bare: false };
  }
  if (/^[-+.]?$/.test(token)) return { value: undefined, bare: false };
  m.pos = start;
  return readBare(m);
}

/** Reads text without quotes: to the comma, closer or line end, or to a quote that only lacks its opening one. */
function readBare(m: Machine): Scalar {
  const { text, end } = m;
  const start = m.pos;
  let pos = start;
  for (; pos < end; pos++) {
    const code = text.charCodeAt(pos);
    if (code === NEWLINE || closesFrame(m.top, code)) break;
    if (isCommaLike(code) && endsBareAtComma(m, pos)) break;
    if (isQuote(code) && pos > start && endsLostStart(m, start, pos)) {
      note(m, "quote_added", start, 0);
      m.pos = pos + 1;
      return { value: text.slice(start, pos), bare: false };
    }
    if (
      (code === SLASH || code === HASH) && isInlineSpace(text.charCodeAt(pos - 1)) && startsComment(m, pos)
    ) break;
  }
  if (pos >= end) m.touchedEnd = true;
  m.pos = pos;
  const value = text.slice(start, pos).trimEnd();
  if (value === "") {
    m.pos = Math.max(pos, start);
    return { value: undefined, bare: true };
  }
  note(m, "value_quoted", start, value.length);
  return { value, bare: true };
}

function startsComment(m: Machine, pos: number): boolean {
  const next = m.text.charCodeAt(pos + 1);
  return m.text.charCodeAt(pos) === HASH ? next === 32 : next === SLASH || next === 42;
}

/** A comma ends bare text when an item follows; in an object, text after a comma that is no key belongs to it. */
function endsBareAtComma(m: Machine, comma: number): boolean {
  if (m.top?.array !== undefined) return true;
  const next = peekItems(m, comma);
  if (next >= m.end || m.text.slice(comma, Math.min(next, comma + 200)).includes("\n")) return true;
  const code = m.text.charCodeAt(next);
  return isCloser(code) || code === 123 || startsMember(m, next, true);
}

/** Whether the quote at `pos` ends text whose opening quote is missing. */
function endsLostStart(m: Machine, start: number, pos: number): boolean {
  const before = m.text.charCodeAt(pos - 1);
  if (isInlineSpace(before) || isCommaLike(before) || before === 58 || before === 61) return false;
  if (m.text.charCodeAt(pos) !== 34 || pos === start) return false;
  const next = peekSpace(m, pos + 1);
  return next >= m.end ||
    (endsValue(m, pos + 1, 1) && !isQuote(m.text.charCodeAt(next)) || nextLine(m, pos + 1, next));
}

function nextLine(m: Machine, from: number, to: number): boolean {
  return m.text.slice(from, Math.min(to, from + 200)).includes("\n");
}
