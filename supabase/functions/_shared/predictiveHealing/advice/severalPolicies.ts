/** Several permissive policies for the same role and command. @module */

import { type AdviceRule, detail, NAME, OWN_TABLES } from "./rule.ts";

/** The rule. */
export const severalPolicies: AdviceRule = {
  code: "several_permissive_policies",
  severity: "low",
  sql: `select pg_catalog.format('%s for %s by %s', ${NAME}, spoken.command, spoken.role) as object,
      pg_catalog.jsonb_build_object('table', ${NAME}, 'policies', pg_catalog.jsonb_agg(spoken.polname order by spoken.polname)) as details
    from ${OWN_TABLES} join lateral (
      select distinct p.polname, case command when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' else 'delete' end as command,
        o.rolname as role
      from pg_catalog.pg_policy as p
      cross join lateral unnest(case p.polcmd when '*' then array['r', 'a', 'w', 'd'] else array[p.polcmd::text] end) as command
      join pg_catalog.pg_roles as o on o.rolname in ('anon', 'authenticated') and (o.oid = any (p.polroles) or 0 = any (p.polroles))
      where p.polrelid = c.oid and p.polpermissive) as spoken on c.relrowsecurity
    group by n.nspname, c.relname, spoken.command, spoken.role having count(*) > 1`,
  say: (found) => ({
    message: `${found.object}: ${
      detail(found, "policies")
    } are all asked for every row, and a row passes when any of them lets it`,
    advice: "join them into one with `or`, or limit each to the role that it is for",
  }),
};
