/** `uuid` and `uid` for each other as parameters of a function, when the value is a uuid. @module */

import type { NameRule } from "../rule.ts";
import { isUuid } from "../../../core/columns.ts";

/** The rule `caller_uuid`. */
export const callerUuid: NameRule = {
  key: "caller_uuid",
  confidence: 0.84,
  because: "the value is a uuid, and both words say only that",
  find(key, table) {
    const other = { uuid: "uid", uid: "uuid" }[key.words.normal];
    if (!table.isProcedure || other === undefined || !isUuid(key.value)) return [];
    return (table.byNormal.get(other) ?? []).filter(({ type }) => type.family === "uuid");
  },
};
