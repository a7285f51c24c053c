/**
 * All that stands in a database, one line each, and whose it is: what a removal compares before and after.
 *
 * It is SQL alone, so that the same comparison runs in a script that a person gives to the database.
 *
 * @module
 */

import { schemaQueriesOf } from "../lib/schemaDump/queries.ts";
import type { Manifest } from "./manifest.ts";

/** The schemas that are ours as a whole. */
const OWN = "healing_(private|sandbox)";

const EVERY_SCHEMA = "(nspname !~ '^pg_' and nspname <> 'information_schema')";

// What the schema dump leaves out, because our migrations make none of it or because it changes by itself.
const OTHERS = [
  `select 'schema public' as object, 'acl ' || coalesce(nspacl::text, '') as line
    from pg_catalog.pg_namespace where nspname = 'public'`,
  `select format('relation %I.%I', nspname, relname),
      format('%s %s', relkind, pg_catalog.pg_get_expr(relpartbound, c.oid))
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = relnamespace
    where ${EVERY_SCHEMA} and relkind in ('r', 'p', 'f', 'v', 'm', 'c')`,
  `select format('type %I.%I', nspname, typname), format('attribute %s %s', attname, format_type(atttypid, atttypmod))
    from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = typnamespace
    join pg_catalog.pg_class c on c.oid = typrelid and c.relkind = 'c'
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and attnum > 0 where ${EVERY_SCHEMA}`,
  `select format('event trigger %I', evtname), format('%s %s %s', evtevent, evtenabled, evtfoid::regprocedure)
    from pg_catalog.pg_event_trigger`,
  `select format('publication %I', pubname), format('%I.%I', schemaname, tablename)
    from pg_catalog.pg_publication_tables`,
  `select format('extension %I', extname), format('in %s', extnamespace::regnamespace)
    from pg_catalog.pg_extension`,
  `select format('default rights of %s', defaclrole::regrole),
      format('%s %s %s', defaclnamespace, defaclobjtype, defaclacl)
    from pg_catalog.pg_default_acl`,
];

/** Names as a list of texts. */
export function textArray(names: readonly string[]): string {
  const texts = names.map((name) => `'${name.replaceAll("'", "''")}'`);
  return `array[${texts.join(", ")}]::text[]`;
}

/**
 * Makes `pg_temp.healing_footprint (object, line, is_ours)`; the search path has to be empty. What a plan of ours made
 * in the project by itself, such as an index or an extension that mended an error, counts as the project's.
 */
export function footprintSql({ objects, jobs }: Pick<Manifest, "objects" | "jobs">): string {
  const lines = [
    ...schemaQueriesOf(EVERY_SCHEMA),
    ...OTHERS,
    "select object, line from pg_temp.healing_jobs()",
  ];
  const relations = objects.filter((one) => /^(table|view|materialized view) /.test(one))
    .map((one) => `relation ${one.slice(one.lastIndexOf(" ") + 1)}`);
  const ours = [...objects, ...relations, ...jobs.map((job) => `job ${job}`), ...EVENT_TRIGGERS];
  return `
create function pg_temp.healing_jobs() returns table (object text, line text) language plpgsql as $jobs$
begin
  if to_regclass('cron.job') is not null then
    return query execute 'select ''job '' || coalesce(jobname, jobid::text), concat_ws('' '', schedule, active, command) from cron.job';
  end if;
end;
$jobs$;

create temporary view healing_footprint as
select object, line, object = any (${textArray(ours)})
    or object ~ '^(schema|table|view|materialized view|sequence|type|function|relation) ${OWN}($|\\.)'
    or object ~ '^job heal_[a-z_]+_[0-9a-f]{20}$' as is_ours
from (
${lines.map((sql) => `(${sql})`).join("\nunion all\n")}
) as lines
where line is not null and line !~ '^policy healing_admins_receive ' and object !~ ' pg_temp';`;
}

const EVENT_TRIGGERS = ["event trigger track_schema_change", "event trigger track_schema_drop"];
