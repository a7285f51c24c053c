/** Failures of Postgres as drivers report them. @module */

import { type Cause, said } from "./cause.ts";

/** Causes; near ones stand next to each other on purpose. */
export const POSTGRES: readonly Cause[] = [
  said("table users missing", "42P01", "error", [
    'relation "users" does not exist',
    'relation "users" does not exist ',
    'relation  "users"  does not exist',
  ]),
  said("table orders missing", "42P01", "DatabaseError", [
    'relation "orders" does not exist',
    '\n relation "orders" does not exist',
  ]),
  said("column status missing", "42703", "error", [
    'column "status" does not exist',
    ' column "status" does not exist',
  ]),
  said("column state missing", "42703", "error", [
    'column "state" does not exist',
    'column "state" does  not exist',
  ]),
  said("qualified column missing", "42703", "PostgresError", [
    "column tasks.duedate does not exist",
    "column tasks.duedate does not exist\n",
  ]),
  said("uuid function missing", "42883", "error", [
    "function uuid_generate_v4() does not exist",
    "function uuid_generate_v4() does not exist ",
  ]),
  said("random bytes missing", "42883", "error", [
    "function gen_random_bytes(integer) does not exist",
    "function gen_random_bytes(integer)  does not exist",
  ]),
  said("schema app missing", "3F000", "error", [
    'schema "app" does not exist',
    ' schema "app" does not exist',
  ]),
  said("schema billing missing", "3F000", "error", [
    'schema "billing" does not exist',
    'schema "billing" does not exist ',
  ]),
  said("uuid from text", "22P02", "error", [
    'invalid input syntax for type uuid: "abc"',
    'invalid input syntax for type uuid: "user-17"',
    'invalid input syntax for type uuid: "11111111-1111-1111"',
    'invalid input syntax for type uuid: "x y"',
  ]),
  said("uuid from empty text", "22P02", "error", [
    'invalid input syntax for type uuid: ""',
    'invalid input syntax for type uuid:  ""',
  ]),
  said("uuid from undefined", "22P02", "error", [
    'invalid input syntax for type uuid: "undefined"',
    ' invalid input syntax for type uuid: "undefined"',
  ]),
  said("integer from text", "22P02", "error", [
    'invalid input syntax for type integer: "12.5"',
    'invalid input syntax for type integer: "abc"',
    'invalid input syntax for type integer: "3,000"',
    'invalid input syntax for type integer: "seven"',
  ]),
  said("array from JSON", "22P02", "error", [
    'malformed array literal: "["a","b"]"',
    'malformed array literal: "["x"]"',
    'malformed array literal: "["one","two","three"]"',
  ]),
  said("enum mood refuses", "22P02", "error", [
    'invalid input value for enum mood: "sadd"',
    'invalid input value for enum mood: "HAPPY"',
    'invalid input value for enum mood: "so so"',
  ]),
  said("enum color refuses", "22P02", "error", [
    'invalid input value for enum color: "sadd"',
    'invalid input value for enum color: "pinkish"',
  ]),
  said("timestamp out of range", "22008", "error", [
    'date/time field value out of range: "1700000000"',
    'date/time field value out of range: "31/12/2024"',
    'date/time field value out of range: "2024-13-45"',
  ]),
  said("smallint out of range", "22003", "error", [
    'value "70000" is out of range for type smallint',
    'value "99999" is out of range for type smallint',
    'value "-40000" is out of range for type smallint',
  ]),
  said("bigint out of range", "22003", "error", [
    'value "9223372036854775808" is out of range for type bigint',
    'value "99999999999999999999" is out of range for type bigint',
  ]),
  said("null title", "23502", "error", [
    'null value in column "title" of relation "posts" violates not-null constraint',
    'null value in column "title" of relation "posts" violates not-null  constraint',
  ]),
  said("null body", "23502", "error", [
    'null value in column "body" of relation "posts" violates not-null constraint',
    ' null value in column "body" of relation "posts" violates not-null constraint',
  ]),
  said("duplicate e-mail", "23505", "error", [
    'duplicate key value violates unique constraint "users_email_key"',
    'duplicate key value violates unique constraint "users_email_key" ',
  ]),
  said("duplicate id", "23505", "error", [
    'duplicate key value violates unique constraint "users_pkey"',
    ' duplicate key value violates unique constraint "users_pkey"',
  ]),
  said("parent missing", "23503", "error", [
    'insert or update on table "posts" violates foreign key constraint "posts_author_fkey"',
    'insert or update on table "posts" violates foreign key constraint "posts_author_fkey" ',
  ]),
  said("children left", "23503", "error", [
    'update or delete on table "a" violates foreign key constraint "b_a_id_fkey" on table "b"',
    'update or delete on table "a" violates foreign key constraint "b_a_id_fkey" on table  "b"',
  ]),
  said("row level security", "42501", "error", [
    'new row violates row-level security policy for table "notes"',
    ' new row violates row-level security policy for table "notes"',
  ]),
  said("no grant on table", "42501", "error", [
    "permission denied for table notes",
    "permission denied for table notes ",
  ]),
  said("no grant on schema", "42501", "error", [
    "permission denied for schema notes",
    " permission denied for schema notes",
  ]),
  said("deadlock", "40P01", "error", ["deadlock detected", " deadlock detected"]),
  said("statement timeout", "57014", "error", [
    "canceling statement due to statement timeout",
    "canceling statement due to statement timeout ",
  ]),
  said("lock timeout", "55P03", "error", [
    "canceling statement due to lock timeout",
    " canceling statement due to lock timeout",
  ]),
  said("prepared statement exists", "42P05", "error", [
    'prepared statement "s1" already exists',
    'prepared statement "s27" already exists',
    'prepared statement "lrupsc_1_0" already exists',
    'prepared statement "S_3" already exists',
  ]),
  said("prepared statement missing", "26000", "error", [
    'prepared statement "s1" does not exist',
    'prepared statement "pgx_0" does not exist',
    'prepared statement "s99" does not exist',
  ]),
  said("temp file limit", "53400", "error", [
    "temporary file size exceeds temp_file_limit (1024kB)",
    "temporary file size exceeds temp_file_limit (2097152kB)",
    "temporary file size exceeds temp_file_limit (5120kB)",
  ]),
  said("connection refused", undefined, "Error", [
    'connection to server at "127.0.0.1", port 55999 failed: Connection refused',
    'connection to server at "10.0.3.7", port 5432 failed: Connection refused',
    'connection to server at "192.168.1.20", port 6543 failed: Connection refused',
  ]),
  said("bad page", "XX001", "error", [
    "invalid page in block 0 of relation base/24576/32768",
    "invalid page in block 712 of relation base/16384/98321",
    "invalid page in block 33 of relation base/16384/17001",
  ]),
  said("cache lookup", "XX000", "error", [
    "cache lookup failed for relation 16412",
    "cache lookup failed for relation 99231",
    "cache lookup failed for relation 2000417",
  ]),
  said("slow query logged", undefined, "Error", [
    "slow query: select * from orders where id = 17 and state = 'open' took 1532 ms",
    "slow query: select * from orders where id = 99182 and state = 'closed' took 8100 ms",
    "slow query: select * from orders where id = 3 and state = 'x' took 2.5 s",
  ]),
  said("insert failed", undefined, "Error", [
    "insert into logs (a, b) values ('x', 1), ('y', 2) failed after 3 attempts",
    "insert into logs (a, b) values ('q', 71), ('r', 82) failed after 5 attempts",
  ]),
];
