/** The name and the statement of an index that we build: the same parameters give the same name. @module */

import { quoted } from "../../core/sqlNames.ts";
import type { CreateIndex } from "../createIndex.ts";

/** What an index is built on. */
export type IndexPlan = Pick<CreateIndex, "schema" | "table" | "columns">;

/** Readable in its middle, told apart by its end; always within the 63 bytes of a name. */
export function indexName({ schema, table, columns }: IndexPlan): string {
  const parts = [schema, table, ...columns.map(({ name, descending }) => `${name} ${descending}`)];
  const words = [table, ...columns.map(({ name }) => name)].join("_").toLowerCase().replace(
    /[^a-z0-9]+/g,
    "_",
  );
  return `heal_idx_${words.slice(0, 40)}_${checksum(parts.join("\0"))}`;
}

/** The statement that builds it beside the writers; it does nothing where the name is taken. */
export function indexCommand(plan: IndexPlan): string {
  return `create index concurrently if not exists ${quoted(indexName(plan))} on ${
    quoted(plan.schema, plan.table)
  } using btree ${indexColumns(plan)}`;
}

/** The columns as a statement lists them. */
export function indexColumns({ columns }: IndexPlan): string {
  return `(${columns.map(({ name, descending }) => quoted(name) + (descending ? " desc" : "")).join(", ")})`;
}

/** FNV-1a: a name needs no more, and a kind's target is asked for without waiting. */
function checksum(text: string): string {
  let sum = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) sum = Math.imul(sum ^ byte, 0x01000193);
  return (sum >>> 0).toString(16).padStart(8, "0");
}
