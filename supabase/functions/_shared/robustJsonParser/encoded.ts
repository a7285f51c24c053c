/**
 * Documents inside strings, and documents of which every quote was encoded.
 *
 * @module
 */

import { isOpener, QUOTE } from "./chars.ts";
import { decodeDocument } from "./decode.ts";
import { isAnswerInProse, isDocument } from "./plausible.ts";
import { type Answer, attempt, coversRest, firstToken, type Search, toAnswer } from "./search.ts";
import type { JsonValue } from "./types.ts";

/** How often a string root may hold a document again. */
const MOST_ENCODINGS = 5;

/** A document inside a string inside a string … (R11). */
export function readEncodedString(
  text: string,
  start: number,
  end: number,
  search: Search,
): Answer | undefined {
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
    if (start >= text.length || (!isOpener(code) && code !== QUOTE)) {
      return undefined;
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      const reading = isOpener(code) ? attempt(text, start, text.length, search) : undefined;
      if (
        reading === undefined || !isAnswerInProse(reading) || !coversRest(text, reading.end, text.length)
      ) return undefined;
      return decoded(toAnswer(reading, false), text.length);
    }
    if (typeof value === "object" && value !== null) {
      return decoded({
        value: value as JsonValue,
        repairs: [],
        cutAt: -1,
        wrapped: false,
        tooDeep: false,
      }, text.length);
    }
    if (typeof value !== "string") return undefined;
    text = value;
  }
  return undefined;
}

/** An answer that was found one encoding deeper. */
export function decoded(answer: Answer, length: number): Answer {
  return { ...answer, repairs: [{ kind: "document_decoded", offset: 0, length }, ...answer.repairs] };
}

/** The container that a text is as valid JSON. */
export function standard(text: string): Answer | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    return { value, repairs: [], cutAt: -1, wrapped: false, tooDeep: false };
  } catch {
    return undefined;
  }
}

/** A body that is an encoded document and nothing else. */
export function readDecodedBody(body: string, search: Search): Answer | undefined {
  for (const candidate of decodeDocument(body)) {
    const plain = standard(candidate);
    if (plain !== undefined) return decoded(plain, body.length);
    const reading = attempt(candidate, firstToken(candidate, 0, candidate.length), candidate.length, search);
    if (reading === undefined || reading.tooDeep || !isDocument(reading)) {
      continue;
    }
    return decoded(toAnswer(reading, false), body.length);
  }
  return undefined;
}
