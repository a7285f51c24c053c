/**
 * What a SQLSTATE means for healing: one table for codes and classes.
 *
 * Codes are those of PostgreSQL 15 to 18 (`errcodes.txt`), of PL/pgSQL and of foreign data wrappers. A code without a
 * row of its own has its class's meaning. Where one code covers several faults (42P17, XX000) the row says the more
 * cautious one and the classifier refines it by the message. What speaks about the server and not about what was
 * asked of it stands in `core/passing`, which has to stay small; here are the answers.
 *
 * @module
 */

import { type Again, SERVER_TROUBLE, type TroubleType } from "./passing.ts";

/** The part of a system that an error belongs to. */
export type ErrorCategory =
  | "database"
  | "migration"
  | "payload"
  | "auth"
  | "storage"
  | "network"
  | "ai"
  | "runtime"
  | "deployment"
  | "unknown";

/** How bad one occurrence is. */
export type ErrorSeverity = "low" | "medium" | "high" | "critical";

/** What must change before the call can succeed. */
export type ErrorScope = "schema" | "infrastructure" | "data" | "security" | "request" | "unknown";

/** What is known of every error of one type. */
export interface ErrorTypeFacts {
  category: ErrorCategory;
  scope: ErrorScope;
  severity: ErrorSeverity;
  /** The same call may succeed later without any change. */
  transient: boolean;
  /** A read or an idempotent call may be made again unchanged. */
  retryable: boolean;
}

/** A SQLSTATE's error type with its facts. */
export interface SqlStateFact extends ErrorTypeFacts {
  errorType: DatabaseErrorType;
}

type Row = readonly [ErrorCategory, ErrorScope, ErrorSeverity, Again];

/**
 * Error types of the database. `retry`: transient and safe to repeat. `wait`: transient, but the outcome is unknown
 * or repeating it at once does harm. `no`: permanent.
 */
