/** In a list of tasks these words all mean when it has to be done. @module */

import { synonymRule } from "../synonym.ts";
import { isTimeFor } from "../values.ts";

/** The rule `task_due`. */
export const taskDue = synonymRule({
  key: "task_due",
  confidence: 0.88,
  because: "in a list of tasks these words all mean when it has to be done",
  tables: [
    "todo",
    "task",
    "subtask",
    "checklist",
    "reminder",
    "project",
    "milestone",
    "assignment",
    "homework",
  ],
  from: ["due", "due date", "due at", "due on", "deadline"],
  accepts: (value, column) => isTimeFor(value, column),
});
