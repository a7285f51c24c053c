-- Adds what write_rows executes: the statement for an operation and a set of keys, the filter, and one attempt in a savepoint.
-- Locks: none.
-- Undo: drop sequence healing_private.write_progress; drop function healing_private.open_insert, healing_private.counted_rows, healing_private.row_expressions, healing_private.attempt_write, healing_private.write_statement, healing_private.filter_clause,
--       healing_private.check_filter, healing_private.conflict_columns, healing_private.typed_source, healing_private.unknown_keys.

create or replace function healing_private.unknown_keys(p_table oid, p_keys text[])
returns text[]
language sql
stable
security invoker
set search_path = ''
as $$
  select array_agg(k order by k) from unnest(p_keys) as k
  where not exists (select from pg_catalog.pg_attribute as a where a.attrelid = p_table and a.attname = k and a.attnum > 0 and not a.attisdropped);
$$;
revoke all on function healing_private.unknown_keys(oid, text[]) from public, anon, authenticated;
grant execute on function healing_private.unknown_keys(oid, text[]) to anon, authenticated, service_role;
comment on function healing_private.unknown_keys(oid, text[]) is 'The keys that are no column of the table; null when all are.';

create or replace function healing_private.check_filter(p_filter jsonb)
returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_bad text;
begin
  if jsonb_typeof(p_filter) is distinct from 'object' or p_filter = '{}' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'An update or delete needs a filter with at least one column',
      hint = 'Say which rows: {"id": 5}, {"id": {"in": [5, 6]}} or {"deleted_at": {"is": null}}';
  end if;
  -- A filter value is never repaired: what is not clearly a value chooses no rows at all.
  select f.key into v_bad from jsonb_each(p_filter) as f
  where case jsonb_typeof(f.value)
    when 'object' then f.value not in (select jsonb_build_object(o.key, o.value) from jsonb_each(f.value) as o
        where (o.key = 'is' and o.value = 'null') or (o.key = 'eq' and o.value <> 'null')
          or (o.key = 'in' and jsonb_typeof(o.value) = 'array' and jsonb_array_length(o.value) <= 1000 and not o.value @> '[null]'))
    else jsonb_typeof(f.value) in ('null', 'array') end
  limit 1;
  if v_bad is not null then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = format('The filter on "%s" says not clearly which rows', left(v_bad, 63)),
      hint = 'A filter is a value, {"in": [values]} of at most 1,000, or {"is": null}';
  end if;
end;
$$;
revoke all on function healing_private.check_filter(jsonb) from public, anon, authenticated;
grant execute on function healing_private.check_filter(jsonb) to anon, authenticated, service_role;
comment on function healing_private.check_filter(jsonb) is
  'Raises PT400 unless a filter has at least one column and each has a value, {in: […]}, {eq: value} or {is: null}.';

create or replace function healing_private.filter_clause(p_table oid, p_filter jsonb)
returns text
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_clause text;
  v_unknown text;
begin
  perform healing_private.check_filter(p_filter);
  -- Each value becomes the column's own type, once a statement; the values themselves come in as parameter $2.
  select string_agg(case
      when f.value ? 'is' and jsonb_typeof(f.value) = 'object' then format('target.%I is null', f.key)
      when f.value ? 'in' and jsonb_typeof(f.value) = 'object' then format(
        'target.%1$I = any (array(select given.%1$I from jsonb_array_elements($2 -> %2$L -> ''in'') as listed (item),
          jsonb_to_record(jsonb_build_object(%2$L, listed.item)) as given (%1$I %3$s)))', f.key, f.key, known.type)
      when f.value ? 'eq' and jsonb_typeof(f.value) = 'object' then format(
        'target.%1$I = (select given.%1$I from jsonb_to_record(jsonb_build_object(%2$L, $2 -> %2$L -> ''eq'')) as given (%1$I %3$s))',
        f.key, f.key, known.type)
      else format('target.%1$I = (select given.%1$I from jsonb_to_record($2) as given (%1$I %3$s))', f.key, f.key, known.type) end, ' and '),
    min(f.key) filter (where known.type is null)
  into v_clause, v_unknown
  from jsonb_each(p_filter) as f
  left join (select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) as type from pg_catalog.pg_attribute as a
    where a.attrelid = p_table and a.attnum > 0 and not a.attisdropped) as known on known.attname = f.key;
  if v_unknown is not null then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = format('The filter names "%s", which is no column', left(v_unknown, 63)),
      hint = 'A filter is never healed: name a column of the table';
  end if;
  return v_clause;
