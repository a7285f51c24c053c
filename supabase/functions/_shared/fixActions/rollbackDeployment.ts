/**
 * `rollback_deployment`: takes a release back to what stood there before it; never across a change of the database that
 * destroyed something.
 *
 * @module
 */

import { z } from "../core/validation.ts";
import type { FixActionKind } from "./kind.ts";
import { lazily } from "./lazily.ts";

const schema = z.strictObject({ kind: z.literal("rollback_deployment"), deployment: z.uuid() });

/** Parameters of `rollback_deployment`. */
export type RollbackDeployment = z.infer<typeof schema>;

/** The kind `rollback_deployment`. */
export const rollbackDeployment: FixActionKind<RollbackDeployment> = lazily({
  kind: "rollback_deployment",
  group: "deployment",
  needs: "sql",
  schema,
  risk: () => "high",
  target: ({ deployment }) => `deployment:${deployment}`,
  describe: ({ deployment }) => `take deployment ${deployment} back to what stood there before it`,
}, async () => (await import("./deployments/steps.ts")).rollbackSteps);
