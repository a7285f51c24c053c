/** All of these words mean the family name. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `family_name`. */
export const familyName = synonymRule({
  key: "family_name",
  confidence: 0.94,
  because: "all of these words mean the family name",
  from: ["last name", "family name", "surname", "lname"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
