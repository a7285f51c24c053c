/**
 * `repair_signup_trigger`: mends the function behind a trigger on the table of users that fails for want of a name.
 *
 * "Database error saving new user" hides what failed. The function is tried on a stand-in for the table, under the
 * path that the platform's service has. Names that it does not find there, and that exist once elsewhere, are written
 * in full, one after the other, and its path is emptied. Any other failure (a required value, a right, a rule about
 * rows) is told and left to a person. Nothing in schema `auth` is touched, and the function keeps its rights.
 *
 * @module
 */

import { z } from "../core/validation.ts";
import type { FixActionKind } from "./kind.ts";
import { lazily } from "./lazily.ts";

const schema = z.strictObject({
  kind: z.literal("repair_signup_trigger"),
  /** What the database said, where it is known; only ever compared with what the rehearsal says. */
  said: z.string().max(500).nullable(),
});

/** Parameters of `repair_signup_trigger`; the trigger itself is found in the catalogue. */
export type RepairSignupTrigger = z.infer<typeof schema>;

/** The kind `repair_signup_trigger`. */
export const repairSignupTrigger: FixActionKind<RepairSignupTrigger> = lazily({
  kind: "repair_signup_trigger",
  group: "database",
  needs: "sql",
  schema,
  risk: () => "high",
  target: () => "function:sign-up trigger",
  describe: () => "write the names in the function of the sign-up trigger in full and empty its search_path",
}, async () => (await import("./signupTrigger/steps.ts")).repairSignupTriggerSteps);
