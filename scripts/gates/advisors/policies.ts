/** Advice on row level security. @module */

import { OUR_TABLES } from "../../lib/catalogue.ts";
import type { Advisor } from "./advisor.ts";

const POLICIES = `(
  select t.regclass, p.*, format('%s, policy %I', t.regclass, p.polname) as object,
    concat_ws(' ', pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) as expression
  from ${OUR_TABLES} join pg_policy p on p.polrelid = t.oid
) as p`;

/** One row for each policy, command and role that it speaks to; 0 stands for everyone. */
const APPLIED = `(
  select p.regclass, command, role
  from ${POLICIES}
  cross join lateral unnest(case polcmd when '*' then array['r', 'a', 'w', 'd'] else array[polcmd::text] end) as command
  cross join lateral (
    select unnest(polroles) as role
    union select r.oid from pg_roles r where 0 = any (polroles) and r.rolname in ('anon', 'authenticated')
  ) as spoken
  where polpermissive and role <> 0
) as applied`;

/** The rules. */
export const POLICY_ADVISORS: readonly Advisor[] = [
  {
    key: "policy_called_per_row",
    // A policy's expression is printed with "( SELECT …": what is left after taking those out runs for each row.
    sql: `select object from ${POLICIES}
      where regexp_replace(expression, 'SELECT [a-z_.]+\\([^()]*\\)', '', 'g')
        ~ '(auth\\.(uid|jwt|role|email)|current_setting|healing_[a-z]+\\.[a-z_]+)\\('`,
    advice: "calls a function for every row: wrap it, (select f()), so that it runs once",
  },
  {
    key: "several_permissive_policies",
    sql: `select format('%s for %s and command %s', regclass, role::regrole, command) as object
      from ${APPLIED} group by regclass, role, command having count(*) > 1`,
    advice: "has several permissive policies, and each is asked for every row: join them into one",
  },
  {
    key: "policy_without_rls",
    sql: `select object from ${POLICIES} join pg_class c on c.oid = polrelid where not relrowsecurity`,
    advice: "has no effect, because row level security is off: turn it on",
  },
  {
    key: "policy_always_true",
    sql: `select object from ${POLICIES}
      where polpermissive and polcmd <> 'r'
        and exists (select from unnest(polroles) as r
          where r = 0 or r in (select oid from pg_roles where rolname in ('anon', 'authenticated')))
        and (coalesce(pg_get_expr(polwithcheck, polrelid), pg_get_expr(polqual, polrelid), 'true') = 'true'
          or pg_get_expr(polqual, polrelid) = 'true')`,
    advice: "lets users write whatever they like: say which rows are theirs",
  },
  {
    key: "policy_trusts_user_metadata",
    sql: `select object from ${POLICIES} where expression ~ 'user_meta_?data'`,
    advice: "trusts user_metadata, which users write themselves: use app_metadata",
  },
];
