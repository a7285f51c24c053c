/**
 * Writes down the schema that the migrations build, so that a change of it shows in a diff.
 *
 * The text is equal on Postgres 15, 17 and 18: it is put together from the catalogue, without what only a newer
 * version knows (the right MAINTAIN, rows for not-null constraints) and without what changes by itself
 * (partitions by date, object ids). Bodies of functions stand as a hash: the migrations hold their text.
 *
 * @module
 */

import type { Rows } from "./gate.ts";
import { SCHEMA_QUERIES } from "./schemaDump/queries.ts";

/** The schema as text; the connection's search_path must be empty, so that every name is printed in full. */
export async function dumpSchema(rows: Rows): Promise<string> {
  const blocks = new Map<string, string[]>();
  for (const sql of SCHEMA_QUERIES) {
    for (const { object, line } of await rows<{ object: string; line: string }>(sql)) {
      blocks.set(object, [...blocks.get(object) ?? [object], `  ${line.replaceAll("\n", " ")}`]);
    }
  }
  return [...blocks.values()].map((lines) => `${lines.join("\n")}\n`).join("\n");
}
