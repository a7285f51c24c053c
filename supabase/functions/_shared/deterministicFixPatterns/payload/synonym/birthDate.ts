/** All of these words mean the day of birth. @module */

import { synonymRule } from "../synonym.ts";
import { isTimeFor } from "../values.ts";

/** The rule `birth_date`. */
export const birthDate = synonymRule({
  key: "birth_date",
  confidence: 0.93,
  because: "all of these words mean the day of birth",
  from: ["birth date", "date of birth", "dob", "birthday", "birthdate", "birth day"],
  accepts: (value, column) => isTimeFor(value, column),
});
