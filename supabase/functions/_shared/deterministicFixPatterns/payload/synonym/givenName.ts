/** All of these words mean the given name. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `given_name`. */
export const givenName = synonymRule({
  key: "given_name",
  confidence: 0.94,
  because: "all of these words mean the given name",
  from: ["first name", "given name", "fname", "forename"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
