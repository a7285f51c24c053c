-- Adds write_rows: insert, upsert, update and delete as the caller, in one round trip: whole batch first, then piece by piece.
-- Locks: none.
-- Undo: drop function public.write_rows, healing_private.write_with_care, healing_private.write_batch, healing_private.write_answer,
--       healing_private.is_mendable, healing_private.check_write; apply 20261121110550 again.

create or replace function healing_private.is_mendable(p_code text)
returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
  -- Wrong name, wrong form, nothing where something has to be, a value for a generated column: another payload may fit.
  select p_code like '22%' or p_code in ('23502', '23514', '42703', '42804', '42846', '428C9');
$$;
revoke all on function healing_private.is_mendable(text) from public, anon, authenticated;
grant execute on function healing_private.is_mendable(text) to anon, authenticated, service_role;
comment on function healing_private.is_mendable(text) is 'Whether a refused row may fit in another form, so that its caller should look at it once more.';

create or replace function healing_private.check_write(p_rows jsonb, p_options jsonb)
returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if jsonb_typeof(p_rows) is distinct from 'array' or jsonb_array_length(p_rows) > 10000 or jsonb_typeof(p_options) is distinct from 'object'
    or jsonb_path_exists(p_rows, '$[*] ? (@.type() != "object")') then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'Rows are a list of at most 10,000 objects', hint = 'Send several lists';
  end if;
  if not coalesce(p_options ->> 'operation', 'insert') in ('insert', 'upsert', 'update', 'delete')
    or length(p_options ->> 'key') not between 1 and 200
    or p_options ? 'healed' and (jsonb_typeof(p_options -> 'healed') <> 'object' or p_options ->> 'fingerprint' is null
      or jsonb_path_exists(p_options, '$.healed.* ? (@.type() != "object")'))
    or p_options ? 'parked' and (jsonb_typeof(p_options -> 'parked') <> 'object' or pg_column_size(p_options -> 'parked') > 262144) then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'The options of the write cannot be read',
      hint = 'operation is insert, upsert, update or delete; a key has 1 to 200 characters; healed rows come with a fingerprint; at most 256 kB are parked';
  end if;
  if p_options ->> 'operation' = 'update' and (jsonb_array_length(p_rows) <> 1 or p_rows -> 0 = '{}') then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'An update has one row with the new values', hint = 'Send one object with at least one column';
  end if;
end;
$$;
revoke all on function healing_private.check_write(jsonb, jsonb) from public, anon, authenticated;
grant execute on function healing_private.check_write(jsonb, jsonb) to anon, authenticated, service_role;
comment on function healing_private.check_write(jsonb, jsonb) is 'Raises PT400 for rows or options of a write that cannot be read.';

-- One statement when all rows have the same keys, else one a group, all in one savepoint.
create or replace function healing_private.write_batch(p_operation text, p_table oid, p_rows jsonb, p_options jsonb)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_keys text[];
  v_is_uniform boolean := true;
  v_statements text[];
  v_batches jsonb[];
  v_places jsonb;
  v_answer jsonb;
begin
  if p_operation <> 'delete' then
    select array_agg(k) into v_keys from jsonb_object_keys(p_rows -> 0) as k;
    if jsonb_array_length(p_rows) > 1 then
      select bool_and(r ?& coalesce(v_keys, '{}') and r - coalesce(v_keys, '{}') = '{}') into v_is_uniform from jsonb_array_elements(p_rows) as r;
    end if;
  end if;
  if v_is_uniform then
    v_statements := array[healing_private.write_statement(p_operation, p_table, v_keys, p_options)];
    v_batches := array[p_rows];
  else
    select array_agg(healing_private.write_statement(p_operation, p_table, g.keys, p_options)), array_agg(g.batch), jsonb_agg(to_jsonb(g.places))
    into v_statements, v_batches, v_places from healing_private.write_groups(p_rows) as g;
  end if;
  v_answer := healing_private.attempt_write(v_statements, v_batches, p_options -> 'filter', p_options ? 'returning', p_table,
    case when p_options ? 'healed' then p_options ->> 'fingerprint' end);
  if v_answer ? 'error' then
    return v_answer;
  elsif p_options ? 'returning' and v_is_uniform then
    return jsonb_build_object('rows', v_answer -> 'rows', 'returned', v_answer -> 'returned' -> 0);
  elsif p_options ? 'returning' then
    return jsonb_build_object('rows', v_answer -> 'rows', 'returned', (
      select jsonb_agg(r -> 'row' order by (r ->> 'place')::integer)
      from jsonb_array_elements(healing_private.place_returned(v_answer -> 'returned', v_places)) as r));
  end if;
  return v_answer;
