/** Cuts many rows into requests that stay within the platform's limits; always in the same places, so that keys hold. @module */

import type { Row } from "./types.ts";

const MOST_ROWS = 1_000;
const MOST_LENGTH = 1_000_000;
/** Below this number rows are not measured: measuring costs as much as sending. */
const UNMEASURED_ROWS = 250;

/** One request's share of the rows. */
export interface Chunk {
  /** The index of its first row. */
  from: number;
  rows: readonly Row[];
}

/** The rows in chunks of at most 1,000 rows and about a megabyte; a row that is larger goes alone. */
export function cutIntoChunks(rows: readonly Row[]): Chunk[] {
  if (rows.length <= UNMEASURED_ROWS) return [{ from: 0, rows }];
  const chunks: Chunk[] = [];
  let from = 0;
  let length = 0;
  for (const [index, row] of rows.entries()) {
    const size = JSON.stringify(row).length;
    if (index > from && (index - from >= MOST_ROWS || length + size > MOST_LENGTH)) {
      chunks.push({ from, rows: rows.slice(from, index) });
      from = index;
      length = 0;
    }
    length += size;
  }
  chunks.push({ from, rows: rows.slice(from) });
  return chunks;
}

/** True when all rows have the keys of the first. A value that is undefined counts as none: JSON leaves it out. */
export function haveSameKeys(rows: readonly Row[]): boolean {
  const keys = Object.keys(rows[0] ?? {});
  return rows.every((row) => {
    let count = 0;
    for (const key in row) if (row[key] !== undefined) count++;
    return count === keys.length && keys.every((key) => row[key] !== undefined);
  });
}
