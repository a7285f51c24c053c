/** What the rules of advice must find: one database each that is broken in one way. @module */

/** One thing that a rule of advice must find, and how it is mended. */
export interface AdviceCase {
  code: string;
  broken: string;
  /** What the finding is about, and what its words must say. */
  object: string;
  words: RegExp;
  /** Statements of a person; without them the finding's own fix is applied. */
  mended?: string;
  /** As whom it is broken and mended, where the project's role may not. */
  user?: string;
}

const OWN =
  "alter table t enable row level security; grant select, insert, update, delete on t to authenticated";
const T = `create table t (id int primary key, owner uuid); create index t_owner on t (owner); ${OWN};`;

/** Every rule, broken at least once. */
export const ADVICE_CASES: readonly AdviceCase[] = [
  {
    code: "row_security_off",
    broken: "create table t (id int primary key); grant select on t to anon",
    object: "public.t",
    words: /anon may reach every row/,
    mended: "alter table t enable row level security; revoke all on t from anon",
  },
  {
    code: "row_security_off",
    broken: `${T} create policy p on t for select using (id = 1); alter table t disable row level security`,
    object: "public.t",
    words: /its 1 policies have no effect/,
    mended: "alter table t enable row level security",
  },
  {
    code: "no_policy",
    broken: T,
    object: "public.t",
    words: /sees no row and gets no error/,
    mended: "revoke all on t from authenticated",
  },
  {
    code: "policy_per_row",
    broken: `${T} create policy "it's \\ mine" on t for select to authenticated using (owner = auth.uid())`,
    object: `policy "it's \\ mine" on public.t`,
    words: /anew for every row/,
  },
  {
    code: "policy_per_row",
    broken:
      `${T} create policy p on t for insert to authenticated with check (owner = (select auth.uid()) and auth.jwt() ->> 'role' = 'x')`,
    object: "policy p on public.t",
    words: /anew for every row/,
    mended: "drop policy p on t",
  },
  {
    code: "several_permissive_policies",
    broken:
      `${T} create policy a on t for select to authenticated using (id = 1); create policy b on t for all to authenticated using (id = 2)`,
    object: "public.t for select by authenticated",
    words: /a, b are all asked/,
    mended: "drop policy a on t",
  },
  {
    code: "policy_column_unindexed",
    broken:
      `${T} drop index t_owner; create policy p on t for select to authenticated using (owner = (select auth.uid()))`,
    object: "public.t.owner",
    words: /policy p on public.t, and no index begins with it/,
    mended: "create index on t (owner)",
  },
  {
    code: "foreign_key_unindexed",
    broken: "create table a (id int primary key); create table b (id int primary key, a_id int references a)",
    object: "public.b, key b_a_id_fkey",
    words: /each delete in public.a reads the whole table/,
    mended: "create index on b (a_id)",
  },
  {
    code: "duplicate_index",
    broken: `${T} create index t_again on t (owner)`,
    object: "public.t: t_again, t_owner",
    words: /every write pays/,
    mended: "drop index t_again",
  },
  {
    code: "unused_index",
    broken:
      `${T} insert into t select n, gen_random_uuid() from generate_series(1, 60000) n; analyze t; alter database %DATABASE% set healing.unused_index_days = 0`,
    object: "public.t_owner",
    words: /not been read once in 0 days/,
    mended: "drop index t_owner",
    user: "superuser",
  },
  {
    code: "mutable_search_path",
    broken: "create function f() returns int language plpgsql security definer as 'begin return 1; end'",
    object: "public.f()",
    words: /with its owner's rights/,
    mended: "alter function f() set search_path = ''",
  },
  {
    code: "definer_function_in_api",
    broken:
      "create function f() returns int language sql security definer set search_path = '' as 'select 1'",
    object: "public.f()",
    words: /past every policy, and anon, authenticated can call it/,
    mended: "revoke execute on function f() from public, anon, authenticated",
  },
  {
    code: "definer_view",
    broken: `${T} create policy p on t for select to authenticated using (owner = (select auth.uid()));
      create view "My View" as select * from t; grant select on "My View" to authenticated`,
    object: `public."My View"`,
    words: /authenticated see rows through it that the policies hide/,
  },
  {
    code: "users_exposed",
    broken:
      "create view people with (security_invoker = on) as select id, email from auth.users; grant select on people to anon",
    object: "public.people",
    words: /rows of auth.users.*to anon/,
    mended: "revoke select on people from anon",
  },
  {
    code: "materialized_view_in_api",
    broken: "create materialized view m as select 1 as x; grant select on m to anon",
    object: "public.m",
    words: /no policy guards, and anon/,
    mended: "revoke select on m from anon",
  },
  {
    code: "foreign_table_in_api",
    broken:
      "create foreign data wrapper w; create server s foreign data wrapper w; create foreign table far (x int) server s; grant select on far to authenticated",
    object: "public.far",
    words: /authenticated may read all of it/,
    mended: "revoke select on far from authenticated",
    user: "superuser",
  },
  {
    code: "policy_trusts_user_metadata",
    broken:
      `${T} create policy p on t for select to authenticated using ((select auth.jwt()) -> 'user_metadata' ->> 'role' = 'admin')`,
    object: "policy p on public.t",
    words: /make themselves an admin/,
    mended: "alter policy p on t using ((select auth.jwt()) -> 'app_metadata' ->> 'role' = 'admin')",
  },
  {
    code: "policy_always_true",
    broken: `${T} create policy p on t for update to authenticated using (true)`,
    object: "policy p on public.t",
    words: /rows of others too/,
    mended: "alter policy p on t using (owner = (select auth.uid()))",
  },
  {
    code: "public_bucket_listing",
    broken: `insert into storage.buckets (id, name, public) values ('pics', 'pics', true);
      create policy "read pics" on storage.objects for select using (bucket_id = 'pics')`,
    object: "bucket pics",
    words: /"read pics" lets everybody list/,
    mended: `drop policy "read pics" on storage.objects`,
    user: "superuser",
  },
  {
    code: "no_primary_key",
    broken: "create table t (id int); alter table t enable row level security",
    object: "public.t",
    words: /no row can be named/,
    mended: "alter table t add primary key (id)",
  },
  {
    code: "timestamp_without_zone",
    broken: `${T} alter table t add column at timestamp`,
    object: "public.t.at",
    words: /depends on who wrote it/,
    mended: "alter table t alter column at type timestamptz",
  },
  {
    code: "odd_column_type",
    broken: `${T} alter table t add column code char(8)`,
    object: "public.t.code",
    words: /character\(8\): it is filled up with spaces/,
    mended: "alter table t alter column code type text",
  },
  {
    code: "sequence_near_end",
    broken:
      "create table t (id serial primary key); alter table t enable row level security; select setval('t_id_seq', 2000000000)",
    object: "public.t_id_seq",
    words: /93.1 % of the numbers that t.id can take/,
    mended: "alter table t alter column id type bigint; alter sequence t_id_seq as bigint",
  },
  {
    code: "extension_in_public",
    broken: "create extension unaccent schema public",
    object: "extension unaccent",
    words: /stands in the schema public/,
    mended: "alter extension unaccent set schema extensions",
    user: "superuser",
  },
  {
    code: "sign_up_trigger_fails",
    broken:
      `create table people (id uuid primary key, name text not null); alter table people enable row level security;
      create function welcome() returns trigger language plpgsql security definer set search_path = '' as
      'begin insert into public.people (id) values (new.id); return new; end';
      create trigger welcome after insert on auth.users for each row execute function welcome()`,
    object: "function public.welcome()",
    words: /inserts into people without name.*every sign-up fails/,
    mended: "alter table people alter column name set default ''",
  },
  {
    code: "sign_up_trigger_fails",
    broken: `create table people (id uuid primary key); alter table people enable row level security;
      create function welcome() returns trigger language plpgsql security definer as
      'begin insert into people (id) values (new.id); return new; end';
      create trigger welcome after insert on auth.users for each row execute function welcome()`,
    object: "function public.welcome()",
    words: /names people without its schema/,
  },
];
