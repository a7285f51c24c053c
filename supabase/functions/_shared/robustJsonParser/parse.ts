/**
 * The synchronous entry: text in, a union out.
 *
 * @module
 */

import { findAnswer } from "./answer.ts";
import { isCloser } from "./chars.ts";
import { isDeeper } from "./depth.ts";
import { unwrapString } from "./encoded.ts";
import { JsonParseError, jsonParseError } from "./jsonParseError.ts";
import { type Answer, createSearch, type Search } from "./search.ts";
import type { Attempt, JsonValue, ParseLevel, ParseOptions, ParseSuccess } from "./types.ts";

/** A text that could not be read, or not as the caller wants it. */
export interface ParseFailure {
  ok: false;
  error: JsonParseError;
}

/** What {@link parseJson} returns. */
export type ParseResult = ParseSuccess | ParseFailure;

const DEFAULT_MAX_CHARS = 8_000_000;
/** The deepest nesting that is read when the caller does not say. */
export const DEFAULT_MAX_DEPTH = 1_000;

/** Reads JSON as models write it. Never throws; the result says what was mended and whether the text was cut. */
export function parseJson(text: string, options: ParseOptions = {}): ParseResult {
  const maxChars = atLeastOne("maxChars", options.maxChars ?? DEFAULT_MAX_CHARS);
  const maxDepth = atLeastOne("maxDepth", options.maxDepth ?? DEFAULT_MAX_DEPTH);
  const unreadable = whyUnreadable(text, maxChars);
  if (unreadable !== undefined) return failure(unreadable);
  const search = createSearch(text, maxDepth);
  const standard = readStandard(text, search);
  if (standard !== undefined) return accept(text, standard, options, search.tried);
  const answer = findAnswer(text, search);
  if (answer !== undefined) return accept(text, toSuccess(answer), options, search.tried);
  return failure(whyNotFound(text, search));
}

function whyUnreadable(text: unknown, maxChars: number): JsonParseError | undefined {
  if (typeof text !== "string") {
    return jsonParseError("JSON_INVALID", "", 0, [], `it is no text but of type ${typeof text}`);
  }
  if (text.length <= maxChars) return undefined;
  const reason = `it has ${text.length} characters, the limit is ${maxChars}`;
  return jsonParseError("JSON_TOO_LARGE", text, 0, [], reason);
}

function whyNotFound(text: string, search: Search): JsonParseError {
  if (search.tooDeep) {
    const reason = `it is nested deeper than ${search.maxDepth}`;
    return jsonParseError("JSON_TOO_DEEP", text, 0, search.tried, reason);
  }
  const at = Math.max(0, text.search(/\S/));
  return jsonParseError("JSON_INVALID", text, at, search.tried, "no JSON was found in it");
}

function atLeastOne(name: string, value: number): number {
  if (value >= 1) return value;
  throw new RangeError(`Cannot parse JSON as "${name}" must be >= 1: current value is ${value}`);
}

function failure(error: JsonParseError): ParseFailure {
  return { ok: false, error };
}

/** Valid JSON, at the speed of the platform. A string that holds a container gives the container. */
function readStandard(text: string, search: Search): ParseSuccess | undefined {
  if (!mayBeValid(text)) return undefined;
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value === "string") {
    const inner = unwrapString(value, search);
    if (inner !== undefined) return toSuccess(inner);
  } else if (typeof value === "object" && value !== null && isDeeper(value, search.maxDepth, text.length)) {
    search.tooDeep = true;
    return undefined;
  }
  return { ok: true, value, level: "standard", complete: true, repairs: [] };
}

/** A text that opens a container but does not end in a closer need not be tried: it was cut or has a tail. */
function mayBeValid(text: string): boolean {
  const first = text.charCodeAt(0);
  if (first !== 123 && first !== 91) return true;
  let last = text.length - 1;
  while (last > 0 && text.charCodeAt(last) <= 32) last--;
  return isCloser(text.charCodeAt(last));
}

/** An answer as the caller gets it. */
export function toSuccess(answer: Answer): ParseSuccess {
  const complete = answer.cutAt < 0;
  const level: ParseLevel = !complete ? "partial" : answer.wrapped ? "markdown" : "repair";
  const base = { ok: true as const, value: answer.value, level, complete, repairs: answer.repairs };
  return complete ? base : { ...base, cutAt: answer.cutAt };
}

/** Applies the caller's wishes to a reading. */
export function accept(
  text: string,
  success: ParseSuccess,
  options: ParseOptions,
  tried: readonly Attempt[],
): ParseResult {
  if (options.allowPartial === false && !success.complete) {
    const at = success.cutAt ?? text.length;
    const error = jsonParseError("JSON_TRUNCATED", text, at, tried, `it was cut at character ${at}`, success);
    return failure(error);
  }
  const refused = success.repairs.find((repair) => options.refuseRepairs?.includes(repair.kind) === true);
  if (refused === undefined) return success;
  const reason = `it needs the repair "${refused.kind}", which the caller refuses`;
  return failure(jsonParseError("JSON_REPAIR_REFUSED", text, refused.offset, tried, reason, success));
}
