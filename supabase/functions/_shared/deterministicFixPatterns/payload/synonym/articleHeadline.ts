/** Of an article the headline is its title. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `article_headline`. */
export const articleHeadline = synonymRule({
  key: "article_headline",
  confidence: 0.9,
  because: "of an article the headline is its title",
  tables: ["post", "article", "page", "blog", "note", "story", "news", "entry"],
  from: ["title", "headline", "heading"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
