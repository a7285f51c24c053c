/** Beside a question the response is its answer. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `answer_text`. */
export const answerText = synonymRule({
  key: "answer_text",
  confidence: 0.88,
  because: "beside a question the response is its answer",
  tables: ["faq", "quiz", "survey", "questionnaire"],
  columns: ["question"],
  from: ["answer", "response", "reply"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
