/** All of these words mean the telephone number. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `phone_word`. */
export const phoneWord = synonymRule({
  key: "phone_word",
  confidence: 0.9,
  because: "all of these words mean the telephone number",
  from: ["phone", "telephone", "tel", "phone number", "telephone number"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
