-- Adds write_rows: the one round trip of the resilient write path, as the caller, into the allowed schemas only.
-- Locks: none.
-- Undo: drop function public.write_rows, healing_private.columns_of, healing_private.write_target, healing_private.is_own_table,
--       healing_private.allowed_schemas.

create or replace function healing_private.allowed_schemas()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select healing_private.setting('write_schemas');
$$;
revoke all on function healing_private.allowed_schemas() from public, anon, authenticated;
grant usage on schema healing_private to anon;
grant execute on function healing_private.allowed_schemas() to anon, authenticated, service_role;
comment on function healing_private.allowed_schemas() is 'The schemas that write_rows may touch; every caller may know them, though not read the settings.';

-- Our own tables hold the memory of the system; nobody writes them as if they were data.
create or replace function healing_private.is_own_table(p_table oid)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (select from pg_catalog.pg_policy where polrelid = p_table and polname = 'service_role_reads')
    or exists (select from pg_catalog.pg_class where oid = p_table and relname = 'healing_patterns');
$$;
revoke all on function healing_private.is_own_table(oid) from public, anon, authenticated;
grant execute on function healing_private.is_own_table(oid) to anon, authenticated, service_role;
comment on function healing_private.is_own_table(oid) is 'True for a table of the healing system itself.';

create or replace function healing_private.write_target(p_table text)
returns oid
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_parts text[] := case when p_table ~ '^[^.]+\.[^.]+$' then string_to_array(p_table, '.') else array['public', p_table] end;
  v_target oid;
begin
  if healing_private.allowed_schemas() ? v_parts[1] then
    select c.oid into v_target from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = v_parts[1] and c.relname = v_parts[2] and c.relkind in ('r', 'v', 'p', 'f')
      -- Whoever may not write a table need not learn that it is there.
      and pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_any_column_privilege(c.oid, 'insert');
  end if;
  if v_target is null or healing_private.is_own_table(v_target) then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no table "%s" to write to', left(p_table, 130)),
      hint = 'Only tables of the schemas in the setting write_schemas can be written';
  end if;
  return v_target;
end;
$$;
revoke all on function healing_private.write_target(text) from public, anon, authenticated;
grant execute on function healing_private.write_target(text) to anon, authenticated, service_role;
comment on function healing_private.write_target(text) is 'The table behind a name, if it may be written at all; raises PT404 otherwise.';

create or replace function healing_private.columns_of(p_table oid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
    'nullable', not a.attnotnull,
    'default', case when a.attidentity <> '' then 'identity' else pg_catalog.pg_get_expr(d.adbin, d.adrelid) end) order by a.attnum), '[]')
  from pg_catalog.pg_attribute as a left join pg_catalog.pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = p_table and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    and pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'insert');
$$;
revoke all on function healing_private.columns_of(oid) from public, anon, authenticated;
grant execute on function healing_private.columns_of(oid) to anon, authenticated, service_role;
comment on function healing_private.columns_of(oid) is 'The columns of a table that the caller may write: name, type, nullable, default.';

create or replace function public.write_rows(p_table text, p_rows jsonb, p_altered boolean default false)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_table oid := healing_private.write_target(p_table);
  v_columns jsonb := healing_private.columns_of(v_table);
  v_known text[];
  v_keys text[];
  v_list text;
  v_values text;
  v_written integer := 0;
  v_count integer;
begin
  if jsonb_typeof(p_rows) is distinct from 'array' or jsonb_array_length(p_rows) > 10000
    or jsonb_path_exists(p_rows, '$[*] ? (@.type() != "object")') then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'Rows are a list of at most 10,000 objects', hint = 'Send several lists';
  end if;
  select array_agg(c ->> 'name') into v_known from jsonb_array_elements(v_columns) as c;
  if p_altered and not healing_private.may_heal('payload') then
    return jsonb_build_object('status', 'mismatch', 'columns', v_columns, 'healing', 'off');
  end if;
  -- An unknown key is refused, never dropped: the caller gets the table's columns and may mean one of them.
  if exists (select from jsonb_array_elements(p_rows) as r, jsonb_object_keys(r) as k where not k = any (v_known)) then
    return jsonb_build_object('status', 'mismatch', 'columns', v_columns);
  end if;
  -- Rows with the same keys go together; a missing key keeps the column's default.
  for v_keys in
    select distinct array(select jsonb_object_keys(r) order by 1) from jsonb_array_elements(p_rows) as r loop
    select string_agg(format('%I', k), ', '), string_agg(format('row.%I', k), ', ') into v_list, v_values from unnest(v_keys) as k;
    execute case when v_list is null
      then format('insert into %s select from jsonb_array_elements($1) as sent (item)
        where array(select jsonb_object_keys(sent.item) order by 1) = $2', v_table::regclass)
      -- Every name is qualified: a table may have a column of any name.
      else format('insert into %1$s (%2$s) select %3$s from jsonb_array_elements($1) as sent (item),
          jsonb_populate_record(null::%1$s, sent.item) as row
        where array(select jsonb_object_keys(sent.item) order by 1) = $2', v_table::regclass, v_list, v_values) end
    using p_rows, v_keys;
    get diagnostics v_count = row_count;
    v_written := v_written + v_count;
  end loop;
  return jsonb_build_object('status', 'saved', 'rows', v_written);
end;
$$;
revoke all on function public.write_rows(text, jsonb, boolean) from public, anon, authenticated;
grant execute on function public.write_rows(text, jsonb, boolean) to anon, authenticated, service_role;
comment on function public.write_rows(text, jsonb, boolean) is
  'Inserts rows as the caller, with row level security: {status: saved, rows}, or {status: mismatch, columns} without writing when a key is no column, or when the rows were altered and healing of payloads is off.';
