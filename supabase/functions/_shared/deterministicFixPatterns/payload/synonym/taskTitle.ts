/** In a list of tasks these words all mean what is to be done. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `task_title`. */
export const taskTitle = synonymRule({
  key: "task_title",
  confidence: 0.88,
  because: "in a list of tasks these words all mean what is to be done",
  tables: ["todo", "task", "subtask", "checklist", "reminder", "chore"],
  from: ["title", "task", "todo", "text", "name", "task name"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
