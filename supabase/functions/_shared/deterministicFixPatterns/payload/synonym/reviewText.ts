/** In a table of reviews these words all mean what was said. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `review_text`. */
export const reviewText = synonymRule({
  key: "review_text",
  confidence: 0.88,
  because: "in a table of reviews these words all mean what was said",
  tables: ["feedback", "review", "rating", "testimonial"],
  from: ["feedback", "comment", "comments", "review", "text", "message", "body", "content", "review text"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
