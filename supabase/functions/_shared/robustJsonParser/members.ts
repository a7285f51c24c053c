/**
 * Whether a key with its colon, or a value that JSON has, begins at a position.
 *
 * @module
 */

import {
  DOT,
  EQUALS,
  GREATER,
  isCloser,
  isColonLike,
  isCommaLike,
  isDigit,
  isOpener,
  isQuote,
  isWordCode,
  MINUS,
  PLUS,
  QUOTE,
} from "./chars.ts";
import type { Machine } from "./machine.ts";
import { nextQuote } from "./peek.ts";
import { peekSpace } from "./space.ts";

const LITERAL = /^(?:true|false|null|True|False|None|NaN|-?Infinity|undefined)(?![\w$])/;

/** Whether a key and a colon stand at `pos`. */
export function startsMember(m: Machine, pos: number, bareValues: boolean): boolean {
  const code = m.text.charCodeAt(pos);
  if (isQuote(code)) return startsQuotedMember(m, pos, code);
  if (!isWordCode(code)) return false;
  let i = pos;
  while (i < m.end && (isWordCode(m.text.charCodeAt(i)) || m.text.charCodeAt(i) === MINUS)) i++;
  const next = peekSpace(m, i);
  if (next >= m.end) return true;
  const after = m.text.charCodeAt(next);
  if (after === QUOTE && next === i) {
    return isColonLike(m.text.charCodeAt(next + 1));
  }
  if (!isColonLike(after)) return false;
  const arrow = after === EQUALS && m.text.charCodeAt(next + 1) === GREATER ? 2 : 1;
  return bareValues || startsJsonValue(m, peekSpace(m, next + arrow));
}

/** Whether a quoted key at `pos` has its colon. */
export function hasColon(m: Machine, pos: number): boolean {
  const close = nextQuote(m, pos + 1, m.text.charCodeAt(pos), true);
  if (close < 0) return false;
  const colon = peekSpace(m, close + 1);
  return colon < m.end && isColonLike(m.text.charCodeAt(colon));
}

function startsQuotedMember(m: Machine, pos: number, opener: number): boolean {
  const close = nextQuote(m, pos + 1, opener, true);
  if (close === -2) return false;
  if (close < 0) return true;
  const next = peekSpace(m, close + 1);
  if (next >= m.end) return true;
  const code = m.text.charCodeAt(next);
  if (isColonLike(code)) return true;
  if (isOpener(code) || isDigit(code)) {
    return next > close + 1 || isOpener(code);
  }
  if (isQuote(code)) return next > close + 1 && endsItemString(m, next, code);
  if (LITERAL.test(m.text.slice(next, next + 12))) return true;
  return /^[\w$-]{1,64}\s*:\s/.test(m.text.slice(pos + 1, Math.min(close, pos + 80)));
}

function endsItemString(m: Machine, pos: number, opener: number): boolean {
  const close = nextQuote(m, pos + 1, opener, true);
  if (close < 0) return close === -1;
  const next = peekSpace(m, close + 1);
  const code = m.text.charCodeAt(next);
  return next >= m.end || isCommaLike(code) || isCloser(code);
}

/** Whether the value at `pos` is one that JSON has. */
export function startsJsonValue(m: Machine, pos: number): boolean {
  if (pos >= m.end) return true;
  const code = m.text.charCodeAt(pos);
  if (isQuote(code) || isOpener(code) || isDigit(code)) return true;
  if (code === MINUS || code === DOT || code === PLUS) {
    return isDigit(m.text.charCodeAt(pos + 1));
  }
  return LITERAL.test(m.text.slice(pos, pos + 12));
}
