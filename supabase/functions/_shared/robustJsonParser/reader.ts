/**
 * The loop that reads one root: each step takes one token and moves the innermost container on.
 *
 * A step that looked past the end of a text that may still grow is not taken (`open`): nothing it found is
 * written down, so that the same step can be tried again when more text is there.
 *
 * @module
 */

import {
  BACKTICK,
  COLON,
  COMMA,
  DOT,
  ELLIPSIS,
  EQUALS,
  GREATER,
  isCloser,
  isCommaLike,
  isQuote,
  OPEN_ARRAY,
  OPEN_OBJECT,
  OPEN_TUPLE,
} from "./chars.ts";
import { closeItemByIndent, closeMissing, noteLooseComma, stepCloser } from "./closers.ts";
import { skipJunk } from "./junk.ts";
import { readKey } from "./keys.ts";
import { closesFrame } from "./lookahead.ts";
import {
  AFTER,
  attach,
  type Frame,
  ITEM,
  type Machine,
  note,
  noteEdit,
  noteRun,
  pop,
  push,
  VALUE,
} from "./machine.ts";
import { hasColon, startsJsonValue, startsMember } from "./members.ts";
import { isFence } from "./peek.ts";
import { readScalar } from "./scalars.ts";
import { peekSpace, skipSpace } from "./space.ts";
import { readString } from "./strings.ts";

/** More doubt than anything good in a document can outweigh. */
const NO_JSON = 1e9;
/** A root of nothing but bare words is no JSON; reading it to its end would only cost time. */
const MOST_DOUBTS = 64;

/** Reads until the root is closed, the text ends, or what follows is no JSON any more. */
export function readRoot(m: Machine): void {
  while (m.top !== undefined && !m.stopped) {
    if (m.top.doubt > MOST_DOUBTS && m.top.good === 0 && m.frames.length === 1) m.stopped = true;
    if (m.open) step(m);
    else takeStep(m, m.top);
    if (m.open && m.touchedEnd) return;
  }
}

/** Takes one token; of a step that must wait for more text nothing stays but a string's scan. */
export function step(m: Machine): void {
  const { pos, misfits, lineIndent } = m;
  const repairs = m.repairs.length;
  takeStep(m, m.top as Frame);
  if (!m.open || !m.touchedEnd || m.scan !== undefined) return;
  m.pos = pos;
  m.misfits = misfits;
  m.lineIndent = lineIndent;
  m.repairs.length = repairs;
}

function takeStep(m: Machine, frame: Frame): void {
  if (m.scan !== undefined) return readString(m, frame);
  skipSpace(m);
  if (m.open && m.touchedEnd) return;
  if (m.pos >= m.end) {
    m.stopped = true;
    return;
  }
  if (frame.phase === AFTER) stepAfter(m, frame);
  else if (frame.phase === VALUE) stepValue(m, frame);
  else if (frame.array === undefined) stepKey(m, frame);
  else stepElement(m, frame);
}

function stepAfter(m: Machine, frame: Frame): void {
  const code = m.text.charCodeAt(m.pos);
  if (isCommaLike(code)) {
    if (code !== COMMA) note(m, "separator_replaced", m.pos, 1);
    frame.commaAt = m.pos++;
    frame.phase = ITEM;
  } else if (closesFrame(frame, code)) stepCloser(m, frame, code);
  else if (endsReading(m, code)) m.stopped = true;
  else if (startsNextItem(m, frame, code)) {
    if (m.open && m.touchedEnd) return;
    note(m, "comma_added", m.pos, 0);
    frame.phase = ITEM;
  } else skipJunk(m);
}

/** A fence, a tag or a special token: the JSON ends here, closed or not. */
function endsReading(m: Machine, code: number): boolean {
  return (code === BACKTICK && isFence(m, m.pos)) ||
    (code === 60 && /^<(?:\/|\||[a-z])/i.test(m.text.slice(m.pos, m.pos + 2)));
}

function startsNextItem(m: Machine, frame: Frame, code: number): boolean {
  if (isEllipsis(m, code)) return true;
  if (frame.array === undefined) {
    return startsMember(m, m.pos, frame.bareKey) ||
      (code === OPEN_OBJECT && parentOf(m)?.array !== undefined);
  }
  return isQuote(code) || startsJsonValue(m, m.pos);
}

function parentOf(m: Machine): Frame | undefined {
  return m.frames[m.frames.length - 2];
}

function stepKey(m: Machine, frame: Frame): void {
  const code = m.text.charCodeAt(m.pos);
  if (isCloser(code)) {
    noteLooseComma(m);
    stepCloser(m, frame, code);
  } else if (skipSeparator(m, frame, code)) return;
  else if (endsReading(m, code)) m.stopped = true;
  else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
    stepMisplacedOpener(m, frame, code);
  } else if (m.policy.indentation && closeItemByIndent(m, frame)) return;
  else if (!readKey(m, frame)) skipJunk(m);
}

/** Skips commas and ellipses where an item should stand. */
function skipSeparator(m: Machine, frame: Frame, code: number): boolean {
  if (isCommaLike(code)) {
    frame.commaAt = m.pos;
    noteRun(m, "comma_removed", m.pos++, 1);
    return true;
  }
  if (!isEllipsis(m, code)) return false;
  const length = code === ELLIPSIS ? 1 : 3;
  note(m, "ellipsis_removed", m.pos, length);
  m.pos += length;
  frame.commaAt = -1;
  return true;
}

function isEllipsis(m: Machine, code: number): boolean {
  return code === ELLIPSIS || (code === DOT && m.text.startsWith("...", m.pos));
}

