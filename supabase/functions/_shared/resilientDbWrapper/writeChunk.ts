/**
 * Writes one request's share of the rows to the end: sends it whole, looks at what came back with the columns at hand,
 * and sends that again until every row has its result.
 *
 * @module
 */

import { HealingError } from "../core/errors.ts";
import type { RowFault, UnsavedRow, WriteAnswer, WriteOperation, WriteRowsOptions } from "../healingDb.ts";
import type { SchemaReader } from "../schemaReader.ts";
import { haveSameKeys } from "./chunks.ts";
import { type Alterations, alterRows, type Healers, unaltered } from "./heal.ts";
import { sendWrite, type Wire } from "./transport.ts";
import type { MissingColumns, Row, RowResult } from "./types.ts";

/** What stays the same for all requests of one write. */
export interface WriteJob {
  wire: Wire;
  schemas: SchemaReader;
  healers: Healers;
  operation: WriteOperation;
  table: string;
  options: Pick<WriteRowsOptions, "filter" | "on_conflict" | "ignore_duplicates" | "returning" | "unseen">;
  /** What becomes of a row of which a value has no column. */
  missingColumns: MissingColumns;
}

/** What became of a chunk; indexes count within it. */
export interface ChunkResult {
  rows: number;
  results: RowResult[];
  returned: { index: number | null; row: Row }[];
  proposed: string[];
}

/** The database went away: these rows, of the chunk, under this key. */
export type ChunkOutcome =
  | { kind: "done"; result: ChunkResult }
  | {
    kind: "away";
    result: ChunkResult;
    waiting: { indexes: number[]; key: string; made: number };
    error: HealingError;
  };

/** A round in which the database said nothing about any row; the columns changed under every one of these. */
const MOST_IDLE_ROUNDS = 5;

/** Writes a chunk, of which `made` rounds have been made before. Rejects with what concerns the write as a whole. */
export async function writeChunk(
  job: WriteJob,
  rows: readonly Row[],
  key: string | undefined,
  made = 0,
): Promise<ChunkOutcome> {
  const result: ChunkResult = { rows: 0, results: [], returned: [], proposed: [] };
  let open = rows.map((_row, index): OpenRow => ({ index, fault: undefined }));
  // A round that made nothing leaves its key free, and the next one takes it: whoever sends the write again may know the
  // table by then and heal before the first round, and has to meet what was made under the same key.
  let used = made;
  for (let round = 0, idle = 0; open.length > 0; round++) {
    const roundKey = key === undefined || used === 0 ? key : `${key}#${used}`;
    const indexes = open.map(({ index }) => index);
    const sent = await sendRound(job, indexes.map((index) => rows[index]!), roundKey, round > 0);
    if (sent.kind === "away") {
      return { kind: "away", result, waiting: { indexes, key: key!, made: used }, error: sent.error };
    }
    if (hasMade(sent.answer)) used++;
    const left = settle(result, indexes, sent);
    idle = left.length < open.length || round === 0 ? 0 : idle + 1;
    if (idle === MOST_IDLE_ROUNDS) throw changesTooOften(job.table);
    open = await giveUpHopeless(job, rows, left, result);
  }
  result.results.sort((one, other) => one.index - other.index);
  return { kind: "done", result };
}

/** Whether the database keeps an answer under the key of its round. */
function hasMade(answer: Round["answer"]): boolean {
  return answer.rows > 0 || answer.status === "saved" ||
    answer.results.some(({ status }) => status === "queued");
}

/** A row without a result, and why it was not saved when it was tried. */
interface OpenRow {
  index: number;
  fault: RowFault | undefined;
}

/** A row that would go out as it came has failed; only one without a column is sent again, to wait in the queue. */
async function giveUpHopeless(
  job: WriteJob,
  rows: readonly Row[],
  left: readonly OpenRow[],
  result: ChunkResult,
): Promise<OpenRow[]> {
  const { alterations } = await look(job, left.map(({ index }) => rows[index]!), true);
  return left.filter(({ index, fault }, place) => {
    const hasHope = fault === undefined || fault.code === "42703" || alterations.healed.has(place);
    const options = alterations.options.get(place);
    if (!hasHope) {
      result.results.push({ ...unsavedRow(index, { index, status: "failed" }, options), error: fault });
    }
    return hasHope;
  });
}

interface Round {
  kind: "answered";
  answer: Exclude<WriteAnswer, { status: "off" | "changed" }>;
  alterations: Alterations;
}

async function sendRound(
  job: WriteJob,
  rows: readonly Row[],
  key: string | undefined,
  isAgain: boolean,
): Promise<Round | { kind: "away"; error: HealingError }> {
  const { alterations, fingerprint } = await look(job, rows, isAgain);
  const options = optionsOf(job, rows, key, alterations, fingerprint);
  const sent = await sendWrite(job.wire, job.table, rows, options);
  if (sent.kind === "away") return sent;
  const { answer } = sent;
  if (answer.status === "mixed" && answer.schema !== undefined) {
    const known = job.schemas.learn(job.table, answer.schema);
    known.needsCare ||= answer.results.some(({ error }) => error !== undefined && error.code !== "42703");
  }
  if (answer.status === "off") {
    job.schemas.learn(job.table, answer.schema);
    return await sendUnaltered(job, rows, key, alterations);
  }
  if (answer.status === "changed") throw changesTooOften(job.table);
  return { kind: "answered", answer, alterations };
}

