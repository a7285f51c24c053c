/** In a table of reviews these words all mean how good it was, in a number. @module */

import { synonymRule } from "../synonym.ts";
import { holdsNumber } from "../values.ts";

/** The rule `review_score`. */
export const reviewScore = synonymRule({
  key: "review_score",
  confidence: 0.9,
  because: "in a table of reviews these words all mean how good it was",
  tables: ["feedback", "review", "rating", "testimonial"],
  from: ["score", "rating", "stars", "star rating"],
  accepts: (value, column) => typeof value === "number" && holdsNumber(column),
});
