/**
 * Closers that do not fit: the cheapest reading of a run of them.
 *
 * The run is aligned with the closers that the open containers want; matching costs nothing, an inserted, deleted
 * or replaced closer costs an edit, and what follows the run says which container must be open afterwards.
 *
 * @module
 */

import { CLOSE_ARRAY, CLOSE_OBJECT, CLOSE_TUPLE, isCloser, isCommaLike, isOpener } from "./chars.ts";
import { peekItems } from "./lookahead.ts";
import { type Frame, ITEM, type Machine, note, noteEdit, pop } from "./machine.ts";
import { startsMember } from "./members.ts";
import { peekSpace } from "./space.ts";

const LONGEST_RUN = 8;
const MOST_TAKEN = 12;
const INSERT = 1;
const DELETE = 1.1;
const DELETE_DOUBLED = 0.95;
const REPLACE = 1.5;
const PREFERRED = 0.9;
const IMPOSSIBLE = 1000;

interface Run {
  at: number[];
  codes: number[];
  /** What it costs to ignore each of them. */
  deletes: number[];
  replace: number;
  /** Cost of going on with `open` containers left. */
  demand: (open: number) => number;
}

/** Handles a closer that the innermost container does not want. */
function resolveClosers(m: Machine): void {
  const run = readRun(m);
  if (m.open && m.touchedEnd) return;
  const wanted = m.frames.slice(-(LONGEST_RUN + 4)).reverse().map(closerOf);
  const table = alignmentTable(run, wanted);
  const last = table[run.codes.length] as number[];
  let best = 0;
  let bestCost = Infinity;
  for (let pops = 0; pops <= wanted.length; pops++) {
    const cost = (last[pops] as number) + run.demand(m.frames.length - pops);
    if (cost <= bestCost) {
      best = pops;
      bestCost = cost;
    }
  }
  applyAlignment(m, run, wanted, table, best);
}

/** The closer that a container wants. */
function closerOf(frame: Machine["frames"][number]): number {
  if (frame.tuple) return CLOSE_TUPLE;
  return frame.array === undefined ? CLOSE_OBJECT : CLOSE_ARRAY;
}

function readRun(m: Machine): Run {
  const at: number[] = [];
  const codes: number[] = [];
  const deletes: number[] = [];
  let pos = m.pos;
  while (pos < m.end && at.length < LONGEST_RUN && isCloser(m.text.charCodeAt(pos))) {
    if (pos !== m.policy.skipCloserAt) {
      at.push(pos);
      codes.push(m.text.charCodeAt(pos));
      deletes.push(deleteCost(m, pos));
    }
    pos = peekSpace(m, pos + 1);
  }
  const replace = m.policy.prefer === "replace" ? PREFERRED : REPLACE;
  return { at, codes, deletes, replace, demand: demandAt(m, pos) };
}

/** A closer right beside an equal one is the likeliest to be one too many. */
function deleteCost(m: Machine, pos: number): number {
  if (m.policy.prefer === "delete") return PREFERRED;
  if (m.policy.prefer === "insert") return DELETE;
  return m.text.charCodeAt(pos - 1) === m.text.charCodeAt(pos) ? DELETE_DOUBLED : DELETE;
}

/** What the text at `pos` demands of the containers that stay open. */
function demandAt(m: Machine, pos: number): (open: number) => number {
  if (pos >= m.end) return (open) => open;
  const code = m.text.charCodeAt(pos);
  if (isCloser(code)) return () => 0;
  if (!isCommaLike(code)) return (open) => open === 0 ? 0 : 0.5;
  const next = peekItems(m, pos);
  if (next >= m.end || isCloser(m.text.charCodeAt(next))) return () => 0;
  const member = !isOpener(m.text.charCodeAt(next)) && startsMember(m, next, true);
  return (open) => {
    const frame = m.frames[open - 1];
    if (frame === undefined) return member ? 1.2 : 2;
    return (frame.array === undefined) === member ? 0 : IMPOSSIBLE;
  };
}

/** `table[i][j]`: the cost of reading the first `i` closers of the run as the first `j` that are wanted. */
function alignmentTable(run: Run, wanted: number[]): number[][] {
  const table: number[][] = [];
  for (let i = 0; i <= run.codes.length; i++) {
    const row: number[] = [];
    for (let j = 0; j <= wanted.length; j++) {
      row.push(cheapest(table[i - 1], row, run, i, wanted, j));
    }
    table.push(row);
  }
  return table;
}

