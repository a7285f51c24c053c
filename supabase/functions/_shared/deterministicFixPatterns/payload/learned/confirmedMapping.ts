/** A mapping that the database has accepted often enough. @module */

import type { ColumnView, KeyView, NameRule, TableView } from "../rule.ts";

/** The rule `confirmed_mapping`: what no word list knows, and experience does. */
export const confirmedMapping: NameRule & {
  findAmong(
    key: KeyView,
    table: TableView,
    confirmed: ReadonlyMap<string, ReadonlySet<string>>,
  ): readonly ColumnView[];
} = {
  key: "confirmed_mapping",
  confidence: 0.9,
  because: "the same mapping was accepted by the database again and again",
  strength: "proven",
  find: () => [],
  findAmong(key, table, confirmed) {
    // A name that cannot be read means nothing, whatever was confirmed for it.
    return key.words.normal === ""
      ? []
      : [...confirmed.get(key.key) ?? []].flatMap((name) => table.byName.get(name) ?? []);
  },
};
