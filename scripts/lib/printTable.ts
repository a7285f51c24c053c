/** Rows as a table on the terminal. @module */

import { print } from "./print.ts";

const WIDEST = 48;

/** Prints rows under their column names; long texts are cut. */
export function printTable(rows: readonly Record<string, unknown>[]): void {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => cell(row[name])))];
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  for (const [index, line] of lines.entries()) {
    print(` ${line.map((text, column) => text.padEnd(widths[column]!)).join("   ").trimEnd()}`);
    if (index === 0) print(` ${widths.map((width) => "-".repeat(width)).join("   ")}`);
  }
  print(` (${rows.length} rows)`);
}

function cell(value: unknown): string {
  const text = value === null || value === undefined ? "" : String(value);
  return text.length <= WIDEST ? text : `${text.slice(0, WIDEST - 1)}…`;
}
