/** Builds the rules that know words of one kind of table. @module */

import { isUuid } from "../../core/columns.ts";
import type { ColumnView, KeyView, NameRule, TableView } from "./rule.ts";
import { squeeze } from "./table.ts";
import { holdsText } from "./values.ts";
import { readName } from "./words.ts";

/** A synonym rule in words. */
export interface SynonymWords {
  key: string;
  confidence: number;
  because: string;
  /** Words of a table's name in which this holds; everywhere when left out. */
  tables?: readonly string[];
  /** Columns by which such a table is known as well. */
  columns?: readonly string[];
  /** What keys say. */
  from: readonly string[];
  /** What columns say; the same words when left out. */
  to?: readonly string[];
  mayTouch?: readonly string[];
  strength?: "proven";
  /** Whether the value, and the column's type, are such a thing at all. */
  accepts(value: unknown, column: ColumnView): boolean;
}

/** The rule for the words. */
export function synonymRule(words: SynonymWords): NameRule {
  const from = phrases(words.from);
  const to = [...phrases(words.to ?? words.from)];
  const tables = new Set((words.tables ?? []).flatMap((name) => readName(name).canon));
  return {
    key: words.key,
    confidence: words.confidence,
    because: words.because,
    ...(words.mayTouch === undefined ? {} : { mayTouch: words.mayTouch }),
    ...(words.strength === undefined ? {} : { strength: words.strength }),
    find(key: KeyView, table: TableView) {
      const said = squeeze(key.words.phrase);
      if (!from.has(said) || !isScope(words, tables, table)) return [];
      const meant = to.filter((phrase) => phrase !== said).flatMap((phrase) =>
        table.byPhrase.get(phrase) ?? []
      );
      // A reference is no text that anybody wrote.
      const isReference = isUuid(key.value);
      return meant.filter((column) =>
        !(isReference && holdsText(column)) && words.accepts(key.value, column)
      );
    },
  };
}

function phrases(names: readonly string[]): Set<string> {
  return new Set(names.map((name) => squeeze(readName(name).phrase)));
}

function isScope(words: SynonymWords, tables: ReadonlySet<string>, table: TableView): boolean {
  if (words.tables === undefined && words.columns === undefined) return true;
  if (table.words.canon.some((word) => tables.has(word))) return true;
  return words.columns?.every((name) => table.byName.has(name)) ?? false;
}
