/** An object where a reference belongs: its id, once that has been confirmed. @module */

import { fit, type Placing, put, said } from "../place.ts";
import type { KeyView } from "../rule.ts";
import { holdsReference, isPlainObject, isReference } from "../values.ts";
import { vetoOf } from "../vetoes.ts";
import { confirmedMapping } from "./confirmedMapping.ts";

/** The rule `embedded_object_id`: `user: { id, name }` for `user_id`; the other members are handed back. */
export const embeddedObject = {
  key: "embedded_object_id",
  confidence: 0.85,
  because: "the object has an id, and its id was accepted in this column before",
  /** True when the key is placed. */
  place(key: KeyView, placing: Placing): boolean {
    const [column, second] = confirmedMapping.findAmong(key, placing.table, placing.confirmed);
    if (column === undefined || second !== undefined || !holdsReference(column)) return false;
    if (placing.healed.has(column.facts.name) || vetoOf(key, column, placing.table) !== null) return false;
    if (!isPlainObject(key.value) || !Object.hasOwn(key.value, "id")) return false;
    const { id, ...rest } = key.value;
    const fitted = isReference(id) ? fit(id, column) : { fits: false as const };
    if (!fitted.fits) return false;
    put(placing, key.key, column, fitted);
    placing.applied.push({
      ...said(embeddedObject),
      action: "rename_column",
      from: key.key,
      to: column.facts.name,
      rest,
    });
    return true;
  },
};
