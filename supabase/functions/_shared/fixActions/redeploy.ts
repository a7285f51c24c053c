/** `redeploy`: deploys a project once more, where its code is ahead of what serves, or its last deployment failed. @module */

import { z } from "../core/validation.ts";
import type { FixActionKind } from "./kind.ts";
import { lazily } from "./lazily.ts";

const schema = z.strictObject({
  kind: z.literal("redeploy"),
  project: z.string().regex(/^[\w.-]{1,200}$/),
  /** Null for the project's default. */
  provider: z.enum(["vercel", "github", "supabase", "hook"]).nullable(),
});

/** Parameters of `redeploy`. */
export type Redeploy = z.infer<typeof schema>;

/** The kind `redeploy`. */
export const redeploy: FixActionKind<Redeploy> = lazily({
  kind: "redeploy",
  group: "deployment",
  needs: "sql",
  schema,
  risk: () => "medium",
  target: ({ project }) => `deployment:${project}`,
  describe: ({ project, provider }) =>
    `deploy ${project} once more${provider === null ? "" : ` by ${provider}`}`,
}, async () => (await import("./deployments/steps.ts")).redeploySteps);
