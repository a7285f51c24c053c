/** Views and their like that show more than the tables behind them would. @module */

import { type AdviceRule, detail, EXPOSED, NAME, outsiders, OWN_RELATION } from "./rule.ts";

function relations(kind: string): string {
  return `pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace and c.relkind = '${kind}' and ${OWN_RELATION}`;
}

/** The tables that a view reads itself. */
const BEHIND =
  `pg_catalog.pg_rewrite as w join pg_catalog.pg_depend as d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
  and d.refclassid = 'pg_catalog.pg_class'::regclass join pg_catalog.pg_class as t on t.oid = d.refobjid and t.oid <> w.ev_class`;

/** A view that reads as its owner what policies would hide. */
export const definerView: AdviceRule = {
  code: "definer_view",
  severity: "high",
  sql:
    `select ${NAME} as object, pg_catalog.jsonb_build_object('schema', n.nspname, 'name', c.relname, 'roles', ${
      outsiders("SELECT")
    },
      'tables', (select pg_catalog.array_agg(distinct t.oid::regclass::text) from ${BEHIND} where w.ev_class = c.oid and t.relrowsecurity)) as details
    from ${relations("v")}
    where not coalesce(c.reloptions, '{}') && array['security_invoker=on', 'security_invoker=true', 'security_invoker=1', 'security_invoker=yes']
      and ${outsiders("SELECT")} is not null
      and exists (select from ${BEHIND} where w.ev_class = c.oid and t.relrowsecurity)`,
  say: (found) => ({
    message: `${found.object} reads ${detail(found, "tables")} with its owner's rights, so ${
      detail(found, "roles")
    } see rows through it that the policies hide`,
    advice:
      "let it read with the rights of whoever asks; a view that is meant to show everybody a sum keeps its owner's",
    sql: `alter view ${found.object} set (security_invoker = on)`,
    fix: `${detail(found, "schema")}${detail(found, "name")}`.includes(".")
      ? null
      : { kind: "set_view_invoker", view: `${detail(found, "schema")}.${detail(found, "name")}` },
  }),
};

/** The table of users, shown. */
export const usersView: AdviceRule = {
  code: "users_exposed",
  severity: "high",
  sql: `select ${NAME} as object, pg_catalog.jsonb_build_object('roles', ${outsiders("SELECT")}) as details
    from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace and c.relkind in ('v', 'm') and ${OWN_RELATION}
    where ${EXPOSED} and ${outsiders("SELECT")} is not null
      and exists (select from ${BEHIND} where w.ev_class = c.oid and t.oid = pg_catalog.to_regclass('auth.users'))`,
  say: (found) => ({
    message: `${found.object} shows rows of auth.users, with addresses and more, to ${
      detail(found, "roles")
    }`,
    advice:
      "keep what people may see of each other in a table of profiles of its own, and take the view out of the API",
  }),
};

/** A materialized view knows no row level security. */
export const materializedView: AdviceRule = {
  code: "materialized_view_in_api",
  severity: "medium",
  sql: `select ${NAME} as object, pg_catalog.jsonb_build_object('roles', ${
    outsiders("SELECT")
  }) as details from ${relations("m")}
    where ${EXPOSED} and ${outsiders("SELECT")} is not null`,
  say: (found) => ({
    message: `${found.object} is a materialized view, which no policy guards, and ${
      detail(found, "roles")
    } may read all of it`,
    advice:
      "move it to a schema that the API does not show, or take the right to read it away and give it out through a function",
  }),
};

/** Nor does a foreign table. */
export const foreignTable: AdviceRule = {
  code: "foreign_table_in_api",
  severity: "medium",
  sql: `select ${NAME} as object, pg_catalog.jsonb_build_object('roles', ${
    outsiders("SELECT")
  }) as details from ${relations("f")}
    where ${EXPOSED} and ${outsiders("SELECT")} is not null`,
  say: (found) => ({
    message: `${found.object} is a foreign table, which no policy guards, and ${
      detail(found, "roles")
    } may read all of it`,
    advice: "move it to a schema that the API does not show, or take the right to read it away",
  }),
};
