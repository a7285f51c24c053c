/**
 * Sees what a database holds, who may do what, and who sees which rows: before a failure is healed and after it.
 *
 * It looks from outside, as a superuser, and knows nothing of what the healer says it did.
 *
 * @module
 */

import type { Client } from "../../supabase/functions/_shared/postgres.ts";

/** What was seen. */
export interface Observation {
  /** Rows as texts, by table. */
  rows: Map<string, string[]>;
  /** Rights, policies and switches, one line each. */
  access: Set<string>;
  /** Rows that somebody sees, as `who table row`. */
  visible: Set<string>;
}

/** The application's tables: all but the system's own and those of the server. */
const TABLES = `
  select format('%I.%I', n.nspname, c.relname) as name, c.relkind in ('v', 'm') as is_view
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm') and n.nspname !~ '^(pg_|healing_)'
    and n.nspname not in ('information_schema', 'vault', 'net', 'realtime', 'cron', 'extensions', 'supabase_migrations')
    and not (n.nspname = 'public' and (c.relname = 'healing_patterns' or c.relname = 'vercel_deployments'
      or exists (select from pg_catalog.pg_policy p where p.polrelid = c.oid and p.polname = 'service_role_reads')))
  order by 1`;

const ACCESS = `
  select format('rls on %I.%I %s %s', n.nspname, c.relname, c.relrowsecurity, c.relforcerowsecurity) as line
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|healing_)' and n.nspname <> 'information_schema'
  union all
  select format('policy %s %I %s %s %s using %s check %s', p.polrelid::regclass, p.polname, p.polcmd, p.polpermissive,
    (select string_agg(case when r = 0 then 'public' else r::regrole::text end, ',' order by 1) from unnest(p.polroles) r),
    coalesce(pg_get_expr(p.polqual, p.polrelid), '-'), coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '-'))
  from pg_catalog.pg_policy p
  union all
  select format('grant %s %s on %s %s', case when a.grantee = 0 then 'public' else a.grantee::regrole::text end,
    a.privilege_type, o.kind, o.name)
  from (
    select 'relation' as kind, c.oid::regclass::text as name, c.relacl as acl, c.relowner as owner from pg_catalog.pg_class c
      where c.relkind in ('r', 'p', 'v', 'm', 'S')
    union all select 'schema', nspname::text, nspacl, nspowner from pg_catalog.pg_namespace where nspname !~ '^pg_(temp|toast)'
    union all select 'function', oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner)), proowner
      from pg_catalog.pg_proc where pronamespace <> 'pg_catalog'::regnamespace
    union all select 'column of ' || attrelid::regclass::text, attname::text, attacl, 0::oid
      from pg_catalog.pg_attribute where attacl is not null) as o
  cross join lateral aclexplode(o.acl) as a where a.grantee <> o.owner
  union all
  select format('definer %s %s', oid::regprocedure, proconfig) from pg_catalog.pg_proc
  where prosecdef and pronamespace <> 'pg_catalog'::regnamespace
  union all
  select format('member %s of %s', member::regrole, roleid::regrole) from pg_catalog.pg_auth_members
  union all
  select format('role %s %s %s %s %s', rolname, rolsuper, rolbypassrls, rolcreaterole, rolcanlogin) from pg_catalog.pg_roles
  union all
  select format('option %s %s', oid::regclass, reloptions) from pg_catalog.pg_class where relkind = 'v' and reloptions is not null
  union all
  select format('bucket %s public %s', id, public) from storage.buckets`;

/** Whose eyes are tried: nobody, the people whom catalogues name, and a stranger. */
const EYES: readonly (readonly [role: string, subject: string | null])[] = [
  ["anon", null],
  ["authenticated", "11111111-1111-4111-8111-111111111111"],
  ["authenticated", "22222222-2222-4222-8222-222222222222"],
  ["authenticated", "99999999-9999-4999-8999-999999999999"],
];

/** Looks at all of a database, on a superuser's connection. */
export async function observe(superuser: Client): Promise<Observation> {
  await superuser.query("set search_path = pg_catalog; set statement_timeout = '30s'");
  const { rows: tables } = await superuser.query<{ name: string; is_view: boolean }>(TABLES);
  const rows = new Map<string, string[]>();
  const visible = new Set<string>();
  for (const { name, is_view: isView } of tables) {
    if (!isView) rows.set(name, await rowsOf(superuser, name));
    for (const [role, subject] of EYES) {
      for (const row of await seenBy(superuser, name, role, subject)) {
        visible.add(`${role} ${subject ?? "-"} ${name} ${row}`);
      }
    }
  }
  const access = await superuser.query<{ line: string }>(ACCESS);
  await superuser.query("reset all");
  return { rows, access: new Set(access.rows.map(({ line }) => line)), visible };
}

async function rowsOf(client: Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ row: string }>(
    `select to_jsonb(t)::text as row from ${table} t order by 1`,
  );
  return rows.map(({ row }) => row);
}

/** What one pair of eyes sees; an error means that it sees nothing. */
async function seenBy(
  client: Client,
  table: string,
  role: string,
  subject: string | null,
): Promise<string[]> {
  await client.query("begin");
  try {
    const claims = JSON.stringify({ role, ...(subject === null ? {} : { sub: subject }) });
    await client.query(
      "select set_config('request.jwt.claims', $1, true), set_config('role', $2, true), set_config('statement_timeout', '3s', true)",
      [claims, role],
    );
    return await rowsOf(client, table);
  } catch {
    return [];
  } finally {
    await client.query("rollback");
  }
}
