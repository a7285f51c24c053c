-- Adds refresh_schema_cache: when the REST interface does not find a column, table, function or relationship, says whether the
-- catalogue has it, and lets the interface read the schema again if only its copy is old; healing_private.schema_cache_refreshes
-- remembers the last time, so that no burst of requests turns into a burst of reloads.
-- Locks: none.
-- Undo: drop function public.refresh_schema_cache, healing_private.is_in_catalogue, healing_private.arguments_of,
--       healing_private.may_reload_schema_cache; drop table healing_private.schema_cache_refreshes.

create table if not exists healing_private.schema_cache_refreshes (
  -- What was missing; the empty text stands for any.
  missing text primary key,
  refreshed_at timestamptz not null,
  constraint schema_cache_refreshes_names_are_short check (length(missing) <= 200)
);
create index if not exists schema_cache_refreshes_refreshed_at_idx on healing_private.schema_cache_refreshes (refreshed_at);
alter table healing_private.schema_cache_refreshes enable row level security;
revoke all on healing_private.schema_cache_refreshes from public, anon, authenticated, service_role;
drop policy if exists nobody_directly on healing_private.schema_cache_refreshes;
create policy nobody_directly on healing_private.schema_cache_refreshes for select to service_role using (false);
comment on table healing_private.schema_cache_refreshes is 'When the REST interface was last asked to read the schema again, for what.';

-- Names are only ever compared with the catalogue. The schema is always named: a namesake elsewhere is another thing.
create or replace function healing_private.is_in_catalogue(p_missing jsonb)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select case p_missing ->> 'missing'
    when 'table' then exists (
      select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = p_missing ->> 'schema' and c.relname = p_missing ->> 'name' and c.relkind in ('r', 'p', 'v', 'm', 'f'))
    when 'column' then exists (
      select from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = p_missing ->> 'schema' and c.relname = p_missing ->> 'name' and a.attname = p_missing ->> 'part'
        and a.attnum > 0 and not a.attisdropped)
    when 'relationship' then exists (
      select from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid
      join pg_catalog.pg_class o on o.oid = k.confrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where k.contype = 'f' and n.nspname = p_missing ->> 'schema'
        and ((c.relname = p_missing ->> 'name' and o.relname = p_missing ->> 'part')
          or (c.relname = p_missing ->> 'part' and o.relname = p_missing ->> 'name')))
    when 'function' then exists (
      -- Every argument given is one of the function's, and each that has no default is given.
      select from pg_catalog.pg_proc f join pg_catalog.pg_namespace n on n.oid = f.pronamespace,
        lateral (select array(select jsonb_array_elements_text(coalesce(p_missing -> 'arguments', '[]'::jsonb))) as names) g
      where n.nspname = p_missing ->> 'schema' and f.proname = p_missing ->> 'name' and f.prokind = 'f'
        and g.names <@ coalesce(f.proargnames[1:f.pronargs], '{}'::text[])
        and coalesce(f.proargnames[1:f.pronargs - f.pronargdefaults], '{}'::text[]) <@ g.names)
    else false
  end;
$$;
revoke all on function healing_private.is_in_catalogue(jsonb) from public, anon, authenticated;
grant execute on function healing_private.is_in_catalogue(jsonb) to service_role;
comment on function healing_private.is_in_catalogue(jsonb) is 'Whether the catalogue has what the REST interface did not find.';

-- Null unless exactly one function has the name and all of its arguments have names: which of several is meant is not for us to say.
create or replace function healing_private.arguments_of(p_schema text, p_name text)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  with candidates as (
    select f.oid, f.pronargs, f.pronargdefaults, f.proargnames, f.proargtypes, f.provariadic
    from pg_catalog.pg_proc f join pg_catalog.pg_namespace n on n.oid = f.pronamespace
    where n.nspname = p_schema and f.proname = p_name and f.prokind = 'f'
  )
  select jsonb_agg(jsonb_build_object('name', c.proargnames[i], 'type', pg_catalog.format_type(c.proargtypes[i - 1], null),
    'nullable', true, 'required', i <= c.pronargs - c.pronargdefaults) order by i)
  from candidates c, pg_catalog.generate_series(1, c.pronargs) as i
  where (select count(*) from candidates) = 1 and c.provariadic = 0 and c.pronargs between 1 and 100
  having bool_and(coalesce(c.proargnames[i], '') <> '');
