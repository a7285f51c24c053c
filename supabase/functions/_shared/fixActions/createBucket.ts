/** `create_bucket`: makes a bucket that an upload names and nobody made: private, and without limits of its own. @module */

import { z } from "../core/validation.ts";
import type { FixActionKind } from "./kind.ts";
import { lazily } from "./lazily.ts";

const schema = z.strictObject({
  kind: z.literal("create_bucket"),
  bucket: z.string().regex(/^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$/, "a plain lower-case name"),
});

/** Parameters of `create_bucket`. */
export type CreateBucket = z.infer<typeof schema>;

/** The kind `create_bucket`. */
export const createBucket: FixActionKind<CreateBucket> = lazily({
  kind: "create_bucket",
  group: "database",
  needs: "sql",
  schema,
  // The name may come from a request, and a bucket may have been removed on purpose.
  risk: () => "medium",
  target: ({ bucket }) => `bucket:${bucket}`,
  describe: ({ bucket }) => `create the private bucket ${bucket}`,
}, async () => (await import("./createBucket/steps.ts")).createBucketSteps);
