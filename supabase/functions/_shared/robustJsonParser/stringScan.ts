/**
 * Reading one string: decoding it, and deciding which quote ends it.
 *
 * The scan is a value of its own so that a stream can leave it in the middle and come back without reading the
 * beginning again.
 *
 * @module
 */

import { BACKSLASH, BACKTICK, closesQuote, isSmartQuote } from "./chars.ts";
import { decodeEscape, INCOMPLETE, UNKNOWN } from "./escapes.ts";
import { endsValue } from "./lookahead.ts";
import { closersStart, firstClosers, lostEnd } from "./lostQuote.ts";
import type { Machine } from "./machine.ts";
import type { Repair, RepairKind } from "./types.ts";

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
  return {
    quote,
    start,
    out: "",
    parts: [],
    lastEscaped: 0,
    from: start + 1,
    pos: start + 1,
    skipped: 0,
    repairs: [],
    outcome: "open",
  };
}

/** Reads on until the string ends, or until the text does while more may come. */
export function scanValue(m: Machine, s: StringScan): void {
  for (;;) {
    s.pos = nextOfInterest(m, s.quote, s.pos);
    if (s.pos >= m.end) break;
    if (m.text.charCodeAt(s.pos) === BACKSLASH) {
      if (!scanEscape(m, s)) return;
      continue;
    }
    const ended = judgeQuote(m, s);
    if (ended || (m.open && m.touchedEnd)) return;
    noteScan(m, s, "quote_escaped", s.pos, 1);
    s.skipped++;
    s.pos++;
  }
  m.touchedEnd = true;
  if (!m.open) endUnterminated(m, s);
}

/** The next backslash, or quote that may end the string; the end of the text when there is none. */
function nextOfInterest(m: Machine, quote: number, from: number): number {
  const { text, end } = m;
  let pos = from;
  if (quote < 128) {
    for (; pos < end; pos++) {
      const code = text.charCodeAt(pos);
      if (code === quote || code === BACKSLASH) break;
    }
    return pos;
  }
  for (; pos < end; pos++) {
    const code = text.charCodeAt(pos);
    if (code === BACKSLASH || closesQuote(quote, code)) break;
  }
  return pos;
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

/** Ends a string that the text ran out on: its quote is lost if exactly the closers are there, else it was cut. */
export function endUnterminated(m: Machine, s: StringScan): void {
  let lost = m.policy.inProse ? -1 : closersStart(m, s);
  if (lost < 0) lost = firstClosers(m, s);
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
