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
  const objects = [...await readSchema(rows)];
  return objects.map(([object, lines]) => `${[object, ...lines.map((line) => `  ${line}`)].join("\n")}\n`)
    .join(
      "\n",
    );
}

/** The same, the lines of each object by its heading. */
export async function readSchema(rows: Rows): Promise<Map<string, string[]>> {
  const objects = new Map<string, string[]>();
  for (const sql of SCHEMA_QUERIES) {
    for (const { object, line } of await rows<{ object: string; line: string }>(sql)) {
      objects.set(object, [...objects.get(object) ?? [], line.replaceAll("\n", " ")]);
    }
  }
  return objects;
}

/** What {@link dumpSchema} has written, read again. */
export function parseSchema(text: string): Map<string, string[]> {
  const blocks = text.trimEnd().split("\n\n").map((block) => block.trim().split("\n"));
  return new Map(blocks.map(([heading = "", ...lines]) => [heading, lines.map((line) => line.slice(2))]));
}
