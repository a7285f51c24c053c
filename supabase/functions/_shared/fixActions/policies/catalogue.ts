/** What the catalogue says about policies, their tables, and who may run what. @module */

import type { SqlPort } from "../../core/ports.ts";
import { PLATFORM_SCHEMA } from "../session.ts";

/** A table with its rules about rows. */
export interface SecuredTable {
  oid: string;
  schema: string;
  name: string;
  owner: string;
  isSecured: boolean;
  isForced: boolean;
  isPlain: boolean;
}

/** A policy as the server prints it. */
export interface Policy {
  table: SecuredTable;
  name: string;
  /** `r`, `a`, `w`, `d`, or `*` for all. */
  command: string;
  isPermissive: boolean;
  /** `public` stands for everybody. */
  roles: string[];
  using: string | null;
  check: string | null;
}

const TABLE = `
  c.oid::text as oid, n.nspname::text as schema, c.relname::text as name, pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
  c.relrowsecurity as "isSecured", c.relforcerowsecurity as "isForced", c.relkind in ('r', 'p') as "isPlain"`;

/** The tables of a name, with or without its schema, outside of the platform's schemas. */
export async function tablesNamed(sql: SqlPort, name: string): Promise<SecuredTable[]> {
  const dot = name.indexOf(".");
  const [schema, relation] = dot < 0 ? [null, name] : [name.slice(0, dot), name.slice(dot + 1)];
  const rows = await sql.query<SecuredTable>(
    `select ${TABLE} from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relname = $1 and ($2::text is null or n.nspname = $2) and c.relkind in ('r', 'p')`,
    [relation, schema],
  );
  return rows.filter((table) => !PLATFORM_SCHEMA.test(table.schema));
}

/** Every table with rules about rows outside of the platform's schemas, some hundreds at most. */
export async function securedTables(sql: SqlPort): Promise<SecuredTable[]> {
  const rows = await sql.query<SecuredTable>(
    `select ${TABLE} from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relrowsecurity and c.relkind in ('r', 'p') and exists (select from pg_catalog.pg_policy p where p.polrelid = c.oid)
     order by n.nspname, c.relname limit 500`,
  );
  return rows.filter((table) => !PLATFORM_SCHEMA.test(table.schema));
}

/** The policies of tables, in the order of their names. */
export async function policiesOf(sql: SqlPort, oids: readonly string[]): Promise<Policy[]> {
  const rows = await sql.query<Omit<Policy, "table"> & SecuredTable & { policy: string }>(
    `select ${TABLE}, p.polname::text as policy, p.polcmd::text as command, p.polpermissive as "isPermissive",
       array(select case r when 0 then 'public' else pg_catalog.pg_get_userbyid(r)::text end from unnest(p.polroles) r order by 1) as roles,
       pg_catalog.pg_get_expr(p.polqual, p.polrelid) as using, pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) as check
     from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where p.polrelid = any($1::oid[]) order by n.nspname, c.relname, p.polname`,
    [oids],
  );
  return rows.map(({ policy, command, isPermissive, roles, using, check, ...table }) => ({
    table,
    name: policy,
    command,
    isPermissive,
    roles,
    using,
    check,
  }));
}

/** The tables whose reading policies lead to a table and back, itself included. */
export async function cycleThrough(sql: SqlPort, oid: string): Promise<SecuredTable[]> {
  return await sql.query<SecuredTable>(
    `with recursive edges as (
       select distinct p.polrelid as one, d.refobjid as other from pg_catalog.pg_policy p
       join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_policy'::regclass and d.objid = p.oid
         and d.refclassid = 'pg_catalog.pg_class'::regclass and d.deptype = 'n'
       where p.polcmd in ('*', 'r') and p.polrelid <> d.refobjid
     ), ahead(oid) as (select $1::oid union select e.other from ahead a join edges e on e.one = a.oid),
     behind(oid) as (select $1::oid union select e.one from behind b join edges e on e.other = b.oid)
     select ${TABLE} from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.oid in (select oid from ahead intersect select oid from behind) order by n.nspname, c.relname`,
    [oid],
  );
}

/** Columns with their types, as they are written in a statement. */
export async function columnsOf(
  sql: SqlPort,
  oid: string,
): Promise<{ name: string; type: string; isGenerated: boolean }[]> {
  return await sql.query(
    `select attname::text as name, pg_catalog.format_type(atttypid, atttypmod) as type, attgenerated <> '' as "isGenerated"
     from pg_catalog.pg_attribute where attrelid = $1::oid and attnum > 0 and not attisdropped order by attnum`,
    [oid],
  );
}

/** The roles that hold a right on a table and are held to its policies, `anon` left out. */
export async function rolesWithRights(sql: SqlPort, oid: string): Promise<string[]> {
  const rows = await sql.query<{ role: string }>(
    `select distinct r.rolname::text as role from pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a, pg_catalog.pg_roles r
     where c.oid = $1::oid and r.oid = a.grantee and a.grantee <> c.relowner and not r.rolsuper and not r.rolbypassrls
       and r.rolname <> 'anon' order by 1`,
    [oid],
  );
  return rows.map(({ role }) => role);
}
