/** What the catalogue says of each sort of need: one query a sort, whose `$1` is the list of subjects. @module */

import type { SqlPort } from "../../core/ports.ts";
import type { Answer } from "../check.ts";
import type { NeedKind, NeedSubject } from "../need.ts";

/** Asks the catalogue about subjects of one sort and answers in their order. */
export type CatalogueCheck = (db: SqlPort, subjects: readonly NeedSubject[]) => Promise<Answer[]>;

const SUBJECTS = "pg_catalog.jsonb_array_elements($1::jsonb) with ordinality as list (s, n)";
const RELATION = `
  left join lateral (
    select c.* from pg_catalog.pg_class as c join pg_catalog.pg_namespace as ns on ns.oid = c.relnamespace
    where ns.nspname = s ->> 'schema' and c.relname = s ->> 'name' and c.relkind in ('r', 'p', 'v', 'm', 'f')
  ) as r on true`;

function check(sql: string): CatalogueCheck {
  return async (db, subjects) =>
    await db.query<Answer & object>(`${sql} order by n`, [JSON.stringify(subjects)]);
}

const NO_TABLE = "the table is not there yet";

/** The checks. */
export const CATALOGUE_CHECKS: { [Kind in NeedKind]?: CatalogueCheck } = {
  extension: check(`
    select e.oid is not null or own.oid is not null as there,
      case when e.oid is not null then 'it is installed' when own.oid is not null then 'a function has the name'
        when a.name is null then 'it is not available on this server' else 'it is available and not installed' end as evidence
    from ${SUBJECTS} left join pg_catalog.pg_extension as e on e.extname = s ->> 'extension'
    left join pg_catalog.pg_available_extensions as a on a.name = s ->> 'extension'
    left join lateral (select p.oid from pg_catalog.pg_proc as p where p.proname = s ->> 'provides'
      and p.pronamespace = any (array[pg_catalog.to_regnamespace('public'), pg_catalog.to_regnamespace('cron'),
        pg_catalog.to_regnamespace('net'), pg_catalog.to_regnamespace('pgmq')]::oid[]) limit 1) as own on true`),
  schema: check(`
    select ns.oid is not null as there, case when ns.oid is null then 'no schema has this name' else 'it exists' end as evidence
    from ${SUBJECTS} left join pg_catalog.pg_namespace as ns on ns.nspname = s ->> 'schema'`),
  table: check(`
    select r.oid is not null as there, case when r.oid is null then 'no table or view has this name' else 'it exists' end as evidence
    from ${SUBJECTS} ${RELATION}`),
  column: check(`
    select case when r.oid is not null then a.attname is not null end as there,
      case when r.oid is null then '${NO_TABLE}' when a.attname is null then 'the table has no such column' else 'it exists' end as evidence
    from ${SUBJECTS} ${RELATION}
    left join pg_catalog.pg_attribute as a on a.attrelid = r.oid and a.attname = s ->> 'column' and a.attnum > 0 and not a.attisdropped`),
  function: check(`
    select p.named and p.fits as there, case when not p.named then 'no function has this name'
      when p.fits then 'it exists' else 'the function takes other arguments' end as evidence
    from ${SUBJECTS} cross join lateral (
      select count(*) > 0 as named, coalesce(bool_or(pg_catalog.jsonb_typeof(s -> 'args') is distinct from 'array' or (
        not exists (select from pg_catalog.jsonb_array_elements_text(s -> 'args') as given where given <> all (coalesce(f.ins, '{}')))
        and not exists (select from unnest(f.ins[1:f.pronargs - f.pronargdefaults]) as needed where not (s -> 'args') ? needed))), false) as fits
      from (
        select p.pronargs, p.pronargdefaults, case when p.proargmodes is null then p.proargnames else
          array(select arg from unnest(p.proargnames, p.proargmodes) as a (arg, mode) where mode in ('i', 'b', 'v')) end as ins
        from pg_catalog.pg_proc as p join pg_catalog.pg_namespace as ns on ns.oid = p.pronamespace
        where ns.nspname = s ->> 'schema' and p.proname = s ->> 'name') as f) as p`),
  bucket: inStorage,
  secret: inVault,
  row_security: check(`
    select coalesce(r.relrowsecurity, false) as there, case when r.oid is null then '${NO_TABLE}, and no migration turns it on'
      when r.relrowsecurity then 'it is on' else 'it is off' end as evidence
    from ${SUBJECTS} ${RELATION}`),
  policy: check(`
    select p.polname is not null as there, coalesce('policy ' || p.polname, 'no policy lets it through') as evidence
    from ${SUBJECTS} ${RELATION} left join lateral (
      select p.polname from pg_catalog.pg_policy as p
      where p.polrelid = r.oid and p.polpermissive
        and p.polcmd in ('*', case s ->> 'verb' when 'SELECT' then 'r' when 'INSERT' then 'a' when 'UPDATE' then 'w' else 'd' end)
        and exists (select from unnest(p.polroles) as who left join pg_catalog.pg_roles as o on o.oid = who where who = 0 or o.rolname = s ->> 'role')
      limit 1) as p on true`),
  index: check(`
    select case when r.oid is not null then i.name is not null else false end as there,
      case when r.oid is null then '${NO_TABLE}, and no migration makes one' when i.name is null then 'no index begins with these columns' else 'index ' || i.name end as evidence
    from ${SUBJECTS} ${RELATION} left join lateral (
      select c.relname::text as name from pg_catalog.pg_index as x join pg_catalog.pg_class as c on c.oid = x.indexrelid
      where x.indrelid = r.oid and x.indisvalid and (x.indpred is null
        -- Who looks for a value looks for none that is null.
        or pg_catalog.pg_get_expr(x.indpred, x.indrelid) = pg_catalog.format('(%I IS NOT NULL)', s -> 'columns' ->> 0)) and not exists (
        select from pg_catalog.jsonb_array_elements_text(s -> 'columns') as wanted where wanted <> all (array(
          select a.attname::text from pg_catalog.pg_attribute as a where a.attrelid = r.oid
            and a.attnum = any ((pg_catalog.string_to_array(x.indkey::text, ' ')::int2[])[1:pg_catalog.jsonb_array_length(s -> 'columns')]))))
      limit 1) as i on true`),
  grant: check(`
    select case when not exists (select from pg_catalog.pg_roles where rolname = s ->> 'role') then null
        when s ->> 'on' = 'schema' then ns.oid is not null and pg_catalog.has_schema_privilege(s ->> 'role', ns.oid, s ->> 'privilege')
        when r.oid is not null then pg_catalog.has_table_privilege(s ->> 'role', r.oid, s ->> 'privilege')
        else d.granted end as there,
      case when r.oid is null and s ->> 'on' = 'table' then '${NO_TABLE}, and new tables get no such right by themselves'
        else 'read from the rights of the object' end as evidence
    from ${SUBJECTS} ${RELATION} left join pg_catalog.pg_namespace as ns on ns.nspname = s ->> 'schema'
    left join lateral (
      select exists (select from pg_catalog.pg_default_acl as d cross join lateral pg_catalog.aclexplode(d.defaclacl) as x
        join pg_catalog.pg_roles as g on g.oid = x.grantee
        where d.defaclobjtype = 'r' and d.defaclnamespace in (0, ns.oid) and d.defaclrole = current_user::regrole
          and g.rolname = s ->> 'role' and x.privilege_type = s ->> 'privilege') as granted) as d on true`),
  sign_up_value: check(`
    select case when a.attname is not null then not a.attnotnull or a.atthasdef or a.attidentity <> '' or a.attgenerated <> '' else false end as there,
      case when a.attname is null then 'the migrations make it so' when a.attnotnull and not a.atthasdef then 'the column must not be null and has no default'
        else 'the column may be null, or has a default' end as evidence
    from ${SUBJECTS} ${RELATION}
    left join pg_catalog.pg_attribute as a on a.attrelid = r.oid and a.attname = s ->> 'column' and a.attnum > 0 and not a.attisdropped`),
};

