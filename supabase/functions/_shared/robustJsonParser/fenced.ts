/**
 * Answers in fences.
 *
 * @module
 */

import { isOpener } from "./chars.ts";
import { startsEncoded } from "./decode.ts";
import { readDecodedBody, readEncodedString } from "./encoded.ts";
import { type Fence, findFences, isJsonFence, isPlainFence } from "./fences.ts";
import { isAnswerInProse, isDocument } from "./plausible.ts";
import { findSpan } from "./prose.ts";
import { type Answer, attempt, firstToken, type Page, type Search, toAnswer } from "./search.ts";
import type { Repair } from "./types.ts";

/** The first labelled fence that reads as JSON, else the first one without a label that does. */
export function findFenced({ text, outline }: Page, search: Search): Answer | undefined {
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
    if (text.slice(reading.end, fence.to).trim() === "") {
      return fenced(toAnswer(reading, true), fence);
    }
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
  if (start >= text.length || (start >= fence.to && !isOpener(code))) {
    return undefined;
  }
  const body = text.slice(fence.from, fence.to);
  const encoded = readEncodedString(text, start, fence.to, search) ??
    (startsEncoded(body) ? readDecodedBody(body, search) : undefined);
  if (encoded !== undefined) return fenced(encoded, fence);
  let reading = attempt(text, start, text.length, search);
  if (reading !== undefined && (reading.cutAt >= 0 || reading.roots > 1) && fence.to < text.length) {
    reading = attempt(text, start, fence.to, search) ?? reading;
  }
  if (reading?.tooDeep === true) search.tooDeep = true;
  if (reading !== undefined && !reading.tooDeep && isDocument(reading)) {
    return fenced(toAnswer(reading, true), fence);
  }
  const span = findSpan(text, fence.from, fence.to, search.maxDepth);
  return span === undefined ? undefined : fenced(toAnswer(span.reading, true), fence);
}

function fenced(answer: Answer, fence: Fence): Answer {
  const removed: Repair = { kind: "fence_removed", offset: fence.at, length: fence.from - fence.at };
  return { ...answer, wrapped: true, repairs: [removed, ...answer.repairs] };
}
