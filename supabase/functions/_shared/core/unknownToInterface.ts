/** What the REST interface did not find in its copy of the schema, read from its own words. @module */

/** A thing that the interface does not know; the names are only ever compared with the catalogue. */
export interface UnknownToInterface {
  missing: "column" | "table" | "function" | "relationship";
  /** The table or the function, or the table that a relationship begins at. */
  name: string;
  /** Its schema, where the interface names it. */
  schema: string | null;
  /** The column, or the table that a relationship ends at. */
  part: string | null;
  /** The names of the arguments of a call. */
  arguments: string[];
}

const COLUMN = /^Could not find the '([^'\n]{1,63})' column of '([^'\n]{1,63})' in the schema cache/;
const TABLE = /^Could not find the table '(?:([^'.\n]{1,63})\.)?([^'\n]{1,63})' in the schema cache/;
const RELATIONSHIP =
  /^Could not find a relationship between '([^'\n]{1,63})' and '([^'\n]{1,63})' in the schema cache/;
const FUNCTION =
  /^Could not find the function ([^.\s(]{1,63})\.([^\s(]{1,63}?)(?:\(([^)\n]{0,2000})\)| without parameters) in the schema cache/;

/** What is missing; null for codes and words that say nothing of the kind. */
export function readUnknownToInterface(code: string, message: string): UnknownToInterface | null {
  if (!/^PGRST20[0245]$/.test(code)) return null;
  const none = { schema: null, part: null, arguments: [] };
  const column = COLUMN.exec(message);
  if (column) return { ...none, missing: "column", name: column[2]!, part: column[1]! };
  const table = TABLE.exec(message);
  if (table) return { ...none, missing: "table", name: table[2]!, schema: table[1] ?? null };
  const relationship = RELATIONSHIP.exec(message);
  if (relationship) {
    return { ...none, missing: "relationship", name: relationship[1]!, part: relationship[2]! };
  }
  const called = FUNCTION.exec(message);
  if (!called) return null;
  const given = (called[3] ?? "").split(",").map((argument) => argument.trim());
  return {
    ...none,
    missing: "function",
    schema: called[1]!,
    name: called[2]!,
    arguments: given.filter((argument) => argument !== ""),
  };
}
