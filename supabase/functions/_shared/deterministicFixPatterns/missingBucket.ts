/** An upload names a bucket that nobody made: make it, private. @module */

import type { DeterministicRule } from "./rule.ts";

const NAME = "[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]";

/** The rule `missing_bucket`. */
export const missingBucket: DeterministicRule = {
  key: "missing_bucket",
  confidence: 0.8,
  because: "the code uploads to a bucket that does not exist",
  propose({ code, message, place }) {
    const isMissing = /^Bucket not found\b/i.test(message) ||
      (code === "23503" && /violates foreign key constraint "objects_bucketId_fkey"/.test(message));
    if (!isMissing) return null;
    const bucket = place?.bucket ?? new RegExp(`\\(bucket_id\\)=\\((${NAME})\\)`).exec(message)?.[1];
    return bucket === undefined || !new RegExp(`^${NAME}$`).test(bucket)
      ? null
      : { kind: "create_bucket", bucket };
  },
};
