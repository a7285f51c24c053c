/** `id` is added when the value is a reference: `author` for `author_id`. @module */

import type { NameRule } from "../rule.ts";
import { isUuid } from "../../../core/columns.ts";
import { columnsCalled } from "../suffix.ts";
import { holdsReference, isReference } from "../values.ts";

/** The rule `id_added`. */
export const idAdded: NameRule = {
  key: "id_added",
  confidence: 0.93,
  because: "the value is a reference, and the column is the reference of that name",
  mayTouch: ["owner"],
  find(key, table) {
    // A number under a plural is a count.
    const isPlural = key.words.canon.join("") !== key.words.spelled;
    if (!isReference(key.value) || isPlural) return [];
    return columnsCalled(table, [...key.words.canon, "id"]).filter((column) =>
      holdsReference(column) || isUuid(key.value)
    );
  },
};
