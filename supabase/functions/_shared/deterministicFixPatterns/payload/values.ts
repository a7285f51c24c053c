/** What a value is, as far as it shows which column it belongs to. @module */

import { isTemporalText, isUuid } from "../../core/columns.ts";
import { isRecord } from "../../core/unknownValues.ts";
import type { ColumnView } from "./rule.ts";

/** True for a text that is an address of the web. */
export function isUrl(value: unknown): boolean {
  return typeof value === "string" && /^https?:\/\/[^\s]{1,4000}$/i.test(value);
}

/** True for a text that is an e-mail address. */
export function isEmail(value: unknown): boolean {
  return typeof value === "string" && value.length <= 320 && /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/.test(value);
}

/** True for a uuid or a whole number: what references are made of. */
export function isReference(value: unknown): boolean {
  return isUuid(value) || (typeof value === "number" && Number.isSafeInteger(value) && value >= 0);
}

/** True for a moment or a day that can be read without guessing. */
export function isTemporal(value: unknown): boolean {
  return value instanceof Date || (typeof value === "string" && isTemporalText(value) !== null);
}

/** True for an object that is no list, no date and nothing else of its own kind. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (!isRecord(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** True for a column that holds text. */
export function holdsText({ type }: ColumnView): boolean {
  return type.family === "text" || type.family === "enum";
}

/** True for a column of numbers. */
export function holdsNumber({ type }: ColumnView): boolean {
  return type.family === "integer" || type.family === "numeric" || type.family === "float";
}

/** True for a column of moments or days. */
export function holdsTime({ type }: ColumnView): boolean {
  return type.family === "timestamptz" || type.family === "timestamp" || type.family === "date";
}

/** True for a value whose time a column keeps as it is: a day for days, a moment for moments. */
export function isTimeFor(value: unknown, column: ColumnView): boolean {
  if (!holdsTime(column) || !isTemporal(value)) return false;
  const isDay = typeof value === "string" && isTemporalText(value) === "date";
  return !isDay || column.type.family === "date";
}

/** True for a column of references. */
export function holdsReference({ type }: ColumnView): boolean {
  return type.family === "uuid" || type.family === "integer";
}
