/** What the catalogue queries of the gates, the schema dump and the types share. @module */

/** The schemas that the migrations fill, as a condition over `pg_namespace`. */
export const OUR_SCHEMAS = "(nspname = 'public' or nspname like 'healing\\_%')";

/** True for what an extension brought along. */
function fromExtension(catalogue: string, oid: string): string {
  return `exists (select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.${catalogue}'::regclass and d.objid = ${oid} and d.deptype = 'e')`;
}

/** Our functions as `f`: the row of `pg_proc` and `regprocedure`, its readable name. */
export const OUR_FUNCTIONS = `(
  select p.*, n.nspname, p.oid::regprocedure::text as regprocedure
  from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where ${OUR_SCHEMAS} and not ${fromExtension("pg_proc", "p.oid")}
) as f`;

/** Our tables, partitions among them, as `t`: the row of `pg_class` and `regclass`, its readable name. */
export const OUR_TABLES = `(
  select c.*, n.nspname, format('%I.%I', n.nspname, c.relname) as regclass
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where ${OUR_SCHEMAS} and c.relkind in ('r', 'p') and not ${fromExtension("pg_class", "c.oid")}
) as t`;