end;
$$;
revoke all on function healing_private.filter_clause(oid, jsonb) from public, anon, authenticated;
grant execute on function healing_private.filter_clause(oid, jsonb) to anon, authenticated, service_role;
comment on function healing_private.filter_clause(oid, jsonb) is
  'The condition for a filter, over a table called target and the filter itself as $2; raises PT400 for an unknown column.';

create or replace function healing_private.conflict_columns(p_table oid, p_named jsonb)
returns text[]
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_columns text[];
begin
  if jsonb_typeof(p_named) = 'array' then
    select array_agg(c) into v_columns from jsonb_array_elements_text(p_named) as c;
  else
    select array_agg(a.attname order by a.attnum) into v_columns
    from pg_catalog.pg_index as i join pg_catalog.pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
    where i.indrelid = p_table and i.indisprimary;
  end if;
  if v_columns is null then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'An upsert needs the columns that say which row is meant',
      hint = 'Name them as on_conflict: the table has no primary key';
  end if;
  return v_columns;
end;
$$;
revoke all on function healing_private.conflict_columns(oid, jsonb) from public, anon, authenticated;
grant execute on function healing_private.conflict_columns(oid, jsonb) to anon, authenticated, service_role;
comment on function healing_private.conflict_columns(oid, jsonb) is 'The columns by which an upsert finds its row: those that are named, else the primary key.';

-- The rows come in as $1, a filter as $2. Every name is quoted by the server and qualified: a table may have a column of any name.
create or replace function healing_private.write_statement(p_operation text, p_table oid, p_keys text[], p_options jsonb, p_typed boolean default false)
returns text
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_name text := p_table::regclass;
  v_list text;
  v_given text;
  v_conflict text[];
  v_sql text;
begin
  select string_agg(format('%I', k), ', '), string_agg(format('given.%I', k), ', ') into v_list, v_given from unnest(p_keys) as k;
  if p_operation in ('insert', 'upsert') then
    v_sql := case when p_typed then format('insert into %s as target %s', v_name, healing_private.counted_rows(p_table, p_keys))
      when v_list is null then format('insert into %s as target select from jsonb_array_elements($1)', v_name)
      else format('insert into %1$s as target (%2$s) select %3$s from jsonb_populate_recordset(null::%1$s, $1) as given', v_name, v_list, v_given) end;
    if p_operation = 'upsert' then
      v_conflict := healing_private.conflict_columns(p_table, p_options -> 'on_conflict');
      v_sql := v_sql || format(' on conflict (%s) do ', (select string_agg(format('%I', c), ', ') from unnest(v_conflict) as c))
        || coalesce('update set ' || (select string_agg(format('%1$I = excluded.%1$I', k), ', ') from unnest(p_keys) as k
          where not k = any (v_conflict) and not coalesce((p_options -> 'ignore_duplicates')::boolean, false)), 'nothing');
    end if;
  elsif p_operation = 'update' then
    v_sql := format('update %s as target set %s from %s where %s', v_name,
      (select string_agg(format('%1$I = given.%1$I', k), ', ') from unnest(p_keys) as k), healing_private.typed_source(p_table, p_keys),
      healing_private.filter_clause(p_table, p_options -> 'filter'));
  else
    v_sql := format('delete from %s as target where %s', v_name, healing_private.filter_clause(p_table, p_options -> 'filter'));
  end if;
  if p_options ? 'returning' then
    v_sql := format('with written as (%s returning %s) select count(*)::integer, coalesce(jsonb_agg(to_jsonb(written.*)), ''[]'') from written', v_sql,
      case when jsonb_typeof(p_options -> 'returning') = 'array'
        then (select string_agg(format('target.%I', c), ', ') from jsonb_array_elements_text(p_options -> 'returning') as c) else 'target.*' end);
  end if;
  return v_sql;
end;
$$;
revoke all on function healing_private.write_statement(text, oid, text[], jsonb, boolean) from public, anon, authenticated;
grant execute on function healing_private.write_statement(text, oid, text[], jsonb, boolean) to anon, authenticated, service_role;
comment on function healing_private.write_statement(text, oid, text[], jsonb, boolean) is
  'The statement that writes rows ($1) with these keys: insert, upsert, update or delete by a filter ($2), and returns them when asked.';