async function inStorage(db: SqlPort, subjects: readonly NeedSubject[]): Promise<Answer[]> {
  const [made] = await db.query<{ there: boolean }>(
    "select pg_catalog.to_regclass('storage.buckets') is not null as there",
  );
  if (!made?.there) return subjects.map(() => ({ there: null, evidence: "the database has no storage" }));
  return await check(`
    select b.id is not null as there, case when b.id is null then 'no bucket has this name'
      when b.public then 'it exists and is public' else 'it exists and is private' end as evidence
    from ${SUBJECTS} left join storage.buckets as b on b.id = s ->> 'name'`)(db, subjects);
}

/** Names only; the values are encrypted and stay where they are. */
async function inVault(db: SqlPort, subjects: readonly NeedSubject[]): Promise<Answer[]> {
  const [may] = await db.query<{ read: boolean | null }>(
    `select pg_catalog.has_table_privilege(pg_catalog.to_regclass('vault.secrets'), 'SELECT') as read`,
  );
  if (!may?.read) {
    return subjects.map(() => ({ there: null, evidence: "the vault cannot be read from here" }));
  }
  return await check(`
    select v.name is not null as there, case when v.name is null then 'the vault has no secret of this name' else 'the vault has it' end as evidence
    from ${SUBJECTS} left join lateral (select x.name from vault.secrets as x where x.name = s ->> 'name' limit 1) as v on true`)(
    db,
    subjects,
  );
}
