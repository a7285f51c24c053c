/** In a table of source files these words all mean what is in one. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `file_content`. */
export const fileContent = synonymRule({
  key: "file_content",
  confidence: 0.9,
  because: "in a table of files these words all mean what is in one",
  tables: ["file", "snippet", "artifact", "gist"],
  from: ["code", "content", "contents", "source code", "file content", "text", "body"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
