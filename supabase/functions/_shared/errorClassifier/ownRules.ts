/** Errors of this library: their code says it all, and their cause has been looked at before. @module */

import type { ErrorType } from "./errorTypes.ts";
import type { ClassifierRule } from "./rule.ts";

const TYPE_OF_CODE: Readonly<Record<string, ErrorType>> = {
  BAD_REQUEST: "invalid_request",
  UNAUTHORIZED: "auth_failed",
  FORBIDDEN: "permission_denied",
  NOT_FOUND: "not_found",
  METHOD_NOT_ALLOWED: "method_not_allowed",
  PAYLOAD_TOO_LARGE: "request_too_large",
  CONFLICT: "conflict",
  LEASE_LOST: "conflict",
  KILL_SWITCH: "aborted",
  RATE_LIMITED: "rate_limited",
  TIMEOUT: "timeout",
  ABORTED: "aborted",
  UNAVAILABLE: "service_unavailable",
  CONFIG_MISSING: "config_missing",
  JSON_INVALID: "json_invalid",
  JSON_TRUNCATED: "json_truncated",
  JSON_TOO_LARGE: "request_too_large",
  JSON_TOO_DEEP: "json_invalid",
  JSON_SCHEMA_MISMATCH: "schema_mismatch",
  JSON_REPAIR_REFUSED: "json_invalid",
  FIX_REFUSED: "internal_fault",
  FIX_FAILED: "internal_fault",
  DATABASE_ERROR: "internal_error",
  INTERNAL: "internal_fault",
};

/** One rule for each code. */
export const OWN_RULES: readonly ClassifierRule[] = Object.entries(TYPE_OF_CODE).map(([code, errorType]) => ({
  key: `own.${code.toLowerCase()}`,
  errorType,
  codes: [code],
  names: ["HealingError", "JsonParseError", "CircuitOpenError"],
  ...(errorType === "timeout" ? { category: "runtime" } : {}),
}));
