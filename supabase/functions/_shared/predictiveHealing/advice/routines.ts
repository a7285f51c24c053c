/** Functions whose names mean something else to each caller, and functions with their owner's rights behind the API. @module */

import { type AdviceRule, detail, EXPOSED, OWN_SCHEMA } from "./rule.ts";

const OWN_ROUTINES =
  `pg_catalog.pg_proc as f join pg_catalog.pg_namespace as n on n.oid = f.pronamespace and ${OWN_SCHEMA}
  and f.prokind in ('f', 'p') and not exists (select from pg_catalog.pg_depend as own
    where own.classid = 'pg_catalog.pg_proc'::regclass and own.objid = f.oid and own.deptype = 'e')`;

const NAME =
  "pg_catalog.format('%I.%I(%s)', n.nspname, f.proname, pg_catalog.pg_get_function_identity_arguments(f.oid))";

/** No search_path of its own. */
export const mutablePath: AdviceRule = {
  code: "mutable_search_path",
  severity: "medium",
  sql:
    `select ${NAME} as object, pg_catalog.jsonb_build_object('definer', f.prosecdef) as details from ${OWN_ROUTINES}
    where not exists (select from unnest(f.proconfig) as setting where setting like 'search\\_path=%')
      and (f.prosecdef or f.prolang <> (select l.oid from pg_catalog.pg_language as l where l.lanname = 'sql') or f.prosqlbody is null)`,
  say: (found) => ({
    severity: detail(found, "definer") === "true" ? "high" : "low",
    message:
      `${found.object} has no search_path of its own, so its names mean whatever its caller's path says` +
      (detail(found, "definer") === "true" ? ", with its owner's rights" : ""),
    advice: "write the names in its body in full, then empty its path; the other way round it stops working",
    sql: `alter routine ${found.object} set search_path = ''`,
  }),
};

/** Its owner's rights, for whoever calls the API. */
export const definerRoutine: AdviceRule = {
  code: "definer_function_in_api",
  severity: "medium",
  sql:
    `select ${NAME} as object, pg_catalog.jsonb_build_object('roles', open.roles) as details from ${OWN_ROUTINES}
    cross join lateral (select pg_catalog.array_agg(o.rolname::text order by o.rolname) as roles from pg_catalog.pg_roles as o
      where o.rolname in ('anon', 'authenticated') and pg_catalog.has_function_privilege(o.oid, f.oid, 'EXECUTE')) as open
    where f.prosecdef and ${EXPOSED} and open.roles is not null and f.prorettype <> 'pg_catalog.trigger'::regtype`,
  say: (found) => ({
    message: `${found.object} runs with its owner's rights, past every policy, and ${
      detail(found, "roles")
    } can call it through the API`,
    advice:
      "let it run with its caller's rights, take the right to call it away, or move it to a schema that the API does not show",
  }),
};
