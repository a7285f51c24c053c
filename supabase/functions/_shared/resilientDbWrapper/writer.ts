/** Brings the chunks of one write together, and lets wait what cannot be made now. @module */

import { HealingError, type HealingErrorCode, isHealingError } from "../core/errors.ts";
import { isPassingTrouble } from "../core/passing.ts";
import type { Json } from "../core/ports.ts";
import type { MappingOption } from "../deterministicFixPatterns.ts";
import type { WriteOperation, WriteRowsOptions } from "../healingDb.ts";
import type { SchemaReader } from "../schemaReader.ts";
import { cutIntoChunks } from "./chunks.ts";
import type { Healers } from "./heal.ts";
import { migrationText } from "./migrationText.ts";
import { reportHeals } from "./report.ts";
import type { SpooledWrite, SpoolSender, WriteSpool } from "./spool.ts";
import type { Wire } from "./transport.ts";
import { findTwins, isTwiceInBatch, withTwins } from "./twins.ts";
import type {
  MissingColumns,
  ResilientDbOptions,
  Row,
  RowResult,
  WriteOptions,
  WriteResult,
} from "./types.ts";
import { type ChunkOutcome, writeChunk } from "./writeChunk.ts";

/** What a writer is made of. */
export interface WriterParts {
  wire: Wire;
  schemas: SchemaReader;
  healers: Healers;
  spool: WriteSpool;
  report: Pick<ResilientDbOptions, "onHealed" | "functionName">;
  missingColumns: MissingColumns;
}

/** One write as its author wants it. */
export interface WantedWrite {
  operation: WriteOperation;
  table: string;
  rows: readonly Row[];
  wanted: WriteOptions;
  options: Pick<WriteRowsOptions, "filter" | "on_conflict" | "ignore_duplicates">;
}

/** Writes with the rights of one caller. */
export class ResilientWriter {
  readonly #parts: WriterParts;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** Makes a write; every row has its result. */
  async write(write: WantedWrite): Promise<WriteResult> {
    const { wanted, rows, table } = write;
    const key = wanted.key === false ? undefined : wanted.key ?? this.#parts.wire.random.uuid();
    const result: WriteResult = { rows: 0, results: [], healed: [] };
    const proposed: string[] = [];
    const chunks = rows.length === 0 ? [] : cutIntoChunks(rows);
    for (const { from, rows } of chunks) {
      // A write of one chunk has the author's own key; of several each has its place in it.
      const chunkKey = key === undefined || chunks.length === 1 ? key : `${key}:${from}`;
      const outcome = await this.#writeChunk(write, rows, chunkKey);
      if (outcome.kind === "away") await this.#letWait(write, rows, outcome);
      take(result, outcome.result, from, wanted.returning !== undefined);
      proposed.push(...outcome.result.proposed);
    }
    const healed = result.results.filter(({ status }) => status === "healed");
    reportHeals(this.#parts.report, table, healed, this.#parts.wire.random.uuid());
    const migration = wanted.migration ? migrationText(table, proposed) : undefined;
    return migration === undefined ? result : { ...result, migration };
  }

  /** Of rows that are in an upsert twice one is sent; where they differ none is. */
  async #writeChunk(
    write: WantedWrite,
    rows: readonly Row[],
    key: string | undefined,
  ): Promise<ChunkOutcome> {
    const job = this.#jobOf(write);
    try {
      return await writeChunk(job, rows, key);
    } catch (error) {
      const { on_conflict: columns } = write.options;
      const twins = isTwiceInBatch(error) && columns !== undefined ? findTwins(rows, columns) : null;
      if (twins === null) throw withPlace(error, write);
      const unique = twins.sent.map((index) => rows[index]!);
      // Nothing was made under the key itself, which stands for all of the rows.
      const outcome = await writeChunk(job, unique, key === undefined ? undefined : `${key}~`);
      return withTwins(outcome, twins);
    }
  }

