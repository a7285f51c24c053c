/** `uuid` and `uid` for each other as parameters of a function, when the value is a uuid. @module */

import { isUuid } from "../../../core/columns.ts";
import { synonymRule } from "../synonym.ts";

/** The rule `caller_uuid`. */
export const callerUuid = synonymRule({
  key: "caller_uuid",
  confidence: 0.84,
  because: "the value is a uuid, and both words say only that",
  from: ["uuid", "uid"],
  accepts: (value, column) => isUuid(value) && column.type.family === "uuid",
});
