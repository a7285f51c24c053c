/** Advice on tables, keys, indexes and columns. @module */

import { OUR_SCHEMAS, OUR_TABLES } from "../../lib/catalogue.ts";
import type { Advisor } from "./advisor.ts";

/** The rules. */
export const STRUCTURE_ADVISORS: readonly Advisor[] = [
  {
    key: "no_primary_key",
    sql: `select regclass as object from ${OUR_TABLES}
      where not exists (select from pg_index where indrelid = t.oid and indisprimary)`,
    advice: "has no primary key: nothing can point at one of its rows",
  },
  {
    key: "unindexed_foreign_key",
    sql: `select regclass || '.' || conname as object
      from ${OUR_TABLES} join pg_constraint k on k.conrelid = t.oid and k.contype = 'f' and k.conparentid = 0
      where not exists (select from pg_index where indrelid = t.oid
        -- Who looks for a value can use an index that leaves out the nulls.
        and (indpred is null or pg_get_expr(indpred, indrelid) = (select format('(%I IS NOT NULL)', attname)
          from pg_attribute where attrelid = t.oid and attnum = conkey[1]))
        and (string_to_array(indkey::text, ' ')::int2[])[1:cardinality(conkey)] = conkey)`,
    advice: "has no index that starts with its columns: a delete on the other side scans the whole table",
  },
  {
    key: "duplicate_index",
    sql: `select string_agg(indexrelid::regclass::text, ', ' order by indexrelid::regclass::text) as object
      from ${OUR_TABLES} join pg_index on indrelid = t.oid
      group by t.oid, regexp_replace(pg_get_indexdef(indexrelid), ' INDEX \\S+ ON ', ' INDEX ON ')
      having count(*) > 1`,
    advice: "index the same columns in the same way: every write pays twice, so drop one",
  },
  {
    key: "secret_column",
    sql: `select regclass || '.' || attname as object
      from ${OUR_TABLES} join pg_attribute on attrelid = t.oid and attnum > 0 and not attisdropped
      where attname ~ '(^|_)(password|passwd|secret|api_?key|private_key|(access|refresh|auth|session|bearer)_token|ssn|credit_card|card_number|cvv|otp|pin_code)(_|$)'`,
    advice: "is named like a secret: secrets live in the vault or the environment, never in a row",
  },
  {
    key: "unsupported_reg_type",
    sql: `select regclass || '.' || attname as object
      from ${OUR_TABLES} join pg_attribute on attrelid = t.oid and attnum > 0 and not attisdropped
      where atttypid in ('regcollation'::regtype, 'regconfig'::regtype, 'regdictionary'::regtype,
        'regnamespace'::regtype, 'regoper'::regtype, 'regoperator'::regtype, 'regproc'::regtype, 'regprocedure'::regtype)`,
    advice: "has a type that an upgrade of Postgres refuses: store the name as text",
  },
  {
    key: "foreign_key_to_auth_unique",
    sql: `select regclass || '.' || conname as object
      from ${OUR_TABLES} join pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
      where confrelid in (select oid from pg_class where relnamespace = to_regnamespace('auth'))
        and not exists (select from pg_index where indexrelid = conindid and indisprimary)`,
    advice: "points at something of auth that is no primary key: the platform may change it",
  },
  {
    key: "extension_in_public",
    sql: `select extname as object from pg_extension join pg_namespace n on n.oid = extnamespace
      where nspname = 'public'`,
    advice: "is an extension in the schema public: create it with schema extensions",
  },
  {
    key: "unnamed_constraint",
    // Postgres names a check after its columns; a sentence of ours never ends in _check.
    sql: `select regclass || '.' || conname as object
      from ${OUR_TABLES} join pg_constraint k on k.conrelid = t.oid
      where contype = 'c' and coninhcount = 0 and conname ~ '_check\\d*$'`,
    advice: "is a check without a name that says what holds: constraint <table>_<sentence> check (…)",
  },
  {
    key: "serial_column",
    sql: `select format('%I.%I', nspname, c.relname) as object
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where ${OUR_SCHEMAS} and relkind = 'S' and exists (select from pg_depend d
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'a')`,
    advice: "belongs to a serial column: use generated … as identity, which needs no grant of its own",
  },
];