  #jobOf(
    { operation, table, wanted, options }: Pick<WantedWrite, "operation" | "table" | "wanted" | "options">,
  ) {
    const { wire, schemas, healers } = this.#parts;
    const missingColumns = wanted.missingColumns ?? this.#parts.missingColumns;
    const returning = wanted.returning === undefined ? {} : { returning: wanted.returning };
    return {
      wire,
      schemas,
      healers,
      operation,
      table,
      options: { ...options, ...returning },
      missingColumns,
    };
  }

  /** Puts the rows of a chunk that the database did not answer into the spool; without room they fail. */
  async #letWait(
    { operation, table, options }: WantedWrite,
    rows: readonly Row[],
    { result, waiting, error }: Extract<ChunkOutcome, { kind: "away" }>,
  ): Promise<void> {
    const write: SpooledWrite = {
      operation,
      table,
      rows: waiting.indexes.map((index) => rows[index]!),
      key: waiting.key,
      made: waiting.made,
      options,
    };
    const hasRoom = await this.#parts.spool.put(write, (write) => this.#replay(write));
    for (const index of waiting.indexes) {
      result.results.push({
        index,
        status: hasRoom ? "queued" : "failed",
        applied: [],
        error: {
          code: error.code,
          message: hasRoom ? error.message : "The database is away, and nothing more can wait",
        },
      });
    }
    result.results.sort((one, other) => one.index - other.index);
  }

  /** What waited is made under its own key; what changes rows that nobody has looked at since is left to a person. */
  async #replay({ operation, table, rows, key, made, options }: SpooledWrite): ReturnType<SpoolSender> {
    const unseen = operation === "insert" ? {} : { unseen: true };
    const job = this.#jobOf({ operation, table, wanted: {}, options: { ...options, ...unseen } });
    try {
      const outcome = await writeChunk(job, rows, key, made);
      if (outcome.kind === "away") return "later";
      const { results } = outcome.result;
      reportHeals(this.#parts.report, table, results.filter(({ status }) => status === "healed"), key);
      return results.some(({ status }) => status === "failed") ? "refused" : "done";
    } catch (error) {
      return isPassingTrouble(error) ? "later" : "refused";
    }
  }
}

function take(
  result: WriteResult,
  chunk: ChunkOutcome["result"],
  from: number,
  returns: boolean,
): void {
  result.rows += chunk.rows;
  for (const row of chunk.results) {
    const placed: RowResult = from === 0 ? row : { ...row, index: row.index + from };
    result.results.push(placed);
    if (placed.status === "healed") result.healed.push({ index: placed.index, applied: placed.applied });
  }
  if (!returns) return;
  const sorted = chunk.returned.toSorted((one, other) => (one.index ?? Infinity) - (other.index ?? Infinity));
  result.returned = [...result.returned ?? [], ...sorted.map(({ row }) => row)];
}

/** The same error, with what was written where: what the database says of a whole statement does not name its table. */
function withPlace(error: unknown, { table, options: { on_conflict: conflict } }: WantedWrite): unknown {
  if (!isHealingError(error) || error.name !== "HealingError" || !error.details?.sqlState) return error;
  const { code, message, hint, details, retryAfterMs, cause } = error;
  const place = placeOf(table, conflict);
  return new HealingError(code, message, { hint, details: { ...details, place }, retryAfterMs, cause });
}

function placeOf(table: string, conflict: readonly string[] | undefined): Record<string, unknown> {
  return { table, operation: "write", ...(conflict === undefined ? {} : { conflict }) };
}

/** The error for a single row that could not be written. */
export function rowError(
  table: string,
  { error, options }: RowResult,
  conflict?: readonly string[],
): HealingError {
  const state = error?.code ?? "";
  const hint = options === undefined ? HINTS[state] : hintOf(options);
  return new HealingError(
    codeOf(state),
    `The row was not written into ${JSON.stringify(table)}: ${error?.message}`,
    {
      hint,
      details: {
        sqlState: state,
        column: error?.column ?? null,
        constraint: error?.constraint ?? null,
        place: placeOf(table, conflict),
        ...(options === undefined ? {} : { options: options.map((option) => ({ ...option }) as Json) }),
      },
      // What the server said in its own words: by them the failure is known again.
      cause: Object.assign(new Error(error?.message), { code: state }),
    },
  );
}

/** The values themselves stand in the details: a hint may end in a log. */
function hintOf(options: readonly MappingOption[]): string {
  const said = options.slice(0, 5).map(({ rule, key, because }) => `${key}: ${rule}, as ${because}`).join(
    "; ",
  );
  return `It may be meant as in details.options (${said}); a trusted pattern for the column lets it be written so`;
}

const HINTS: Readonly<Record<string, string>> = {
  KILL_SWITCH: "An admin can turn it on: settings enabled, dry_run and mode_payload",
  "42501": "The caller needs a grant and a policy for it; with returning also a policy to select",
};

function codeOf(state: string): HealingErrorCode {
  if (state === "KILL_SWITCH" || state === "UNAVAILABLE" || state === "TIMEOUT") return state;
  if (state === "42501") return "FORBIDDEN";
  return /^(?:22|23|42)/.test(state) ? "BAD_REQUEST" : "DATABASE_ERROR";
}
