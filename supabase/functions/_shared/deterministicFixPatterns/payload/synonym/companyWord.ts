/** In a table of people these words all mean where they work. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `company_word`. */
export const companyWord = synonymRule({
  key: "company_word",
  confidence: 0.85,
  because: "of a person these words all mean where they work",
  tables: ["contact", "lead", "customer", "person", "people", "attendee", "prospect"],
  from: ["company", "organization", "company name", "organization name", "employer"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