function cheapest(
  above: number[] | undefined,
  row: number[],
  run: Run,
  i: number,
  wanted: number[],
  j: number,
): number {
  if (above === undefined) return j * INSERT;
  const deleted = (above[j] as number) + (run.deletes[i - 1] as number);
  if (j === 0) return deleted;
  const substituted = (above[j - 1] as number) + (run.codes[i - 1] === wanted[j - 1] ? 0 : run.replace);
  return Math.min(substituted, deleted, (row[j - 1] as number) + INSERT);
}

/** Takes the steps of the cheapest alignment, and moves behind the run. */
function applyAlignment(m: Machine, run: Run, wanted: number[], table: number[][], pops: number): void {
  let i = run.codes.length;
  let j = pops;
  while (i > 0 || j > 0) {
    const here = (table[i] as number[])[j] as number;
    const at = run.at[Math.max(i - 1, 0)] as number;
    const fits = i > 0 && j > 0 && run.codes[i - 1] === wanted[j - 1];
    if (
      i > 0 && j > 0 && near(here, ((table[i - 1] as number[])[j - 1] as number) + (fits ? 0 : run.replace))
    ) {
      if (!fits) noteEdit(m, "closer_replaced", at, 1);
      if (!fits) m.edits += REPLACE - 1;
      i--;
      j--;
    } else if (
      i > 0 && near(here, ((table[i - 1] as number[])[j] as number) + (run.deletes[i - 1] as number))
    ) {
      noteEdit(m, "closer_removed", at, 1);
      i--;
    } else {
      noteEdit(m, "closer_added", at, 0);
      j--;
    }
  }
  m.pos = (run.at[run.at.length - 1] as number) + 1;
  for (let k = 0; k < pops; k++) pop(m);
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) < 1e-6;
}

/** Closes containers that the text leaves open, down to `open` of them. */
export function closeMissing(m: Machine, open: number): void {
  while (m.frames.length > open) {
    noteEdit(m, "closer_added", m.pos, 0);
    pop(m);
  }
}

/** Ignores the closer at the position: it is one too many. */
function removeCloser(m: Machine): void {
  noteEdit(m, "closer_removed", m.pos, 1);
  m.edits += DELETE - 1;
  m.pos++;
}

/** Notes a comma that nothing follows. */
export function noteLooseComma(m: Machine): void {
  const frame = m.top;
  if (frame === undefined || frame.commaAt < 0) return;
  const last = m.repairs.at(-1);
  const isNoted = last?.kind === "comma_removed" && last.offset + last.length > frame.commaAt + m.offset;
  if (!isNoted) note(m, "comma_removed", frame.commaAt, 1);
  frame.commaAt = -1;
}

/** Takes the closer at the position. */
export function stepCloser(m: Machine, frame: Frame, code: number): void {
  if (m.pos === m.policy.skipCloserAt) return removeCloser(m);
  const fits = code === closerOf(frame);
  if (m.policy.indentation && m.indent >= 0 && m.indent !== frame.indent && closeByIndent(m, code)) return;
  if (!fits) return resolveClosers(m);
  if (m.indent >= 0 && m.indent !== frame.indent) m.misfits++;
  if (m.text.charCodeAt(m.pos - 1) === code) m.doubled.push(m.pos);
  if (m.taken.length < MOST_TAKEN) m.taken.push(m.pos);
  m.pos++;
  pop(m);
}

/** Closes down to the container that this closer, first on its line, is indented like. */
function closeByIndent(m: Machine, code: number): boolean {
  for (let i = m.frames.length - 1; i >= 0; i--) {
    const frame = m.frames[i] as Frame;
    if (frame.indent !== m.indent || (frame.array === undefined) !== (code === CLOSE_OBJECT)) continue;
    closeMissing(m, i + 1);
    m.pos++;
    pop(m);
    return true;
  }
  return false;
}

/** Closes containers that the indentation of a new item says are over. */
export function closeItemByIndent(m: Machine, frame: Frame): boolean {
  if (m.indent < 0 || frame.itemIndent < 0 || m.indent >= frame.itemIndent) {
    return false;
  }
  for (let i = m.frames.length - 2; i >= 0; i--) {
    if ((m.frames[i] as Frame).itemIndent !== m.indent) continue;
    closeMissing(m, i + 1);
    (m.top as Frame).phase = ITEM;
    return true;
  }
  return false;
}
