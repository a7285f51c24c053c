/** The private functions that stand in for sub-selects of policies: made, locked down, taken away again. @module */

import type { SqlPort } from "../../core/ports.ts";
import { quoted } from "../../core/sqlNames.ts";
import { asRole, withEmptyPath } from "../session.ts";
import { type Helper, HELPER_SCHEMA } from "./plan.ts";

/** Why functions cannot be put into the private schema, or null. */
export async function helperSchemaObjection(sql: SqlPort, schema: string): Promise<string | null> {
  const [state] = await sql.query<{ exposed: string; foreign: boolean }>(
    `select coalesce(pg_catalog.current_setting('pgrst.db_schemas', true), '') || ',' || coalesce((
         select string_agg(setting, ',') from pg_catalog.pg_db_role_setting s, unnest(s.setconfig) setting
         where setting like 'pgrst.db\\_schemas=%'
           and s.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database()))), '') as exposed,
       exists (select from pg_catalog.pg_namespace n where n.nspname = $1
         and not pg_catalog.pg_has_role(current_user, n.nspowner, 'USAGE')) as foreign`,
    [schema],
  );
  if (state!.exposed.split(/[,=\s"]+/).includes(schema)) return `schema ${schema} is exposed by the API`;
  return state!.foreign ? `schema ${schema} belongs to somebody else` : null;
}

/** Makes the functions: owned by the tables' owner, with an empty path, executable by the policies' roles alone. */
export async function createHelpers(sql: SqlPort, helpers: readonly Helper[]): Promise<void> {
  await sql.query(`create schema if not exists ${HELPER_SCHEMA}`);
  await sql.query(
    `comment on schema ${HELPER_SCHEMA} is 'Functions that policies ask. Private: never expose it through the API.'`,
  );
  const me = await currentUser(sql);
  for (const { name, owner, select, use, roles } of helpers) {
    if (owner !== me) await sql.query(`grant usage, create on schema ${HELPER_SCHEMA} to ${quoted(owner)}`);
    const signature = `${HELPER_SCHEMA}.${name}(${select.types.join(", ")})`;
    const gives = `${use === "exists" ? "" : "setof "}${select.gives}`;
    await withEmptyPath(sql, () =>
      asRole(sql, owner, async () => {
        await sql.query(
          `create function ${signature} returns ${gives} language sql stable security definer set search_path = ''
           begin atomic ${select.body}; end`,
        );
        await revokeDefaults(sql, signature);
        for (const role of roles) {
          await sql.query(`grant execute on function ${signature} to ${quoted(role)}`);
        }
      }));
    if (owner !== me) await sql.query(`revoke create on schema ${HELPER_SCHEMA} from ${quoted(owner)}`);
    for (const role of roles) await sql.query(`grant usage on schema ${HELPER_SCHEMA} to ${quoted(role)}`);
    await requireExactGrants(sql, signature, owner, roles);
  }
}

async function currentUser(sql: SqlPort): Promise<string> {
  const [row] = await sql.query<{ me: string }>("select current_user::text as me");
  return row!.me;
}

/** Default privileges may have granted the new function to anybody. */
async function revokeDefaults(sql: SqlPort, signature: string): Promise<void> {
  const grantees = await sql.query<{ grantee: string }>(
    `select case a.grantee when 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) end as grantee
     from pg_catalog.pg_proc f, pg_catalog.aclexplode(coalesce(f.proacl, pg_catalog.acldefault('f', f.proowner))) a
     where f.oid = $1::regprocedure and a.grantee <> f.proowner`,
    [signature],
  );
  for (const { grantee } of grantees) await sql.query(`revoke all on function ${signature} from ${grantee}`);
}

async function requireExactGrants(
  sql: SqlPort,
  signature: string,
  owner: string,
  roles: readonly string[],
): Promise<void> {
  const [row] = await sql.query<{ others: string[]; owner: string; safe: boolean }>(
    `select array(select case a.grantee when 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee)::text end
         from pg_catalog.aclexplode(coalesce(f.proacl, pg_catalog.acldefault('f', f.proowner))) a
         where a.grantee <> f.proowner order by 1) as others,
       pg_catalog.pg_get_userbyid(f.proowner)::text as owner, f.proconfig = array['search_path=""'] as safe
     from pg_catalog.pg_proc f where f.oid = $1::regprocedure`,
    [signature],
  );
  const isExact = row!.others.join() === [...roles].sort().join() && !roles.includes("anon");
  if (!isExact || row!.owner !== owner || !row!.safe) {
    throw new Error(`function ${signature} would be open to ${row!.others.join(", ")}`);
  }
}

/** Takes the functions away; the schema goes with the last of them. */
export async function dropHelpers(
  sql: SqlPort,
  helpers: readonly { name: string; owner: string; types: readonly string[] }[],
  roles: readonly string[],
): Promise<void> {
  for (const { name, owner, types } of helpers) {
    await withEmptyPath(
      sql,
      () =>
        asRole(sql, owner, () =>
          sql.query(
            `drop function if exists ${HELPER_SCHEMA}.${quoted(name)}(${types.join(", ")}) restrict`,
          )),
    );
  }
  const [left] = await sql.query<{ n: number }>(
    `select count(*)::int as n from pg_catalog.pg_proc f join pg_catalog.pg_namespace n on n.oid = f.pronamespace
     where n.nspname = $1`,
    [HELPER_SCHEMA],
  );
  if (left!.n === 0) await sql.query(`drop schema if exists ${HELPER_SCHEMA} restrict`);
  else await revokeUnused(sql, roles);
}

/** Roles that no function of the schema serves any more lose the way into it. */
async function revokeUnused(sql: SqlPort, roles: readonly string[]): Promise<void> {
  for (const role of roles) {
    const [used] = await sql.query<{ n: number }>(
      `select count(*)::int as n from pg_catalog.pg_proc f join pg_catalog.pg_namespace n on n.oid = f.pronamespace,
         pg_catalog.aclexplode(f.proacl) a where n.nspname = $1 and pg_catalog.pg_get_userbyid(a.grantee) = $2`,
      [HELPER_SCHEMA, role],
    );
    if (used!.n === 0) await sql.query(`revoke usage on schema ${HELPER_SCHEMA} from ${quoted(role)}`);
  }
}
