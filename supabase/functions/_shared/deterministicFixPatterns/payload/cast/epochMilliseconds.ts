/** Milliseconds since 1970 become the moment, in the years 2001 to 2099 only: there no other unit is possible. @module */

import type { CastRule } from "../rule.ts";

/** The rule `epoch_milliseconds`. */
export const epochMilliseconds: CastRule = {
  key: "epoch_milliseconds",
  confidence: 0.92,
  because: "only as milliseconds the number is a moment of our time",
  families: ["timestamptz"],
  cast(value) {
    const milliseconds = typeof value === "string" && /^\d{13}$/.test(value) ? Number(value) : value;
    if (typeof milliseconds !== "number") return undefined;
    if (!(milliseconds >= 1_000_000_000_000 && milliseconds < 4_070_908_800_000)) return undefined;
    return Number.isInteger(milliseconds) ? new Date(milliseconds).toISOString() : undefined;
  },
};
