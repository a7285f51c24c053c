/** Of an article these words all mean its text. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `article_body`. */
export const articleBody = synonymRule({
  key: "article_body",
  confidence: 0.88,
  because: "of an article these words all mean its text",
  tables: ["post", "article", "page", "blog", "note", "story", "news", "entry", "journal", "lesson"],
  from: ["body", "content", "text", "post content", "post body"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
