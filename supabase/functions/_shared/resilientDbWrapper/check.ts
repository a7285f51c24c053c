/** Refuses calls that cannot be meant, before anything is sent. @module */

import { HealingError } from "../core/errors.ts";
import { isRecord } from "../core/unknownValues.ts";
import type { WriteOptions } from "./types.ts";

/** Throws a `TypeError` unless the row is an object. */
export function checkRow(operation: string, row: unknown): void {
  if (isRecord(row)) return;
  throw new TypeError(`Cannot ${operation} as a row must be an object: current value is ${describe(row)}`);
}

/** Throws a `TypeError` unless the table has a name. */
export function checkTable(operation: string, table: unknown): void {
  if (typeof table === "string" && table !== "") return;
  throw new TypeError(
    `Cannot ${operation} as the table must have a name: current value is ${describe(table)}`,
  );
}

/** Throws a `RangeError` for a key that the database could not keep. */
export function checkKey(key: WriteOptions["key"]): void {
  // What is sent again gets a suffix.
  if (key === undefined || key === false || (key.length >= 1 && key.length <= 180)) return;
  throw new RangeError(
    `Cannot write as "key" must have 1 to 180 characters: current length is ${key.length}`,
  );
}

/**
 * Throws unless each condition of a filter clearly says which rows. A value that is missing is never taken for a
 * value: `undefined`, which JSON drops, would widen the filter, and `null` is said as `{ is: null }`.
 */
export function checkFilter(operation: string, filter: unknown): void {
  const unclear = isRecord(filter)
    ? Object.entries(filter).find(([, value]) => !isCondition(value))
    : undefined;
  if (isRecord(filter) && Object.keys(filter).length > 0 && unclear === undefined) return;
  throw new HealingError(
    "BAD_REQUEST",
    unclear === undefined
      ? `Cannot ${operation} without a filter: current value is ${describe(filter)}`
      : `Cannot ${operation} as the filter on ${
        JSON.stringify(unclear[0])
      } must be a value: current value is ${describe(unclear[1])}`,
    { hint: "Say which rows: { id }, { id: { in: [5, 6] } } or { deleted_at: { is: null } }" },
  );
}

function isCondition(value: unknown): boolean {
  if (isScalar(value)) return true;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const [entry, ...more] = Object.entries(value);
  if (entry === undefined || more.length > 0) return false;
  const [operator, operand] = entry;
  if (operator === "is") return operand === null;
  if (operator === "in") return Array.isArray(operand) && operand.every(isScalar);
  return operator === "eq" && operand !== null && operand !== undefined;
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  return Array.isArray(value)
    ? "an array"
    : typeof value === "object"
    ? "an object"
    : `${typeof value} ${String(value).slice(0, 50)}`;
}
