/** Every error type with its facts: those of the database from `core/sqlState`, those of all other sources here. @module */

import {
  DATABASE_ERROR_TYPES,
  databaseErrorFacts,
  type DatabaseErrorType,
  type ErrorCategory,
  type ErrorScope,
  type ErrorSeverity,
  type ErrorTypeFacts,
} from "../core/sqlState.ts";

type Row = readonly [ErrorCategory, ErrorScope, ErrorSeverity, ("retry" | "no")];

/** `retry`: transient and safe to repeat. `no`: permanent, or not known to be transient. */
const TYPES = {
  // The data interface (PostgREST).
  schema_cache_unavailable: ["database", "infrastructure", "high", "retry"],
  schema_not_exposed: ["database", "security", "high", "no"],
  missing_relationship: ["database", "schema", "medium", "no"],
  invalid_payload: ["payload", "request", "low", "no"],
  affected_rows_limit: ["payload", "data", "medium", "no"],
  // Realtime.
  realtime_subscribe_failed: ["database", "schema", "medium", "no"],
  replication_lag: ["database", "infrastructure", "high", "no"],
  // Authentication.
  token_expired: ["auth", "security", "low", "no"],
  auth_refused: ["auth", "security", "medium", "no"],
  auth_database_error: ["auth", "schema", "high", "no"],
  user_exists: ["auth", "data", "low", "no"],
  signature_invalid: ["auth", "security", "high", "no"],
  // Storage.
  missing_bucket: ["storage", "schema", "medium", "no"],
  object_not_found: ["storage", "data", "low", "no"],
  object_exists: ["storage", "data", "low", "no"],
  invalid_object_key: ["storage", "request", "low", "no"],
  storage_schema_mismatch: ["storage", "infrastructure", "critical", "no"],
  storage_error: ["storage", "infrastructure", "medium", "no"],
  // Any HTTP answer.
  invalid_request: ["network", "request", "medium", "no"],
  not_found: ["network", "request", "medium", "no"],
  method_not_allowed: ["network", "request", "medium", "no"],
  unsupported_media_type: ["network", "request", "low", "no"],
  conflict: ["network", "data", "medium", "no"],
  request_too_large: ["network", "request", "medium", "no"],
  rate_limited: ["network", "request", "medium", "retry"],
  server_error: ["network", "unknown", "high", "no"],
  service_unavailable: ["network", "infrastructure", "high", "retry"],
  invalid_response: ["network", "data", "medium", "no"],
  // The network itself.
  network: ["network", "infrastructure", "medium", "retry"],
  network_or_cors: ["network", "unknown", "medium", "no"],
  network_unreachable: ["network", "infrastructure", "high", "no"],
  connection_reset: ["network", "infrastructure", "medium", "retry"],
  dns_failure: ["network", "infrastructure", "high", "no"],
  tls_error: ["network", "security", "high", "no"],
  redirect_loop: ["network", "request", "medium", "no"],
  invalid_url: ["network", "request", "medium", "no"],
  port_blocked: ["network", "infrastructure", "medium", "no"],
  aborted: ["runtime", "request", "low", "no"],
  // Models.
  quota_exhausted: ["ai", "request", "high", "no"],
  context_length: ["ai", "request", "medium", "no"],
  provider_overloaded: ["ai", "infrastructure", "medium", "retry"],
  provider_error: ["ai", "infrastructure", "medium", "retry"],
  model_not_found: ["ai", "request", "high", "no"],
  unsupported_parameter: ["ai", "request", "medium", "no"],
  invalid_schema: ["ai", "request", "medium", "no"],
  invalid_conversation: ["ai", "request", "medium", "no"],
  content_refused: ["ai", "security", "medium", "no"],
  region_blocked: ["ai", "security", "high", "no"],
  json_invalid: ["payload", "data", "low", "no"],
  json_truncated: ["payload", "data", "medium", "no"],
  schema_mismatch: ["payload", "data", "low", "no"],
  // Programs and their runtime.
  boot_error: ["runtime", "unknown", "critical", "no"],
  worker_limit: ["runtime", "request", "high", "no"],
  worker_error: ["runtime", "unknown", "high", "no"],
  worker_retired: ["runtime", "infrastructure", "low", "retry"],
  function_failed: ["runtime", "unknown", "high", "no"],
  relay_error: ["network", "infrastructure", "medium", "retry"],
  null_reference: ["runtime", "unknown", "medium", "no"],
  undefined_identifier: ["runtime", "unknown", "high", "no"],
  type_error: ["runtime", "unknown", "medium", "no"],
  missing_module: ["runtime", "unknown", "high", "no"],
  missing_package: ["runtime", "unknown", "high", "no"],
  missing_export: ["runtime", "unknown", "high", "no"],
  runtime_permission: ["runtime", "security", "medium", "no"],
  missing_file: ["runtime", "unknown", "medium", "no"],
  address_in_use: ["runtime", "infrastructure", "medium", "no"],
  unserializable_value: ["runtime", "data", "low", "no"],
  invalid_date: ["runtime", "data", "low", "no"],
  config_missing: ["runtime", "infrastructure", "high", "no"],
  internal_fault: ["runtime", "unknown", "high", "no"],
  // Bringing programs out.
  function_not_deployed: ["deployment", "infrastructure", "high", "no"],
  lockfile_out_of_sync: ["deployment", "request", "medium", "no"],
  type_check_failed: ["deployment", "request", "medium", "no"],
  source_syntax_error: ["deployment", "request", "high", "no"],
  git_rejected: ["deployment", "request", "medium", "no"],
  migration_history: ["migration", "schema", "high", "no"],
  bundle_failed: ["deployment", "infrastructure", "medium", "retry"],
  deploy_failed: ["deployment", "infrastructure", "medium", "retry"],
  build_failed: ["deployment", "request", "medium", "no"],
  invalid_function_name: ["deployment", "request", "low", "no"],
  file_outside_project: ["deployment", "request", "medium", "no"],
  unknown: ["unknown", "unknown", "medium", "no"],
} as const satisfies Readonly<Record<string, Row>>;

/** Every class that an error can have. */
export type ErrorType = DatabaseErrorType | keyof typeof TYPES;

/** All classes, for documentation and tests. */
export const ERROR_TYPES: readonly ErrorType[] = [
  ...DATABASE_ERROR_TYPES,
  ...Object.keys(TYPES) as (keyof typeof TYPES)[],
];

/** The facts of a class. */
export function factsOf(errorType: ErrorType): ErrorTypeFacts {
  if (!(errorType in TYPES)) return databaseErrorFacts(errorType as DatabaseErrorType);
  const [category, scope, severity, again] = TYPES[errorType as keyof typeof TYPES];
  const transient = (again as string) === "retry";
  return { category, scope, severity, transient, retryable: transient };
}
