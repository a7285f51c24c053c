/** In a table of files these words all mean where one is. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `file_path`. */
export const filePath = synonymRule({
  key: "file_path",
  confidence: 0.88,
  because: "in a table of files these words all mean where one is",
  tables: ["file", "artifact", "script", "attachment"],
  from: ["filename", "file name", "file path", "path"],
  to: ["path", "file path"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
