/**
 * What a column takes: its type read from Postgres' own words, and whether a value lands in it unchanged.
 *
 * A value is judged as the database would get it, as JSON. Losing anything is not fitting: a fraction for an
 * integer, a digit more than the scale, a longer text. What cannot be read is `unknown` and is never guessed.
 *
 * @module
 */

import { judgeChecks, textsOfCheck } from "./columns/checks.ts";
import { judgeByType } from "./columns/judge.ts";
import { type ColumnType, parseType } from "./columns/types.ts";

export type { ColumnType } from "./columns/types.ts";
export { readRow, showName } from "./columns/row.ts";
export { isTemporalText, isUuid, readDecimal } from "./columns/texts.ts";
export { isBooleanText, isPlainJson } from "./columns/judge.ts";

/** A column of a table, as the write path reads it. */
export interface ColumnFacts {
  name: string;
  /** The type as `format_type` prints it. */
  type: string;
  nullable: boolean;
  /** The default's expression, or null; `identity` for an identity column. */
  default: string | null;
  /** True for `generated always as (…)`: the database computes it, and refuses a value. */
  generated?: boolean | null;
  /** How an identity column takes a value of the caller's: `always` refuses it. */
  identity?: "always" | "by default" | null;
  /** The labels of an enum, in their order. */
  enumValues?: readonly string[] | null;
  /** The most characters, where the type does not say it itself. */
  maxLength?: number | null;
  /** The type under a domain. */
  baseType?: string | null;
  /** Check expressions over this column alone, those of its domain too (there the column is `VALUE`). */
  checks?: readonly string[] | null;
}

/** A table, as the write path reads it. */
export interface TableFacts {
  table: string;
  columns: readonly ColumnFacts[];
}

/** What is wrong with a value for a column. */
export type ValueFault =
  | "mistyped"
  | "too_long"
  | "out_of_range"
  | "too_precise"
  | "not_a_label"
  | "breaks_check"
  | "null_not_allowed";

/** The type of a column, read. */
export function typeOf(column: ColumnFacts): ColumnType {
  return parseType(column.baseType ?? column.type, column.enumValues, column.maxLength);
}

/** What keeps the value out of the column, or null when nothing that can be read does. */
export function judgeValue(value: unknown, column: ColumnFacts, type = typeOf(column)): ValueFault | null {
  if (value === null) return column.nullable ? null : "null_not_allowed";
  try {
    return judgeByType(value, type) ??
      (judgeChecks(column.checks ?? [], column.name, value) === "broken" ? "breaks_check" : null);
  } catch {
    // A getter or a proxy inside the value throws when it is looked at.
    return "mistyped";
  }
}

/** The texts that a check of the column lists; null where no check, or more than a list, says what is allowed. */
export function allowedTexts({ checks, name }: ColumnFacts): string[] | null {
  return checks?.length === 1 ? textsOfCheck(checks[0]!, name) : null;
}

/** True when a row without this column is refused by the database. */
export function isRequired(column: ColumnFacts): boolean {
  return !column.nullable && column.default === null && !isComputed(column) &&
    (column.identity ?? null) === null;
}

/** True when the database computes the column and refuses a value for it. */
export function isComputed(column: ColumnFacts): boolean {
  return column.generated === true || column.identity === "always";
}
