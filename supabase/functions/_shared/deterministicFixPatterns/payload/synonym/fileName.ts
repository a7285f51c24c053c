/** In a table of files both words mean what one is called. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `file_name`. */
export const fileName = synonymRule({
  key: "file_name",
  confidence: 0.88,
  because: "in a table of files both words mean what one is called",
  tables: ["file", "upload", "artifact", "script", "attachment"],
  from: ["filename", "file name", "name"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
