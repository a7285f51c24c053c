/** A moment at midnight UTC becomes its day; any other would lose its hours. @module */

import { isTemporalText } from "../../../core/columns.ts";
import type { CastRule } from "../rule.ts";

/** The rule `midnight_date`. */
export const midnightDate: CastRule = {
  key: "midnight_date",
  confidence: 0.9,
  because: "at midnight UTC a moment says no more than its day",
  families: ["date"],
  cast(value) {
    const text = value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : value;
    if (typeof text !== "string" || isTemporalText(text) !== "moment") return undefined;
    return /^(\d{4}-\d{2}-\d{2})[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]00(?::?00)?)$/i.exec(text)?.[1];
  },
};
