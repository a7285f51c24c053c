/** Advice on who may reach what. @module */

import { OUR_FUNCTIONS, OUR_SCHEMAS, OUR_TABLES } from "../../lib/catalogue.ts";
import type { Advisor } from "./advisor.ts";

const USER_ROLES = "(select oid from pg_roles where rolname in ('anon', 'authenticated'))";

const VIEWS = `(
  select c.*, nspname, format('%I.%I', nspname, c.relname) as object
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where ${OUR_SCHEMAS} and c.relkind in ('v', 'm', 'f')
) as v`;

const SELECTABLE = `exists (select from aclexplode(v.relacl)
  where privilege_type = 'SELECT' and (grantee = 0 or grantee in ${USER_ROLES}))`;

/** The rules. */
export const ACCESS_ADVISORS: readonly Advisor[] = [
  {
    key: "definer_function_in_api",
    sql: `select regprocedure as object from ${OUR_FUNCTIONS}
      where prosecdef and nspname = 'public'
        and exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner)))
          where grantee = 0 or grantee in ${USER_ROLES})`,
    advice: "runs with its owner's rights and users can call it through the API: move it to a private schema",
  },
  {
    key: "definer_view",
    sql: `select object from ${VIEWS}
      where relkind = 'v' and not coalesce(reloptions, '{}') && array['security_invoker=on', 'security_invoker=true']`,
    advice: "reads with its owner's rights and goes around row level security: with (security_invoker = on)",
  },
  {
    key: "users_exposed",
    sql: `select distinct object from ${VIEWS}
      join pg_rewrite w on w.ev_class = v.oid
      join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
      where d.refobjid = to_regclass('auth.users') and ${SELECTABLE}`,
    advice: "shows auth.users to users of the API: take it out of the view",
  },
  {
    key: "materialized_view_in_api",
    sql: `select object from ${VIEWS} where relkind = 'm' and nspname = 'public' and ${SELECTABLE}`,
    advice:
      "is a materialized view, which knows no row level security, and users can read it: revoke or move it",
  },
  {
    key: "foreign_table_in_api",
    sql: `select object from ${VIEWS} where relkind = 'f' and nspname = 'public' and ${SELECTABLE}`,
    advice: "is a foreign table, which knows no row level security, and users can read it: revoke or move it",
  },
  {
    key: "granted_to_anon",
    sql: `select regclass as object from ${OUR_TABLES}
      where exists (select from aclexplode(relacl) join pg_roles r on r.oid = grantee where rolname = 'anon')`,
    advice: "is granted to anon: nobody without an account sees a row of ours",
  },
  {
    key: "grant_beyond_policies",
    sql: `select regclass as object from ${OUR_TABLES}
      where exists (select from aclexplode(relacl)
        where privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER') and (grantee = 0 or grantee in ${USER_ROLES}))`,
    advice: "is granted to users beyond what a policy can hold back: revoke truncate, references and trigger",
  },
];
