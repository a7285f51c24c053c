/**
 * The error of the parser: code, position, an excerpt, and what was tried.
 *
 * @module
 */

import { HealingError } from "../core/errors.ts";
import type { Attempt, JsonValue, ParseSuccess, Repair } from "./types.ts";

/** The codes that a {@link JsonParseError} carries. */
export type JsonParseErrorCode =
  | "JSON_INVALID"
  | "JSON_TRUNCATED"
  | "JSON_TOO_LARGE"
  | "JSON_TOO_DEEP"
  | "JSON_SCHEMA_MISMATCH"
  | "JSON_REPAIR_REFUSED";

/** The longest excerpt that an error or a report carries, in characters. */
export const EXCERPT_CHARS = 500;

/** What a {@link JsonParseError} knows besides its code. */
export interface JsonParseErrorFacts {
  /** Where it went wrong, in characters of the text. */
  position: number;
  /** The text around the position, at most {@link EXCERPT_CHARS} characters. It is model output: hostile, not sanitised. */
  excerpt: string;
  tried: readonly Attempt[];
  /** The value that was read but not accepted: cut, mended in a refused way, or not as the schema wants. */
  partialValue?: JsonValue | undefined;
  repairs?: readonly Repair[] | undefined;
  cause?: unknown;
}

/** A reply that could not be read as JSON, or not as the caller wants it. */
export class JsonParseError extends HealingError {
  declare readonly code: JsonParseErrorCode;
  readonly position: number;
  readonly excerpt: string;
  readonly tried: readonly Attempt[];
  readonly partialValue: JsonValue | undefined;
  readonly repairs: readonly Repair[];

  constructor(code: JsonParseErrorCode, message: string, facts: JsonParseErrorFacts) {
    super(code, message, {
      details: { position: facts.position, tried: [...facts.tried] },
      hint: HINTS[code],
      cause: facts.cause,
    });
    this.name = "JsonParseError";
    this.position = facts.position;
    this.excerpt = facts.excerpt;
    this.tried = facts.tried;
    this.partialValue = facts.partialValue;
    this.repairs = facts.repairs ?? [];
  }
}

const HINTS: Readonly<Record<JsonParseErrorCode, string>> = {
  JSON_INVALID: "Ask the model again for JSON alone, or give it a response format.",
  JSON_TRUNCATED:
    "Raise the limit of output tokens or ask for a shorter answer; the value so far is in partialValue.",
  JSON_TOO_LARGE: "Split the reply, or raise maxChars.",
  JSON_TOO_DEEP: "Ask for a flatter shape, or raise maxDepth.",
  JSON_SCHEMA_MISMATCH: "Compare the schema with the value in partialValue; the issues are in cause.",
  JSON_REPAIR_REFUSED: "Accept the repair, or ask the model again; the mended value is in partialValue.",
};

/** Builds the error for a text, with the excerpt around the position. */
export function jsonParseError(
  code: JsonParseErrorCode,
  text: string,
  position: number,
  tried: readonly Attempt[],
  reason: string,
  read?: ParseSuccess,
): JsonParseError {
  return new JsonParseError(code, `Cannot read the text as JSON: ${reason}`, {
    position,
    excerpt: excerptAround(text, position),
    tried,
    partialValue: read?.value,
    repairs: read?.repairs,
  });
}

/** At most {@link EXCERPT_CHARS} characters around the position, never half a surrogate pair. */
export function excerptAround(text: string, position: number): string {
  if (text.length <= EXCERPT_CHARS) return text;
  const from = Math.max(0, Math.min(position - EXCERPT_CHARS / 2, text.length - EXCERPT_CHARS));
  return text.slice(from, from + EXCERPT_CHARS).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, "");
}
