/** The front of a flashcard is what it asks. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `flashcard_front`. */
export const flashcardSides = synonymRule({
  key: "flashcard_front",
  confidence: 0.84,
  because: "the front of a flashcard is what it asks",
  tables: ["flashcard", "card"],
  from: ["front", "question", "front text"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
