/** The shape of a rule, and what the rules share. @module */

import type { ActionDraft, ErrorFacts } from "../core/fixes.ts";

/** One rule: a failure that is known from its own words, and the fix for it. */
export interface DeterministicRule {
  /** Stable name, in the catalogue and in evidence. */
  readonly key: string;
  /** Prior confidence, 0.6 to 0.98. */
  readonly confidence: number;
  /** Why the fix helps, one sentence. */
  readonly because: string;
  /** The fix, or null when the rule does not know this error. */
  propose(facts: ErrorFacts): ActionDraft | null;
}

/** True for the code itself, and for none: authors often throw a new error with the message alone. */
export function hasCode(code: string, wanted: string): boolean {
  return code === wanted || code === "";
}
