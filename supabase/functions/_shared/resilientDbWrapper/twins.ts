/** Rows of one upsert that mean the same row of the table: Postgres refuses all of them together. @module */

import { isHealingError } from "../core/errors.ts";
import type { ChunkOutcome, ChunkResult } from "./writeChunk.ts";
import type { Row } from "./types.ts";

/** Which rows are sent, and what becomes of the others. */
export interface Twins {
  /** Rows with a key of their own, and the first of each set of equal ones. */
  sent: number[];
  /** Rows that are another row once more, by that row. */
  sameAs: ReadonlyMap<number, number>;
  /** Rows with one key and different values, by the others with that key. */
  unclear: ReadonlyMap<number, readonly number[]>;
}

/** True for the refusal of a batch of which two rows have one key. */
export function isTwiceInBatch(error: unknown): boolean {
  return isHealingError(error) && error.details?.sqlState === "21000" &&
    error.message.includes("cannot affect row a second time");
}

/** Compares the rows by the columns that say which row is meant; null when no two of them are the same. */
export function findTwins(rows: readonly Row[], columns: readonly string[]): Twins | null {
  const byKey = new Map<string, number[]>();
  for (const [index, row] of rows.entries()) {
    const values = columns.map((column) => row[column]);
    // A row without its whole key meets no other.
    const key = values.some((value) => value === undefined || value === null)
      ? `row ${index}`
      : JSON.stringify(values.map((value) => typeof value === "object" ? value : String(value)));
    byKey.set(key, [...byKey.get(key) ?? [], index]);
  }
  const [sent, sameAs, unclear] = [[] as number[], new Map<number, number>(), new Map<number, number[]>()];
  for (const group of byKey.values()) {
    const [first, ...others] = group as [number, ...number[]];
    const isOne = others.every((index) => textOf(rows[index]!) === textOf(rows[first]!));
    if (isOne) {
      sent.push(first);
      for (const index of others) sameAs.set(index, first);
    } else for (const index of group) unclear.set(index, group.filter((other) => other !== index));
  }
  return sent.length === rows.length ? null : { sent: sent.sort((a, b) => a - b), sameAs, unclear };
}

function textOf(row: Row): string {
  return JSON.stringify(
    Object.entries(row).filter(([, value]) => value !== undefined).sort(([a], [b]) => a < b ? -1 : 1),
  );
}

/** What became of all rows, from what became of those that were sent. */
export function withTwins(outcome: ChunkOutcome, { sent, sameAs, unclear }: Twins): ChunkOutcome {
  const result = placed(outcome.result, sent);
  for (const [index, first] of sameAs) {
    const same = result.results.find((one) => one.index === first);
    if (same !== undefined) result.results.push({ ...same, index });
  }
  for (const [index, others] of unclear) {
    const message = `the row has the key of row ${others.join(" and ")} of the batch, and other values: ` +
      "which of them is right is for whoever sent them to say";
    result.results.push({ index, status: "failed", applied: [], error: { code: "21000", message } });
  }
  result.results.sort((one, other) => one.index - other.index);
  if (outcome.kind === "done") return { kind: "done", result };
  const { waiting } = outcome;
  return {
    ...outcome,
    result,
    waiting: { ...waiting, indexes: waiting.indexes.map((index) => sent[index]!) },
  };
}

function placed(result: ChunkResult, sent: readonly number[]): ChunkResult {
  return {
    ...result,
    results: result.results.map((one) => ({ ...one, index: sent[one.index]! })),
    returned: result.returned.map(({ index, row }) => ({ index: index === null ? null : sent[index]!, row })),
  };
}