/** An object waits for a key and meets `{` or `[`. */
function stepMisplacedOpener(m: Machine, frame: Frame, code: number): void {
  if (frame.commaAt >= 0 && parentOf(m)?.array !== undefined) {
    closeMissing(m, m.frames.length - 1);
    (m.top as Frame).phase = ITEM;
    return;
  }
  frame.doubt++;
  if (code === OPEN_OBJECT) {
    m.edits++;
    noteRun(m, "text_removed", m.pos++, 1);
    return;
  }
  skipJunk(m);
}

function stepElement(m: Machine, frame: Frame): void {
  const code = m.text.charCodeAt(m.pos);
  if (closesFrame(frame, code)) {
    noteLooseComma(m);
    stepCloser(m, frame, code);
  } else if (skipSeparator(m, frame, code)) return;
  else if (endsReading(m, code)) m.stopped = true;
  else if (m.policy.indentation && closeItemByIndent(m, frame)) return;
  else if (isQuote(code) && frame.commaAt >= 0 && isMemberOfParent(m)) {
    closeMissing(m, m.frames.length - 1);
    (m.top as Frame).phase = ITEM;
  } else if (code === OPEN_ARRAY && isNextRow(frame, parentOf(m))) stepRow(m, frame, code);
  else if (!(m.open && m.touchedEnd)) readValue(m, frame, code);
}

/** An array follows plain values in an array of an array: a row of a table whose closer may be missing. */
function isNextRow(frame: Frame, parent: Frame | undefined): boolean {
  return frame.commaAt >= 0 && parent?.array !== undefined && !frame.holdsContainer;
}

function stepRow(m: Machine, frame: Frame, code: number): void {
  m.sawRow = true;
  if (!m.policy.splitRows) return readValue(m, frame, code);
  closeMissing(m, m.frames.length - 1);
  (m.top as Frame).phase = ITEM;
}

/** After a comma in an array, a key and a colon: the array's closer is missing. */
function isMemberOfParent(m: Machine): boolean {
  const parent = parentOf(m);
  if (parent === undefined || parent.array !== undefined) return false;
  return startsMember(m, m.pos, false) && !(m.open && m.touchedEnd) && hasColon(m, m.pos);
}

function stepValue(m: Machine, frame: Frame): void {
  const code = m.text.charCodeAt(m.pos);
  if (isCloser(code) || isCommaLike(code)) dropMember(m, frame);
  else if (code === COLON || (code === EQUALS && m.text.charCodeAt(m.pos - 1) === COLON)) {
    noteRun(m, "separator_replaced", m.pos++, 1);
  } else if (code === GREATER && m.text.charCodeAt(m.pos - 1) === EQUALS) {
    m.pos++;
  } else if (endsReading(m, code)) m.stopped = true;
  else readValue(m, frame, code);
}

/** A key without a value adds nothing. */
export function dropMember(m: Machine, frame: Frame): void {
  note(m, "member_dropped", frame.keyAt, m.pos - frame.keyAt);
  if (m.pos < m.end) frame.doubt++;
  frame.phase = AFTER;
}

function readValue(m: Machine, frame: Frame, code: number): void {
  if (frame.array !== undefined && m.indent >= 0) {
    if (frame.itemIndent < 0) frame.itemIndent = m.indent;
    else if (frame.itemIndent !== m.indent) m.misfits++;
  }
  if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
    if (frame.array === undefined && !frame.bareKey) frame.good++;
    frame.commaAt = -1;
    m.pos++;
    push(m, code === OPEN_ARRAY);
  } else if (code === OPEN_TUPLE && startsTuple(m)) {
    note(m, "separator_replaced", m.pos++, 1);
    frame.commaAt = -1;
    push(m, true, true);
  } else if (isQuote(code)) readString(m, frame);
  else readScalarInto(m, frame);
}

/** A parenthesis with a value behind it is a Python tuple; any other is text. */
function startsTuple(m: Machine): boolean {
  const next = peekSpace(m, m.pos + 1);
  return next < m.end && (m.text.charCodeAt(next) === 41 || startsJsonValue(m, next));
}

function readScalarInto(m: Machine, frame: Frame): void {
  const before = m.pos;
  const repairs = m.repairs.length;
  const { value, bare } = readScalar(m);
  if (m.open && m.touchedEnd) {
    m.pos = before;
    m.repairs.length = repairs;
    return;
  }
  if (value === undefined) {
    if (frame.array === undefined) return dropMember(m, frame);
    if (m.pos === before) skipJunk(m);
    else frame.phase = AFTER;
    return;
  }
  weighScalar(m, frame, bare);
  frame.commaAt = -1;
  attach(frame, value);
}

/** A bare word is a value behind a quoted key; in an array, or where the root has no braces, it is rather prose. */
function weighScalar(m: Machine, frame: Frame, bare: boolean): void {
  if (bare && m.implicit && m.frames.length === 1) frame.doubt += NO_JSON;
  else if (bare && (frame.array !== undefined || frame.bareKey)) frame.doubt++;
  else if (frame.array === undefined) frame.good++;
  else frame.plain++;
}

/** Ends a reading whose text is over: drops what has no value and closes what is open. */
export function finishRoot(m: Machine): void {
  if (m.top === undefined) return;
  m.cutAt = m.pos;
  m.innerEdits = m.edits;
  while (m.top !== undefined) {
    const frame: Frame = m.top;
    if (frame.phase === VALUE && frame.bareKey) frame.doubt++;
    if (frame.phase === VALUE) {
      note(m, "member_dropped", frame.keyAt, m.pos - frame.keyAt);
    }
    noteLooseComma(m);
    noteEdit(m, "closer_added", m.pos, 0);
    pop(m);
  }
}
