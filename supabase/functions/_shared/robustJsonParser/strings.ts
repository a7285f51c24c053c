/**
 * Strings as values: the fast way for those that are plain, the scan for all others, and joined ones.
 *
 * @module
 */

import { BACKSLASH, COMMA, isQuote, PLUS, QUOTE, SPACE } from "./chars.ts";
import { endsValue } from "./lookahead.ts";
import { attach, type Frame, type Machine, note } from "./machine.ts";
import { peekSpace } from "./space.ts";
import { createScan, endUnterminated, scanValue, type StringScan } from "./stringScan.ts";

/** Reads the string at the position, and those joined to it by `+`, into the container. */
export function readString(m: Machine, frame: Frame): void {
  const start = m.pos;
  const repairs = m.repairs.length;
  let value = readPiece(m);
  while (value !== undefined && joinsNext(m)) {
    note(m, "strings_joined", m.pos, 1);
    m.pos = peekSpace(m, peekSpace(m, m.pos) + 1);
    const next = readPiece(m);
    value = next === undefined ? undefined : value + next;
  }
  if (value === undefined || (m.open && m.touchedEnd)) {
    if (m.pos !== start && m.scan?.start !== start) m.scan = undefined;
    m.pos = start;
    m.repairs.length = repairs;
    return;
  }
  m.scan = undefined;
  if (frame.array === undefined || !hasInnerQuotes(m, repairs)) frame.good++;
  frame.commaAt = -1;
  attach(frame, value);
}

/** A string in which quotes were passed over may be prose between two quoted words. */
function hasInnerQuotes(m: Machine, from: number): boolean {
  for (let i = from; i < m.repairs.length; i++) {
    if (m.repairs[i]?.kind === "quote_escaped") return true;
  }
  return false;
}

function joinsNext(m: Machine): boolean {
  const plus = peekSpace(m, m.pos);
  if (plus >= m.end || m.text.charCodeAt(plus) !== PLUS) return false;
  const next = peekSpace(m, plus + 1);
  return next < m.end && isQuote(m.text.charCodeAt(next));
}

/** One string; `undefined` while more text is awaited. */
function readPiece(m: Machine): string | undefined {
  const start = m.pos;
  if (m.scan?.start === start) return resumeScan(m, m.scan);
  const quote = m.text.charCodeAt(start);
  if (quote === QUOTE) {
    const plain = readPlain(m, start);
    if (plain !== undefined) return plain;
  }
  if (isTriple(m, start, quote)) return readTriple(m, start, quote);
  m.scan = createScan(start, quote);
  return resumeScan(m, m.scan);
}

function resumeScan(m: Machine, scan: StringScan): string | undefined {
  scanValue(m, scan);
  return scan.outcome === "open" ? undefined : takeScan(m, scan);
}

/** Takes a finished scan over into the machine. */
export function takeScan(m: Machine, scan: StringScan): string {
  if (scan.quote !== QUOTE) note(m, "quote_replaced", scan.start, 1);
  for (const repair of scan.repairs) m.repairs.push(repair);
  m.pos = scan.pos;
  m.scan = undefined;
  return scan.out;
}

/** A string without escapes whose first quote ends it; `undefined` for any other. */
function readPlain(m: Machine, start: number): string | undefined {
  const { text, end } = m;
  for (let i = start + 1; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) return undefined;
    if (code !== QUOTE) continue;
    if (i === start + 1 && text.charCodeAt(i + 1) === QUOTE) return undefined;
    if (!isBeforeQuote(text, i + 1) && !endsValue(m, i + 1, 0)) return undefined;
    m.pos = i + 1;
    return text.slice(start + 1, i);
  }
  return undefined;
}

/** A comma and a quote: what follows most strings, and what {@link endsValue} would find at more length. */
function isBeforeQuote(text: string, pos: number): boolean {
  if (text.charCodeAt(pos) !== COMMA) return false;
  const next = text.charCodeAt(pos + 1);
  return next === QUOTE || (next === SPACE && text.charCodeAt(pos + 2) === QUOTE);
}

function isTriple(m: Machine, start: number, quote: number): boolean {
  if (m.open && start + 3 > m.end) return false;
  return (quote === QUOTE || quote === 39) &&
    m.text.charCodeAt(start + 1) === quote && m.text.charCodeAt(start + 2) === quote && start + 2 < m.end;
}

/** Text in triple quotes is kept as it stands. */
function readTriple(m: Machine, start: number, quote: number): string | undefined {
  const mark = String.fromCharCode(quote).repeat(3);
  let close = m.text.indexOf(mark, start + 3);
  if (close < 0 || close + 3 > m.end) {
    m.touchedEnd = true;
    if (m.open) return undefined;
    const scan = { ...createScan(start, quote), from: start + 3, pos: m.end };
    endUnterminated(m, scan);
    return takeScan(m, scan);
  }
  while (close + 3 < m.end && m.text.charCodeAt(close + 3) === quote) close++;
  if (close + 3 >= m.end) m.touchedEnd = true;
  note(m, "quote_replaced", start, 3);
  m.pos = close + 3;
  return m.text.slice(start + 3, close);
}
