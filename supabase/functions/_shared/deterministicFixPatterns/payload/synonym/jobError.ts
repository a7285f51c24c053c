/** Of a job these words all mean why it failed. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `job_error`. */
export const jobError = synonymRule({
  key: "job_error",
  confidence: 0.86,
  because: "of a job these words all mean why it failed",
  tables: ["job", "queue", "run", "execution", "build", "workflow", "pipeline", "import", "export"],
  from: ["error", "error message", "error text", "last error"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
