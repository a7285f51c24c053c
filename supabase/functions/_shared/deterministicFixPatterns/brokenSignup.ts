/** A trigger on the table of users fails, and nobody can sign up: mend the names in its function. @module */

import type { DeterministicRule } from "./rule.ts";

/** The rule `broken_signup`. */
export const brokenSignup: DeterministicRule = {
  key: "broken_signup",
  confidence: 0.75,
  because: "a trigger of the project runs when a user signs up, and fails",
  propose: ({ message }) =>
    /^Database error (?:saving|creating) new user/.test(message) ? { kind: "repair_signup_trigger" } : null,
};
