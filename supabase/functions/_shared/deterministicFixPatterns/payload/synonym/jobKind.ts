/** Of a job or an event type and kind are one. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `job_kind`. */
export const jobKind = synonymRule({
  key: "job_kind",
  confidence: 0.86,
  because: "of a job type and kind are one",
  tables: [
    "job",
    "queue",
    "run",
    "execution",
    "build",
    "workflow",
    "pipeline",
    "import",
    "export",
    "event",
    "notification",
    "activity",
    "log",
  ],
  from: ["type", "kind", "job type"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
