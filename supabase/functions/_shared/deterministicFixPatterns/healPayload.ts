/** Makes a row fit its table, by rules alone: renames what is clearly meant, converts what loses nothing. @module */

import { isRequired, readRow, showName, type TableFacts } from "../core/columns.ts";
import { placeKnown, type Placing } from "./payload/place.ts";
import { placeUnknown } from "./payload/rename.ts";
import { viewTable } from "./payload/table.ts";

/** A mapping that the database has accepted before. */
export interface ConfirmedMapping {
  table: string;
  key: string;
  column: string;
  /** How often it was accepted. */
  confirmations: number;
}

/** The signature under which a stored pattern knows what a key of a table means. */
export function mappingSignature(table: string, key: string): string {
  return `unknown column ${key} of ${table}`.slice(0, 1_000);
}

/** What is known beyond the row and its table. */
export interface HealOptions {
  /** Mappings that were confirmed; each acts once it has {@link CONFIRMATIONS_NEEDED}. */
  learned?: readonly ConfirmedMapping[];
  /** An update needs no required columns, and its null is a value; insert. */
  operation?: "insert" | "update";
}

/** What one rule did with one key. */
export interface AppliedMapping {
  /** The rule's stable key. */
  rule: string;
  /** What it did, in the words of the fix actions. */
  action: "rename_column" | "cast_value" | "wrap_json" | "drop_field";
  /** The row's key. */
  from: string;
  /** The column; for a key that was undefined, the key itself. */
  to: string;
  /** 0..1. */
  confidence: number;
  /** Members of an embedded object that have no column: to be parked like an unmapped key. */
  rest?: Record<string, unknown>;
}

/** One thing that kept the row, or a key of it, from landing. */
export interface HealingProblem {
  /** The key or the column. */
  key: string;
  code: string;
}

/** A form that a value of a refused row has, were it confirmed for its column: exactly what would be written. */
export interface MappingOption {
  /** The rule's stable key. */
  rule: string;
  key: string;
  column: string;
  value: unknown;
  /** Why it may be meant, one sentence. */
  because: string;
}

/** What a row becomes, or why it stays as it is. */
export interface HealedPayload {
  /** `partial`: the row can be saved, and what is unmapped has to be parked where people see it. */
  decision: "map" | "partial" | "refuse";
  /** The row to write; for a refusal the row as it came, of which nothing may be written. */
  row: Record<string, unknown>;
  applied: AppliedMapping[];
  /** Keys without a column, of a row that is saved without them. A refused row stays whole. */
  unmapped: string[];
  /** Every key and column in the way, whatever the decision. */
  problems: HealingProblem[];
  /** What a person, or a trusted pattern, may let become of values that fit no column as they are; only of a refusal. */
  options?: MappingOption[];
  reason: string;
}

/** The successes after which a pattern that started at 0.5 is trusted: below 0.5 with a probability under 1 %. */
export const CONFIRMATIONS_NEEDED = 6;

/**
 * Makes a row fit its table. A key that no column is clearly meant by is unmapped; a value that does not fit its own
 * column, or a required column without a value, makes it a refusal. A false mapping is worse than a failure.
 */
export function healPayload(
  schema: TableFacts,
  row: Readonly<Record<string, unknown>>,
  options: HealOptions = {},
): HealedPayload {
  const entries = readRow(row);
  if (entries === null) return refusal({}, [{ key: "", code: "unreadable" }]);
  const placing: Placing = {
    table: viewTable(schema, entries),
    isUpdate: options.operation === "update",
    confirmed: confirmedFor(schema.table, options.learned ?? []),
    healed: new Map(),
    applied: [],
    unmapped: new Set(),
    problems: [],
    options: [],
    isRefused: false,
  };
  try {
    placeKnown(placing);
    placeUnknown(placing);
  } catch {
    // A getter or a proxy inside a value throws when it is looked at.
    return refusal(Object.fromEntries(entries), [{ key: "", code: "unreadable" }]);
  }
  if (!placing.isUpdate) refuseMissing(placing);
  return placing.isRefused
    ? refusal(Object.fromEntries(entries), placing.problems, placing.options)
    : outcome(placing);
}

function confirmedFor(table: string, learned: readonly ConfirmedMapping[]): Map<string, Set<string>> {
  const confirmed = new Map<string, Set<string>>();
  for (const mapping of learned) {
    if (mapping.table !== table || !(mapping.confirmations >= CONFIRMATIONS_NEEDED)) continue;
    confirmed.set(mapping.key, (confirmed.get(mapping.key) ?? new Set()).add(mapping.column));
  }
  return confirmed;
}

function refuseMissing(placing: Placing): void {
  for (const { facts } of placing.table.columns) {
    // One that is given and does not fit has been named already.
    const isGiven = placing.table.row.get(facts.name) !== undefined;
    if (!isRequired(facts) || isGiven || placing.healed.has(facts.name)) continue;
    placing.isRefused = true;
    placing.problems.push({ key: facts.name, code: "missing" });
  }
}

function outcome({ table, healed, applied, unmapped, problems }: Placing): HealedPayload {
  const left = [...table.row.keys()].filter((key) => unmapped.has(key));
  return {
    decision: left.length === 0 ? "map" : "partial",
    row: Object.fromEntries(healed),
    applied,
    unmapped: left,
    problems,
    reason: left.length === 0
      ? `${applied.length} changes`
      : `no column is clearly meant: ${describe(problems)}`,
  };
}

function refusal(
  row: Record<string, unknown>,
  problems: HealingProblem[],
  options: MappingOption[] = [],
): HealedPayload {
  return {
    decision: "refuse",
    row,
    applied: [],
    unmapped: [],
    problems,
    ...(options.length === 0 ? {} : { options }),
    reason: `it cannot be made to fit: ${describe(problems)}`,
  };
}

const MOST_SHOWN = 10;

function describe(problems: readonly HealingProblem[]): string {
  const shown = problems.slice(0, MOST_SHOWN).map(({ key, code }) => `${showName(key)} ${code}`).join(", ");
  return problems.length > MOST_SHOWN ? `${shown} and ${problems.length - MOST_SHOWN} more` : shown;
}
