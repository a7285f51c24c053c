/** Of an appointment these words all mean when it ends. @module */

import { synonymRule } from "../synonym.ts";
import { isTimeFor } from "../values.ts";

/** The rule `end_word`. */
export const endWord = synonymRule({
  key: "end_word",
  confidence: 0.88,
  because: "of an appointment these words all mean when it ends",
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
  from: ["end", "end at", "end time", "end date", "finish", "finish at", "finish time"],
  accepts: (value, column) => isTimeFor(value, column),
});