create or replace function healing_private.typed_source(p_table oid, p_keys text[])
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  -- An unknown key is left to the statement, which then says so.
  select format('jsonb_to_recordset($1) as given (%s)', string_agg(format('%I %s', k, coalesce(pg_catalog.format_type(a.atttypid, a.atttypmod), 'text')), ', '))
  from unnest(p_keys) as k
  left join pg_catalog.pg_attribute as a on a.attrelid = p_table and a.attname = k and a.attnum > 0 and not a.attisdropped;
$$;
revoke all on function healing_private.typed_source(oid, text[]) from public, anon, authenticated;
grant execute on function healing_private.typed_source(oid, text[]) to anon, authenticated, service_role;
comment on function healing_private.typed_source(oid, text[]) is 'The rows ($1) as records with the types of the columns that their keys name.';

-- Which row a statement has come to when it fails. A sequence forgets nothing when a savepoint is taken back, and what a session
-- has set it to is that session's own to read: others that write at the same time do not disturb it.
create sequence if not exists healing_private.write_progress minvalue 0;
revoke all on sequence healing_private.write_progress from public, anon, authenticated, service_role;
grant select, update on sequence healing_private.write_progress to anon, authenticated, service_role;
comment on sequence healing_private.write_progress is 'The place of the row that a statement of the write path has come to, for its own session.';

-- Names the types instead of the whole row type: a row of the table may be impossible where a domain forbids null.
create or replace function healing_private.counted_rows(p_table oid, p_keys text[])
returns text
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_list text := (select string_agg(format('%I', k), ', ' order by place) from unnest(p_keys) with ordinality as given (k, place));
  v_values text := healing_private.row_expressions(p_table, p_keys);
begin
  return case when v_list is null then 'select' when v_values is not null then format('(%s) select %s', v_list, v_values)
      else format('(%1$s) select %1$s', v_list) end
    || ' from jsonb_array_elements($1) with ordinality as sent (healing_item, healing_place)'
    || case when v_list is not null and v_values is null
      then replace(', ' || healing_private.typed_source(p_table, p_keys), 'jsonb_to_recordset($1)', 'jsonb_to_record(healing_item)') else '' end
    || ' where setval(''healing_private.write_progress'', healing_place) > 0';
end;
$$;
revoke all on function healing_private.counted_rows(oid, text[]) from public, anon, authenticated;
grant execute on function healing_private.counted_rows(oid, text[]) to anon, authenticated, service_role;
comment on function healing_private.counted_rows(oid, text[]) is
  'The columns and the rows ($1) of an insert that notes in write_progress which row it has come to.';

-- One savepoint. Only what a row can cause is caught; a deadlock, a full disk or a time-out ends the request as a whole.
create or replace function healing_private.attempt_write(
  p_statements text[], p_batches jsonb[], p_filter jsonb, p_returns boolean, p_table oid, p_fingerprint text)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_at integer := 0;
  v_count integer;
  v_rows integer := 0;
  v_answer jsonb;
  v_returned jsonb[] := '{}'::jsonb[];
  v_message text;
  v_column text;
  v_constraint text;
begin
  begin
    -- The table's own triggers and defaults find what they find behind the REST interface; the empty path is only this function's.
    perform pg_catalog.set_config('search_path', coalesce((select c.relnamespace::regnamespace || ', public, extensions'
      from pg_catalog.pg_class as c where c.oid = p_table), ''), true);
    while v_at < cardinality(p_statements) loop
      v_at := v_at + 1;
      if p_returns then
        execute p_statements[v_at] into v_count, v_answer using p_batches[v_at], p_filter;
        v_returned := v_returned || v_answer;
      else
        execute p_statements[v_at] using p_batches[v_at], p_filter;
        get diagnostics v_count = row_count;
      end if;
      v_rows := v_rows + v_count;
    end loop;
    v_at := null;
    set constraints all immediate;
    perform pg_catalog.set_config('search_path', '', true);
    -- Under the lock that the write holds: no change of the columns can be between the two.
    if p_fingerprint is not null and healing_private.column_fingerprint(p_table) is distinct from p_fingerprint then
      raise exception using errcode = '42HS1', message = 'the columns of the table changed';
    end if;
  exception when data_exception or integrity_constraint_violation or syntax_error_or_access_rule_violation then
    get stacked diagnostics v_message = message_text, v_column = column_name, v_constraint = constraint_name;
    return jsonb_build_object('at', v_at, 'error', jsonb_strip_nulls(jsonb_build_object('code', sqlstate, 'message', left(v_message, 500),
      'column', nullif(v_column, ''), 'constraint', nullif(v_constraint, ''))));
  end;
  return jsonb_build_object('rows', v_rows) || case when p_returns then jsonb_build_object('returned', to_jsonb(v_returned)) else '{}' end;
