/** In a log these words all mean what is told. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `log_message`. */
export const logMessage = synonymRule({
  key: "log_message",
  confidence: 0.9,
  because: "in a log these words all mean what is told",
  tables: ["log", "logs"],
  from: ["message", "msg", "text", "log message"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
