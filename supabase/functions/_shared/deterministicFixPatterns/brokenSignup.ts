/** A trigger on the table of users fails, and nobody can sign up: mend the names in its function. @module */

import type { DeterministicRule } from "./rule.ts";

/** Codes of a name that is not found; under the auth service's path that is how such a function fails. */
const NOT_FOUND = new Set(["42P01", "42883", "42704"]);

/** The rule `broken_signup`. */
export const brokenSignup: DeterministicRule = {
  key: "broken_signup",
  confidence: 0.75,
  because: "a trigger of the project runs when a user signs up, and fails",
  propose({ code, message, signature }) {
    const kind = "repair_signup_trigger";
    if (/^Database error (?:saving|creating) new user/.test(message)) return { kind, said: null };
    // A migration's own names are another matter; and the trigger has to fail with these very words.
    if (!NOT_FOUND.has(code) || signature.startsWith("migration ")) return null;
    return message.length <= 500 ? { kind, said: message } : null;
  },
};
