/** Whether a value lands in a type without losing anything. @module */

import { fitsJsonb } from "../jsonb.ts";
import type { ValueFault } from "../columns.ts";
import {
  isHardwareText,
  isIntervalText,
  isNetworkText,
  isTemporalText,
  isTimeText,
  isUuid,
  readDecimal,
} from "./texts.ts";
import type { ColumnType } from "./types.ts";

/** The fault of a value that is not null, or null when there is none that can be read. */
export function judgeByType(value: unknown, type: ColumnType): ValueFault | null {
  if (value === undefined || typeof value === "function" || typeof value === "symbol") return "mistyped";
  switch (type.family) {
    case "integer":
      return judgeInteger(value, type.min, type.max);
    case "numeric":
      return judgeNumeric(value, type.precision, type.scale);
    case "float":
      return judgeFloat(value, type.largest);
    case "text":
      return judgeText(value, type.maxLength);
    case "enum":
      return typeof value === "string" && type.labels.includes(value) ? null : "not_a_label";
    case "array":
      return judgeArray(value, type.element);
    case "vector":
      return judgeVector(value, type.dimensions);
    case "json":
      return isJson(value) ? null : "mistyped";
    case "other":
      return typeof value === "string" && value.includes("\0") ? "mistyped" : null;
    default:
      return judgeScalar(value, type.family) ? null : "mistyped";
  }
}

type Scalar =
  | "boolean"
  | "uuid"
  | "network"
  | "hardware"
  | "timestamptz"
  | "timestamp"
  | "date"
  | "time"
  | "interval";

function judgeScalar(value: unknown, family: Scalar): boolean {
  if (family === "boolean") return typeof value === "boolean" || isBooleanText(value);
  if (typeof value !== "string") return false;
  switch (family) {
    case "uuid":
      return isUuid(value);
    case "network":
      return isNetworkText(value);
    case "time":
      return isTimeText(value);
    case "interval":
      return isIntervalText(value);
    case "hardware":
      return isHardwareText(value);
    // A moment in a column of days loses its hours.
    case "date":
      return isTemporalText(value) === "date" || isEndless(value);
    default:
      return isTemporalText(value) !== null || isEndless(value);
  }
}

/** What Postgres calls never and always. */
function isEndless(value: string): boolean {
  return /^-?infinity$/i.test(value);
}

/** What Postgres itself reads as true or false. */
export function isBooleanText(value: unknown): boolean {
  return typeof value === "string" && /^\s{0,9}(?:t|true|y|yes|on|1|f|false|n|no|off|0)\s{0,9}$/i.test(value);
}

function judgeInteger(value: unknown, min: bigint, max: bigint): ValueFault | null {
  if (typeof value === "number") {
    if (!Number.isInteger(value)) return "mistyped";
    // Beyond 2^53 a number has been rounded before it came here.
    if (!Number.isSafeInteger(value)) return "out_of_range";
  } else if (typeof value !== "string" || !/^\s{0,9}[+-]?\d{1,40}\s{0,9}$/.test(value)) return "mistyped";
  const whole = BigInt(String(value).trim().replace(/^\+/, ""));
  return whole < min || whole > max ? "out_of_range" : null;
}

function judgeNumeric(value: unknown, precision: number | null, scale: number | null): ValueFault | null {
  if (typeof value === "string" && /^(?:NaN|[+-]?Infinity)$/i.test(value)) {
    return precision === null || /nan/i.test(value) ? null : "out_of_range";
  }
  const isText = typeof value === "string";
  if (!isText && !(typeof value === "number" && Number.isFinite(value))) return "mistyped";
  const decimal = readDecimal(String(value));
  if (decimal === null) return "mistyped";
  if (precision === null || scale === null) return null;
  if (decimal.scale > scale) return "too_precise";
  return decimal.digits.length - decimal.scale > precision - scale ? "out_of_range" : null;
}

function judgeFloat(value: unknown, largest: number): ValueFault | null {
  if (typeof value === "string") {
    if (/^(?:NaN|[+-]?Infinity)$/i.test(value)) return null;
    if (readDecimal(value) === null) return "mistyped";
  } else if (typeof value !== "number" || !Number.isFinite(value)) return "mistyped";
  return Math.abs(Number(value)) <= largest ? null : "out_of_range";
}

