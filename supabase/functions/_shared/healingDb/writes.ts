/** The write path: rows as the caller, and what is known of tables. @module */

import type { ColumnFacts } from "../core/columns.ts";
import type { Json, RpcPort } from "../core/ports.ts";

/** What a write does. */
export type WriteOperation = "insert" | "upsert" | "update" | "delete";

/** A column as the database describes it to whoever may write it. */
export type StoredColumn = ColumnFacts;

/** The columns of a table and the fingerprint that changes with every change of them. */
export interface StoredTableSchema {
  fingerprint: string;
  columns: StoredColumn[];
}

/** What a write can be told, under the names of the SQL function. */
export interface WriteRowsOptions {
  /** All rows have just the keys of the first: the database need not look. */
  same_keys?: true;
  operation?: WriteOperation;
  /** The idempotency key; without one nothing is kept and nothing is queued. */
  key?: string;
  /** Which rows an update or delete means. */
  filter?: Readonly<Record<string, unknown>>;
  on_conflict?: readonly string[];
  ignore_duplicates?: boolean;
  /** The columns of the rows that come back, or true for all. */
  returning?: true | readonly string[];
  /** What is written instead of rows, by their index. */
  healed?: Record<number, Record<string, unknown>>;
  /** The columns that the caller knows. */
  fingerprint?: string;
  /** Values that no column takes, by the index of their row. */
  parked?: Record<number, Record<string, unknown>>;
  /** The caller has looked at these columns: what fails now has failed. */
  final?: boolean;
  /** Rows that fail for want of a column, a table or a function wait in the queue. */
  queue?: boolean;
  /** The rows that are meant, as they were seen; a write that finds others changes nothing. */
  seen?: Json;
  /** The write comes too late to know what it was to change: a person decides. */
  unseen?: boolean;
}

/** Why a row was not saved. */
export interface RowFault {
  /** The SQLSTATE. */
  code: string;
  message: string;
  column?: string;
  constraint?: string;
}

/** A row that was not saved. */
export interface UnsavedRow {
  index: number;
  status: "failed" | "queued" | "pending";
  error?: RowFault;
}

/** What the database answers to a write. */
export type WriteAnswer =
  /** Everything was written; `rows` is how many rows that touched. */
  | { status: "saved"; rows: number; returned?: Json[]; proposed?: string[]; replayed?: true }
  | {
    status: "mixed";
    rows: number;
    results: UnsavedRow[];
    returned?: { index: number | null; row: Json }[];
    schema?: StoredTableSchema;
    savepoints?: number;
    /** Statements that would add what was missing. */
    proposed?: string[];
    replayed?: true;
  }
  /** Rows that were altered are not written while healing is off. */
  | { status: "off"; schema: StoredTableSchema }
  /** The rows that were meant are not as they were seen. */
  | { status: "changed"; rows: 0 };

/** Writes rows with the rights of whoever calls. */
export function writeRows(
  db: RpcPort,
  table: string,
  rows: readonly Record<string, unknown>[],
  options: WriteRowsOptions = {},
): Promise<WriteAnswer> {
  const named = Object.keys(options).length === 0 ? {} : { p_options: options };
  return db.call("write_rows", { p_table: table, p_rows: rows, ...named });
}

/** Reads the columns of up to 50 tables that the caller may write; others are left out. */
export function readTableSchemas(
  db: RpcPort,
  tables: readonly string[],
): Promise<Record<string, StoredTableSchema>> {
  return db.call("read_table_schemas", { p_tables: tables });
}

/** Remembers which tables a function writes. Returns how many entries changed. */
export function noteTableUse(db: RpcPort, functionName: string, tables: readonly string[]): Promise<number> {
  return db.call("note_table_use", { p_function: functionName, p_tables: tables });
}

/** Names of the tables whose columns are worth reading before a function writes them. */
export function predictTableSchemas(db: RpcPort, functionName: string): Promise<string[]> {
  return db.call("predict_table_schemas", { p_function: functionName });
}
