/** The REST interface does not know a column, table, function or relationship: let it look again, if it is there. @module */

import type { ActionDraft } from "../core/fixes.ts";
import type { DeterministicRule } from "./rule.ts";

const COLUMN = /^Could not find the '([^'\n]{1,63})' column of '([^'\n]{1,63})' in the schema cache/;
const TABLE = /^Could not find the table '(?:([^'.\n]{1,63})\.)?([^'\n]{1,63})' in the schema cache/;
const RELATIONSHIP =
  /^Could not find a relationship between '([^'\n]{1,63})' and '([^'\n]{1,63})' in the schema cache/;
const FUNCTION =
  /^Could not find the function ([^.\s(]{1,63})\.([^\s(]{1,63}?)(?:\(([^)\n]{0,2000})\)| without parameters) in the schema cache/;

/** The rule `stale_schema_cache`. */
export const staleSchemaCache: DeterministicRule = {
  key: "stale_schema_cache",
  confidence: 0.9,
  because: "what is in the catalogue and not in the interface's copy of it is there after the next look",
  propose: ({ code, message }) => /^PGRST20[0245]$/.test(code) ? missingIn(message) : null,
};

function missingIn(message: string): ActionDraft | null {
  const draft = { kind: "reload_schema_cache", schema: null, part: null, arguments: [] };
  const column = COLUMN.exec(message);
  if (column) return { ...draft, missing: "column", name: column[2]!, part: column[1]! };
  const table = TABLE.exec(message);
  if (table) return { ...draft, missing: "table", name: table[2]!, schema: table[1] ?? null };
  const relationship = RELATIONSHIP.exec(message);
  if (relationship) {
    return { ...draft, missing: "relationship", name: relationship[1]!, part: relationship[2]! };
  }
  const called = FUNCTION.exec(message);
  if (!called) return null;
  const given = (called[3] ?? "").split(",").map((argument) => argument.trim()).filter((argument) =>
    argument !== ""
  );
  return { ...draft, missing: "function", schema: called[1]!, name: called[2]!, arguments: given };
}
