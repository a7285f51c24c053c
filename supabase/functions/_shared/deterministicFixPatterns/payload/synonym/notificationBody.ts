/** Of a notification these words all mean what it says. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `notification_body`. */
export const notificationBody = synonymRule({
  key: "notification_body",
  confidence: 0.88,
  because: "of a notification these words all mean what it says",
  tables: ["notification", "alert", "announcement", "email", "newsletter", "sms"],
  from: ["body", "message", "content", "text"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
