/** All of these words mean the postal code. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `postal_code`. */
export const postalCode = synonymRule({
  key: "postal_code",
  confidence: 0.94,
  because: "all of these words mean the postal code",
  from: ["zip", "zip code", "postcode", "postal code", "post code"],
  accepts: (value, column) => (typeof value === "string" || typeof value === "number") && holdsText(column),
});
