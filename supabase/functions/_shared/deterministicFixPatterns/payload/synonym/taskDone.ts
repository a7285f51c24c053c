/** In a list of tasks these words all mean that it is done. @module */

import { synonymRule } from "../synonym.ts";

/** The rule `task_done`. */
export const taskDone = synonymRule({
  key: "task_done",
  confidence: 0.9,
  because: "in a list of tasks these words all mean that it is done",
  tables: ["todo", "task", "subtask", "checklist", "reminder", "chore", "step", "habit", "goal"],
  from: [
    "done",
    "is done",
    "completed",
    "is completed",
    "complete",
    "is complete",
    "finished",
    "is finished",
  ],
  accepts: (value, column) => typeof value === "boolean" && column.type.family === "boolean",
});
