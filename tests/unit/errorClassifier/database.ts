/** Messages of Postgres and of poolers with their verdicts. @module */

import { type Labelled, permanent, sql, transient } from "./labelled.ts";

/** With a SQLSTATE or by the text alone. */
export const DATABASE: readonly Labelled[] = [
  permanent("missing_function", sql("42883", "function uuid_generate_v4() does not exist"), {
    function: "uuid_generate_v4",
    arguments: "",
  }),
  permanent("missing_function", sql("42883", "function public.pay(integer, text) does not exist"), {
    function: "public.pay",
    arguments: "integer, text",
  }),
  permanent("missing_operator", sql("42883", "operator does not exist: text = uuid"), {
    operator: "text = uuid",
  }),
  permanent("missing_schema", sql("3F000", 'schema "shop" does not exist'), { schema: "shop" }),
  permanent("missing_relation", sql("42P01", 'relation "shop.orders" does not exist'), {
    relation: "shop.orders",
  }),
  permanent("missing_column", sql("42703", 'column "total" of relation "orders" does not exist'), {
    column: "total",
    relation: "orders",
  }),
  permanent("missing_column", sql("42703", "column o.total does not exist"), {
    column: "total",
    relation: "o",
  }),
  permanent("missing_column", sql("42703", 'record "new" has no field "updated_at"'), {
    record: "new",
    column: "updated_at",
  }),
  permanent("missing_extension", sql("42704", 'extension "vector" does not exist'), { extension: "vector" }),
  permanent("extension_unavailable", sql("0A000", 'extension "postgis" is not available'), {
    extension: "postgis",
  }),
  permanent("missing_type", sql("42704", 'type "citext" does not exist'), { type: "citext" }),
  permanent(
    "missing_type",
    sql("42704", 'operator class "gin_trgm_ops" does not exist for access method "gin"'),
    {
      operatorClass: "gin_trgm_ops",
      accessMethod: "gin",
    },
  ),
  permanent("missing_role", sql("42704", 'role "reader" does not exist'), { role: "reader" }),
  permanent("missing_role", sql("22023", 'role "custom" does not exist'), { role: "custom" }),
  permanent("missing_object", sql("42704", 'policy "p" for table "t" does not exist'), {
    kind: "policy",
    object: "p",
    relation: "t",
  }),
  permanent(
    "missing_conflict_target",
    sql("42P10", "there is no unique or exclusion constraint matching the ON CONFLICT specification"),
  ),
  permanent(
    "policy_recursion",
    sql("42P17", 'infinite recursion detected in policy for relation "members"'),
    { relation: "members" },
  ),
  permanent("invalid_definition", sql("42P17", "functions in index expression must be marked IMMUTABLE")),
  permanent(
    "row_level_security",
    sql("42501", 'new row violates row-level security policy for table "notes"'),
    { relation: "notes" },
    "auth",
  ),
  permanent(
    "row_level_security",
    sql("42501", 'new row violates row-level security policy "only_mine" for table "notes"'),
    {
      policy: "only_mine",
      relation: "notes",
    },
  ),
  permanent("permission_denied", sql("42501", "permission denied for table notes"), {
    kind: "table",
    object: "notes",
  }, "auth"),
  permanent("permission_denied", sql("42501", "permission denied for sequence notes_id_seq"), {
    kind: "sequence",
    object: "notes_id_seq",
  }),
  permanent("permission_denied", sql("42501", "must be owner of table objects"), {
    kind: "table",
    object: "objects",
  }),
  permanent(
    "unique_violation",
    sql("23505", 'duplicate key value violates unique constraint "users_email_key"'),
    { constraint: "users_email_key" },
  ),
  permanent(
    "duplicate_migration",
    sql("23505", 'duplicate key value violates unique constraint "schema_migrations_pkey"'),
    undefined,
    "migration",
  ),
  permanent(
    "not_null_violation",
    sql("23502", 'null value in column "title" of relation "posts" violates not-null constraint'),
    {
      column: "title",
      relation: "posts",
    },
  ),
  permanent(
    "existing_rows_conflict",
    sql("23502", 'column "title" of relation "posts" contains null values'),
    { column: "title", relation: "posts" },
    "migration",
  ),
  permanent(
    "foreign_key_violation",
    sql("23503", 'insert or update on table "posts" violates foreign key constraint "posts_author_fkey"'),
    {
      relation: "posts",
      constraint: "posts_author_fkey",
    },
  ),
  permanent(
    "foreign_key_violation",
    sql("23503", 'update or delete on table "a" violates foreign key constraint "b_a_fkey" on table "b"'),
    {
      relation: "a",
      constraint: "b_a_fkey",
      child: "b",
    },
  ),
  permanent(
    "check_violation",
    sql("23514", 'new row for relation "t" violates check constraint "t_qty_check"'),
    { relation: "t", constraint: "t_qty_check" },
  ),
  permanent(
    "existing_rows_conflict",
    sql("23514", 'check constraint "c" of relation "t" is violated by some row'),
  ),
  permanent(
    "exclusion_violation",
    sql("23P01", 'conflicting key value violates exclusion constraint "no_overlap"'),
    { constraint: "no_overlap" },
  ),
  permanent(
    "invalid_input",
    sql("22P02", 'invalid input syntax for type uuid: "abc"'),
    { type: "uuid" },
    "payload",
  ),
  permanent("invalid_input", sql("22P02", 'invalid input value for enum mood: "sadd"'), { type: "mood" }),
  permanent("invalid_input", sql("22000", "expected 1536 dimensions, not 768"), {
    expected: "1536",
    given: "768",
  }),
  permanent("invalid_input", sql("22023", "cannot extract elements from an object")),
  permanent("value_out_of_range", sql("22003", 'value "70000" is out of range for type smallint'), {
    type: "smallint",
  }),
  permanent("value_too_long", sql("22001", "value too long for type character varying(10)"), {
    type: "character varying(10)",
  }),
  permanent("invalid_encoding", sql("22021", 'invalid byte sequence for encoding "UTF8": 0x00')),
  permanent("division_by_zero", sql("22012", "division by zero")),
  permanent(
    "unexpected_row_count",
    sql("21000", "ON CONFLICT DO UPDATE command cannot affect row a second time"),
  ),
  permanent("unexpected_row_count", sql("P0002", "query returned no rows")),
  permanent("raised_by_code", sql("P0001", "Order 12 cannot be cancelled")),
  permanent("duplicate_object", sql("42P07", 'relation "users" already exists'), {
    kind: "relation",
    object: "users",
  }, "migration"),
  permanent("duplicate_object", sql("42701", 'column "a" of relation "t" already exists'), {
    column: "a",
    relation: "t",
  }),
  permanent("duplicate_object", sql("42710", 'policy "p" for table "t" already exists'), {
    kind: "policy",
    object: "p",
    relation: "t",
  }),
  permanent("syntax_error", sql("42601", 'syntax error at or near "not"'), { near: "not" }, "migration"),
  permanent("ambiguous_reference", sql("42725", "function g(unknown) is not unique"), { function: "g" }),
  permanent("generated_column", sql("428C9", 'cannot insert a non-DEFAULT value into column "full_name"'), {
    column: "full_name",
  }),
  permanent(
    "type_mismatch",
    sql("42804", 'column "tags" is of type text[] but expression is of type jsonb'),
    { column: "tags", type: "text[]", given: "jsonb" },
  ),
  permanent("dependent_objects", sql("2BP01", "cannot drop table a because other objects depend on it"), {
    kind: "table",
    object: "a",
  }),
  permanent(
    "needs_own_transaction",
    sql("25001", "CREATE INDEX CONCURRENTLY cannot run inside a transaction block"),
    { command: "CREATE INDEX CONCURRENTLY" },
  ),
  permanent("needs_own_transaction", sql("55P04", 'unsafe use of new value "b" of enum type st')),
  permanent(
    "transaction_aborted",
    sql("25P02", "current transaction is aborted, commands ignored until end of transaction block"),
  ),
  permanent("read_only", sql("25006", "cannot execute INSERT in a read-only transaction"), {
    command: "INSERT",
  }),
  permanent("object_not_ready", sql("55000", 'cannot insert into view "v"'), { relation: "v" }),
  permanent("recursion_limit", sql("54001", "stack depth limit exceeded")),
  permanent("resource_exhausted", sql("53200", "out of shared memory")),
  permanent("platform_limit", sql("53100", 'could not extend file "base/1/2": No space left on device')),
  permanent("corruption", sql("XX001", "invalid page in block 0 of relation base/24576/32768")),
  permanent("corruption", sql("58030", 'could not read block 1 in file "base/1/2": Input/output error')),
  permanent("internal_error", sql("XX000", "unexpected state")),
  permanent("auth_failed", sql("28P01", 'password authentication failed for user "postgres"'), {
    role: "postgres",
  }, "auth"),
  permanent("missing_database", sql("3D000", 'database "nope" does not exist'), { database: "nope" }),
  permanent("query_canceled", sql("57014", "canceling statement due to user request")),
  permanent("auth_failed", sql("XX000", "(ECIRCUITBREAKER) too many authentication errors")),
  permanent("connection_config", sql("XX000", "(ESSLREQUIRED) SSL connection is required for user: app")),
  permanent("connection_config", sql("XX000", "Tenant or user not found")),
  transient("timeout", sql("57014", "canceling statement due to statement timeout"), "database"),
  transient("lock_timeout", sql("55P03", "canceling statement due to lock timeout")),
  transient("serialization", sql("40001", "could not serialize access due to concurrent update")),
  transient("deadlock", sql("40P01", "deadlock detected")),
  transient("connection_capacity", sql("53300", "sorry, too many clients already")),
  transient("connection_capacity", sql("XX000", "(EMAXCONN) max client connections reached, limit: 200")),
  transient(
    "connection_capacity",
    sql(
      "XX000",
      "(ECHECKOUTTIMEOUT) unable to check out connection from the pool after 15000ms in Transaction mode",
    ),
  ),
  transient("connection_capacity", sql("08P01", "query_wait_timeout")),
  transient("server_unavailable", sql("57P01", "terminating connection due to administrator command")),
  transient("server_unavailable", sql("57P03", "the database system is starting up")),
  transient("idle_timeout", sql("57P05", "terminating connection due to idle-session timeout")),
  transient("stale_plan", sql("0A000", "cached plan must not change result type")),
  transient("prepared_statement", sql("42P05", 'prepared statement "s1" already exists')),
  transient("catalog_conflict", sql("XX000", "tuple concurrently updated")),
  transient("schema_cache_stale", sql("XX000", "cache lookup failed for relation 16412")),
  transient("object_in_use", sql("55006", 'database "x" is being accessed by other users')),
  transient("connection_failed", sql("08006", "connection failure"), "network"),
  // The text alone: start-up errors reach some clients without a code, tools print only the message.
  transient("connection_capacity", {
    message: "FATAL: remaining connection slots are reserved for non-replication superuser connections",
  }),
  transient("server_unavailable", { message: "FATAL:  the database system is starting up" }),
  permanent("auth_failed", {
    message: 'connection to server failed: FATAL:  password authentication failed for user "app"',
  }, { role: "app" }),
  permanent("missing_database", { message: 'FATAL:  database "shop" does not exist' }, { database: "shop" }),
  permanent("missing_schema", { message: 'ERROR: schema "shop" does not exist (SQLSTATE 3F000)' }, {
    schema: "shop",
  }),
  permanent("duplicate_object", { message: 'ERROR: relation "users" already exists (SQLSTATE 42P07)' }, {
    kind: "relation",
    object: "users",
  }),
  permanent("missing_function", { message: "function gen_random_bytes(integer) does not exist" }, {
    function: "gen_random_bytes",
    arguments: "integer",
  }),
];
