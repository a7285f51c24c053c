/** Makes the rows of a write fit the table that is known; pure but for what was learned. @module */

import type {
  AppliedMapping,
  HealedPayload,
  MappingOption,
  TableFacts,
} from "../deterministicFixPatterns.ts";
import type { KnownTable } from "../schemaReader.ts";
import type { LearnedHealer, MissingColumns, Row, RowHealer } from "./types.ts";

/** What was done to the rows of a write, by their index. */
export interface Alterations {
  healed: Map<number, Alteration>;
  /** Values that no column takes. */
  parked: Map<number, Row>;
  /** Why a row was left as it is. */
  refused: Map<number, string>;
  /** What could become of the values of such a row. */
  options: Map<number, MappingOption[]>;
}

/** A row as it is sent instead. */
export interface Alteration {
  row: Row;
  applied: AppliedMapping[];
  tier?: "learned" | "ai";
}

/** Who heals. */
export interface Healers {
  heal: RowHealer;
  learned: LearnedHealer | undefined;
}

/** The database keeps no more than 256 kB of them with one write; the limit leaves room for how it stores them. */
const MOST_PARKED_LENGTH = 100_000;

/** How rows are looked at. */
export interface Look {
  operation: "insert" | "update";
  table: string;
  known: KnownTable;
  /** At everything, where the table needed care before; otherwise only at unknown keys. */
  looksAtAll: boolean;
  missingColumns: MissingColumns;
}

/** Looks at rows before they are sent, and at those that came back. */
export async function alterRows(
  { heal, learned }: Healers,
  rows: readonly Row[],
  { operation, table: name, known, looksAtAll, missingColumns }: Look,
): Promise<Alterations> {
  const table: TableFacts = { table: name, columns: known.columns };
  const alterations = unaltered();
  let parkedLength = 0;
  for (const [index, row] of rows.entries()) {
    if (!looksAtAll && fits(known, row)) continue;
    let result: HealedPayload & { tier?: "learned" | "ai" } = heal(table, row, { operation });
    if (result.decision !== "map" && learned !== undefined) {
      result = await learned(table, row, result, { operation }) ?? result;
    }
    const parked = parkedOf(row, result);
    parkedLength += parked === null ? 0 : JSON.stringify(parked).length;
    // A row of which nothing lands is no row.
    const waits = result.decision === "partial" &&
      (missingColumns === "wait" || Object.keys(result.row).length === 0);
    if (result.decision === "partial" && waits && result.applied.length > 0 && result.unmapped.length > 0) {
      alterations.healed.set(index, { row: waitingRow(row, result), applied: result.applied });
    } else if (result.decision === "refuse" || waits) {
      alterations.refused.set(index, result.reason);
      if (result.options !== undefined) alterations.options.set(index, result.options);
    } else if (parkedLength > MOST_PARKED_LENGTH) {
      alterations.refused.set(index, "more values have no column than can be kept");
    } else if (result.applied.length > 0 || parked !== null) {
      const { tier } = result;
      alterations.healed.set(index, {
        row: result.row,
        applied: result.applied,
        ...(tier === undefined ? {} : { tier }),
      });
      if (parked !== null) alterations.parked.set(index, parked);
    }
  }
  return alterations;
}

/** No alterations. */
export function unaltered(): Alterations {
  return { healed: new Map(), parked: new Map(), refused: new Map(), options: new Map() };
}

/** The row as far as it heals, so that it waits for nothing but what is missing; the queue keeps it as it came. */
function waitingRow(row: Row, { row: healed, unmapped }: HealedPayload): Row {
  return { ...healed, ...Object.fromEntries(unmapped.map((key) => [key, row[key]])) };
}

function fits(known: KnownTable, row: Row): boolean {
  for (const key in row) if (!known.names.has(key)) return false;
  return true;
}

/** Everything of the row that the healed row has not: whole keys, and members of objects that were taken apart. */
function parkedOf(row: Row, { unmapped, applied, decision }: HealedPayload): Row | null {
  if (decision === "refuse") return null;
  const parked: Row = {};
  for (const key of unmapped) parked[key] = row[key];
  for (const { from, rest } of applied) {
    for (const [key, value] of Object.entries(rest ?? {})) parked[`${from}.${key}`] = value;
  }
  return Object.keys(parked).length === 0 ? null : parked;
}
