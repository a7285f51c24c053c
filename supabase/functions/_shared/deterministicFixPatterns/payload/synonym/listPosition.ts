/** Words for the place in a list, when the value is a whole number. @module */

import { synonymRule } from "../synonym.ts";

/** The rule `list_position`. */
export const listPosition = synonymRule({
  key: "list_position",
  confidence: 0.86,
  because: "a whole number under one of these words is a place in a list",
  from: ["position", "order", "sort order", "order index", "display order", "sort index"],
  accepts: (value, column) => Number.isInteger(value) && column.type.family === "integer",
});
