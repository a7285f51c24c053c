/** Of a text tags and keywords are one, when both are lists of words. @module */

import { synonymRule } from "../synonym.ts";

/** The rule `summary_keywords`. */
export const summaryKeywords = synonymRule({
  key: "summary_keywords",
  confidence: 0.78,
  because: "of a text tags and keywords are one, as lists of words",
  tables: ["document", "summary", "article", "post", "note", "bookmark", "page", "video", "recipe"],
  from: ["tags", "keywords"],
  accepts: (value, column) => Array.isArray(value) && column.type.family === "array",
});
