/** In a table of files these words all mean where one is. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `file_name`. */
export const fileName = synonymRule({
  key: "file_name",
  confidence: 0.88,
  because: "in a table of files these words all mean where one is",
  tables: ["file", "upload", "artifact", "script", "attachment"],
  from: ["filename", "file name", "path", "file path", "name"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
