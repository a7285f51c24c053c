/**
 * Finding the answer in a reply: the order of strategies.
 *
 * The whole text first, before any slicing; then without its reasoning; then fences; then the longest span in
 * prose; then the whole document decoded. What is none of these is refused.
 *
 * @module
 */

import { decodeDocument, startsEncoded } from "./decode.ts";
import { decoded, readEncodedString, standard } from "./encoded.ts";
import { findFenced } from "./fenced.ts";
import { findFences, isJsonFence, isPlainFence } from "./fences.ts";
import { isDocument } from "./plausible.ts";
import { findSpan } from "./prose.ts";
import { blankOut, findReasoning, type Stretch } from "./reasoning.ts";
import { type Answer, attempt, coversRest, firstToken, type Page, type Search, toAnswer } from "./search.ts";
import type { Repair } from "./types.ts";

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
  const removed = reasoning.map(({ from, to }): Repair => ({
    kind: "reasoning_removed",
    offset: from,
    length: to - from,
  }));
  return { ...answer, wrapped: true, repairs: [...removed, ...answer.repairs] };
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
  if (!isDocument(reading) || !coversRest(outline, reading.end, end)) {
    return undefined;
  }
  return toAnswer(reading, false);
}

/** The longest span that begins outside reasoning and outside fences of other languages. */
function findInProse({ text, outline, reasoning }: Page, search: Search): Answer | undefined {
  search.tried.push("prose");
  const holes: Stretch[] = [...reasoning];
  for (const fence of findFences(outline)) {
    if (!isJsonFence(fence) && !isPlainFence(fence)) {
      holes.push({ from: fence.at, to: fence.after });
    }
  }
  holes.sort((a, b) => a.from - b.from);
  const span = findSpan(text, 0, text.length, search.maxDepth, holes);
  if (span === undefined) return undefined;
  const answer = toAnswer(span.reading, true);
  const around: Repair[] = [];
  if (span.from > 0) {
    around.push({ kind: "text_removed", offset: 0, length: span.from });
  }
  const behind = text.length - span.reading.end;
  if (behind > 0) {
    answer.repairs.push({
      kind: "text_removed",
      offset: span.reading.end,
      length: behind,
    });
  }
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
