/** Endings of moments come, go and change: `start` and `starts_on` for `start_at`. @module */

import type { NameRule } from "../rule.ts";
import { differByEnding } from "../suffix.ts";
import { isTimeFor } from "../values.ts";

const ENDINGS = new Set(["at", "on", "date", "time", "datetime", "timestamp"]);

/** The rule `time_ending`. */
export const timeEnding: NameRule = {
  key: "time_ending",
  confidence: 0.92,
  because: "the ending says that it is a moment, which the column and the value are",
  find(key, table) {
    return differByEnding(key, table, ENDINGS).filter((column) => isTimeFor(key.value, column));
  },
};
