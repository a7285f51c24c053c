/** In a profile these words all mean what somebody says of themselves. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `biography_word`. */
export const biographyWord = synonymRule({
  key: "biography_word",
  confidence: 0.9,
  because: "in a profile these words all mean what somebody says of themselves",
  tables: ["profile", "user", "author", "member", "speaker", "artist", "person", "people", "instructor"],
  from: ["bio", "biography", "about", "about me"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
