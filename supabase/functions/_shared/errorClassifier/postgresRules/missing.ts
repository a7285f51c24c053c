/** What is missing, in use or forbidden. @module */

import type { PostgresRow } from "./row.ts";

const LOOK_FIRST = {
  note: "look in pg_proc first: it may stand in a schema that is not on the search path",
};
const NOT_THE_PAYLOAD = {
  note:
    "behind the REST interface this is a trigger, policy or function: an unknown key of the payload is PGRST204",
};

/** Rows in their order. */
export const MISSING_ROWS: readonly PostgresRow[] = [
  ["missing_operator", "42883", "missing_operator", /operator does not exist: (?<operator>[^\n]{1,120})/],
  [
    "missing_function",
    "42883",
    "missing_function",
    /(?:function|procedure) (?<function>[\w."$]{1,130})\((?<arguments>[^()\n]{0,300})\) does not exist/,
    LOOK_FIRST,
  ],
  [
    "missing_aggregate",
    "42883",
    "missing_function",
    /aggregate (?<function>[\w."$]{1,130})\((?<arguments>[^()\n]{0,300})\) does not exist/,
  ],
  ["missing_schema", "3F000", "missing_schema", /schema "(?<schema>[^"\n]{1,63})" does not exist/],
  ["no_schema_selected", "3F000", "missing_schema", /no schema has been selected to create in/],
  [
    "missing_from_entry",
    "42P01",
    "invalid_query",
    /(?:missing FROM-clause entry|invalid reference to FROM-clause entry) for table "(?<relation>[^"\n]{1,130})"/,
  ],
  [
    "missing_relation",
    "42P01",
    "missing_relation",
    /(?:relation|table|view|sequence|index) "(?<relation>[^"\n]{1,130})" does not exist/,
  ],
  [
    "missing_field",
    "42703",
    "missing_column",
    /record "(?<record>[^"\n]{1,63})" has no field "(?<column>[^"\n]{1,63})"/,
    { note: "a trigger function names a column that its table does not have" },
  ],
  [
    "missing_column_of",
    "42703",
    "missing_column",
    /column "(?<column>[^"\n]{1,63})" (?:of relation|named in key) "?(?<relation>[^"\n]{1,63})"? does not exist/,
    NOT_THE_PAYLOAD,
  ],
  [
    "missing_column",
    "42703",
    "missing_column",
    /column (?:"(?<column>[^"\n]{1,63})"|(?<relation>\w{1,63})\.(?<column2>\w{1,63})) does not exist/,
    NOT_THE_PAYLOAD,
  ],
  [
    "missing_extension",
    "42704",
    "missing_extension",
    /extension "(?<extension>[^"\n]{1,63})" does not exist/,
  ],
  [
    "missing_operator_class",
    "42704",
    "missing_type",
    /operator (?:class|family) "(?<operatorClass>[^"\n]{1,130})" does not exist for access method "(?<accessMethod>[^"\n]{1,63})"/,
  ],
  [
    "missing_access_method",
    "42704",
    "missing_extension",
    /access method "(?<accessMethod>[^"\n]{1,63})" does not exist/,
  ],
  ["missing_type", "42704", "missing_type", /type "(?<type>[^"\n]{1,130})" does not exist/],
  ["missing_login_role", "28000", "missing_role", /role "(?<role>[^"\n]{1,63})" does not exist/],
  ["missing_role", "42704 22023", "missing_role", /role "(?<role>[^"\n]{1,63})" does not exist/],
  [
    "missing_of_table",
    "42704",
    "missing_object",
    /(?<kind>policy|trigger|constraint|rule) "(?<object>[^"\n]{1,63})" (?:for table|of relation|for relation) "(?<relation>[^"\n]{1,63})" does not exist/,
  ],
  [
    "missing_object",
    "42704",
    "missing_object",
    /(?<kind>publication|subscription|language|tablespace|collation|server|foreign-data wrapper|text search configuration|parameter|conversion|event trigger|domain) "(?<object>[^"\n]{1,63})" does not exist/,
  ],
  [
    "unknown_setting",
    "42704",
    "missing_object",
    /unrecognized configuration parameter "(?<object>[^"\n]{1,130})"/,
  ],
  [
    "extension_unavailable",
    "0A000 58P01",
    "extension_unavailable",
    /extension "(?<extension>[^"\n]{1,63})" is not available|could not open extension control file/,
  ],
  [
    "extension_not_loaded",
    "55000",
    "server_misconfigured",
    /(?<extension>\w{1,63}) (?:can only be loaded|must be loaded) via "?shared_preload_libraries/,
  ],
  ["stale_plan", "0A000", "stale_plan", /cached plan must not change result type/],
  [
    "column_in_use",
    "0A000",
    "dependent_objects",
    /cannot alter type of a column used (?:by|in) (?<kind>[^\n]{1,60})/,
  ],
  [
    "dependent_objects",
    "2BP01",
    "dependent_objects",
    /cannot drop (?<kind>[a-z ]{1,30}) (?<object>[\w."]{1,130}) because other objects depend on it/,
  ],
  [
    "policy_recursion",
    "42P17",
    "policy_recursion",
    /infinite recursion detected in (?:policy|rules) for relation "(?<relation>[^"\n]{1,63})"/,
  ],
  [
    "row_level_security",
    "42501",
    "row_level_security",
    /new row violates row-level security policy(?: "(?<policy>[^"\n]{1,63})")?(?: \(USING expression\))?(?: for table "(?<relation>[^"\n]{1,63})")?/,
    { note: "a missing SELECT policy gives the same text when the statement has RETURNING" },
  ],
  [
    "permission_denied",
    "42501",
    "permission_denied",
    /permission denied (?:for|to) (?<kind>table|relation|schema|sequence|function|view|materialized view|foreign table|database|type|language|procedure|large object|create extension|set role|publication|tablespace)(?: "?(?<object>[\w.]{1,130})"?)?/,
  ],
  [
    "must_be_owner",
    "42501",
    "permission_denied",
    /must be owner of (?<kind>[a-z ]{1,30}) "?(?<object>[\w.]{1,130})"?/,
  ],
  [
    "must_be_superuser",
    "42501",
    "permission_denied",
    /must be (?:superuser|a superuser|able to SET ROLE|member of role)[^\n]{0,80}/,
  ],
];
