/** Answers of Auth, Storage and the edge runtime with their verdicts. @module */

import { type Labelled, permanent, transient } from "./labelled.ts";

function storage(statusCode: string, error: string, message: string) {
  return { name: "StorageApiError", status: 400, message, body: { statusCode, error, message } };
}

/** Permanent errors that look transient stand first in each group. */
export const SERVICES: readonly Labelled[] = [
  permanent(
    "auth_database_error",
    { name: "AuthRetryableFetchError", status: 500, message: "Database error saving new user" },
    undefined,
    "auth",
  ),
  permanent("auth_database_error", {
    status: 500,
    body: { code: 500, error_code: "unexpected_failure", msg: "Database error querying schema" },
  }),
  transient("network", { name: "AuthRetryableFetchError", status: 0, message: "{}" }),
  permanent(
    "rate_limited",
    { code: "over_email_send_rate_limit", status: 429, message: "email rate limit exceeded" },
    undefined,
    "auth",
  ),
  transient("rate_limited", {
    code: "over_request_rate_limit",
    status: 429,
    message: "Request rate limit reached",
  }, "auth"),
  permanent("user_exists", { code: "user_already_exists", status: 422, message: "User already registered" }),
  permanent(
    "auth_failed",
    { name: "AuthApiError", status: 400, code: "invalid_credentials", message: "Invalid login credentials" },
    undefined,
    "auth",
  ),
  permanent("auth_refused", { code: "email_not_confirmed", status: 400, message: "Email not confirmed" }),
  permanent("token_expired", {
    code: "otp_expired",
    status: 403,
    message: "Token has expired or is invalid",
  }),
  permanent("token_expired", { message: "Invalid Refresh Token: Refresh Token Not Found", status: 400 }),
  permanent("auth_failed", { status: 401, message: "Invalid API key" }),
  permanent("signature_invalid", {
    status: 400,
    message: "No signatures found matching the expected signature for payload",
  }),
  permanent(
    "storage_schema_mismatch",
    storage(
      "503",
      "DatabaseSchemaMismatch",
      "The database schema is out of sync. Please run migrations or contact support.",
    ),
  ),
  permanent(
    "storage_schema_mismatch",
    storage("503", "DatabaseInvalidObjectDefinition", "The database schema is invalid or incompatible."),
  ),
  permanent(
    "read_only",
    storage(
      "503",
      "DatabaseReadOnly",
      "The database is currently in read-only mode. Please try again later.",
    ),
    undefined,
    "storage",
  ),
  permanent("missing_bucket", storage("404", "Bucket not found", "Bucket not found"), undefined, "storage"),
  permanent("object_not_found", storage("404", "not_found", "Object not found")),
  permanent("object_exists", storage("409", "Duplicate", "The resource already exists")),
  permanent(
    "unsupported_media_type",
    storage("415", "invalid_mime_type", "mime type text/html is not supported"),
    { mimeType: "text/html" },
    "storage",
  ),
  permanent(
    "request_too_large",
    storage("413", "Payload too large", "The object exceeded the maximum allowed size"),
    undefined,
    "storage",
  ),
  permanent("invalid_object_key", storage("400", "InvalidKey", "Invalid key: a/ü.png")),
  permanent(
    "row_level_security",
    storage("403", "Unauthorized", "new row violates row-level security policy"),
    undefined,
    "auth",
  ),
  permanent("token_expired", storage("400", "InvalidJWT", "jwt expired")),
  transient("timeout", {
    status: 544,
    body: {
      statusCode: "544",
      error: "DatabaseTimeout",
      message: "The connection to the database timed out",
    },
  }, "storage"),
  transient("lock_timeout", storage("423", "ResourceLocked", "The resource is locked"), "storage"),
  permanent(
    "boot_error",
    { status: 503, edgeErrorCode: "BOOT_ERROR", message: "Worker failed to boot (please check logs)" },
    undefined,
    "runtime",
  ),
  permanent("worker_limit", {
    status: 546,
    code: "WORKER_LIMIT",
    message: "Worker failed to respond due to a resource limit",
  }),
  permanent("worker_limit", { status: 546, message: "" }),
  permanent("worker_error", {
    status: 500,
    edgeErrorCode: "WORKER_ERROR",
    message: "Function exited due to an error (please check logs)",
  }),
  permanent(
    "function_not_deployed",
    { status: 404, code: "NOT_FOUND", message: "Requested function was not found" },
    undefined,
    "deployment",
  ),
  permanent("auth_failed", {
    status: 401,
    edgeErrorCode: "UNAUTHORIZED_INVALID_JWT_FORMAT",
    message: "Invalid JWT",
  }),
  permanent("timeout", { status: 504, edgeErrorCode: "IDLE_TIMEOUT", message: "" }, undefined, "runtime"),
  permanent("network_or_cors", {
    name: "FunctionsFetchError",
    message: "Failed to send a request to the Edge Function",
  }),
  permanent("missing_package", { code: "BOOT_ERROR", message: "npm package 'left-padd' does not exist." }, {
    package: "left-padd",
  }),
  permanent("undefined_identifier", {
    code: "BOOT_ERROR",
    message: "ReferenceError: createClient is not defined",
  }, { identifier: "createClient" }),
  transient("rate_limited", { status: 429, edgeErrorCode: "RATE_LIMIT_EXCEEDED", message: "" }, "runtime"),
  transient("worker_retired", {
    message: "WorkerAlreadyRetired: request cannot be handled because the worker has already retired",
  }),
  transient("relay_error", {
    name: "FunctionsRelayError",
    message: "Relay Error invoking the Edge Function",
  }),
  permanent("realtime_subscribe_failed", {
    code: "UnableToSubscribeToPostgres",
    message: "Unable to subscribe to changes with given parameters",
  }),
  permanent("function_failed", {
    name: "FunctionsHttpError",
    status: 503,
    message: "Edge Function returned a non-2xx status code",
  }),
  permanent("network_or_cors", { message: "Access to fetch at 'x' has been blocked by CORS policy" }),
  permanent(
    "auth_refused",
    { name: "AuthApiError", status: 422, code: "some_new_code", message: "No" },
    undefined,
    "auth",
  ),
  permanent("auth_failed", { name: "AuthSessionMissingError", message: "Auth session missing!" }),
  permanent("storage_error", storage("400", "SomethingNew", "No"), undefined, "storage"),
];
