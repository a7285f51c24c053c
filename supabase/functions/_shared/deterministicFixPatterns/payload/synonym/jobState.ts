/** Of a job status and state are one. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `job_state`. */
export const jobState = synonymRule({
  key: "job_state",
  confidence: 0.88,
  because: "of a job status and state are one",
  tables: ["job", "queue", "run", "execution", "build", "workflow", "pipeline", "import", "export"],
  from: ["status", "state"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
