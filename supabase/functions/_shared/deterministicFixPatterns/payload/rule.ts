/** The shapes of the rules that heal a row, and what they are told. @module */

import type { ColumnFacts, ColumnType } from "../../core/columns.ts";
import type { Words } from "./words.ts";

/** A column, read. */
export interface ColumnView {
  readonly facts: ColumnFacts;
  readonly type: ColumnType;
  readonly words: Words;
}

/** A key of the row that is no column, with its value. */
export interface KeyView {
  readonly key: string;
  readonly value: unknown;
  readonly words: Words;
}

/** A table and the row that is to land in it, read. */
export interface TableView {
  /** The words of the table's name. */
  readonly words: Words;
  /** True for the parameters of a function, `rpc:name`. */
  readonly isProcedure: boolean;
  /** True when the table or function is about money or rights, so that only equal names are right. */
  readonly isGuarded: boolean;
  readonly columns: readonly ColumnView[];
  readonly byName: ReadonlyMap<string, ColumnView>;
  readonly byNormal: ReadonlyMap<string, readonly ColumnView[]>;
  readonly byPhrase: ReadonlyMap<string, readonly ColumnView[]>;
  /** The keys of the row that are no columns. */
  readonly unknown: readonly KeyView[];
  /** The whole row. */
  readonly row: ReadonlyMap<string, unknown>;
}

/** A rule that says which column a key means. */
export interface NameRule {
  /** Stable name, in evidence. */
  readonly key: string;
  /** Prior confidence, 0.6 to 0.98. */
  readonly confidence: number;
  /** Why the column is meant, one sentence. */
  readonly because: string;
  /** `equal`: the names are one, so no veto applies; `proven`: the value shows it, so no rival counts. */
  readonly strength?: "equal" | "proven";
  /** Sensitive words that this rule may touch because it judges the value itself. */
  readonly mayTouch?: readonly string[];
  /** The columns that the key may mean; more than one means none. */
  find(key: KeyView, table: TableView): readonly ColumnView[];
}

/** A rule that gives a value the form of its column, losing nothing. */
export interface CastRule {
  readonly key: string;
  /** Prior confidence, 0.6 to 0.98. */
  readonly confidence: number;
  readonly because: string;
  /** True when it acts only where it has been confirmed for this column. */
  readonly learned?: true;
  /** True when it acts only on a key that is the column's own name. */
  readonly sameName?: true;
  /** The types that it makes. */
  readonly families: readonly ColumnType["family"][];
  /** The value in the column's form, or undefined when the rule does not apply; the whole row, where it is known. */
  cast(value: unknown, column: ColumnView, row?: ReadonlyMap<string, unknown>): unknown;
}

/** A rule about a field that leaves the row. */
export interface FieldRule {
  readonly key: string;
  /** Prior confidence, 0.6 to 0.98. */
  readonly confidence: number;
  readonly because: string;
  /** True when the field leaves the row. */
  applies(value: unknown, column: ColumnView): boolean;
}
