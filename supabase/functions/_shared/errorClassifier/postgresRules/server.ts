/** The server itself: time, locks, connections, limits, corruption. @module */

import type { PostgresRow } from "./row.ts";

/** Rows in their order. */
export const SERVER_ROWS: readonly PostgresRow[] = [
  [
    "type_mismatch",
    "42804",
    "type_mismatch",
    /column "(?<column>[^"\n]{1,63})" (?:is of type (?<type>[\w \[\]()]{1,60}) but expression is of type (?<given>[\w \[\]()]{1,60})|cannot be cast automatically)/,
  ],
  [
    "key_type_mismatch",
    "42804",
    "type_mismatch",
    /foreign key constraint "(?<constraint>[^"\n]{1,63})" cannot be implemented/,
  ],
  ["statement_timeout", "57014", "timeout", /canceling statement due to statement timeout/],
  [
    "lock_timeout",
    "55P03",
    "lock_timeout",
    /canceling statement due to lock timeout|could not obtain lock on/,
  ],
  ["canceled_by_user", "57014", "query_canceled", /canceling statement due to user request/],
  [
    "canceled_by_recovery",
    "57014 40001",
    "serialization",
    /canceling statement due to conflict with recovery/,
  ],
  ["serialization", "40001", "serialization", /could not serialize access/],
  ["deadlock", "40P01", "deadlock", /deadlock detected/],
  ["catalog_conflict", "XX000", "catalog_conflict", /tuple concurrently (?:updated|deleted)/],
  [
    "cache_lookup",
    "XX000",
    "schema_cache_stale",
    /cache lookup failed for (?<kind>\w{1,30}) \d{1,12}|could not open relation with OID/,
  ],
  [
    "corrupt_page",
    "XX001 XX002",
    "corruption",
    /invalid page in block|unexpected zero page|invalid memory alloc request size|missing chunk number/,
  ],
  [
    "io_error",
    "58030",
    "corruption",
    /could not (?:read|write|open|fsync) (?:block|file)[^\n]{0,200}(?:Input\/output error|No such file)/,
  ],
  ["disk_full", "53100", "platform_limit", /No space left on device|could not extend file/],
  [
    "slots_exhausted",
    "53300",
    "connection_capacity",
    /remaining connection slots are reserved|sorry, too many clients already|too many connections for (?:role|database)/,
  ],
  [
    "starting",
    "57P03",
    "server_unavailable",
    /the database system is (?:starting up|shutting down|in recovery mode|not (?:yet )?accepting connections)/,
  ],
  [
    "terminated",
    "57P01",
    "server_unavailable",
    /terminating connection due to (?:administrator command|unexpected postmaster exit)/,
  ],
  ["crashed", "57P02", "server_unavailable", /terminating connection because of crash/],
  ["idle_timeout", "25P03 57P05", "idle_timeout", /terminating connection due to idle/],
  ["missing_database", "3D000", "missing_database", /database "(?<database>[^"\n]{1,63})" does not exist/],
  [
    "wrong_password",
    "28P01",
    "auth_failed",
    /password authentication failed for user "(?<role>[^"\n]{1,130})"/,
  ],
  ["no_hba_entry", "28000", "auth_failed", /no pg_hba\.conf entry/],
  ["out_of_memory", "53200", "resource_exhausted", /out of shared memory|^out of memory$/m],
  ["temp_file_limit", "53400", "resource_exhausted", /temporary file size exceeds/],
  ["stack_depth", "54001", "recursion_limit", /stack depth limit exceeded/],
  ["database_in_use", "55006", "object_in_use", /is being (?:accessed|used) by (?:other|active)/],
  [
    "replica_identity",
    "55000",
    "object_not_ready",
    /cannot (?:update|delete from) table "(?<relation>[^"\n]{1,63})" because it does not have a replica identity/,
  ],
  [
    "view_not_updatable",
    "55000",
    "object_not_ready",
    /cannot (?:insert into|update|delete from) view "(?<relation>[^"\n]{1,63})"/,
  ],
  [
    "too_many_columns",
    "54000 54011",
    "limit_exceeded",
    /tables can have at most|cannot have more than \d{1,9} dimensions|index row (?:size|requires)/,
  ],
  ["no_rows", "P0002", "unexpected_row_count", /query returned no rows/],
  ["rows_of_query", "P0003", "unexpected_row_count", /query returned more than one row/],
];
