/**
 * JSON inside prose: the longest span that reads as a container.
 *
 * @module
 */

import { isOpener, isQuote, isWordCode, OPEN_OBJECT } from "./chars.ts";
import { isAnswerInProse } from "./plausible.ts";
import type { Stretch } from "./reasoning.ts";
import { type Reading, readRoots } from "./roots.ts";

/** All attempts together read at most this many times the text's length, so that braces in prose stay linear. */
const ATTEMPT_FACTOR = 2;
const ATTEMPT_FLOOR = 20_000;
/** A brace that opens no JSON shows it early; attempts from it are cut short. */
/** How far around a line other lines of a configuration are looked for. */
const AROUND = 400;
const LITERAL_START = /^(?:true|false|null|True|False|None|-?\d|\.\d)/;

/** A reading and where it begins. */
export interface Span {
  from: number;
  reading: Reading;
}

/** The longest span between `from` and `to` that is an answer. */
export function findSpan(
  text: string,
  from: number,
  to: number,
  maxDepth: number,
  holes: readonly Stretch[] = [],
): Span | undefined {
  let best: Span | undefined;
  for (const span of findSpans(text, from, to, maxDepth, holes)) {
    if (best === undefined || span.reading.end - span.from > best.reading.end - best.from) best = span;
  }
  return best;
}

/** All spans between `from` and `to` that are answers, in order. None begins in a hole, but one may reach over it. */
export function* findSpans(
  text: string,
  from: number,
  to: number,
  maxDepth: number,
  holes: readonly Stretch[] = [],
): Generator<Span> {
  let hole = 0;
  let budget = (to - from) * ATTEMPT_FACTOR + ATTEMPT_FLOOR;
  let pos = from;
  while (pos < to && budget > 0) {
    while (hole < holes.length && (holes[hole] as Stretch).to <= pos) hole++;
    if (hole < holes.length && (holes[hole] as Stretch).from <= pos) {
      pos = (holes[hole] as Stretch).to;
    }
    const opens = isOpener(text.charCodeAt(pos)) && mayOpen(text, pos, to);
    const reading = opens ? readRoots(text, pos, to, maxDepth, true) : undefined;
    if (reading === undefined) {
      pos++;
      continue;
    }
    budget -= reading.work;
    if (reading.tooDeep) pos = Math.max(pos + 1, reading.end);
    else if (!isAnswerInProse(reading) || isSetting(text, pos, reading, from, to)) pos++;
    else {
      yield { from: pos, reading };
      pos = reading.end;
    }
  }
}

/** A cheap look at what follows the bracket: a key and a colon, a container, a quoted string or a literal. */
function mayOpen(text: string, at: number, to: number): boolean {
  let pos = at + 1;
  while (pos < to && (text.charCodeAt(pos) <= 32 || text.charCodeAt(pos) === 0xfeff)) pos++;
  if (pos >= to) return false;
  const code = text.charCodeAt(pos);
  const attached = isAttached(text.charCodeAt(at - 1));
  if (text.charCodeAt(at) !== OPEN_OBJECT) return !attached && mayBeElement(text, pos, code);
  if (isQuote(code) || code === OPEN_OBJECT || startsComment(code)) return true;
  // `a{b:1}`, `x{y="z"}` and `- {a: b}` are CSS, a metric and YAML.
  if (attached || !isWordCode(code) || isListItem(text, at)) return false;
  while (pos < to && (isWordCode(text.charCodeAt(pos)) || text.charCodeAt(pos) === 45)) pos++;
  return /^["']?\s{0,8}:/.test(text.slice(pos, pos + 12));
}

/** `a["b"]`, `f()["b"]` and `a[0]["b"]` are subscripts. */
function isAttached(before: number): boolean {
  return (before < 128 && isWordCode(before)) || before === 93 || before === 41;
}

function startsComment(code: number): boolean {
  return code === 47 || code === 35;
}

function mayBeElement(text: string, pos: number, code: number): boolean {
  return isOpener(code) || isQuote(code) || startsComment(code) ||
    LITERAL_START.test(text.slice(pos, pos + 6));
}

function isListItem(text: string, at: number): boolean {
  return text.startsWith("- ", at - 2) && /^\s*$/.test(text.slice(lineStart(text, at), at - 2));
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** Whether a list stands in a line of a configuration, `tags: ["a", "b"]`, with other such lines around it. */
function isSetting(text: string, at: number, reading: Reading, from: number, to: number): boolean {
  if (!Array.isArray(reading.value) || reading.value.some((item) => typeof item === "object")) return false;
  const line = lineStart(text, at);
  if (!/^[ \t]*[\w.-]{1,64}[ \t]*[:=][ \t]*$/.test(text.slice(line, at))) return false;
  const around = `${text.slice(Math.max(from, line - AROUND), line)}\n${
    text.slice(reading.end, Math.min(to, reading.end + AROUND))
  }`;
  return /^[ \t]*(?:[\w.-]{1,64}[ \t]*[:=][ \t]*\S|\[[\w.-]+\][ \t]*$)/m.test(around);
}