function judgeText(value: unknown, maxLength: number | null): ValueFault | null {
  if (typeof value !== "string" || value.includes("\0") || !value.isWellFormed()) return "mistyped";
  return maxLength !== null && isLonger(value, maxLength) ? "too_long" : null;
}

/** Postgres counts characters, not code units; what is short in units needs no counting. */
function isLonger(text: string, most: number): boolean {
  if (text.length <= most) return false;
  if (text.length > 2 * most) return true;
  return [...text].length > most;
}

function judgeArray(value: unknown, element: ColumnType): ValueFault | null {
  if (typeof value === "string") return isArrayText(value, element) ? null : "mistyped";
  if (!Array.isArray(value)) return "mistyped";
  for (const item of value) {
    if (item === null) continue;
    const fault = judgeByType(item, element);
    if (fault !== null) return fault;
  }
  return null;
}

/** The array's own text form, `{a,b}`: any for texts, without quotes and depth for others. */
function isArrayText(text: string, element: ColumnType): boolean {
  if (!/^\{[^{}]*\}$/.test(text) || isJsonObject(text)) return false;
  if (element.family === "text" && element.maxLength === null) return isQuotedWell(text);
  const items = text.slice(1, -1).split(",");
  if (text.length > 100_000 || /["\\]/.test(text)) return false;
  return text === "{}" || items.every((item) => judgeByType(item.trim(), element) === null);
}

/** No empty item, and quotes around whole items only. */
function isQuotedWell(text: string): boolean {
  const item = String.raw`\s*(?:"[^"\\]*"|[^"\\,\s](?:[^"\\,]*[^"\\,\s])?)\s*`;
  return text.length <= 100_000 && new RegExp(`^\\{(?:${item}(?:,${item})*)?\\}$`).test(text);
}

function isJsonObject(text: string): boolean {
  return /^\{\s*"(?:[^"\\]|\\.)*"\s*:/.test(text.slice(0, 2_000));
}

function judgeVector(value: unknown, dimensions: number | null): ValueFault | null {
  const items = typeof value === "string" && value.length < 2_000_000 && /^\[[\d\s.,eE+-]*\]$/.test(value)
    ? value.slice(1, -1).split(",").map((item) => item.trim() === "" ? Number.NaN : Number(item))
    : value;
  if (!Array.isArray(items) || items.length === 0) return "mistyped";
  if (!items.every((item) => typeof item === "number" && Number.isFinite(item))) return "mistyped";
  return dimensions !== null && items.length !== dimensions ? "out_of_range" : null;
}

/** True for what JSON carries unchanged and `jsonb` holds: no dates, no functions, no NaN, no cycles. */
function isJson(value: unknown): boolean {
  // The text of an object or a list belongs parsed, and a cut one is repaired by whoever made it.
  if (typeof value === "string" && /^\s{0,99}[[{]/.test(value)) return false;
  return isPlainJson(value) && fitsJsonb(value);
}

const MAX_DEPTH = 100;
/** What is larger, or loops through shared parts, is no value of a column. */
const MOST_PARTS = 1_000_000;

/** True for what JSON carries as it is: no NaN, no functions, no maps, no loops. */
export function isPlainJson(value: unknown): boolean {
  const waiting: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  let parts = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (++parts > MOST_PARTS || next.depth > MAX_DEPTH) return false;
    const inner = membersOf(next.value);
    if (inner === null) return false;
    for (const item of inner) waiting.push({ value: item, depth: next.depth + 1 });
  }
  return true;
}

/** The parts of a value, none for a scalar, null for what JSON cannot carry. */
function membersOf(value: unknown): readonly unknown[] | null {
  if (typeof value === "number") return Number.isFinite(value) ? [] : null;
  if (value === null || typeof value === "string" || typeof value === "boolean") return [];
  if (typeof value !== "object") return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : [];
  if (Array.isArray(value)) return value;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return null;
  // As JSON: a member that is undefined is not there.
  return Object.values(value).filter((item) => item !== undefined);
}
