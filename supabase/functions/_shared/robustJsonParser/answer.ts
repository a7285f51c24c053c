/**
 * Finding the answer in a reply: the order of strategies.
 *
 * The whole text first, before any slicing; then without its reasoning; then fences; then the longest span in
 * prose; then the whole document decoded. What is none of these is refused.
 *
 * @module
 */

import { isOpener, QUOTE } from "./chars.ts";
import { decodeDocument, startsEncoded } from "./decode.ts";
import { type Fence, findFences, isJsonFence, isPlainFence } from "./fences.ts";
import { findSpan } from "./prose.ts";
import { blankOut, findReasoning, type Stretch } from "./reasoning.ts";
import { isAnswerInProse, isDocument, type Reading, readRoots } from "./roots.ts";
import type { Attempt, JsonValue, Repair } from "./types.ts";

/** A reading of a reply before the caller's wishes are applied. */
export interface Answer {
  value: JsonValue;
  repairs: Repair[];
  cutAt: number;
  /** True when other text stood around it. */
  wrapped: boolean;
  tooDeep: boolean;
}

/** Where the search stands. */
export interface Search {
  maxDepth: number;
  tried: Attempt[];
  tooDeep: boolean;
  /** Characters that may still be read: the attempts together are bounded, so that the search stays linear. */
  budget: number;
}

const READ_FACTOR = 12;
const READ_FLOOR = 100_000;

/** The beginning of a search in a text. */
export function createSearch(text: string, maxDepth: number): Search {
  return { maxDepth, tried: ["standard"], tooDeep: false, budget: text.length * READ_FACTOR + READ_FLOOR };
}

/** Reads the roots at a position, while the search may still read. */
function attempt(text: string, start: number, end: number, search: Search): Reading | undefined {
  if (search.budget < 0) return undefined;
  const reading = readRoots(text, start, end, search.maxDepth);
  search.budget -= reading === undefined ? 1 : reading.work;
  return reading;
}

/** How often a string root may hold a document again. */
const MOST_ENCODINGS = 5;

/** A text, and the same text with its reasoning blanked out: read in the one, look for landmarks in the other. */
interface Page {
  text: string;
  outline: string;
  reasoning: readonly Stretch[];
}

/** The answer in a text that is not valid JSON, if there is one. */
export function findAnswer(text: string, search: Search): Answer | undefined {
  if (startsEncoded(text)) {
    const answer = findDecoded(text, search);
    if (answer !== undefined) return answer;
  }
  const page: Page = { text, outline: text, reasoning: [] };
  const whole = readWhole(page, search);
  if (whole !== undefined || search.tooDeep) return whole;
  const reasoning = findReasoning(text);
  if (reasoning.length > 0) return findBesideReasoning(text, reasoning, search);
  return findInside(page, search) ?? findDecoded(text, search);
}

function findBesideReasoning(text: string, reasoning: Stretch[], search: Search): Answer | undefined {
  const page: Page = { text, outline: blankOut(text, reasoning), reasoning };
  const answer = readWhole(page, search) ?? findInside(page, search);
  if (answer === undefined) return undefined;
  const removed = reasoning.map(({ from, to }): Repair => ({ kind: "reasoning_removed", offset: from, length: to - from }));
  return { ...answer, wrapped: true, repairs: [...removed, ...answer.repairs] };
}

function standard(text: string): Answer | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    return { value, repairs: [], cutAt: -1, wrapped: false, tooDeep: false };
  } catch {
    return undefined;
  }
}

function findInside(page: Page, search: Search): Answer | undefined {
  return findFenced(page, search) ?? findInProse(page, search);
}

/** Reads a text that starts as JSON, if the reading covers all of it. */
function readWhole({ text, outline }: Page, search: Search): Answer | undefined {
  const end = text.length;
  const start = firstToken(outline, 0, end);
  if (start >= end) return undefined;
  search.tried.push("whole");
  const unwrapped = readEncodedString(text, start, end, search);
  if (unwrapped !== undefined) return unwrapped;
  const reading = attempt(text, start, end, search);
  if (reading === undefined) return undefined;
  if (reading.tooDeep) {
    search.tooDeep = true;
    return undefined;
  }
  if (!isDocument(reading) || !coversRest(outline, reading.end, end)) return undefined;
  return toAnswer(reading, false);
}