/** What is known is healed before it is sent; what came back is looked at with all care. */
async function look(
  job: WriteJob,
  rows: readonly Row[],
  isAgain: boolean,
): Promise<{ alterations: Alterations; fingerprint: string | undefined }> {
  const known = job.operation === "delete" ? undefined : job.schemas.known(job.table);
  if (known === undefined) return { alterations: unaltered(), fingerprint: undefined };
  const operation = job.operation === "update" ? "update" : "insert";
  const looksAtAll = isAgain || known.needsCare;
  const look = {
    operation,
    table: job.table,
    known,
    looksAtAll,
    missingColumns: job.missingColumns,
  } as const;
  const alterations = await alterRows(job.healers, rows, look);
  const wasLookedAt = isAgain || alterations.healed.size > 0 || alterations.refused.size > 0;
  return { alterations, fingerprint: wasLookedAt ? known.fingerprint : undefined };
}

function optionsOf(
  { operation, options }: WriteJob,
  rows: readonly Row[],
  key: string | undefined,
  { healed, parked }: Alterations,
  fingerprint: string | undefined,
): WriteRowsOptions {
  const isUniform = operation === "insert" && rows.length > 1 && healed.size === 0 && haveSameKeys(rows);
  return {
    ...options,
    ...(isUniform ? { same_keys: true as const } : {}),
    ...(operation === "insert" ? {} : { operation }),
    ...(key === undefined ? {} : { key, queue: true }),
    ...(fingerprint === undefined ? {} : { fingerprint, final: true }),
    ...(healed.size === 0
      ? {}
      : { healed: Object.fromEntries([...healed].map(([index, { row }]) => [index, row])) }),
    ...(parked.size === 0 ? {} : { parked: Object.fromEntries(parked) }),
  };
}

/**
 * Healing is off: rows that fit are saved as they are, the others fail and are not queued, since only the switch is in
 * the way. All of them are sent, so that the write is the same under its key with the switch on or off.
 */
async function sendUnaltered(
  job: WriteJob,
  rows: readonly Row[],
  key: string | undefined,
  { healed }: Alterations,
): Promise<Round | { kind: "away"; error: HealingError }> {
  const { queue: _, ...options } = optionsOf(
    job,
    rows,
    key,
    unaltered(),
    job.schemas.known(job.table)?.fingerprint,
  );
  const sent = await sendWrite(job.wire, job.table, rows, options);
  if (sent.kind === "away") return sent;
  const { answer } = sent;
  if (answer.status === "off" || answer.status === "changed") throw changesTooOften(job.table);
  if (answer.status === "saved") return { kind: "answered", alterations: unaltered(), answer };
  const results = answer.results.map((one) =>
    one.status === "failed" && healed.has(one.index) ? { ...one, error: HEALING_OFF } : one
  );
  return { kind: "answered", alterations: unaltered(), answer: { ...answer, results } };
}

const HEALING_OFF = { code: "KILL_SWITCH", message: "The row does not fit its table, and healing is off" };

/** Takes over the results of a round and returns the rows that are still open. */
function settle(result: ChunkResult, indexes: readonly number[], { answer, alterations }: Round): OpenRow[] {
  const unsaved = new Map(
    answer.status === "mixed" ? answer.results.map((one) => [one.index, one]) : [],
  );
  const left: OpenRow[] = [];
  result.rows += answer.rows;
  for (const [place, index] of indexes.entries()) {
    const fault = unsaved.get(place);
    if (fault?.status === "pending") left.push({ index, fault: fault.error });
    else if (fault === undefined) result.results.push(savedRow(place, index, alterations));
    else result.results.push(unsavedRow(index, fault, alterations.options.get(place)));
  }
  result.proposed.push(...answer.proposed ?? []);
  result.returned.push(...returnedRows(answer, indexes));
  return left;
}

function savedRow(place: number, index: number, { healed, parked }: Alterations): RowResult {
  const alteration = healed.get(place);
  if (alteration === undefined) return { index, status: "saved", applied: [] };
  const values = parked.get(place);
  return {
    index,
    status: "healed",
    applied: alteration.applied,
    ...(alteration.tier === undefined ? {} : { tier: alteration.tier }),
    ...(values === undefined ? {} : { parked: Object.keys(values) }),
  };
}

function unsavedRow(
  index: number,
  { status, error }: UnsavedRow,
  options: RowResult["options"],
): RowResult {
  return {
    index,
    status: status === "queued" ? "queued" : "failed",
    applied: [],
    ...(error === undefined ? {} : { error }),
    ...(options === undefined ? {} : { options }),
  };
}

function returnedRows(answer: Round["answer"], indexes: readonly number[]): ChunkResult["returned"] {
  if (answer.returned === undefined) return [];
  if (answer.status === "mixed") {
    return answer.returned.map(({ index, row }) => ({
      index: index === null ? null : indexes[index]!,
      row: row as Row,
    }));
  }
  const isWhole = answer.returned.length === indexes.length;
  return answer.returned.map((row, place) => ({ index: isWhole ? indexes[place]! : null, row: row as Row }));
}

function changesTooOften(table: string): HealingError {
  return new HealingError("CONFLICT", `Table ${JSON.stringify(table)} changed while the rows were sent`, {
    hint: "Send them again",
  });
}
