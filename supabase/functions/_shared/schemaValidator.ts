/**
 * Says what of a row does not fit its table, before the database does and all of it at once.
 *
 * Pure judgement: nothing is changed and nothing is guessed. A type or a check that cannot be read gives no finding.
 * A finding tells the kind of a value and its length, never the value itself, so that it can be logged.
 *
 * @example
 * ```ts
 * import { validateRow } from "./schemaValidator.ts";
 *
 * const columns = [{ name: "qty", type: "integer", nullable: false, default: null }];
 * const findings = validateRow({ table: "items", columns }, { qty: 2.5, color: "red" });
 * console.assert(findings.map(({ column, code }) => `${column} ${code}`).join() === "qty mistyped,color unknown");
 * ```
 *
 * @module
 */

import {
  type ColumnFacts,
  isComputed,
  isRequired,
  judgeValue,
  readRow,
  showName,
  type TableFacts,
  type ValueFault,
} from "./core/columns.ts";

export type { ColumnFacts, TableFacts } from "./core/columns.ts";

/** What a finding is about. */
export type FindingCode = ValueFault | "unknown" | "missing" | "generated" | "unreadable";

/** One thing of a row that does not fit. */
export interface RowFinding {
  /** The column, or the key that is none, at most 63 characters. */
  column: string;
  code: FindingCode;
  /** The kind of what was found, never the value. */
  found: string;
  /** What the table wants there. */
  wanted: string;
}

/** How a row is going to be written. */
export interface ValidateOptions {
  /** An update may leave out what an insert needs; insert. */
  operation?: "insert" | "update";
}

const MOST_FINDINGS = 200;

/** Everything of the row that can be seen not to fit, in the order of its keys; at most 200 findings and a count. */
export function validateRow(
  schema: TableFacts,
  row: Readonly<Record<string, unknown>>,
  options: ValidateOptions = {},
): RowFinding[] {
  const entries = readRow(row);
  if (entries === null) return [finding("", "unreadable", kindOf(row), "an object of columns and values")];
  const columns = new Map(schema.columns.map((column) => [column.name, column]));
  const findings: RowFinding[] = [];
  let more = 0;
  for (const [key, value] of entries) {
    const found = judgeEntry(columns.get(key), key, value);
    if (found === null) continue;
    if (findings.length < MOST_FINDINGS) findings.push(found);
    else more++;
  }
  if (more > 0) findings.push(finding("", "unknown", `${more} findings more`, "a row of this table"));
  return options.operation === "update" ? findings : [...findings, ...missing(schema, entries)];
}

function judgeEntry(column: ColumnFacts | undefined, key: string, value: unknown): RowFinding | null {
  // What is undefined never reaches the database.
  if (value === undefined) return null;
  if (column === undefined) {
    return finding(key, "unknown", kindOf(value), "no value: the table has no such column");
  }
  if (isComputed(column)) return finding(key, "generated", kindOf(value), "no value: the database makes it");
  const fault = judgeValue(value, column);
  return fault === null ? null : finding(key, fault, kindOf(value), wantedBy(column, fault));
}

function missing(schema: TableFacts, entries: ReadonlyMap<string, unknown>): RowFinding[] {
  return schema.columns.filter((column) => isRequired(column) && entries.get(column.name) === undefined)
    .map((column) => finding(column.name, "missing", "nothing", column.type.slice(0, 100)));
}

function wantedBy(column: ColumnFacts, fault: ValueFault): string {
  if (fault === "null_not_allowed") return "a value";
  if (fault === "breaks_check") return (column.checks ?? []).join(" and ").slice(0, 200);
  return column.type.slice(0, 100);
}

function finding(key: string, code: FindingCode, found: string, wanted: string): RowFinding {
  return { column: showName(key).slice(1, -1), code, found, wanted };
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string") return `text of ${value.length} characters`;
  if (typeof value === "number") return Number.isFinite(value) ? "number" : String(value);
  if (typeof value !== "object") return typeof value;
  try {
    return Array.isArray(value) ? `list of ${value.length}` : value instanceof Date ? "date" : "object";
  } catch {
    return "object";
  }
}