$$;
revoke all on function healing_private.arguments_of(text, text) from public, anon, authenticated;
grant execute on function healing_private.arguments_of(text, text) to service_role;
comment on function healing_private.arguments_of(text, text) is 'The arguments of the only function of a name, in their order, or null.';

-- One reload reads the whole catalogue. For one thing it is asked for once a minute: a copy that stays old is mended by nobody who
-- asks again. For all together once a second, since a thing may be made right behind another's reload.
create or replace function healing_private.may_reload_schema_cache(p_missing jsonb)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_missing text := left(concat_ws(' ', p_missing ->> 'missing', p_missing ->> 'schema', p_missing ->> 'name', p_missing ->> 'part'), 200);
begin
  -- Askers take turns here, so that the second sees the first one's row.
  perform pg_catalog.pg_advisory_xact_lock(hashtext('healing:schema cache'));
  if exists (select from healing_private.schema_cache_refreshes r
    where (r.missing = '' and r.refreshed_at > clock_timestamp() - interval '1 second')
      or (r.missing = v_missing and r.refreshed_at > clock_timestamp() - interval '1 minute')) then
    return false;
  end if;
  delete from healing_private.schema_cache_refreshes where refreshed_at < clock_timestamp() - interval '1 hour';
  insert into healing_private.schema_cache_refreshes as r (missing, refreshed_at)
  values ('', clock_timestamp()), (v_missing, clock_timestamp())
  on conflict (missing) do update set refreshed_at = excluded.refreshed_at;
  return true;
end;
$$;
revoke all on function healing_private.may_reload_schema_cache(jsonb) from public, anon, authenticated;
grant execute on function healing_private.may_reload_schema_cache(jsonb) to service_role;
comment on function healing_private.may_reload_schema_cache(jsonb) is 'Takes the only reload of a minute for one thing, and of a second in all; false when somebody else has.';

-- What a reload may heal is a fix of the database, and what another spelling of arguments heals is one of the payload: each
-- obeys its own switch.
create or replace function public.refresh_schema_cache(p_missing jsonb)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_arguments jsonb;
begin
  if coalesce(p_missing ->> 'missing', '') not in ('column', 'table', 'function', 'relationship')
    or length(coalesce(p_missing ->> 'name', '')) not between 1 and 63
    or length(coalesce(p_missing ->> 'schema', '')) not between 1 and 63
    or jsonb_typeof(coalesce(p_missing -> 'arguments', '[]'::jsonb)) <> 'array' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'What is missing needs a kind, a schema and a name',
      hint = 'Send {"missing": "column" | "table" | "function" | "relationship", "schema", "name", "part", "arguments"}';
  end if;
  if healing_private.is_in_catalogue(p_missing) then
    if not healing_private.may_heal('database') then
      return jsonb_build_object('status', 'off');
    end if;
    if healing_private.may_reload_schema_cache(p_missing) then
      perform pg_catalog.pg_notify('pgrst', 'reload schema');
    end if;
    return jsonb_build_object('status', 'stale');
  end if;
  if p_missing ->> 'missing' = 'function' and healing_private.may_heal('payload') then
    v_arguments := healing_private.arguments_of(p_missing ->> 'schema', p_missing ->> 'name');
  end if;
  return jsonb_strip_nulls(jsonb_build_object('status', 'missing', 'arguments', v_arguments));
end;
$$;
revoke all on function public.refresh_schema_cache(jsonb) from public, anon, authenticated;
grant execute on function public.refresh_schema_cache(jsonb) to service_role;
comment on function public.refresh_schema_cache(jsonb) is
  'stale: the catalogue has what the REST interface did not find, and the interface is told; missing: it has not, with the arguments of the only function of that name; off: mending the database is not switched on.';
notify pgrst, 'reload schema';
