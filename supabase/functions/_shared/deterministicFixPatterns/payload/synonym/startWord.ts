/** Of an appointment these words all mean when it begins. @module */

import { synonymRule } from "../synonym.ts";
import { isTimeFor } from "../values.ts";

/** The rule `start_word`. */
export const startWord = synonymRule({
  key: "start_word",
  confidence: 0.88,
  because: "of an appointment these words all mean when it begins",
  tables: [
    "event",
    "booking",
    "appointment",
    "meeting",
    "shift",
    "schedule",
    "calendar",
    "session",
    "reservation",
    "slot",
  ],
  from: ["start", "start at", "start time", "start date", "begin", "begin at", "begin time"],
  accepts: (value, column) => isTimeFor(value, column),
});
