/** The back of a flashcard is what it answers. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `flashcard_back`. */
export const flashcardBack = synonymRule({
  key: "flashcard_back",
  confidence: 0.84,
  because: "the back of a flashcard is what it answers",
  tables: ["flashcard", "card"],
  from: ["back", "answer", "back text"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
