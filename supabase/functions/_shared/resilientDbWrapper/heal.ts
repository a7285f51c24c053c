/** Makes the rows of a write fit the table that is known; pure but for what was learned. @module */

import type { AppliedMapping, HealedPayload, TableFacts } from "../deterministicFixPatterns.ts";
import type { KnownTable } from "../schemaReader.ts";
import type { LearnedHealer, Row, RowHealer } from "./types.ts";

/** What was done to the rows of a write, by their index. */
export interface Alterations {
  healed: Map<number, { row: Row; applied: AppliedMapping[] }>;
  /** Values that no column takes. */
  parked: Map<number, Row>;
  /** Why a row was left as it is. */
  refused: Map<number, string>;
}

/** Who heals. */
export interface Healers {
  heal: RowHealer;
  learned: LearnedHealer | undefined;
}

/** The database keeps no more than 256 kB of them with one write; the limit leaves room for how it stores them. */
const MOST_PARKED_LENGTH = 100_000;

/** Looks at rows before they are sent: at unknown keys always, at everything where the table needed care before. */
export async function alterRows(
  { heal, learned }: Healers,
  operation: "insert" | "update",
  name: string,
  known: KnownTable,
  rows: readonly Row[],
  looksAtAll: boolean,
): Promise<Alterations> {
  const table = factsOf(name, known, operation);
  const alterations: Alterations = { healed: new Map(), parked: new Map(), refused: new Map() };
  let parkedLength = 0;
  for (const [index, row] of rows.entries()) {
    if (!looksAtAll && fits(known, row)) continue;
    let result = heal(table, row, { operation });
    if (result.decision === "refuse" && learned !== undefined) {
      result = await learned(table, row, result) ?? result;
    }
    const parked = parkedOf(row, result);
    parkedLength += parked === null ? 0 : JSON.stringify(parked).length;
    if (result.decision === "refuse") alterations.refused.set(index, result.reason);
    else if (parkedLength > MOST_PARKED_LENGTH) {
      alterations.refused.set(index, "more values have no column than can be kept");
    } else if (result.applied.length > 0 || parked !== null) {
      alterations.healed.set(index, { row: result.row, applied: result.applied });
      if (parked !== null) alterations.parked.set(index, parked);
    }
  }
  return alterations;
}

/** No alterations. */
export function unaltered(): Alterations {
  return { healed: new Map(), parked: new Map(), refused: new Map() };
}

function fits(known: KnownTable, row: Row): boolean {
  for (const key in row) if (!known.names.has(key)) return false;
  return true;
}

/** In an update nothing is required: a column that is not named stays as it is. */
function factsOf(table: string, known: KnownTable, operation: "insert" | "update"): TableFacts {
  const columns = operation === "insert"
    ? known.columns
    : known.columns.map((column) => ({ ...column, nullable: true }));
  return { table, columns };
}

/** Everything of the row that the healed row has not: whole keys, and members of objects that were taken apart. */
function parkedOf(row: Row, { unmapped, applied, decision }: HealedPayload): Row | null {
  if (decision === "refuse") return null;
  const parked: Row = {};
  for (const key of unmapped) parked[key] = row[key];
  for (const mapping of applied as (AppliedMapping & { rest?: Row })[]) {
    for (const [key, value] of Object.entries(mapping.rest ?? {})) parked[`${mapping.from}.${key}`] = value;
  }
  return Object.keys(parked).length === 0 ? null : parked;
}
