/** Faults of a database that raise no error: what its catalogue shows, as proposals for a person. @module */

import type { Proposal } from "../core/fixes.ts";
import type { SqlPort } from "../core/ports.ts";
import { securedTables } from "./policies/catalogue.ts";
import { planRepair } from "./policies/plan.ts";

/** Views over tables with policies that a role of the API may read past those policies. */
const OPEN_VIEWS = `
  select distinct n.nspname || '.' || c.relname as view
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_rewrite r on r.ev_class = c.oid
  join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = r.oid
    and d.refclassid = 'pg_catalog.pg_class'::regclass
  join pg_catalog.pg_class t on t.oid = d.refobjid and t.relrowsecurity
  where c.relkind = 'v' and position('.' in n.nspname || c.relname) = 0
    and n.nspname !~ '^(pg_|supabase_|healing_|information_schema$)'
    and n.nspname not in ('auth', 'storage', 'realtime', 'vault', 'net', 'cron', 'extensions')
    and not coalesce(c.reloptions, '{}') && array['security_invoker=on', 'security_invoker=true']
    and (pg_catalog.has_table_privilege('anon', c.oid, 'SELECT')
      or pg_catalog.has_table_privilege('authenticated', c.oid, 'SELECT'))
  order by 1`;

/** Looks for views that show what policies hide, and policies that call per row what is the same for all rows. */
export async function adviseOnDatabase(sql: SqlPort): Promise<Proposal[]> {
  const views = await sql.query<{ view: string }>(OPEN_VIEWS);
  const slow: string[] = [];
  for (const { schema, name } of await securedTables(sql)) {
    const table = `${schema}.${name}`;
    if (!schema.includes(".") && typeof await planRepair(sql, "evaluate_once", table) !== "string") {
      slow.push(table);
    }
  }
  return [
    ...views.map(({ view }) =>
      adviceOn(
        { kind: "set_view_invoker", view },
        "open_view",
        "the view shows rows that the policies of its tables hide",
      )
    ),
    ...slow.map((table) =>
      adviceOn(
        { kind: "replace_policy", repair: "evaluate_once", table },
        "policy_per_row",
        "the policy asks for every row what is the same for all",
      )
    ),
  ];
}

function adviceOn(action: Proposal["action"], key: string, because: string): Proposal {
  return { action, tier: "deterministic", confidence: 0.8, reason: `${key}: ${because}` };
}