end;
$$;
revoke all on function healing_private.write_batch(text, oid, jsonb, jsonb) from public, anon, authenticated;
grant execute on function healing_private.write_batch(text, oid, jsonb, jsonb) to anon, authenticated, service_role;
comment on function healing_private.write_batch(text, oid, jsonb, jsonb) is
  'Writes a batch in one savepoint: {rows, returned} with the rows in the order in which they were sent, or {error} and nothing is written.';

-- What the caller is told of a batch that was not written as a whole. Places become indexes from 0.
create or replace function healing_private.write_answer(p_table oid, p_rows jsonb, p_options jsonb, p_pieces jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_schema jsonb := healing_private.table_schema(p_table);
  -- A caller who has looked at these very columns has done what could be done; and of a delete there is nothing to look at.
  v_is_final boolean := coalesce((p_options -> 'final')::boolean and p_options ->> 'fingerprint' = v_schema ->> 'fingerprint', false)
    or p_options ->> 'operation' is not distinct from 'delete';
  v_results jsonb;
begin
  select coalesce(jsonb_agg(f.result order by f.index), '[]') into v_results
  from (
    select (p ->> 'place')::integer - 1 as index, jsonb_build_object('index', (p ->> 'place')::integer - 1, 'error', p -> 'error',
      'status', case when not v_is_final and healing_private.is_mendable(p -> 'error' ->> 'code') then 'pending' else 'failed' end)
      || case when p ? 'unknown' then jsonb_build_object('unknown', p -> 'unknown') else '{}' end as result
    from jsonb_array_elements(p_pieces -> 'failed') as p
    union all
    select l.place::integer - 1, jsonb_build_object('index', l.place::integer - 1, 'status', 'pending')
    from jsonb_array_elements_text(p_pieces -> 'left') as l (place)
    where not p_pieces -> 'failed' @> jsonb_build_array(jsonb_build_object('place', l.place::integer))) as f;
  return jsonb_build_object('status', 'mixed', 'rows', jsonb_array_length(p_rows) - jsonb_array_length(v_results), 'results', v_results,
    'savepoints', p_pieces -> 'savepoints', 'schema', v_schema)
    || case when p_options ? 'returning' then jsonb_build_object('returned', (select coalesce(jsonb_agg(jsonb_build_object('row', r -> 'row',
      'index', (r ->> 'place')::integer - 1)), '[]') from jsonb_array_elements(p_pieces -> 'returned') as r)) else '{}' end;
end;
$$;
revoke all on function healing_private.write_answer(oid, jsonb, jsonb, jsonb) from public, anon, authenticated;
grant execute on function healing_private.write_answer(oid, jsonb, jsonb, jsonb) to anon, authenticated, service_role;
comment on function healing_private.write_answer(oid, jsonb, jsonb, jsonb) is
  'The answer for a batch in pieces: {status: mixed, rows, results: every row that is not saved, savepoints, schema, returned}.';

-- Everything but the common case.
create or replace function healing_private.write_with_care(p_table text, p_rows jsonb, p_options jsonb, p_error jsonb, p_is_claimed boolean)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_operation text := coalesce(p_options ->> 'operation', 'insert');
  v_table oid := healing_private.write_target(p_table);
  v_key text := p_options ->> 'key';
  v_rows jsonb := p_rows;
  v_saved jsonb;
  v_answer jsonb;
  v_proposed jsonb;
begin
  perform healing_private.check_write(p_rows, p_options);
  -- Whoever may not write a table need not learn that it is there.
  if v_table is null or not (case v_operation when 'delete' then pg_catalog.has_table_privilege(v_table, 'delete')
    else pg_catalog.has_any_column_privilege(v_table, case v_operation when 'update' then 'update' else 'insert' end) end) then
    return healing_private.answer_missing_table(p_table, p_rows, p_options);
  end if;
  if p_options ? 'healed' and not healing_private.may_heal('payload') then
    return jsonb_build_object('status', 'off', 'schema', healing_private.table_schema(v_table));
  end if;
  v_saved := jsonb_build_object('status', 'saved', 'rows', jsonb_array_length(p_rows));
  if v_key is not null and not p_is_claimed then
    v_answer := healing_private.claim_write(v_operation || ' ' || p_table, v_key, healing_private.write_hash(p_rows, p_options), v_saved);
    if v_answer is not null then
      return v_answer || case when v_answer ->> 'status' = 'mixed' then jsonb_build_object('schema', healing_private.table_schema(v_table)) else '{}' end;
    end if;
  end if;
  if p_options ? 'healed' then
    select jsonb_agg(coalesce(p_options -> 'healed' -> (place - 1)::text, r) order by place) into v_rows
    from jsonb_array_elements(p_rows) with ordinality as sent (r, place);
  end if;
  if p_options ? 'seen' and not healing_private.is_unchanged(v_table, p_rows, p_options) then
    v_answer := '{"status": "changed", "rows": 0}';
  elsif p_options ? 'unseen' and v_operation <> 'insert' then
    v_answer := healing_private.ask_about_write(p_table, p_rows, p_options);
  else
    v_answer := coalesce(p_error, healing_private.write_batch(v_operation, v_table, v_rows, p_options));
    if v_answer ? 'error' then
      v_answer := healing_private.write_answer(v_table, p_rows, p_options,
        healing_private.write_groups_apart(v_operation, v_table, v_rows, p_options, v_answer -> 'error'));
      if v_key is not null and p_options ? 'queue' then
        v_answer := healing_private.queue_faults(p_table, p_rows, p_options, v_answer);
      end if;
    else
      v_answer := v_answer || '{"status": "saved"}';
    end if;
    -- Nothing is kept of a write that changed nothing: whoever may change no row could fill the events without end.
    if p_options ? 'parked' and (v_answer ->> 'rows')::integer > 0 then
      v_proposed := healing_private.park_values(p_table, p_options, v_rows, v_answer -> 'results');
      if v_proposed <> '[]' then
        v_answer := v_answer || jsonb_build_object('proposed', coalesce(v_answer -> 'proposed', '[]') || v_proposed);
      end if;
    end if;
  end if;
  if v_key is not null and v_answer <> v_saved then
    perform healing_private.settle_write(v_operation || ' ' || p_table, v_key, v_answer - 'schema',
      v_answer ->> 'status' = 'saved' or (v_answer ->> 'rows')::integer > 0 or v_answer @> '{"results": [{"status": "queued"}]}');
  end if;
  return v_answer;
end;
$$;
revoke all on function healing_private.write_with_care(text, jsonb, jsonb, jsonb, boolean) from public, anon, authenticated;
grant execute on function healing_private.write_with_care(text, jsonb, jsonb, jsonb, boolean) to anon, authenticated, service_role;
comment on function healing_private.write_with_care(text, jsonb, jsonb, jsonb, boolean) is
  'Any write with any option, and an insert whose whole batch has failed with p_error; answers as write_rows.';

create or replace function public.write_rows(p_table text, p_rows jsonb, p_options jsonb default '{}')
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_statement text := case when p_options - '{key,queue,same_keys}'::text[] = '{}'
    then healing_private.open_insert(p_table, p_rows, p_options ? 'same_keys') end;
  v_rows integer;
  v_stored jsonb;
  v_constraint text;
begin
  if v_statement is null then
    return healing_private.write_with_care(p_table, p_rows, p_options, null, false);
  end if;
  if p_options ? 'key' then
    v_stored := healing_private.claim_insert(p_table, p_rows, p_options);
    if v_stored is not null then
      return v_stored || case when v_stored ->> 'status' = 'mixed' then jsonb_build_object('schema', healing_private.table_schema(healing_private.write_target(p_table)))
        else '{}' end;
    end if;
  end if;
  begin
    -- The table's own triggers and defaults find what they find behind the REST interface; the empty path is only this function's.
    perform pg_catalog.set_config('search_path', case strpos(p_table, '.') when 0 then 'public, extensions'
      else quote_ident(split_part(p_table, '.', 1)) || ', public, extensions' end, true);
    execute v_statement using p_rows;
    get diagnostics v_rows = row_count;
    set constraints all immediate;
    perform pg_catalog.set_config('search_path', '', true);
  exception when data_exception or integrity_constraint_violation or syntax_error_or_access_rule_violation then
    get stacked diagnostics v_constraint = constraint_name;
    return healing_private.write_with_care(p_table, p_rows, p_options, jsonb_build_object('error', jsonb_strip_nulls(jsonb_build_object('code', sqlstate,
      'message', left(sqlerrm, 500), 'constraint', nullif(v_constraint, '')))), p_options ? 'key');
  end;
  if p_options ? 'key' and v_rows <> jsonb_array_length(p_rows) then
    perform healing_private.settle_write('insert ' || p_table, p_options ->> 'key', jsonb_build_object('status', 'saved', 'rows', v_rows), true);
  end if;
  return jsonb_build_object('status', 'saved', 'rows', v_rows);
end;
$$;
revoke all on function public.write_rows(text, jsonb, jsonb) from public, anon, authenticated;
grant execute on function public.write_rows(text, jsonb, jsonb) to anon, authenticated, service_role;
comment on function public.write_rows(text, jsonb, jsonb) is
  'Writes rows as the caller, with row level security: {status: saved, rows}, or {status: mixed, rows, results, schema} with what became of each row that was not saved. Options: same_keys (all rows have the keys of the first), operation, key, filter, on_conflict, ignore_duplicates, returning, healed with fingerprint, parked, final, queue, seen, unseen.';
