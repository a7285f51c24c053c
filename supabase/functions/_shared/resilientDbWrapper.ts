/**
 * Writes that heal: a row whose keys do not fit the table lands in the columns that they clearly mean.
 *
 * A write is one request with the caller's own rights. When rows do not fit, the database saves the others and answers
 * with the columns; what is clearly meant is altered and sent once more. The same instance then knows the table, so that
 * a known mismatch costs no extra request. Nothing is dropped: a value without a column is kept where an admin finds it, a
 * row without a column waits in the queue until there is one, and while the database is away writes wait and are made
 * later, each once by its idempotency key.
 *
 * @example
 * ```ts
 * import { createResilientDb } from "./resilientDbWrapper.ts";
 *
 * const sent: unknown[] = [];
 * const db = createResilientDb({ call: (_name, args) => (sent.push(args.p_rows), Promise.resolve({ status: "saved", rows: 1 } as never)) });
 * const { results } = await db.insert("messages", { role: "user", content: "Hello" });
 * if (sent.length !== 1 || results[0]?.status !== "saved") throw new Error("unexpected");
 * ```
 *
 * @module
 */

import { CircuitBreaker } from "./circuitBreaker.ts";
import { systemClock } from "./core/clock.ts";
import { createLogger } from "./core/logger.ts";
import type { RpcPort } from "./core/ports.ts";
import { systemRandom } from "./core/random.ts";
import { healPayload } from "./deterministicFixPatterns.ts";
import { checkFilter, checkKey, checkRow, checkTable } from "./resilientDbWrapper/check.ts";
import { type LostWrite, MemorySpool } from "./resilientDbWrapper/spool.ts";
import { isDatabaseAway } from "./resilientDbWrapper/transport.ts";
import type { ResilientDb, ResilientDbOptions, Row } from "./resilientDbWrapper/types.ts";
import { ResilientWriter, rowError } from "./resilientDbWrapper/writer.ts";
import { SchemaReader } from "./schemaReader.ts";

export {
  type LostWrite,
  MemorySpool,
  type MemorySpoolOptions,
  type SpooledWrite,
  type SpoolSender,
  type WriteSpool,
} from "./resilientDbWrapper/spool.ts";
export type {
  Filter,
  FilterValue,
  LearnedHealer,
  MissingColumns,
  ResilientDb,
  ResilientDbOptions,
  Row,
  RowHealer,
  RowResult,
  UpsertOptions,
  WriteOptions,
  WriteResult,
} from "./resilientDbWrapper/types.ts";

/** Makes the write path over the caller's own connection: it writes with the caller's rights. */
export function createResilientDb(db: RpcPort, options: ResilientDbOptions = {}): ResilientDb {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? systemRandom;
  const writer = new ResilientWriter({
    wire: { db, breaker: options.breaker ?? createWriteBreaker(), clock, random },
    schemas: options.schemas ?? new SchemaReader({ clock }),
    healers: { heal: options.heal ?? healPayload, learned: options.learned },
    spool: options.spool ?? new MemorySpool({ clock, onLost: options.onLost ?? logLost }),
    report: options,
    missingColumns: options.missingColumns ?? "park",
  });
  return {
    insert: (table, rows, options) => writeOneOrMany(writer, "insert", table, rows, options, {}),
    insertMany: (table, rows, options) => writeOneOrMany(writer, "insert", table, [...rows], options, {}),
    upsert: (table, rows, options = {}) =>
      writeOneOrMany(writer, "upsert", table, rows, options, {
        ...(options.onConflict === undefined ? {} : { on_conflict: options.onConflict }),
        ...(options.ignoreDuplicates === undefined ? {} : { ignore_duplicates: options.ignoreDuplicates }),
      }),
    async update(table, values, filter, options = {}) {
      checkRow("update", values);
      checkFilter("update", filter);
      return await writeOne(writer, "update", table, values, options, { filter });
    },
    async delete(table, filter, options = {}) {
      checkFilter("delete", filter);
      return await writeOne(writer, "delete", table, {}, options, { filter });
    },
  };
}

function logLost(writes: readonly LostWrite[]): void {
  createLogger("resilientDb").error("writes that waited for the database were not made", { writes });
}

/** A breaker for the write path: only a database that is away opens it, never a write that it refuses. Keep one an isolate. */
export function createWriteBreaker(
  name?: string,
  options: ConstructorParameters<typeof CircuitBreaker>[1] = {},
): CircuitBreaker {
  return new CircuitBreaker(name, { countsAsFailure: isDatabaseAway, ...options });
}

type Operation = Parameters<ResilientWriter["write"]>[0]["operation"];
type SqlOptions = Parameters<ResilientWriter["write"]>[0]["options"];

async function writeOneOrMany(
  writer: ResilientWriter,
  operation: Operation,
  table: string,
  rows: Row | readonly Row[],
  options: Parameters<ResilientDb["insert"]>[2] = {},
  sqlOptions: SqlOptions,
): ReturnType<ResilientDb["insert"]> {
  if (!Array.isArray(rows)) return await writeOne(writer, operation, table, rows as Row, options, sqlOptions);
  for (const row of rows) checkRow(operation, row);
  checkTable(operation, table);
  checkKey(options.key);
  return await writer.write({ operation, table, rows, wanted: options, options: sqlOptions });
}

/** Nobody looks for the result of a single write: what became of it is the promise itself. */
async function writeOne(
  writer: ResilientWriter,
  operation: Operation,
  table: string,
  row: Row,
  options: NonNullable<Parameters<ResilientDb["insert"]>[2]>,
  sqlOptions: SqlOptions,
): ReturnType<ResilientDb["insert"]> {
  checkRow(operation, row);
  checkTable(operation, table);
  checkKey(options.key);
  const result = await writer.write({ operation, table, rows: [row], wanted: options, options: sqlOptions });
  const [only] = result.results;
  if (only?.status === "failed") throw rowError(table, only, sqlOptions.on_conflict);
  return result;
}
