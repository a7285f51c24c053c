/** Words for an e-mail address, when the value is one. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText, isEmail } from "../values.ts";

/** The rule `email_word`. */
export const emailWord = synonymRule({
  key: "email_word",
  confidence: 0.95,
  because: "the value is an e-mail address",
  from: ["email", "mail", "e mail", "email address", "mail address"],
  accepts: (value, column) => isEmail(value) && holdsText(column),
});
