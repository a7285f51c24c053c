/**
 * Whole readings: one root after another, the cheapest of several readings, and whether it looks like an answer.
 *
 * @module
 */

import { CLOSE_ARRAY, CLOSE_OBJECT, isCloser, isCommaLike, isOpener, isQuote, SEMICOLON } from "./chars.ts";
import { peekItems } from "./lookahead.ts";
import {
  AFTER,
  createMachine,
  FIRST_POLICY,
  type Frame,
  type Machine,
  note,
  noteEdit,
  type Policy,
  push,
} from "./machine.ts";
import { hasColon, startsMember } from "./members.ts";
import type { Evidence } from "./plausible.ts";
import { finishRoot, readRoot } from "./reader.ts";
import { peekSpace, skipSpace } from "./space.ts";
import type { JsonValue, Repair } from "./types.ts";

/** Documents beyond this length get one reading only when the first has trouble with closers. */
const SEVERAL_READINGS_BELOW = 400_000;
const MOST_DOUBLED = 4;
/** What it costs a reading that the text goes on with a member behind it. */
const LEFT_INSIDE = 4;
/** With more edits than this no single decision about a closer makes the difference. */
const HOPELESS_EDITS = 40;

/** One way to read a text. */
export interface Reading extends Evidence {
  value: JsonValue;
  repairs: Repair[];
  /** Where the reading ends. */
  end: number;
  /** Where the document was cut, or -1. */
  cutAt: number;
  edits: number;
  innerEdits: number;
  misfits: number;
  roots: number;
  /** Characters that were read to find it, by all readings together. */
  work: number;
  tooDeep: boolean;
}

/** Reads the roots at `pos`; `undefined` when no container begins there. */
export function readRoots(
  text: string,
  pos: number,
  end: number,
  maxDepth: number,
  inProse = false,
): Reading | undefined {
  const policy = inProse ? { ...FIRST_POLICY, inProse } : FIRST_POLICY;
  const first = readOnce(text, pos, end, maxDepth, policy);
  if (first === undefined || !isWorthAnotherReading(text, pos, first.reading)) return first?.reading;
  return cheapest(text, pos, end, maxDepth, first, inProse);
}

/** Whether other decisions about closers could make it better, at a price that stays small. */
function isWorthAnotherReading(text: string, from: number, reading: Reading): boolean {
  if (reading.edits === 0 || reading.tooDeep || reading.end - from > SEVERAL_READINGS_BELOW) return false;
  if (reading.good === 0 && reading.doubt > 0) return false;
  const inner = reading.cutAt < 0 ? reading.edits : reading.innerEdits;
  return inner <= HOPELESS_EDITS && closersAreOdd(text, reading);
}

interface Once {
  reading: Reading;
  doubled: number[];
  taken: number[];
  sawRow: boolean;
}

/** Whether closers went wrong inside; a document that was cut in its middle has only one reading. */
function closersAreOdd(text: string, reading: Reading): boolean {
  if (reading.cutAt < 0 || reading.innerEdits > 0) return true;
  let i = reading.cutAt - 1;
  while (i >= 0 && (text.charCodeAt(i) <= 32 || text.charCodeAt(i) === SEMICOLON)) i--;
  return isCloser(text.charCodeAt(i));
}

/** Every reading of the roots at `pos`, the first choice in front; for a judge who knows what the value must be. */
export function readEveryWay(text: string, pos: number, end: number, maxDepth: number): Reading[] {
  const best = readRoots(text, pos, end, maxDepth);
  const first = readOnce(text, pos, end, maxDepth, FIRST_POLICY);
  if (
    best === undefined || first === undefined ||
    end - pos > SEVERAL_READINGS_BELOW
  ) return best === undefined ? [] : [best];
  const readings = [best, first.reading];
  const policies = otherPolicies(first);
  if (best.edits > 0) { for (const at of first.taken) policies.push({ ...FIRST_POLICY, skipCloserAt: at }); }
  for (const policy of policies) {
    const other = readOnce(text, pos, end, maxDepth, policy)?.reading;
    if (other !== undefined) readings.push(other);
  }
  return readings;
}

/** The reading with the fewest edits among several; equal ones are told apart by their indentation. */
function cheapest(
  text: string,
  pos: number,
  end: number,
  maxDepth: number,
  first: Once,
  inProse: boolean,
): Reading {
  let best = first.reading;
  let work = best.work;
  for (const policy of otherPolicies(first, inProse)) {
    if (!policy.splitRows && best.edits <= 1 && best.misfits === 0) break;
    const other = readOnce(text, pos, end, maxDepth, policy)?.reading;
    if (other === undefined) continue;
    work += other.work;
    const gain = best.edits - other.edits;
    const isLevel = policy.splitRows && gain > -0.01 && other.misfits <= best.misfits;
    if (gain > 0.01 || (gain > -0.6 && other.misfits < best.misfits) || isLevel) best = other;
  }
  return { ...best, work };
}

function otherPolicies(first: Once, inProse = false): Policy[] {
  const policies: Policy[] = first.sawRow && first.reading.cutAt < 0
    ? [{ ...FIRST_POLICY, splitRows: true }]
    : [];
  policies.push(
    { ...FIRST_POLICY, indentation: true },
    { ...FIRST_POLICY, prefer: "insert" },
    { ...FIRST_POLICY, prefer: "replace" },
    { ...FIRST_POLICY, prefer: "delete" },
  );
  for (const skipCloserAt of first.doubled.slice(-MOST_DOUBLED)) {
    policies.push({ ...FIRST_POLICY, skipCloserAt });
  }
  return policies.map((policy) => ({ ...policy, inProse }));
}

