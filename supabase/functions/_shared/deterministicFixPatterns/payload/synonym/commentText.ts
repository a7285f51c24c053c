/** In a table of comments these words all mean what was said. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `comment_text`. */
export const commentText = synonymRule({
  key: "comment_text",
  confidence: 0.9,
  because: "in a table of comments these words all mean what was said",
  tables: ["comment", "reply"],
  from: ["comment", "text", "body", "content", "message", "comment text"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
