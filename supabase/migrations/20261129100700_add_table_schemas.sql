-- Adds what the write path knows of a table: which tables it may write, the columns with their fingerprint
-- (read_table_schemas), and which tables are worth reading ahead (note_table_use, predict_table_schemas).
-- Replaces write_target (now with the rights of its owner, in one look-up, null instead of an error) and columns_of (also the
-- columns that may only be updated); drops write_rows, which 20261129100720 makes anew, and allowed_schemas, which it used.
-- Replaces secure_table, so that a table of ours is closed to the write path from its first moment.
-- Locks: share row exclusive on healing_settings for a moment, for the trigger that keeps write_gate up to date.
-- Undo: drop trigger keep_write_gate on public.healing_settings; drop function healing_private.keep_write_gate; drop table
--       healing_private.write_gate; apply secure_table of 20261121100000 again; drop function public.read_table_schemas, public.note_table_use, public.predict_table_schemas, healing_private.table_schema,
--       healing_private.column_fingerprint, healing_private.view_reaches, healing_private.is_writable; drop table
--       healing_private.table_uses; apply 20261121110550 again.

drop function if exists public.write_rows(text, jsonb, boolean);

create table if not exists healing_private.table_uses (
  function_name text not null,
  table_name text not null,
  used_at timestamptz not null default now(),
  primary key (function_name, table_name),
  constraint table_uses_names_are_short check (length(function_name) between 1 and 200 and length(table_name) between 1 and 200)
);
comment on table healing_private.table_uses is 'Which tables a function wrote last: a new isolate of it reads their columns ahead.';

-- What decides about every write stands in one row: a look-up in each of the tables that it is made from costs a write of one row
-- a tenth of its time.
create table if not exists healing_private.write_gate (
  is_only boolean primary key default true,
  schemas text[] not null,
  -- By name in a dump: another server has other numbers.
  closed regclass[] not null,
  constraint write_gate_has_one_row check (is_only)
);
comment on table healing_private.write_gate is 'The schemas that the write path may touch (the setting write_schemas) and the tables of ours that it may not.';

create or replace function healing_private.secure_table(p_table regclass)
returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_policy text;
begin
  execute format('alter table %s enable row level security', p_table);
  execute format('revoke all on %s from public, anon, authenticated, service_role', p_table);
  execute format('grant select on %s to service_role, authenticated', p_table);
  foreach v_policy in array array['service_role_reads', 'admins_read'] loop
    execute format('drop policy if exists %I on %s', v_policy, p_table);
  end loop;
  execute format(
    'create policy service_role_reads on %s for select to service_role using (true)', p_table);
  execute format(
    'create policy admins_read on %s for select to authenticated using ((select healing_private.is_admin()))', p_table);
  update healing_private.write_gate set closed = closed || p_table where p_table <> all (closed);
end;
$$;
revoke all on function healing_private.secure_table(regclass) from public, anon, authenticated;
comment on function healing_private.secure_table(regclass) is
  'Applies the access matrix to a table: service_role and admins select; only functions change rows, and the write path does not know it.';

insert into healing_private.write_gate (schemas, closed)
select array(select name from jsonb_array_elements_text(s.wanted) as listed (name) where name !~ '^(pg_|information_schema$|healing_)'), array(select p.polrelid::regclass from pg_catalog.pg_policy as p where p.polname = 'service_role_reads')
from public.healing_settings as s where s.key = 'write_schemas'
on conflict (is_only) do update set schemas = excluded.schemas, closed = excluded.closed;

create or replace function healing_private.keep_write_gate()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Whatever an admin lists, what is ours and the server's own stays closed.
  update healing_private.write_gate set schemas = array(
    select name from jsonb_array_elements_text(new.wanted) as listed (name) where name !~ '^(pg_|information_schema$|healing_)');
  return null;
end;
$$;
revoke all on function healing_private.keep_write_gate() from public, anon, authenticated;
comment on function healing_private.keep_write_gate() is 'Brings a change of the setting write_schemas to write_gate.';
create or replace trigger keep_write_gate after insert or update on public.healing_settings
  for each row when (new.key = 'write_schemas') execute function healing_private.keep_write_gate();

select healing_private.secure_table(name::regclass) from unnest(array['healing_private.table_uses', 'healing_private.write_gate']) as name;

