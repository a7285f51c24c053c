/** `promote`: lets production serve a deployment that is ready, without a build; a person decides about each. @module */

import { z } from "../core/validation.ts";
import type { FixActionKind } from "./kind.ts";
import { lazily } from "./lazily.ts";

const schema = z.strictObject({ kind: z.literal("promote"), deployment: z.uuid() });

/** Parameters of `promote`. */
export type Promote = z.infer<typeof schema>;

/** The kind `promote`. */
export const promote: FixActionKind<Promote> = lazily({
  kind: "promote",
  group: "deployment",
  needs: "sql",
  schema,
  risk: () => "high",
  target: ({ deployment }) => `deployment:${deployment}`,
  describe: ({ deployment }) => `let production serve deployment ${deployment}`,
}, async () => (await import("./deployments/steps.ts")).promoteSteps);
