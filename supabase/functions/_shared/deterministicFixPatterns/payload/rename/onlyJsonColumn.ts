/** The only object of a row for the only json column of a table, which needs a value. @module */

import type { NameRule } from "../rule.ts";
import { isRequired } from "../../../core/columns.ts";
import { isPlainObject } from "../values.ts";

/** Words that say only that something is inside. */
const WRAPPERS = new Set([
  "data",
  "payload",
  "event data",
  "job data",
  "property",
  "parameter",
  "argument",
  "event property",
  "event payload",
]);

/** The rule `only_json_column`. */
export const onlyJsonColumn: NameRule = {
  key: "only_json_column",
  confidence: 0.84,
  because: "the table needs one object, and the row has one",
  find(key, table) {
    const objects = table.unknown.filter(({ value }) => isPlainObject(value));
    const columns = table.columns.filter(({ type }) => type.family === "json");
    const [column] = columns;
    const isOnly = objects.length === 1 && objects[0] === key && columns.length === 1 && column !== undefined;
    return isOnly && isRequired(column.facts) && WRAPPERS.has(key.words.phrase) &&
        WRAPPERS.has(column.words.phrase)
      ? [column]
      : [];
  },
};