-- A view gives its owner's rights away; one that reaches a table of ours, through whatever other views, is as closed as the table.
-- The rule's own text is read, because the server keeps no dependencies on its catalogue.
create or replace function healing_private.view_reaches(p_view oid)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  with recursive reached (id) as (
    select p_view
    union
    select named[1]::oid from reached as r
    join pg_catalog.pg_rewrite as w on w.ev_class = r.id,
      regexp_matches(w.ev_action::text, ':relid (\d+)', 'g') as named)
  select exists (
    select from reached as r join pg_catalog.pg_class as c on c.oid = r.id join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.relkind = 'f' or healing_private.is_own_table(c.oid) or n.nspname ~ '^(pg_|information_schema$|healing_)');
$$;
revoke all on function healing_private.view_reaches(oid) from public, anon, authenticated;
comment on function healing_private.view_reaches(oid) is
  'True for a view that reads, at any depth, a table of the healing system, of the server itself or of another server.';

-- A foreign server may not take back what a savepoint takes back, and a partition has no policies of its own to hold.
create or replace function healing_private.write_target(p_table text)
returns oid
language plpgsql
stable
security definer
set search_path = ''
-- Planned anew for each call, as Postgres would choose, it would take longer than the insert itself.
set plan_cache_mode = 'force_generic_plan'
as $$
declare
  v_dot integer := strpos(p_table, '.');
  v_schema text := case v_dot when 0 then 'public' else substr(p_table, 1, v_dot - 1) end;
  v_id oid := pg_catalog.to_regclass(quote_ident(v_schema) || '.' || quote_ident(substr(p_table, v_dot + 1)));
begin
  return (select c.oid from healing_private.write_gate as g, pg_catalog.pg_class as c
    where v_schema = any (g.schemas) and v_id <> all (g.closed)
      and c.oid = v_id and c.relkind in ('r', 'v', 'p') and not c.relispartition and (c.relkind <> 'v' or not healing_private.view_reaches(c.oid)));
end;
$$;
revoke all on function healing_private.write_target(text) from public, anon, authenticated;
grant execute on function healing_private.write_target(text) to anon, authenticated, service_role;
comment on function healing_private.write_target(text) is
  'The table or view behind a name, if the write path may touch it; null for everything else, whatever it is.';

create or replace function healing_private.column_fingerprint(p_table oid)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  -- The number of a column stays with it: two columns that swapped their names are told apart by it.
  select md5(string_agg(concat_ws(':', a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.atthasdef, a.attidentity, a.attgenerated), ','
    order by a.attnum))
  from pg_catalog.pg_attribute as a where a.attrelid = p_table and a.attnum > 0 and not a.attisdropped;
$$;
revoke all on function healing_private.column_fingerprint(oid) from public, anon, authenticated;
grant execute on function healing_private.column_fingerprint(oid) to anon, authenticated, service_role;
comment on function healing_private.column_fingerprint(oid) is 'A hash over the columns of a table, each with its number; changes with every change of them.';

create or replace function healing_private.columns_of(p_table oid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
    'nullable', not a.attnotnull,
    'default', case when a.attidentity <> '' then 'identity' else pg_catalog.pg_get_expr(d.adbin, d.adrelid) end)
    || jsonb_strip_nulls(jsonb_build_object(
      'generated', nullif(a.attgenerated <> '', false),
      'identity', case a.attidentity when 'a' then 'always' when 'd' then 'by default' end,
      'enumValues', (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_catalog.pg_enum as e
        where e.enumtypid = case t.typtype when 'd' then t.typbasetype else t.oid end),
      'baseType', case t.typtype when 'd' then pg_catalog.format_type(t.typbasetype, t.typtypmod) end,
      -- What can be said of one column alone; the client reads the simple forms and guesses at no other.
      'checks', (select jsonb_agg(pg_catalog.pg_get_expr(c.conbin, c.conrelid) order by c.conname) from pg_catalog.pg_constraint as c
        where c.contype = 'c' and (c.contypid = t.oid or (c.conrelid = a.attrelid and c.conkey = array[a.attnum])))))
    order by a.attnum), '[]')
  from pg_catalog.pg_attribute as a join pg_catalog.pg_type as t on t.oid = a.atttypid
  left join pg_catalog.pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = p_table and a.attnum > 0 and not a.attisdropped
    and (pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'insert') or pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'update'));
$$;
revoke all on function healing_private.columns_of(oid) from public, anon, authenticated;
grant execute on function healing_private.columns_of(oid) to anon, authenticated, service_role;
comment on function healing_private.columns_of(oid) is
  'The columns of a table that the caller may write: name, type, nullable, default; where they apply also generated, identity, enumValues, baseType, checks.';

