/** Values and constraints. @module */

import type { PostgresRow } from "./row.ts";

/** Rows in their order. */
export const DATA_ROWS: readonly PostgresRow[] = [
  ["duplicate_migration", "23505", "duplicate_migration", /unique constraint "schema_migrations_pkey"/],
  [
    "unique_violation",
    "23505",
    "unique_violation",
    /duplicate key value violates unique constraint "(?<constraint>[^"\n]{1,63})"/,
  ],
  [
    "unique_index_failed",
    "23505",
    "existing_rows_conflict",
    /could not create unique index "(?<constraint>[^"\n]{1,63})"/,
  ],
  [
    "existing_nulls",
    "23502",
    "existing_rows_conflict",
    /column "(?<column>[^"\n]{1,63})" (?:of relation "(?<relation>[^"\n]{1,63})" )?contains null values/,
  ],
  [
    "not_null_violation",
    "23502",
    "not_null_violation",
    /null value in column "(?<column>[^"\n]{1,63})"(?: of relation "(?<relation>[^"\n]{1,63})")? violates not-null constraint/,
  ],
  [
    "foreign_key_children",
    "23503",
    "foreign_key_violation",
    /update or delete on table "(?<relation>[^"\n]{1,63})" violates (?:RESTRICT setting of )?foreign key constraint "(?<constraint>[^"\n]{1,63})" on table "(?<child>[^"\n]{1,63})"/,
  ],
  [
    "foreign_key_parent",
    "23503",
    "foreign_key_violation",
    /insert or update on table "(?<relation>[^"\n]{1,63})" violates foreign key constraint "(?<constraint>[^"\n]{1,63})"/,
  ],
  [
    "existing_rows_check",
    "23514",
    "existing_rows_conflict",
    /check constraint "(?<constraint>[^"\n]{1,63})" (?:of relation "(?<relation>[^"\n]{1,63})" )?is violated by some row/,
  ],
  [
    "check_violation",
    "23514",
    "check_violation",
    /new row for relation "(?<relation>[^"\n]{1,63})" violates check constraint "(?<constraint>[^"\n]{1,63})"/,
  ],
  [
    "no_partition",
    "23514",
    "check_violation",
    /no partition of relation "(?<relation>[^"\n]{1,63})" found for row/,
  ],
  [
    "exclusion_violation",
    "23P01",
    "exclusion_violation",
    /conflicting key value violates exclusion constraint "(?<constraint>[^"\n]{1,63})"/,
  ],
  ["enum_input", "22P02", "invalid_input", /invalid input value for enum (?<type>[\w."]{1,130})/],
  ["typed_input", "22P02 22007", "invalid_input", /invalid input syntax for type (?<type>[a-z][\w ]{0,60})/],
  ["malformed_literal", "22P02", "invalid_input", /malformed (?<type>array|range|record|multirange) literal/],
  [
    "out_of_range",
    "22003",
    "value_out_of_range",
    /value "[^"\n]{0,200}" is out of range for type (?<type>[a-z][\w ]{0,40})|(?<type2>integer|bigint|smallint|numeric field|real) (?:out of range|overflow)/,
  ],
  ["date_out_of_range", "22008", "value_out_of_range", /date\/time field value out of range/],
  ["too_long", "22001", "value_too_long", /value too long for type (?<type>[a-z][\w ]{0,40}\(\d{1,9}\))/],
  [
    "encoding",
    "22021 22P05",
    "invalid_encoding",
    /invalid byte sequence for encoding|unsupported Unicode escape sequence/,
  ],
  ["division_by_zero", "22012", "division_by_zero", /division by zero/],
  [
    "vector_dimensions",
    "22000",
    "invalid_input",
    /expected (?<expected>\d{1,9}) dimensions, not (?<given>\d{1,9})|NaN not allowed in vector/,
  ],
  [
    "generated_column",
    "428C9",
    "generated_column",
    /cannot insert a non-DEFAULT value into column "(?<column>[^"\n]{1,63})"|column "(?<column2>[^"\n]{1,63})" can only be updated to DEFAULT/,
  ],
  [
    "conflict_target",
    "42P10",
    "missing_conflict_target",
    /no unique or exclusion constraint matching the ON CONFLICT/,
  ],
  [
    "twice_in_batch",
    "21000",
    "unexpected_row_count",
    /ON CONFLICT DO UPDATE command cannot affect row a second time/,
  ],
  ["rows_of_subquery", "21000", "unexpected_row_count", /more than one row returned by a subquery/],
];
