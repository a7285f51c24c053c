/** In a table of analytics these words all mean what is known about the event. @module */

import { synonymRule } from "../synonym.ts";
import { isPlainObject } from "../values.ts";

/** The rule `event_properties`. */
export const eventProperties = synonymRule({
  key: "event_properties",
  confidence: 0.86,
  because: "of an event these words all mean what is known about it",
  tables: ["event", "analytics", "analytic"],
  from: ["properties", "props", "event properties", "attributes", "event data", "params", "parameters"],
  accepts: (value, column) => isPlainObject(value) && column.type.family === "json",
});
