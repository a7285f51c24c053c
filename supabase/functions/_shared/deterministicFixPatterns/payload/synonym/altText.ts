/** In a table of pictures these words all mean the text in place of one. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `alt_text`. */
export const altText = synonymRule({
  key: "alt_text",
  confidence: 0.92,
  because: "in a table of pictures these words all mean the text in place of one",
  tables: ["image", "photo", "picture", "media", "asset", "illustration"],
  from: ["alt", "alt text", "alternative text", "alt description"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
