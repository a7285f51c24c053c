/** `id` is dropped when value and column are references: `owner_id` for `owner`. @module */

import type { NameRule } from "../rule.ts";
import { columnsCalled } from "../suffix.ts";
import { holdsReference, isReference } from "../values.ts";

/** The rule `id_dropped`. */
export const idDropped: NameRule = {
  key: "id_dropped",
  confidence: 0.92,
  because: "the value is a reference, and the column of that name holds references",
  mayTouch: ["owner"],
  find(key, table) {
    if (!isReference(key.value) || key.words.canon.at(-1) !== "id") return [];
    return columnsCalled(table, key.words.canon.slice(0, -1)).filter(holdsReference);
  },
};
