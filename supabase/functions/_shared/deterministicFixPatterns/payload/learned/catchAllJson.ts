/** A key without a column of its own, in the column that takes everything, once that has been confirmed. @module */

import { judgeValue } from "../../../core/columns.ts";
import { type Placing, said } from "../place.ts";
import type { KeyView } from "../rule.ts";
import { isPlainObject } from "../values.ts";
import { vetoOf } from "../vetoes.ts";
import { confirmedMapping } from "./confirmedMapping.ts";

/** The rule `catch_all_json`: the key becomes a member of a json column and overwrites none. */
export const catchAllJson = {
  key: "catch_all_json",
  confidence: 0.8,
  because: "this column took the same key before",
  /** True when the key is placed. */
  place(key: KeyView, placing: Placing): boolean {
    const [column, second] = confirmedMapping.findAmong(key, placing.table, placing.confirmed);
    if (column === undefined || second !== undefined || column.type.family !== "json") return false;
    const name = column.facts.name;
    const before = placing.healed.get(name) ?? (placing.table.row.has(name) ? null : {});
    if (!isPlainObject(before) || Object.hasOwn(before, key.key) || key.key === "__proto__") return false;
    const merged = { ...before, [key.key]: key.value };
    if (vetoOf(key, column, placing.table) !== null || judgeValue(merged, column.facts) !== null) {
      return false;
    }
    placing.healed.set(name, merged);
    placing.applied.push({ ...said(catchAllJson), action: "wrap_json", from: key.key, to: name });
    return true;
  },
};
