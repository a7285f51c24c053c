/**
 * What all strategies share: the answer, the state of the search, and attempts with a budget.
 *
 * @module
 */

import type { Stretch } from "./reasoning.ts";
import { type Reading, readRoots } from "./roots.ts";
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

/** A text, and the same text with its reasoning blanked out: read in the one, look for landmarks in the other. */
export interface Page {
  text: string;
  outline: string;
  reasoning: readonly Stretch[];
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
export function attempt(text: string, start: number, end: number, search: Search): Reading | undefined {
  if (search.budget < 0) return undefined;
  const reading = readRoots(text, start, end, search.maxDepth);
  search.budget -= reading === undefined ? 1 : reading.work;
  return reading;
}

/** What may stand behind a document that starts the text: blanks, a closing fence, one closing mark. */
export function coversRest(text: string, from: number, end: number): boolean {
  return /^[\s\ufeff\u200b]*(?:`{3,}[\s]*|<\|[\w]{1,30}\|>\s*)?$/.test(
    text.slice(from, Math.min(end, from + 60)),
  ) && text.slice(from, end).trim().length < 40;
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
