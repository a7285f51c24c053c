/** Tables in one line, and what a rule does to a row of theirs. @module */

import assert from "node:assert/strict";
import {
  type ColumnFacts,
  type HealedPayload,
  type HealOptions,
  healPayload,
  PAYLOAD_RULES,
  type TableFacts,
} from "../../supabase/functions/_shared/deterministicFixPatterns.ts";

type Row = Record<string, unknown>;

/** A table: its name, and its columns as `name type! = default`, with `!` for not null, between semicolons. */
export type TableLine = readonly [table: string, columns: string];

/** The table of a line. */
export function tableOf([table, columns]: TableLine): TableFacts {
  return { table, columns: columns.split(";").map((column) => columnOf(column.trim())) };
}

function columnOf(line: string): ColumnFacts {
  const [, name, type, required, standard] = /^(\S+) (.+?)(!?)(?: = (.*))?$/.exec(line)!;
  return { name: name!, type: type!, nullable: required !== "!", default: standard ?? null };
}

/** Fails unless the rule takes part and the row becomes the expected one, with nothing left. */
export function assertHeals(
  rule: string,
  line: TableLine,
  row: Row,
  expected: Row,
  options: HealOptions = {},
): HealedPayload {
  const healed = healPayload(tableOf(line), row, options);
  const about = `${JSON.stringify(line)}: ${healed.reason}`;
  assert.deepEqual({ ...healed.row }, expected, about);
  assert.equal(healed.decision, "map", about);
  const catalogued = PAYLOAD_RULES.find(({ key }) => key === rule);
  const applied = healed.applied.find((one) => one.rule === rule);
  assert.ok(applied !== undefined, `${rule} is not among ${healed.applied.map((one) => one.rule)}`);
  assert.equal(applied.confidence, catalogued?.confidence);
  return healed;
}

/** Fails when the rule takes part, or when anything but the row's own fitting columns would be stored. */
export function assertDeclines(
  rule: string,
  line: TableLine,
  row: Row,
  options: HealOptions = {},
): HealedPayload {
  const healed = healPayload(tableOf(line), row, options);
  const about = `${JSON.stringify(line)} stores ${Object.keys(healed.row)}`;
  assert.ok(healed.applied.every((one) => one.rule !== rule), about);
  if (healed.decision === "refuse") assert.deepEqual({ ...healed.row }, { ...row });
  else for (const [column, value] of Object.entries(healed.row)) assert.deepEqual(value, row[column], about);
  return healed;
}