const TYPES = {
  missing_function: ["database", "schema", "high", "no"],
  missing_operator: ["database", "schema", "medium", "no"],
  missing_relation: ["database", "schema", "high", "no"],
  missing_column: ["database", "schema", "high", "no"],
  missing_schema: ["database", "schema", "high", "no"],
  missing_type: ["database", "schema", "high", "no"],
  missing_extension: ["database", "schema", "high", "no"],
  extension_unavailable: ["database", "infrastructure", "high", "no"],
  missing_object: ["database", "schema", "medium", "no"],
  missing_role: ["database", "security", "high", "no"],
  missing_database: ["database", "infrastructure", "high", "no"],
  missing_conflict_target: ["database", "schema", "medium", "no"],
  duplicate_object: ["migration", "schema", "low", "no"],
  duplicate_migration: ["migration", "schema", "medium", "no"],
  ambiguous_reference: ["database", "schema", "medium", "no"],
  syntax_error: ["migration", "request", "medium", "no"],
  invalid_query: ["database", "request", "medium", "no"],
  type_mismatch: ["database", "schema", "medium", "no"],
  invalid_definition: ["migration", "schema", "medium", "no"],
  policy_recursion: ["database", "schema", "high", "no"],
  dependent_objects: ["migration", "schema", "medium", "no"],
  existing_rows_conflict: ["migration", "data", "high", "no"],
  needs_own_transaction: ["migration", "request", "medium", "no"],
  unsupported_feature: ["database", "request", "medium", "no"],
  generated_column: ["payload", "data", "low", "no"],
  unique_violation: ["payload", "data", "low", "no"],
  not_null_violation: ["payload", "data", "low", "no"],
  foreign_key_violation: ["payload", "data", "medium", "no"],
  check_violation: ["payload", "data", "low", "no"],
  exclusion_violation: ["payload", "data", "low", "no"],
  integrity_violation: ["payload", "data", "medium", "no"],
  invalid_input: ["payload", "data", "low", "no"],
  value_out_of_range: ["payload", "data", "low", "no"],
  value_too_long: ["payload", "data", "low", "no"],
  invalid_encoding: ["payload", "data", "medium", "no"],
  division_by_zero: ["database", "data", "medium", "no"],
  unexpected_row_count: ["database", "data", "medium", "no"],
  raised_by_code: ["database", "data", "low", "no"],
  function_error: ["database", "schema", "medium", "no"],
  permission_denied: ["auth", "security", "high", "no"],
  row_level_security: ["auth", "security", "medium", "no"],
  auth_failed: ["auth", "security", "high", "no"],
  serialization: ["database", "infrastructure", "low", again("serialization")],
  deadlock: ["database", "infrastructure", "medium", again("deadlock")],
  lock_timeout: ["database", "infrastructure", "medium", again("lock_timeout")],
  object_in_use: ["database", "infrastructure", "low", again("object_in_use")],
  timeout: ["database", "infrastructure", "medium", again("timeout")],
  query_canceled: ["database", "request", "low", again("query_canceled")],
  idle_timeout: ["database", "infrastructure", "low", again("idle_timeout")],
  outcome_unknown: ["database", "infrastructure", "high", again("outcome_unknown")],
  transaction_aborted: ["database", "request", "low", "no"],
  invalid_transaction_state: ["database", "request", "medium", "no"],
  read_only: ["database", "infrastructure", "high", "no"],
  stale_plan: ["database", "infrastructure", "low", "retry"],
  prepared_statement: ["database", "infrastructure", "medium", again("prepared_statement")],
  schema_cache_stale: ["database", "schema", "low", "retry"],
  catalog_conflict: ["database", "infrastructure", "low", "retry"],
  connection_failed: ["network", "infrastructure", "high", again("connection_failed")],
  connection_capacity: ["database", "infrastructure", "high", again("connection_capacity")],
  connection_config: ["database", "infrastructure", "high", again("connection_config")],
  server_unavailable: ["database", "infrastructure", "high", again("server_unavailable")],
  resource_exhausted: ["database", "infrastructure", "high", again("resource_exhausted")],
  recursion_limit: ["database", "schema", "high", "no"],
  limit_exceeded: ["database", "schema", "medium", "no"],
  object_not_ready: ["database", "schema", "medium", "no"],
  foreign_data_error: ["database", "infrastructure", "medium", "no"],
  server_misconfigured: ["database", "infrastructure", "high", "no"],
  internal_error: ["database", "unknown", "high", "no"],
  platform_limit: ["database", "infrastructure", "critical", again("platform_limit")],
  corruption: ["database", "infrastructure", "critical", "no"],
} as const satisfies Readonly<Record<string, Row>>;

/** An error type of the database. */
export type DatabaseErrorType = keyof typeof TYPES;

