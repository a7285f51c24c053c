/**
 * What an isolate knows of the tables that it writes, so that a known mismatch heals before it is sent.
 *
 * Nothing here can be stale in a way that matters: whoever writes a row that was altered sends the fingerprint of
 * the columns along, and the database compares it under the lock of the write. The five minutes only bound how long
 * a column that was added goes unused.
 *
 * @example
 * ```ts
 * import { SchemaReader } from "./schemaReader.ts";
 *
 * const schemas = new SchemaReader();
 * schemas.learn("messages", { fingerprint: "a1", columns: [{ name: "role", type: "text", nullable: false, default: null }] });
 * if (schemas.known("messages")?.names.has("role") !== true) throw new Error("unexpected");
 * ```
 *
 * @module
 */

import { runInBackground } from "./core/background.ts";
import { type Clock, systemClock } from "./core/clock.ts";
import { isComputed } from "./core/columns.ts";
import type { RpcPort } from "./core/ports.ts";
import {
  noteTableUse,
  predictTableSchemas,
  readTableSchemas,
  type StoredColumn,
  type StoredTableSchema,
} from "./healingDb.ts";

/** A table as this isolate knows it. */
export interface KnownTable {
  fingerprint: string;
  columns: readonly StoredColumn[];
  /** The names of the columns that take a value. */
  names: ReadonlySet<string>;
  /** True once a row had to be altered for it: from then on every row is looked at before it is sent. */
  needsCare: boolean;
}

/** What a reader may be told. */
export interface SchemaReaderOptions {
  /** How long columns count as known, in milliseconds; five minutes. */
  ttlMs?: number;
  /** How many tables are kept, the longest unread go first; 200. */
  maxTables?: number;
  clock?: Clock;
}

/** How columns are read ahead. */
export interface WarmOptions {
  /** Reads with the rights of whoever writes. */
  caller: RpcPort;
  /** Predicts and remembers, with the service role. */
  service: RpcPort;
  functionName: string;
}

/** The columns of tables, by table; keep one for the life of the isolate and for one role. */
export class SchemaReader {
  readonly #ttlMs: number;
  readonly #maxTables: number;
  readonly #clock: Clock;
  readonly #tables = new Map<string, { table: KnownTable; until: number }>();
  #isWarm = false;

  /** Throws a `RangeError` for an option that makes no sense. */
  constructor({ ttlMs = 300_000, maxTables = 200, clock = systemClock }: SchemaReaderOptions = {}) {
    require("ttlMs", ttlMs, ttlMs > 0);
    require("maxTables", maxTables, maxTables >= 1);
    this.#ttlMs = ttlMs;
    this.#maxTables = maxTables;
    this.#clock = clock;
  }

  /** The table, unless it was never read or too long ago. */
  known(table: string): KnownTable | undefined {
    const entry = this.#tables.get(table);
    if (entry === undefined || entry.until > this.#clock.monotonic()) return entry?.table;
    this.#tables.delete(table);
    return undefined;
  }

  /** Keeps what the database said of a table. */
  learn(table: string, schema: StoredTableSchema): KnownTable {
    const needsCare = this.#tables.get(table)?.table.needsCare ?? false;
    const { fingerprint, columns } = schema;
    const known = { fingerprint, columns, names: writableNames(columns), needsCare };
    this.#tables.delete(table);
    this.#tables.set(table, { table: known, until: this.#clock.monotonic() + this.#ttlMs });
    const [longestUnread] = this.#tables.keys();
    if (this.#tables.size > this.#maxTables) this.#tables.delete(longestUnread!);
    return known;
  }

  /** Reads tables in one round trip. */
  async read(db: RpcPort, tables: readonly string[]): Promise<void> {
    if (tables.length === 0) return;
    for (const [table, schema] of Object.entries(await readTableSchemas(db, tables.slice(0, 50)))) {
      this.learn(table, schema);
    }
  }

  /**
   * Reads ahead, once an isolate and in the background, what the function wrote last and what is due to change; and
   * remembers the tables that it writes now. A failure is nobody's concern: columns are then read when they matter.
   */
  warm({ caller, service, functionName }: WarmOptions, written: readonly string[] = []): void {
    const isFirst = !this.#isWarm;
    this.#isWarm = true;
    if (!isFirst && written.length === 0) return;
    runInBackground(async () => {
      if (written.length > 0) await noteTableUse(service, functionName, written);
      if (isFirst) await this.read(caller, await predictTableSchemas(service, functionName));
    });
  }
}

function require(key: string, value: number, holds: boolean): void {
  if (holds) return;
  throw new RangeError(`Cannot create SchemaReader as "${key}" is too small: current value is ${value}`);
}

function writableNames(columns: readonly StoredColumn[]): ReadonlySet<string> {
  return new Set(columns.filter((column) => !isComputed(column)).map(({ name }) => name));
}
