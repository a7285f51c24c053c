/** What the user was doing when it failed. @module */

import type { Json } from "./ports.ts";

/** What the user was doing when it failed; `unknown` when nobody said. */
export type Activity = "payment" | "signIn" | "write" | "read" | "background" | "migration" | "unknown";

const CAUTIOUS_WORDS: readonly [Activity, RegExp][] = [
  ["payment", /pay|checkout|billing|invoice|order|refund|charge|subscri|stripe|wallet|ledger/i],
  ["signIn", /auth|log-?in|log-?out|sign-?(in|up|out)|session|password|otp|token|invite/i],
];
const DECLARED: readonly string[] = ["payment", "signIn", "write", "read", "background"];

/**
 * Reads what the user was doing from the function's name and from what its author declared (`details.doing`). The
 * more cautious word counts, so that nothing that an error says can make a payment look like a read.
 */
export function activityOf(error: { source: string; functionName: string | null; doing: Json }): Activity {
  if (error.source === "migration") return "migration";
  const declared = typeof error.doing === "string" && DECLARED.includes(error.doing)
    ? error.doing as Activity
    : undefined;
  for (const [activity, words] of CAUTIOUS_WORDS) {
    if (declared === activity || words.test((error.functionName ?? "").slice(0, 200))) return activity;
  }
  return declared ?? "unknown";
}
