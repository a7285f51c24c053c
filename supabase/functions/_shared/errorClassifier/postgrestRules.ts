/** PostgREST's own codes. @module */

import type { ErrorType } from "./errorTypes.ts";
import type { ClassifierRule } from "./rule.ts";

const MAYBE_STALE =
  "the schema cache may be stale: look in the catalogue before the payload or the code is changed";

type Row = readonly [codes: string, errorType: ErrorType, extra?: Partial<ClassifierRule>];

const ROWS: readonly Row[] = [
  ["PGRST000 PGRST001", "connection_failed", { category: "database" }],
  ["PGRST002", "schema_cache_unavailable"],
  ["PGRST003", "connection_capacity"],
  ["PGRST204", "missing_column", {
    category: "payload",
    pattern: /Could not find the '(?<column>[^'\n]{1,130})' column of '(?<relation>[^'\n]{1,130})'/,
    note: MAYBE_STALE,
  }],
  ["PGRST204", "missing_column", { category: "payload", note: MAYBE_STALE }],
  ["PGRST202", "missing_function", {
    pattern: /Could not find the function (?<function>[\w."]{1,130})(?:\((?<arguments>[^()\n]{0,300})\))?/,
    note: MAYBE_STALE,
  }],
  ["PGRST202", "missing_function", { note: MAYBE_STALE }],
  ["PGRST205", "missing_relation", {
    pattern: /Could not find the table '(?<relation>[^'\n]{1,130})'/,
    note: MAYBE_STALE,
  }],
  ["PGRST205", "missing_relation", { note: MAYBE_STALE }],
  ["PGRST200", "missing_relationship", {
    pattern: /relationship between '(?<relation>[^'\n]{1,130})' and '(?<other>[^'\n]{1,130})'/,
    note: MAYBE_STALE,
  }],
  ["PGRST200", "missing_relationship", { note: MAYBE_STALE }],
  ["PGRST201 PGRST203", "ambiguous_reference"],
  ["PGRST106", "schema_not_exposed", { pattern: /Invalid schema: (?<schema>\w{1,63})/ }],
  ["PGRST106", "schema_not_exposed"],
  ["PGRST102 PGRST114 PGRST115", "invalid_payload"],
  ["PGRST116", "unexpected_row_count"],
  ["PGRST124", "affected_rows_limit"],
  ["PGRST107", "unsupported_media_type"],
  ["PGRST101 PGRST105 PGRST117", "method_not_allowed"],
  ["PGRST125 PGRST126", "not_found"],
  ["PGRST111 PGRST112 PGRST121", "function_error"],
  ["PGRST300", "server_misconfigured", { category: "auth" }],
  ["PGRST303", "token_expired", { pattern: /expired/i }],
  ["PGRST301 PGRST302 PGRST303", "auth_failed"],
  [
    "PGRST100 PGRST103 PGRST108 PGRST118 PGRST119 PGRST120 PGRST122 PGRST123 PGRST127 PGRST128",
    "invalid_query",
  ],
  ["PGRSTX00", "internal_error"],
];

/** The rules in their order; a code that no row names has the meaning of its group. */
export const POSTGREST_RULES: readonly ClassifierRule[] = [
  ...ROWS.map(([codes, errorType, extra]): ClassifierRule => ({
    key: `postgrest.${errorType}`,
    errorType,
    codes: codes.split(" "),
    ...extra,
  })),
  {
    key: "postgrest.other_request",
    errorType: "invalid_query",
    when: ({ pgrstCode }) => isOf("1", pgrstCode),
  },
  {
    key: "postgrest.other_schema",
    errorType: "missing_object",
    when: ({ pgrstCode }) => isOf("2", pgrstCode),
  },
  { key: "postgrest.other_token", errorType: "auth_failed", when: ({ pgrstCode }) => isOf("3", pgrstCode) },
];

/** A newer server knows codes that no row names; their first digit is their group. */
function isOf(group: string, code: string | undefined): boolean {
  return code?.startsWith(`PGRST${group}`) ?? false;
}