end;
$$;
revoke all on function healing_private.attempt_write(text[], jsonb[], jsonb, boolean, oid, text) from public, anon, authenticated;
grant execute on function healing_private.attempt_write(text[], jsonb[], jsonb, boolean, oid, text) to anon, authenticated, service_role;
comment on function healing_private.attempt_write(text[], jsonb[], jsonb, boolean, oid, text) is
  'Runs statements, each with its rows, in one savepoint: {rows, returned} or, with everything taken back, {at, error}; at is null when only the whole fails.';

-- Each value is taken by its key, which takes less time than making whole rows; only what is no plain value needs those.
create or replace function healing_private.row_expressions(p_table oid, p_keys text[])
returns text
language plpgsql
stable
security invoker
set search_path = ''
-- Planned anew for each call, as Postgres would choose, it would take longer than the insert itself.
set plan_cache_mode = 'force_generic_plan'
as $$
begin
  -- By the scalar sub-select the planner cannot come to read all of pg_type.
  return (
    select case when count(*) = cardinality(p_keys) and bool_and((select t.typtype in ('b', 'e', 'r', 'm') and t.typcategory not in ('A', 'C')
        and t.typname not in ('json', 'jsonb', 'xml') from pg_catalog.pg_type as t where t.oid = a.atttypid))
      -- Without the modifier: a cast would cut what is too long, the assignment refuses it.
      then string_agg(format('(healing_item ->> %L)::%s', a.attname, pg_catalog.format_type(a.atttypid, null)), ', ' order by array_position(p_keys, a.attname::text)) end
    from pg_catalog.pg_attribute as a where a.attrelid = p_table and a.attname = any (p_keys) and a.attnum > 0 and not a.attisdropped);
end;
$$;
revoke all on function healing_private.row_expressions(oid, text[]) from public, anon, authenticated;
grant execute on function healing_private.row_expressions(oid, text[]) to anon, authenticated, service_role;
comment on function healing_private.row_expressions(oid, text[]) is 'What is selected from rows ($1): the values of these keys in the types of their columns; null where one is no plain value.';

-- The common case, an insert of rows with the same keys into a plain table, in one look. Everything that this leaves out, views and
-- partitioned tables too, goes the longer way. Whoever says so has seen that all rows have the keys of the first.
create or replace function healing_private.open_insert(p_table text, p_rows jsonb, p_is_uniform boolean)
returns text
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
  return (
    select format('insert into %1$s (%2$s) select %2$s from jsonb_populate_recordset(null::%1$s, $1)', v_id::regclass, k.list)
    from healing_private.write_gate as g,
      (select string_agg(quote_ident(k), ', ') as list, array_agg(k) as keys
        from jsonb_object_keys(case jsonb_typeof(p_rows -> 0) when 'object' then p_rows -> 0 end) as k offset 0) as k
    where v_schema = any (g.schemas) and v_id <> all (g.closed)
      -- A relation with a file of its own is no view and no foreign table; what else has one cannot be inserted into.
      and pg_relation_filenode(v_id) is not null and pg_partition_root(v_id) is null
      and case when k.list is null or jsonb_array_length(p_rows) > 10000 then false
        when p_is_uniform or jsonb_array_length(p_rows) = 1 then true
        else (select bool_and(r - k.keys = '{}' and r ?& k.keys) from jsonb_array_elements(p_rows) as r) end);
end;
$$;
revoke all on function healing_private.open_insert(text, jsonb, boolean) from public, anon, authenticated;
grant execute on function healing_private.open_insert(text, jsonb, boolean) to anon, authenticated, service_role;
comment on function healing_private.open_insert(text, jsonb, boolean) is
  'The statement that inserts rows ($1) with the same keys into a plain table that the write path may touch; null for everything else.';
