/**
 * The machine behind a stream: how it begins, and how its window over the text moves on.
 *
 * @module
 */

import { isCloser, isCommaLike, isOpener, isPlainSpace } from "./chars.ts";
import { findFences, isJsonFence, isPlainFence } from "./fences.ts";
import { createMachine, type Machine, push } from "./machine.ts";
import type { StringScan } from "./stringScan.ts";

/** A machine for a text that starts as JSON or as one fence. */
export interface OpenedMachine {
  machine: Machine;
  inFence: boolean;
}

const DEFAULT_MAX_DEPTH = 1_000;
/** Text that is done with is dropped in pieces of this size. */
const WINDOW = 2_048;
/** Kept in front of the position, for looks back. */
const LOOK_BACK = 64;

/** Begins to read; `wait` while the text is too short to tell, `other` when it does not start as JSON. */
export function openStreamMachine(
  text: string,
  maxDepth = DEFAULT_MAX_DEPTH,
): OpenedMachine | "wait" | "other" {
  const start = text.search(/[^\s\ufeff\u200b-\u200f\u2060\u00ad]/);
  if (start < 0) return "wait";
  if (isOpener(text.charCodeAt(start))) {
    return { machine: openAt(text, start, maxDepth), inFence: false };
  }
  if (text.charCodeAt(start) !== 96) return "other";
  const lineEnd = text.indexOf("\n", start);
  // JSON on the fence's own line is read as soon as it begins.
  if (/[{[]/.test(text.slice(start, lineEnd < 0 ? text.length : lineEnd))) return "other";
  if (lineEnd < 0) return text.length - start > 80 ? "other" : "wait";
  const fence = findFences(text.slice(0, lineEnd + 1))[0];
  if (
    fence === undefined || fence.from !== lineEnd + 1 || !(isJsonFence(fence) || isPlainFence(fence))
  ) return "other";
  const body = text.slice(fence.from).search(/\S/);
  if (body < 0) return "wait";
  const at = fence.from + body;
  return isOpener(text.charCodeAt(at)) ? { machine: openAt(text, at, maxDepth), inFence: true } : "other";
}

function openAt(text: string, at: number, maxDepth: number): Machine {
  const m = createMachine(text, at + 1, text.length, maxDepth);
  m.open = true;
  m.lineIndent = at - (text.lastIndexOf("\n", at) + 1);
  push(m, text.charCodeAt(at) === 91);
  return m;
}

/** Adds text at the end, after dropping what no decision can need again. */
export function addText(m: Machine, chunk: string): void {
  const done = m.scan === undefined ? m.pos : flushScan(m, m.scan);
  if (done > WINDOW) moveWindow(m, done - LOOK_BACK);
  m.text += chunk;
  m.end = m.text.length;
  m.lastCloser = -2;
}

/** Decodes what the scan is sure of; the run of structure at its end may still turn out to lie behind the string. */
function flushScan(m: Machine, scan: StringScan): number {
  let sure = scan.pos;
  while (sure > scan.from && isStructural(m.text.charCodeAt(sure - 1))) sure--;
  if (sure <= WINDOW || sure <= scan.from) return Math.min(scan.from, sure);
  scan.parts.push(m.text.slice(scan.from, sure - 1));
  scan.from = sure - 1;
  return scan.from;
}

function isStructural(code: number): boolean {
  return isPlainSpace(code) || isCommaLike(code) || isCloser(code) || isOpener(code) || code > 126;
}

function moveWindow(m: Machine, by: number): void {
  m.text = m.text.slice(by);
  m.offset += by;
  m.pos -= by;
  if (m.scan !== undefined) {
    m.scan.start -= by;
    m.scan.from -= by;
    m.scan.pos -= by;
  }
  for (const frame of m.frames) {
    frame.keyAt -= by;
    if (frame.commaAt >= 0) frame.commaAt = Math.max(0, frame.commaAt - by);
  }
}