create or replace function healing_private.table_schema(p_table oid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object('fingerprint', healing_private.column_fingerprint(p_table), 'columns', healing_private.columns_of(p_table));
$$;
revoke all on function healing_private.table_schema(oid) from public, anon, authenticated;
grant execute on function healing_private.table_schema(oid) to anon, authenticated, service_role;
comment on function healing_private.table_schema(oid) is 'What the write path tells a caller of a table: {fingerprint, columns}.';

create or replace function healing_private.is_writable(p_table oid)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  -- Whoever may not write a table need not learn that it is there.
  select pg_catalog.has_any_column_privilege(p_table, 'insert') or pg_catalog.has_any_column_privilege(p_table, 'update')
    or pg_catalog.has_table_privilege(p_table, 'delete');
$$;
revoke all on function healing_private.is_writable(oid) from public, anon, authenticated;
grant execute on function healing_private.is_writable(oid) to anon, authenticated, service_role;
comment on function healing_private.is_writable(oid) is 'Whether the caller may write the table in any way.';

create or replace function public.read_table_schemas(p_tables jsonb)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(jsonb_object_agg(name, healing_private.table_schema(target)), '{}')
  from (select distinct t.name, healing_private.write_target(t.name) as target
    from (select jsonb_array_elements_text(case when jsonb_typeof(p_tables) = 'array' then p_tables else '[]' end) as name limit 50) as t) as known
  where target is not null and healing_private.is_writable(target);
$$;
revoke all on function public.read_table_schemas(jsonb) from public, anon, authenticated;
grant execute on function public.read_table_schemas(jsonb) to anon, authenticated, service_role;
comment on function public.read_table_schemas(jsonb) is
  'The columns of up to 50 tables that the caller may write, each with their fingerprint: {table: {fingerprint, columns}}; others are left out.';

create or replace function public.note_table_use(p_function text, p_tables jsonb)
returns integer
language sql
security definer
set search_path = ''
as $$
  with noted as (
    insert into healing_private.table_uses as u (function_name, table_name)
    select left(p_function, 200), name from jsonb_array_elements_text(p_tables) as t (name)
    where p_function <> '' and length(name) between 1 and 200 and healing_private.write_target(name) is not null
    -- In one order, so that two isolates cannot wait for each other.
    order by name limit 50
    on conflict (function_name, table_name) do update set used_at = excluded.used_at
    where u.used_at < excluded.used_at - interval '1 minute'
    returning 1)
  select count(*)::integer from noted;
$$;
revoke all on function public.note_table_use(text, jsonb) from public, anon, authenticated;
grant execute on function public.note_table_use(text, jsonb) to service_role;
comment on function public.note_table_use(text, jsonb) is 'Remembers which tables a function writes; once a minute is enough. Returns how many rows changed.';

create or replace function public.predict_table_schemas(p_function text)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  -- A change is due when the time since the last one nears the usual time between changes; a table that changed
  -- three times has a usual time.
  with changes as (
    select v.object_identity as name, v.changed_at,
      v.changed_at - lag(v.changed_at) over (partition by v.object_identity order by v.changed_at) as pause
    from public.schema_versions as v
    where v.object_type = 'table' and v.changed_at > now() - interval '30 days'
  ), due as (
    select name from changes where pause > interval '1 second' group by name
    having count(*) >= 2 and now() - max(changed_at) between
      0.5 * percentile_cont(0.5) within group (order by pause) and 2 * percentile_cont(0.5) within group (order by pause)
  ), used as (
    select table_name as name from healing_private.table_uses
    where function_name = p_function and used_at > now() - interval '7 days' order by used_at desc limit 20)
  select coalesce(jsonb_agg(name order by name), '[]') from (
    select name from used
    union
    select case when d.name like 'public.%' then substr(d.name, 8) else d.name end from due as d
    where exists (select from healing_private.table_uses as u where u.table_name in (d.name, substr(d.name, 8)))) as predicted;
$$;
revoke all on function public.predict_table_schemas(text) from public, anon, authenticated;
grant execute on function public.predict_table_schemas(text) to service_role;
comment on function public.predict_table_schemas(text) is
  'Names of the tables whose columns are worth reading ahead: those that the function wrote last, and those in use whose history says that a change is due.';

drop function if exists healing_private.allowed_schemas();
