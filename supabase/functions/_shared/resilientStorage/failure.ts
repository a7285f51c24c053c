/** What storage said, read: its true status stands in the body, and what looks passing may last. @module */

import { HealingError, type HealingErrorCode, messageOf } from "../core/errors.ts";
import { isInstance, part } from "../core/unknownValues.ts";
import { classifyError, type ErrorType } from "../errorClassifier.ts";
import { sanitizeFailure } from "../errorSanitizer.ts";

/** A failure of storage. */
export interface StorageFailure {
  error: unknown;
  errorType: ErrorType;
  /** The same call may succeed later. */
  passes: boolean;
}

const CODE_OF_TYPE: Readonly<Partial<Record<ErrorType, HealingErrorCode>>> = {
  missing_bucket: "CONFIG_MISSING",
  object_not_found: "NOT_FOUND",
  object_exists: "CONFLICT",
  row_level_security: "FORBIDDEN",
  permission_denied: "FORBIDDEN",
  auth_failed: "UNAUTHORIZED",
  token_expired: "UNAUTHORIZED",
  signature_invalid: "UNAUTHORIZED",
  request_too_large: "PAYLOAD_TOO_LARGE",
  unsupported_media_type: "BAD_REQUEST",
  invalid_object_key: "BAD_REQUEST",
  invalid_request: "BAD_REQUEST",
  rate_limited: "RATE_LIMITED",
  timeout: "TIMEOUT",
  aborted: "ABORTED",
};

const HINT_OF_TYPE: Readonly<Partial<Record<ErrorType, string>>> = {
  missing_bucket: "Create the bucket, private; the engine proposes it to an admin",
  row_level_security:
    "Write a policy for the folder of the file's owner; policies are never opened to let a file in",
  request_too_large: "Make the file smaller; what a bucket takes is never raised",
  unsupported_media_type: "The bucket does not take this type of file; what it takes is never widened",
  storage_schema_mismatch: "Storage is being upgraded: its answer does not pass within a request",
};

/** Reads what a call of storage ended with. */
export function readStorageFailure(error: unknown): StorageFailure {
  // Where no answer came, the client wraps what the network said.
  const said = part(error, "originalError");
  const { errorType, transient } = classifyError({
    ...sanitizeFailure(isInstance(said, Error) ? said : error),
    source: "storage",
  });
  return { error, errorType, passes: transient };
}

/** The coded error for the author. What lasts is never given a code that invites to try again. */
export function storageError(
  { error, errorType, passes }: StorageFailure,
  place: { bucket: string; key?: string; operation: "read" | "write" },
): HealingError {
  const code = CODE_OF_TYPE[errorType] ?? (passes ? "UNAVAILABLE" : "DATABASE_ERROR");
  return new HealingError(code, messageOf(error), {
    hint: HINT_OF_TYPE[errorType],
    details: { errorType, ...place },
    cause: error,
  });
}
