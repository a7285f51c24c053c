/** In a table of analytics these words all mean what happened. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `event_name`. */
export const eventName = synonymRule({
  key: "event_name",
  confidence: 0.86,
  because: "of an event these words all mean what happened",
  tables: ["event", "analytics", "analytic"],
  from: ["event", "event name", "name"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
