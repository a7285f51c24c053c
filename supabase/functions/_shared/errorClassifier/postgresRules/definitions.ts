/** Statements that define: what exists already, syntax, ambiguity, transactions. @module */

import type { PostgresRow } from "./row.ts";

/** Rows in their order. */
export const DEFINITION_ROWS: readonly PostgresRow[] = [
  [
    "duplicate_column",
    "42701",
    "duplicate_object",
    /column "(?<column>[^"\n]{1,63})" (?:of relation "(?<relation>[^"\n]{1,63})" already exists|specified more than once)/,
  ],
  [
    "duplicate_of_table",
    "42710",
    "duplicate_object",
    /(?<kind>policy|trigger|constraint|rule) "(?<object>[^"\n]{1,63})" for (?:table|relation) "(?<relation>[^"\n]{1,63})" already exists/,
  ],
  [
    "duplicate_member",
    "42710",
    "duplicate_object",
    /relation "(?<relation>[^"\n]{1,63})" is already member of publication "(?<publication>[^"\n]{1,63})"/,
  ],
  ["duplicate_prepared", "42P05", "prepared_statement", /prepared statement "[^"\n]{1,63}" already exists/],
  ["missing_prepared", "26000", "prepared_statement", /prepared statement "[^"\n]{1,63}" does not exist/],
  [
    "duplicate_object",
    "42P07 42P06 42710 42P04 42723",
    "duplicate_object",
    /(?<kind>relation|table|schema|type|extension|function|role|database|index|publication|constraint|sequence|view|language|event trigger) "?(?<object>[\w.$-]{1,130})"?(?:\([^()\n]{0,200}\))?(?: with same argument types)? already exists/,
  ],
  [
    "syntax_error",
    "42601",
    "syntax_error",
    /syntax error at (?:or near "(?<near>[^"\n]{1,63})"|end of input)/,
  ],
  [
    "policy_clause",
    "42601",
    "syntax_error",
    /only WITH CHECK expression allowed|WITH CHECK cannot be applied/,
  ],
  ["many_statements", "42601", "syntax_error", /cannot insert multiple commands into a prepared statement/],
  [
    "ambiguous_column",
    "42702",
    "ambiguous_reference",
    /column reference "(?<column>[^"\n]{1,63})" is ambiguous/,
  ],
  [
    "ambiguous_function",
    "42725",
    "ambiguous_reference",
    /function (?<function>[\w."]{1,130})\([^()\n]{0,200}\) is not unique/,
  ],
  [
    "own_transaction",
    "25001",
    "needs_own_transaction",
    /(?<command>[A-Z][A-Z ]{2,60}) cannot (?:run|be executed) (?:inside|from|within)/,
  ],
  ["enum_in_transaction", "55P04", "needs_own_transaction", /unsafe use of new value/],
  ["read_only", "25006", "read_only", /cannot execute (?<command>[A-Z ]{2,60}) in a read-only transaction/],
  ["transaction_aborted", "25P02", "transaction_aborted", /current transaction is aborted/, {
    note: "an earlier statement of the transaction has the cause",
  }],
];
