/** What authors see of the write path. @module */

import type { CircuitBreaker } from "../circuitBreaker.ts";
import type { Clock } from "../core/clock.ts";
import type { Json } from "../core/ports.ts";
import type { Random } from "../core/random.ts";
import type {
  AppliedMapping,
  HealedPayload,
  MappingOption,
  TableFacts,
} from "../deterministicFixPatterns.ts";
import type { RequestHeal, RowFault } from "../healingDb.ts";
import type { SchemaReader } from "../schemaReader.ts";
import type { LostWrite, WriteSpool } from "./spool.ts";

/** A row, by column. */
export type Row = Record<string, unknown>;

/** One value of a filter; a bare value is equality. Nothing of it is ever repaired. */
export type FilterValue =
  | string
  | number
  | boolean
  | { eq: Exclude<Json, null> }
  | { in: readonly (string | number | boolean)[] }
  | { is: null };

/** Which rows an update or delete means: all conditions hold. */
export type Filter = Record<string, FilterValue>;

/** What became of one row. */
export interface RowResult {
  /** The place of the row in what was sent, from 0. */
  index: number;
  /** `queued`: it waits, and is written by itself when its fault is mended. */
  status: "saved" | "healed" | "queued" | "failed";
  /** What was done to it, empty for a row that was saved as it came. */
  applied: AppliedMapping[];
  /** Who knew what to do, when it was not the rules alone. */
  tier?: "learned" | "ai";
  /** Keys whose values no column takes: they are kept in an event of type `values_parked`. */
  parked?: string[];
  error?: RowFault;
  /** Of a failed row: what its values may be meant as. Each acts by itself once it is a trusted pattern of its column. */
  options?: MappingOption[];
}

/** What became of a write. */
export interface WriteResult {
  /** Rows in the database that it touched; 0 for an update that matched nothing. */
  rows: number;
  /** One for each row that was sent, in that order; one for an update or delete. */
  results: RowResult[];
  /** The rows that were altered, a selection of `results`. */
  healed: { index: number; applied: AppliedMapping[] }[];
  /** With `returning`: the rows as they are now, in the order in which they were sent. */
  returned?: Row[];
  /** With `migration`: the text of a file that adds the missing columns, when there are any. Nothing runs it. */
  migration?: string;
}

/**
 * What becomes of a row of which a value has no column: `park` saves the row and keeps the value where an admin finds
 * it, `wait` keeps the whole row until somebody has made the column.
 */
export type MissingColumns = "park" | "wait";

/** What one write can be told. */
export interface WriteOptions {
  /** `park`, unless the write path was made with another rule. */
  missingColumns?: MissingColumns;
  /** The idempotency key; made up when left out. `false`: none, and then a lost answer is an error. */
  key?: string | false;
  /** Which columns come back, or true for all. The caller needs a policy to select them. */
  returning?: true | readonly string[];
  /** Return a migration for missing columns. */
  migration?: boolean;
}

/** What an upsert can be told. */
export interface UpsertOptions extends WriteOptions {
  /** The columns that say which row is meant; the primary key when left out. */
  onConflict?: readonly string[];
  /** Leave a row that exists as it is. */
  ignoreDuplicates?: boolean;
}

/** The write path. */
export interface ResilientDb {
  /**
   * Inserts one row or several. A single row that cannot be written rejects with a `HealingError`; of several
   * each has its own result and the others are saved.
   */
  insert(table: string, rows: Row | readonly Row[], options?: WriteOptions): Promise<WriteResult>;
  /** Inserts several rows; never rejects because of one of them. */
  insertMany(table: string, rows: readonly Row[], options?: WriteOptions): Promise<WriteResult>;
  /** Inserts rows, or updates those that exist. */
  upsert(table: string, rows: Row | readonly Row[], options?: UpsertOptions): Promise<WriteResult>;
  /** Gives the rows that the filter means new values; rejects without a filter. */
  update(table: string, values: Row, filter: Filter, options?: WriteOptions): Promise<WriteResult>;
  /** Deletes the rows that the filter means; rejects without a filter. */
  delete(table: string, filter: Filter, options?: WriteOptions): Promise<WriteResult>;
}

/** Makes a row fit its table. */
export type RowHealer = (
  table: TableFacts,
  row: Row,
  options: { operation: "insert" | "update" },
) => HealedPayload;

/** Asked about a row of which the rules left something; null when nobody knows better. */
export type LearnedHealer = (
  table: TableFacts,
  row: Row,
  ruled: HealedPayload,
  options: { operation: "insert" | "update" },
) => Promise<HealedPayload & { tier: "learned" | "ai" } | null>;

/** How a write path is made. */
export interface ResilientDbOptions {
  /** Records heals, in the background. */
  onHealed?: (heals: readonly RequestHeal[]) => Promise<unknown>;
  functionName?: string;
  /** The tables that this isolate knows; one of its own when left out. */
  schemas?: SchemaReader;
  /** Guards the database; one of its own when left out. Keep one an isolate. */
  breaker?: CircuitBreaker;
  /** Where writes wait while the database is away; in memory when left out. */
  spool?: WriteSpool;
  heal?: RowHealer;
  learned?: LearnedHealer;
  /** `park`. */
  missingColumns?: MissingColumns;
  /** Told of writes that waited in the default spool in vain; they are logged when left out. */
  onLost?: (writes: readonly LostWrite[]) => void;
  clock?: Clock;
  random?: Random;
}
