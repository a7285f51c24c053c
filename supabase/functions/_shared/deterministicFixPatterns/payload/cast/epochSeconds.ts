/** Seconds since 1970 become the moment, in the years 2001 to 2099 only: there no other unit is possible. @module */

import type { CastRule } from "../rule.ts";

/** The rule `epoch_seconds`. */
export const epochSeconds: CastRule = {
  key: "epoch_seconds",
  confidence: 0.9,
  because: "only as seconds the number is a moment of our time",
  families: ["timestamptz"],
  cast(value) {
    const seconds = typeof value === "string" && /^\d{10}$/.test(value) ? Number(value) : value;
    if (typeof seconds !== "number" || !(seconds >= 1_000_000_000 && seconds < 4_070_908_800)) {
      return undefined;
    }
    return Number.isInteger(seconds) ? new Date(seconds * 1_000).toISOString() : undefined;
  },
};
