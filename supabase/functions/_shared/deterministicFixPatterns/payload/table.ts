/** Reads a table and a row once, so that rules look things up instead of searching. @module */

import { type TableFacts, typeOf } from "../../core/columns.ts";
import type { ColumnView, KeyView, TableView } from "./rule.ts";
import { MONEY_TABLES, SENSITIVE } from "./protectedWords.ts";
import { readName } from "./words.ts";

/** The table and the row, read. */
export function viewTable(schema: TableFacts, row: ReadonlyMap<string, unknown>): TableView {
  const isProcedure = schema.table.startsWith("rpc:");
  const words = readName(schema.table.replace(/^rpc:/, "").replace(/^.*\./, ""));
  const columns = schema.columns.map((facts): ColumnView => ({
    facts,
    type: typeOf(facts),
    words: readName(facts.name),
  }));
  const byName = new Map(columns.map((column) => [column.facts.name, column]));
  const unknown = [...row].filter(([key]) => !byName.has(key))
    .map(([key, value]): KeyView => ({ key, value, words: readName(key) }));
  return {
    words,
    isProcedure,
    isGuarded: words.canon.some((word) => MONEY_TABLES.has(word) || SENSITIVE.has(word)) ||
      columns.some(({ words }) => words.canon.some((word) => word === "debit" || word === "balance")),
    columns,
    byName,
    byNormal: groupBy(columns, (column) => column.words.normal),
    byPhrase: groupBy(columns, (column) => squeeze(column.words.phrase)),
    unknown,
    row,
  };
}

/** A phrase without its blanks: `file name` and `filename` are one. */
export function squeeze(phrase: string): string {
  return phrase.replaceAll(" ", "");
}

function groupBy(
  columns: readonly ColumnView[],
  name: (column: ColumnView) => string,
): Map<string, ColumnView[]> {
  const groups = new Map<string, ColumnView[]>();
  for (const column of columns) {
    const key = name(column);
    // A name that cannot be read is equal to nothing, not to all others that cannot.
    if (key === "") continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [column]);
    else group.push(column);
  }
  return groups;
}
