/**
 * `grant_privilege`: gives a right back that was lost.
 *
 * Only two roles can get one. `service_role` gets what the functions of a project need; `authenticated` gets exactly
 * what the default privileges of the object's owner show to have been lost, behind row level security, and only by a
 * person's word. Nobody else gets anything, least of all everybody.
 *
 * @module
 */

import { z } from "../core/validation.ts";
import type { FixActionKind } from "./kind.ts";
import { lazily } from "./lazily.ts";

const schema = z.strictObject({
  kind: z.literal("grant_privilege"),
  /** What the right is on. */
  on: z.enum(["schema", "table", "sequence", "function"]),
  /** Its name as the error gives it, with or without its schema; only ever compared with the catalogue. */
  name: z.string().min(1).max(127),
  to: z.enum(["service_role", "authenticated"]),
});

/** Parameters of `grant_privilege`. */
export type GrantPrivilege = z.infer<typeof schema>;

/** The kind `grant_privilege`. */
export const grantPrivilege: FixActionKind<GrantPrivilege> = lazily({
  kind: "grant_privilege",
  group: "database",
  needs: "sql",
  schema,
  // The number of a key is of no use without the right to insert its row, which the role has.
  risk: ({ to, on }) => to === "service_role" || on === "sequence" ? "medium" : "high",
  target: ({ on, name }) => `grants:${on} ${name}`,
  describe: ({ on, name, to }) => `give ${to} back what it lacks on ${on} ${name}`,
}, async () => (await import("./grantPrivilege/steps.ts")).grantPrivilegeSteps);
