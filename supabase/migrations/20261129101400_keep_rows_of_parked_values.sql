-- Changes what is kept with parked values: also the operation, the row as it was written and the filter of an update. Without them
-- nobody could bring the values back once there is a column.
-- Replaces write_with_care of 20261129100740 under the same signature, and park_values of 20261129100730, which gets more arguments.
-- Locks: none.
-- Undo: apply park_values of 20261129100730 and write_with_care of 20261129100740 again; drop function
--       healing_private.park_values(text, jsonb, jsonb, jsonb).

-- The values are the user's data: an event can be read by admins and the service role only, and goes when its day goes.
create or replace function healing_private.park_values(p_table text, p_options jsonb, p_rows jsonb, p_results jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_parked jsonb := (select jsonb_object_agg(p.key, p.value) from jsonb_each(p_options -> 'parked') as p
    where not coalesce(p_results, '[]') @> jsonb_build_array(jsonb_build_object('index', p.key::integer)));
  v_written jsonb := (select jsonb_object_agg(k, p_rows -> k::integer) from jsonb_object_keys(v_parked) as k);
begin
  if v_parked is null then
    return '[]'::jsonb;
  end if;
  insert into public.healing_events (event_type, category, severity, result, message, details)
  values ('values_parked', 'payload', 'medium', 'pending',
    format('%s: values without a column, of %s rows', left(p_table, 200), (select count(*) from jsonb_object_keys(v_parked))),
    jsonb_build_object('table', left(p_table, 200), 'role', healing_private.write_role(), 'subject', healing_private.write_subject(), 'rows', v_parked,
      'operation', coalesce(p_options ->> 'operation', 'insert'))
    -- Long rows are not kept twice: their values are, and those have been bounded before.
    || case when pg_column_size(v_written) <= 262144 then jsonb_build_object('written', v_written) else '{}' end
    || case when p_options ? 'filter' then jsonb_build_object('filter', p_options -> 'filter') else '{}' end);
  return healing_private.note_parked_columns(p_table, v_parked);
end;
$$;
revoke all on function healing_private.park_values(text, jsonb, jsonb, jsonb) from public, anon, authenticated;
grant execute on function healing_private.park_values(text, jsonb, jsonb, jsonb) to anon, authenticated, service_role;
comment on function healing_private.park_values(text, jsonb, jsonb, jsonb) is
  'Keeps, by the index of their row, values that no column takes, with the rows that were saved without them. Returns the statements that would add the columns.';

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
    if p_options ? 'parked' then
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

drop function if exists healing_private.park_values(text, jsonb, jsonb);