/** Types by SQLSTATE: first the exact codes, then the classes. */
const TYPE_OF_CODE: Readonly<Record<string, DatabaseErrorType>> = {
  ...Object.fromEntries(
    Object.entries(SERVER_TROUBLE).flatMap(([type, [, list]]) =>
      Object.entries(codes(type as TroubleType, list))
    ),
  ),
  ...codes("unexpected_row_count", "02000 21000 P0002 P0003"),
  ...codes("division_by_zero", "22012"),
  ...codes("value_too_long", "22001"),
  ...codes("value_out_of_range", "22003 22008 22015"),
  ...codes("invalid_encoding", "22021 22P05 22024"),
  ...codes("not_null_violation", "23502"),
  ...codes("foreign_key_violation", "23503 23001"),
  ...codes("unique_violation", "23505"),
  ...codes("check_violation", "23514 44000"),
  ...codes("exclusion_violation", "23P01"),
  ...codes("needs_own_transaction", "25001 55P04"),
  ...codes("transaction_aborted", "25P02"),
  ...codes("read_only", "25006"),
  ...codes("missing_database", "3D000 57P04"),
  ...codes("missing_schema", "3F000"),
  ...codes("integrity_violation", "40002"),
  ...codes("permission_denied", "42501"),
  ...codes("syntax_error", "42601 42602 42622 42939"),
  ...codes("missing_column", "42703"),
  ...codes("missing_relation", "42P01"),
  ...codes("missing_function", "42883"),
  ...codes("missing_object", "42704"),
  ...codes("missing_conflict_target", "42P10"),
  ...codes("duplicate_object", "42701 42710 42712 42723 42P03 42P04 42P06 42P07"),
  ...codes("ambiguous_reference", "42702 42725 42P08 42P09"),
  ...codes("type_mismatch", "42804 42846 42P18 42P21 42P22"),
  ...codes("invalid_query", "42803 42P02 42P19 42P20"),
  ...codes("invalid_definition", "42611 42809 42830 42P11 42P12 42P13 42P14 42P15 42P16 42P17"),
  ...codes("generated_column", "428C9"),
  ...codes("recursion_limit", "54001"),
  ...codes("function_error", "P0000 P0004"),
  ...codes("raised_by_code", "P0001"),
  ...codes("corruption", "XX001 XX002"),
  ...codes("unexpected_row_count", "02 21"),
  ...codes("unsupported_feature", "0A"),
  ...codes("permission_denied", "0L 0P"),
  ...codes("function_error", "09 0Z 20 27 2F 38 39 P0"),
  ...codes("invalid_input", "22"),
  ...codes("integrity_violation", "23"),
  ...codes("invalid_transaction_state", "03 0B 0F 24 25 2D 34 3B"),
  ...codes("auth_failed", "28"),
  ...codes("dependent_objects", "2B"),
  ...codes("missing_database", "3D"),
  ...codes("missing_schema", "3F"),
  ...codes("syntax_error", "42"),
  ...codes("check_violation", "44"),
  ...codes("limit_exceeded", "54"),
  ...codes("object_not_ready", "55"),
  // A failing disk is not told from a missing file, so the whole class stops everything automatic.
  ...codes("corruption", "58"),
  ...codes("internal_error", "XX"),
  ...codes("server_misconfigured", "F0"),
  ...codes("foreign_data_error", "HV"),
};

/** True for a string that is a SQLSTATE of Postgres or of our own `PTxyz`; `EPIPE` and `EPERM` are none. */
export function isSqlState(code: string): boolean {
  return /^PT[45]\d\d$/.test(code) || (/^[0-9A-Z]{5}$/.test(code) && code.slice(0, 2) in TYPE_OF_CODE);
}

/** The facts of a SQLSTATE, or undefined for one that no table knows (and for `PTxyz`, which carries a status). */
export function sqlStateFact(code: string): SqlStateFact | undefined {
  if (!/^[0-9A-Z]{5}$/.test(code)) return undefined;
  const errorType = TYPE_OF_CODE[code] ?? TYPE_OF_CODE[code.slice(0, 2)];
  return errorType === undefined ? undefined : { errorType, ...databaseErrorFacts(errorType) };
}

/** The HTTP status that a function of ours chose by `raise sqlstate 'PTxyz'`. */
export function statusOfSqlState(code: string): number | undefined {
  const status = Number(/^PT([45]\d\d)$/.exec(code)?.[1]);
  return Number.isNaN(status) ? undefined : status;
}

/** The facts of a database error type. */
export function databaseErrorFacts(errorType: DatabaseErrorType): ErrorTypeFacts {
  const [category, scope, severity, again] = TYPES[errorType];
  return { category, scope, severity, transient: (again as string) !== "no", retryable: again === "retry" };
}

/** Every error type of the database. */
export const DATABASE_ERROR_TYPES: readonly DatabaseErrorType[] = Object.keys(TYPES) as DatabaseErrorType[];

/** Whether it passes stands with its codes. */
function again(type: TroubleType): Again {
  return SERVER_TROUBLE[type][0];
}

function codes(errorType: DatabaseErrorType, list: string): Record<string, DatabaseErrorType> {
  return Object.fromEntries(list.split(" ").map((code) => [code, errorType]));
}
