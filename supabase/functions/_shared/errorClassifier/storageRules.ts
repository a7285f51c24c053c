/** Supabase Storage: HTTP 400 for nearly everything; the true status and the name stand in the body. @module */

import type { ClassifierRule } from "./rule.ts";

/** The rules in their order; a 503 of a schema that does not fit is permanent. */
export const STORAGE_RULES: readonly ClassifierRule[] = [
  {
    key: "storage.schema_mismatch",
    errorType: "storage_schema_mismatch",
    codes: ["DatabaseSchemaMismatch", "DatabaseInvalidObjectDefinition"],
  },
  {
    key: "storage.schema_mismatch_text",
    errorType: "storage_schema_mismatch",
    pattern: /database schema is (?:invalid or incompatible|out of sync)/i,
  },
  { key: "storage.read_only", errorType: "read_only", category: "storage", codes: ["DatabaseReadOnly"] },
  {
    key: "storage.read_only_text",
    errorType: "read_only",
    pattern: /database is (?:currently )?in read-only mode/i,
  },
  { key: "storage.missing_bucket", errorType: "missing_bucket", codes: ["NoSuchBucket", "Bucket not found"] },
  { key: "storage.missing_bucket_text", errorType: "missing_bucket", pattern: /Bucket not found/i },
  { key: "storage.object_not_found", errorType: "object_not_found", codes: ["NoSuchKey", "ObjectNotFound"] },
  { key: "storage.object_not_found_text", errorType: "object_not_found", pattern: /\bObject not found/i },
  {
    key: "storage.exists",
    errorType: "object_exists",
    codes: ["KeyAlreadyExists", "ResourceAlreadyExists", "BucketAlreadyExists", "Duplicate"],
  },
  { key: "storage.exists_text", errorType: "object_exists", pattern: /The resource already exists/ },
  { key: "storage.invalid_key", errorType: "invalid_object_key", codes: ["InvalidKey", "InvalidBucketName"] },
  { key: "storage.invalid_key_text", errorType: "invalid_object_key", pattern: /^Invalid key: /m },
  {
    key: "storage.mime",
    errorType: "unsupported_media_type",
    category: "storage",
    pattern: /mime type (?<mimeType>[\w.+/{}-]{1,120}) is not supported/,
  },
  {
    key: "storage.too_large",
    errorType: "request_too_large",
    category: "storage",
    codes: ["EntityTooLarge", "Payload too large"],
  },
  {
    key: "storage.too_large_text",
    errorType: "request_too_large",
    category: "storage",
    pattern: /exceeded the maximum allowed size/,
  },
  {
    key: "storage.row_level_security",
    errorType: "row_level_security",
    pattern: /new row violates row-level security policy(?! "| for| \()/,
  },
  {
    key: "storage.token_expired",
    errorType: "token_expired",
    codes: ["InvalidJWT", "ExpiredToken"],
    pattern: /expired/i,
  },
  {
    key: "storage.signature",
    errorType: "signature_invalid",
    codes: ["InvalidSignature", "SignatureDoesNotMatch", "InvalidUploadSignature"],
  },
  { key: "storage.denied", errorType: "auth_failed", codes: ["InvalidJWT", "InvalidAccessKeyId"] },
  { key: "storage.access", errorType: "permission_denied", codes: ["AccessDenied"] },
  {
    key: "storage.connections",
    errorType: "connection_capacity",
    category: "storage",
    codes: ["DatabaseConnectionLimit"],
  },
  { key: "storage.database_timeout", errorType: "timeout", category: "storage", codes: ["DatabaseTimeout"] },
  {
    key: "storage.database_timeout_text",
    errorType: "timeout",
    category: "storage",
    pattern: /connection to the database timed out/,
  },
  { key: "storage.status_544", errorType: "timeout", category: "storage", statuses: [544] },
  {
    key: "storage.locked",
    errorType: "lock_timeout",
    category: "storage",
    codes: ["ResourceLocked", "LockTimeout", "acquiring_lock_timeout"],
  },
  {
    // The client keeps the words of the answer, and not always its code.
    key: "storage.locked_text",
    errorType: "lock_timeout",
    category: "storage",
    pattern: /^The resource is locked|acquiring lock timeout/i,
    when: ({ source, status }) => source.startsWith("storage") || status === 423,
  },
  { key: "storage.slow_down", errorType: "rate_limited", category: "storage", codes: ["SlowDown"] },
  { key: "storage.tenant", errorType: "connection_config", category: "storage", codes: ["TenantNotFound"] },
  {
    key: "storage.invalid",
    errorType: "invalid_request",
    category: "storage",
    codes: [
      "InvalidRequest",
      "InvalidParameter",
      "MissingParameter",
      "MissingContentLength",
      "InvalidRange",
      "InvalidChecksum",
      "InvalidUploadId",
      "MissingPart",
    ],
  },
  {
    key: "storage.not_found",
    errorType: "object_not_found",
    codes: ["not_found"],
    when: ({ source }) => source.startsWith("storage"),
  },
  {
    key: "storage.failed",
    errorType: "storage_error",
    codes: ["S3Error", "TusError", "DatabaseError", "TransactionError"],
  },
  { key: "storage.error", errorType: "storage_error", names: ["StorageUnknownError"] },
  {
    key: "storage.other_refusal",
    errorType: "storage_error",
    names: ["StorageApiError", "StorageError"],
    when: ({ status = 0 }) =>
      status >= 400 && status < 500 && ![401, 403, 404, 409, 413, 429].includes(status),
  },
  {
    key: "storage.object_not_found_status",
    errorType: "object_not_found",
    names: ["StorageApiError", "StorageError"],
    statuses: [404],
  },
  {
    key: "realtime.subscribe",
    errorType: "realtime_subscribe_failed",
    codes: ["UnableToSubscribeToPostgres"],
  },
  {
    key: "realtime.subscribe_text",
    errorType: "realtime_subscribe_failed",
    pattern: /Unable to subscribe to changes/,
  },
  {
    key: "realtime.replication",
    errorType: "replication_lag",
    codes: ["ReplicationSlotLagTooHigh", "ReplicationMaxWalSendersReached", "ReplicationSlotBeingUsed"],
  },
  {
    key: "realtime.rate_limit",
    errorType: "rate_limited",
    codes: [
      "ClientJoinRateLimitReached",
      "ConnectionRateLimitReached",
      "ChannelRateLimitReached",
      "MessagePerSecondRateLimitReached",
    ],
  },
];
