/**
 * The guard around fixes of what a database lets whom see and do: whatever a kind does, the rules that must never be
 * broken are looked at before and after it, and a breach takes the fix back.
 *
 * @module
 */

import type { SqlPort } from "../core/ports.ts";
import { sqlOf } from "./kind.ts";
import type { FixSteps } from "./lazily.ts";

/** What a repair must never make more of: one line for each, by what it says. */
export type SecurityState = ReadonlySet<string>;

/** Each line is an opening; a repair may take lines away, and never adds one. */
const OPENINGS = `
  select 'row level security is off on ' || c.oid::regclass as line from pg_catalog.pg_class c
    where c.relkind in ('r', 'p') and not c.relrowsecurity and c.relpersistence <> 't'
  union all
  select pg_catalog.format('policy %I on %s lets every row through', p.polname, p.polrelid::regclass)
    from pg_catalog.pg_policy p where p.polpermissive
      and 'true' in (pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
  union all
  select pg_catalog.format('policy %I on %s exists', p.polname, p.polrelid::regclass) from pg_catalog.pg_policy p
    where p.polpermissive
  union all
  select pg_catalog.format('policy %I on %s is for anon', p.polname, p.polrelid::regclass) from pg_catalog.pg_policy p
    where p.polpermissive and (0 = any(p.polroles) or exists (select from unnest(p.polroles) r where pg_catalog.pg_get_userbyid(r) = 'anon'))
  union all
  select pg_catalog.format('%s has %s on %s', who.name, a.privilege_type, c.oid::regclass)
    from pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a, ${grantee("a.grantee")}
    where c.relpersistence <> 't'
  union all
  select pg_catalog.format('%s has %s on %s', who.name, a.privilege_type, f.oid::regprocedure)
    from pg_catalog.pg_proc f, pg_catalog.aclexplode(coalesce(f.proacl, pg_catalog.acldefault('f', f.proowner))) a,
      ${grantee("a.grantee")}
  union all
  select pg_catalog.format('%s has %s on schema %s', who.name, a.privilege_type, n.oid::regnamespace)
    from pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) a, ${grantee("a.grantee")}
    where n.nspname !~ '^pg_'
  union all
  select pg_catalog.format('%s runs as its owner under path %s', f.oid::regprocedure, coalesce(array_to_string(f.proconfig, ' '), 'of its caller'))
    from pg_catalog.pg_proc f where f.prosecdef and not coalesce('search_path=""' = any(f.proconfig), false)
  union all
  select pg_catalog.format('bucket %s is public', b.id) from storage.buckets b where b.public`;

/** Everybody, and whoever has no name. */
function grantee(oid: string): string {
  return `lateral (select case when ${oid} = 0 then 'everybody' else 'anon' end as name
    where ${oid} = 0 or pg_catalog.pg_get_userbyid(${oid}) = 'anon') as who`;
}

/** Tables and columns with their names: a repair never takes one away. */
const HOLDINGS = `
  select pg_catalog.format('%s.%I', a.attrelid::regclass, a.attname) as line from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  where c.relkind in ('r', 'p') and c.relpersistence <> 't' and a.attnum > 0 and not a.attisdropped
    and c.relnamespace <> 'pg_catalog'::regnamespace`;

/** What stands open, and what is held, at this moment. */
export interface Watched {
  openings: SecurityState;
  holdings: SecurityState;
}

/** Looks at what stands open now. */
export async function watch(sql: SqlPort): Promise<Watched> {
  const [storage] = await sql.query<{ is_there: boolean }>(
    `select coalesce(bool_or(pg_catalog.has_schema_privilege(n.oid, 'USAGE') and pg_catalog.has_table_privilege(c.oid, 'SELECT')), false)
       as is_there from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'storage' and c.relname = 'buckets'`,
  );
  const openings = storage!.is_there ? OPENINGS : OPENINGS.slice(0, OPENINGS.lastIndexOf("union all"));
  return { openings: await linesOf(sql, openings), holdings: await linesOf(sql, HOLDINGS) };
}

async function linesOf(sql: SqlPort, query: string): Promise<SecurityState> {
  return new Set((await sql.query<{ line: string }>(query)).map(({ line }) => line));
}

/** The rules that a change has broken, each a sentence. */
export function breachesOf(before: Watched, after: Watched): string[] {
  return [
    ...[...after.openings].filter((line) => !before.openings.has(line)),
    ...[...before.holdings].filter((line) => !after.holdings.has(line)).map((line) => `${line} is gone`),
  ];
}

/** Steps whose fixes are taken back when they break a rule, by their own transaction. */
export function guarded<Action extends { kind: string }>(steps: FixSteps<Action>): FixSteps<Action> {
  return {
    ...steps,
    async apply(context, action) {
      const sql = sqlOf(context);
      const before = await watch(sql);
      await steps.apply(context, action);
      const [breach] = breachesOf(before, await watch(sql));
      if (breach !== undefined) throw new Error(`the fix would break a rule: ${breach}`);
    },
  };
}
