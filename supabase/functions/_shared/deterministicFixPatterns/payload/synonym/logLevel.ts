/** Words for the level of a log entry, when the value is one. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

const LEVELS = new Set(["trace", "debug", "info", "notice", "warn", "warning", "error", "fatal", "critical"]);

/** The rule `log_level`. */
export const logLevel = synonymRule({
  key: "log_level",
  confidence: 0.92,
  because: "the value is a level of a log",
  tables: ["log", "logs", "error", "audit", "alert"],
  from: ["level", "severity", "log level", "severity level"],
  accepts: (value, column) =>
    typeof value === "string" && LEVELS.has(value.toLowerCase()) && holdsText(column),
});
