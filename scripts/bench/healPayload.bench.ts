/** What it costs to heal a hundred rows of twenty columns, against looking whether their keys are columns. @module */

import { healPayload, type TableFacts } from "../../supabase/functions/_shared/deterministicFixPatterns.ts";
import { validateRow } from "../../supabase/functions/_shared/schemaValidator.ts";

const names = Array.from({ length: 18 }, (_, index) => `measure_${String.fromCharCode(97 + index)}`);
const table: TableFacts = {
  table: "messages",
  columns: [...names, "role", "content"].map((name) => ({
    name,
    type: "text",
    nullable: true,
    default: null,
  })),
};
const fitting = Array.from({ length: 100 }, (_, row) => ({
  ...Object.fromEntries(names.map((name) => [name, `value ${row}`])),
  role: "user",
  content: `Hello ${row}`,
}));
const misnamed = fitting.map(({ content, ...rest }) => ({ ...rest, message: content }));
const known = new Set(table.columns.map(({ name }) => name));

Deno.bench({
  name: "100 rows: are all keys columns?",
  group: "a hundred rows",
  baseline: true,
  fn: () => void fitting.every((row) => Object.keys(row).every((key) => known.has(key))),
});
Deno.bench({
  name: "100 rows: validate",
  group: "a hundred rows",
  fn: () => void fitting.map((row) => validateRow(table, row)),
});
Deno.bench({
  name: "100 rows: heal one misnamed key each",
  group: "a hundred rows",
  fn: () => void misnamed.map((row) => healPayload(table, row)),
});