/** What may stand behind a document that starts the text: blanks, a closing fence, one closing mark. */
function coversRest(text: string, from: number, end: number): boolean {
  return /^[\s\ufeff\u200b]*(?:`{3,}[\s]*|<\|[\w]{1,30}\|>\s*)?$/.test(text.slice(from, Math.min(end, from + 60))) &&
    text.slice(from, end).trim().length < 40;
}

/** A document inside a string inside a string … (R11). */
function readEncodedString(text: string, start: number, end: number, search: Search): Answer | undefined {
  if (text.charCodeAt(start) !== QUOTE) return undefined;
  let inner: unknown;
  try {
    inner = JSON.parse(text.slice(start, end));
  } catch {
    return undefined;
  }
  return typeof inner === "string" ? unwrapString(inner, search) : undefined;
}

/** The container that a string holds as text; `undefined` when it holds none. */
export function unwrapString(encoded: string, search: Search): Answer | undefined {
  let text = encoded;
  for (let i = 0; i < MOST_ENCODINGS; i++) {
    const start = firstToken(text, 0, text.length);
    const code = text.charCodeAt(start);
    if (start >= text.length || (!isOpener(code) && code !== QUOTE)) return undefined;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      const reading = isOpener(code) ? attempt(text, start, text.length, search) : undefined;
      if (reading === undefined || !isAnswerInProse(reading) || !coversRest(text, reading.end, text.length)) return undefined;
      return decoded(toAnswer(reading, false), text.length);
    }
    if (typeof value === "object" && value !== null) {
      return decoded({ value: value as JsonValue, repairs: [], cutAt: -1, wrapped: false, tooDeep: false }, text.length);
    }
    if (typeof value !== "string") return undefined;
    text = value;
  }
  return undefined;
}

function decoded(answer: Answer, length: number): Answer {
  return { ...answer, repairs: [{ kind: "document_decoded", offset: 0, length }, ...answer.repairs] };
}

/** The first labelled fence that reads as JSON, else the first one without a label that does. */
function findFenced({ text, outline }: Page, search: Search): Answer | undefined {
  const fences = findFences(outline);
  if (fences.length === 0) return undefined;
  search.tried.push("fence");
  for (const isWanted of [isJsonFence, isPlainFence]) {
    for (const fence of fences) {
      const answer = isWanted(fence) ? readFence(text, fence, search) : undefined;
      if (answer !== undefined) return answer;
    }
  }
  return findUnderOtherLabel(text, fences, search);
}

/** A fence that names another language but holds one JSON container and nothing else. */
function findUnderOtherLabel(text: string, fences: readonly Fence[], search: Search): Answer | undefined {
  for (const fence of fences) {
    if (isJsonFence(fence) || isPlainFence(fence)) continue;
    const start = firstToken(text, fence.from, fence.to);
    const reading = attempt(text, start, fence.to, search);
    if (reading === undefined || reading.tooDeep || reading.cutAt >= 0 || !isAnswerInProse(reading)) continue;
    if (text.slice(reading.end, fence.to).trim() === "") return fenced(toAnswer(reading, true), fence);
  }
  return undefined;
}

/**
 * Reads a fence's body. A fence may stand inside a string of the JSON, so the first reading ignores where the
 * fence seems to end; only when that one is cut does the closing line count.
 */
export function readFence(text: string, fence: Fence, search: Search): Answer | undefined {
  const start = firstToken(text, fence.from, text.length);
  const code = text.charCodeAt(start);
  if (start >= text.length || (start >= fence.to && !isOpener(code))) return undefined;
  const body = text.slice(fence.from, fence.to);
  const encoded = readEncodedString(text, start, fence.to, search) ??
    (startsEncoded(body) ? findDecoded(body, search) : undefined);
  if (encoded !== undefined) return fenced(encoded, fence);
  let reading = attempt(text, start, text.length, search);
  if (reading !== undefined && (reading.cutAt >= 0 || reading.roots > 1) && fence.to < text.length) {
    reading = attempt(text, start, fence.to, search) ?? reading;
  }
  if (reading?.tooDeep === true) search.tooDeep = true;
  if (reading !== undefined && !reading.tooDeep && isDocument(reading)) return fenced(toAnswer(reading, true), fence);
  const span = findSpan(text, fence.from, fence.to, search.maxDepth);
  return span === undefined ? undefined : fenced(toAnswer(span.reading, true), fence);
}

function fenced(answer: Answer, fence: Fence): Answer {
  const removed: Repair = { kind: "fence_removed", offset: fence.at, length: fence.from - fence.at };
  return { ...answer, wrapped: true, repairs: [removed, ...answer.repairs] };
}

/** The longest span that begins outside reasoning and outside fences of other languages. */
function findInProse({ text, outline, reasoning }: Page, search: Search): Answer | undefined {
  search.tried.push("prose");
  const holes: Stretch[] = [...reasoning];
  for (const fence of findFences(outline)) {
    if (!isJsonFence(fence) && !isPlainFence(fence)) holes.push({ from: fence.at, to: fence.after });
  }
  holes.sort((a, b) => a.from - b.from);
  const span = findSpan(text, 0, text.length, search.maxDepth, holes);
  if (span === undefined) return undefined;
  const answer = toAnswer(span.reading, true);
  const around: Repair[] = [];
  if (span.from > 0) around.push({ kind: "text_removed", offset: 0, length: span.from });
  const behind = text.length - span.reading.end;
  if (behind > 0) answer.repairs.push({ kind: "text_removed", offset: span.reading.end, length: behind });
  return { ...answer, repairs: [...around, ...answer.repairs] };
}

/** The document with one encoding taken away. */
function findDecoded(text: string, search: Search): Answer | undefined {
  for (const candidate of decodeDocument(text)) {
    if (!search.tried.includes("decoded")) search.tried.push("decoded");
    const answer = standard(candidate) ?? readPlain(candidate, search);
    if (answer !== undefined) return decoded(answer, text.length);
  }
  return undefined;
}

function readPlain(text: string, search: Search): Answer | undefined {
  const page: Page = { text, outline: text, reasoning: [] };
  return readWhole(page, search) ?? findInside(page, search);
}

/** A reading as an answer. */
export function toAnswer(reading: Reading, wrapped: boolean): Answer {
  return { value: reading.value, repairs: reading.repairs, cutAt: reading.cutAt, wrapped, tooDeep: false };
}

/** The first position that is no blank. */
export function firstToken(text: string, from: number, to: number): number {
  let pos = from;
  while (pos < to && /[\s\ufeff\u200b-\u200f\u2060\u00ad]/.test(text.charAt(pos))) pos++;
  return pos;
}