function readOnce(
  text: string,
  pos: number,
  end: number,
  maxDepth: number,
  policy: Policy,
): Once | undefined {
  const m = createMachine(text, pos, end, maxDepth);
  m.policy = policy;
  const roots: JsonValue[] = [];
  let last = { pos, repairs: 0 };
  const evidence: Evidence = { good: 0, plain: 0, doubt: 0, isArray: false };
  while (beginRoot(m, roots.length === 0)) {
    readToEnd(m);
    if (m.root === undefined || m.rootFrame === undefined) return undefined;
    if (policy.inProse && roots.length > 0 && m.rootFrame.good === 0) {
      goBack(m, last);
      break;
    }
    last = { pos: m.pos, repairs: m.repairs.length };
    roots.push(m.root);
    addEvidence(evidence, m.rootFrame, roots.length === 1);
    if (m.cutAt >= 0 || m.tooDeep || !joins(m.rootFrame, policy.inProse)) break;
  }
  if (roots.length === 0) return undefined;
  skipStrayClosers(m);
  if (m.cutAt < 0 && memberFollows(m)) m.edits += LEFT_INSIDE;
  return {
    reading: toReading(m, pos, roots, evidence),
    doubled: m.doubled,
    taken: m.taken,
    sawRow: m.sawRow,
  };
}

/** Forgets a root that is no answer: behind JSON in prose, `[3]` is prose. */
function goBack(m: Machine, to: { pos: number; repairs: number }): void {
  m.pos = to.pos;
  m.repairs.length = to.repairs;
  m.cutAt = -1;
}

/** Reads one root, and takes its last closer back when the text goes on with another member of it. */
function readToEnd(m: Machine): void {
  readRoot(m);
  while (m.top === undefined && m.rootFrame?.object !== undefined && memberFollows(m)) {
    noteEdit(m, "closer_removed", m.pos - 1, 1);
    m.rootFrame.phase = AFTER;
    m.frames.push(m.rootFrame);
    m.top = m.rootFrame;
    readRoot(m);
  }
  if (m.top !== undefined) finishRoot(m);
}

/** Whether a member stands behind the last root: then the closer before it was not the root's. */
function memberFollows(m: Machine): boolean {
  let pos = peekSpace(m, m.pos);
  while (pos < m.end && isCloser(m.text.charCodeAt(pos))) pos = peekSpace(m, pos + 1);
  if (pos >= m.end) return false;
  const hasComma = isCommaLike(m.text.charCodeAt(pos));
  const next = hasComma ? peekItems(m, pos) : pos;
  if (next >= m.end) return false;
  if (isQuote(m.text.charCodeAt(next))) return hasColon(m, next);
  return hasComma && m.sawBareKey && startsMember(m, next, false);
}

/** Only what is JSON by itself is one of several roots; `[NOTE] {…}` is not. */
function joins(frame: Frame, inProse: boolean): boolean {
  return frame.good > 0 || (frame.doubt === 0 && !inProse);
}

/** Moves to the next root and opens it; false when none begins. */
function beginRoot(m: Machine, isFirst: boolean): boolean {
  const before = m.pos;
  const repairs = m.repairs.length;
  skipSpace(m);
  if (!isFirst) {
    while (m.pos < m.end && isCommaLike(m.text.charCodeAt(m.pos))) {
      m.pos++;
      skipSpace(m);
    }
  }
  const code = m.text.charCodeAt(m.pos);
  if (m.pos < m.end && isOpener(code)) {
    m.root = m.rootFrame = undefined;
    m.stopped = false;
    m.pos++;
    push(m, code === 91);
    return true;
  }
  if (isFirst && m.pos < m.end && isQuote(code) && hasColon(m, m.pos)) {
    noteEdit(m, "opener_added", m.pos, 0);
    m.implicit = true;
    push(m, false);
    return true;
  }
  m.pos = before;
  m.repairs.length = repairs;
  return false;
}

/** Closers behind the last root are too many. */
function skipStrayClosers(m: Machine): void {
  if (m.cutAt >= 0) return;
  for (;;) {
    const pos = peekSpace(m, m.pos);
    const code = m.text.charCodeAt(pos);
    if (pos >= m.end || (code !== CLOSE_ARRAY && code !== CLOSE_OBJECT)) return;
    noteEdit(m, "closer_removed", pos, 1);
    m.pos = pos + 1;
  }
}

function addEvidence(evidence: Evidence, frame: Frame, isFirst: boolean): void {
  evidence.good += frame.good;
  evidence.plain += frame.plain;
  evidence.doubt += frame.doubt;
  if (isFirst) evidence.isArray = frame.array !== undefined;
}

function toReading(m: Machine, from: number, roots: JsonValue[], evidence: Evidence): Reading {
  const several = roots.length > 1;
  if (several) {
    note(m, "roots_joined", 0, m.pos);
    m.edits += 0.5;
  }
  return {
    value: several ? roots : roots[0] as JsonValue,
    repairs: m.repairs,
    end: m.pos,
    cutAt: m.cutAt,
    edits: m.edits,
    innerEdits: m.innerEdits,
    misfits: m.misfits,
    ...evidence,
    roots: roots.length,
    work: m.pos - from,
    tooDeep: m.tooDeep,
  };
}
