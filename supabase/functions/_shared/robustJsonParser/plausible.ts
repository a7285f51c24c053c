/**
 * Whether what was read is an answer, or prose that happens to stand in brackets.
 *
 * @module
 */

import type { Reading } from "./roots.ts";
import type { JsonValue } from "./types.ts";

/** How much of a reading only JSON has, and how much looks like prose in brackets. */
export interface Evidence {
  good: number;
  plain: number;
  doubt: number;
  isArray: boolean;
}

/** Whether a reading of a whole document is an answer: not a word in brackets. */
export function isDocument(reading: Evidence & { value: JsonValue }): boolean {
  if (reading.good > 0) return reading.doubt <= reading.good * 2;
  if (reading.doubt > 0) return false;
  return reading.isArray || reading.plain > 0 || isEmptyValue(reading.value);
}

/** Whether a reading found inside other text is an answer: it must hold what only JSON has. */
export function isAnswerInProse(reading: Reading): boolean {
  return reading.good > 0 && reading.doubt <= reading.good;
}

function isEmptyValue(value: JsonValue): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
