/** What the rules about endings of names share. @module */

import type { ColumnView, KeyView, TableView } from "./rule.ts";

/** Columns whose words are the key's but for one ending of the kind, on either side. */
export function differByEnding(key: KeyView, table: TableView, endings: ReadonlySet<string>): ColumnView[] {
  const stem = withoutEnding(key.words.canon, endings);
  if (stem === "") return [];
  return table.columns.filter(({ words }) =>
    words.phrase !== key.words.phrase && withoutEnding(words.canon, endings) === stem
  );
}

function withoutEnding(words: readonly string[], endings: ReadonlySet<string>): string {
  const last = words.at(-1);
  return (last !== undefined && endings.has(last) ? words.slice(0, -1) : words).join(" ");
}

/** Columns whose words are these. */
export function columnsCalled(table: TableView, words: readonly string[]): readonly ColumnView[] {
  return words.length === 0 ? [] : table.byPhrase.get(words.join("")) ?? [];
}
