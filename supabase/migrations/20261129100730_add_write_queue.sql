-- Adds what the write path keeps: rows that wait for the schema to be mended (queued_operations), the columns that they miss
-- (detected_errors, build_events), and values that no column takes (healing_events).
-- Locks: access exclusive on queued_operations, for its check on kinds; it is small.
-- Undo: drop function healing_private.answer_missing_table, healing_private.ask_about_write, healing_private.queue_faults, healing_private.queue_write,
--       healing_private.has_room_for_fault, healing_private.note_missing_columns, healing_private.missing_columns, healing_private.infer_column_type,
--       healing_private.is_missing_table, healing_private.park_values, healing_private.note_parked_columns, healing_private.seen_rows, healing_private.is_unchanged.

alter table public.queued_operations drop constraint if exists queued_operations_kind_is_known;
alter table public.queued_operations add constraint queued_operations_kind_is_known check (operation_kind in ('invoke_function', 'write_rows'));
create index if not exists queued_operations_waiting_writes_idx on public.queued_operations (caller_role, subject)
  where operation_kind = 'write_rows' and status in ('queued', 'running', 'needs_person');

create or replace function healing_private.infer_column_type(p_values jsonb)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when count(*) = 0 then 'text'
    when bool_or(jsonb_typeof(v) in ('object', 'array')) then 'jsonb'
    when bool_and(jsonb_typeof(v) = 'boolean') then 'boolean'
    when bool_and(jsonb_typeof(v) = 'number' and v #>> '{}' ~ '^-?[0-9]{1,9}$') then 'integer'
    when bool_and(jsonb_typeof(v) = 'number') then 'numeric'
    when bool_and(jsonb_typeof(v) = 'string' and v #>> '{}' ~ '^\d{4}-[01]\d-[0-3]\d[T ][0-2]\d:[0-5]\d(:[0-6]\d(\.\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)$') then 'timestamptz'
    else 'text' end
  from jsonb_array_elements(p_values) as v where jsonb_typeof(v) <> 'null';
$$;
revoke all on function healing_private.infer_column_type(jsonb) from public, anon, authenticated;
comment on function healing_private.infer_column_type(jsonb) is
  'The type of a column that could hold these values: jsonb, boolean, integer, numeric, timestamptz or text.';

create or replace function healing_private.is_missing_table(p_table text)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select p_table ~ '^([A-Za-z_]\w{0,62}\.)?[A-Za-z_]\w{0,62}$'
    and (select parts[1] = any (g.schemas) from healing_private.write_gate as g)
    and not exists (select from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
      where n.nspname = parts[1] and c.relname = parts[2])
  from (select case when p_table like '%.%' then string_to_array(p_table, '.') else array['public', p_table] end as parts) as name;
$$;
revoke all on function healing_private.is_missing_table(text) from public, anon, authenticated;
grant execute on function healing_private.is_missing_table(text) to anon, authenticated, service_role;
comment on function healing_private.is_missing_table(text) is
  'True for a plain name of an allowed schema under which there is nothing at all: a table that somebody forgot to make.';

-- What is still missing of what an operation waits for; a hand-made column ends the wait as well as a fix of ours.
create or replace function healing_private.missing_columns(p_table text, p_columns jsonb)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(jsonb_agg(c), '[]') from jsonb_array_elements_text(p_columns) as c
  where healing_private.unknown_keys(healing_private.write_target(p_table), array[c]) is not null;
$$;
revoke all on function healing_private.missing_columns(text, jsonb) from public, anon, authenticated;
comment on function healing_private.missing_columns(text, jsonb) is 'The named columns that a table still has not.';

create or replace function healing_private.note_missing_columns(p_error jsonb, p_table text, p_columns jsonb, p_rows jsonb)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  with proposed as (
    select c as name, inferred.type, format('alter table %s add column if not exists %I %s;', healing_private.write_target(p_table)::regclass, c, inferred.type) as statement
    from jsonb_array_elements_text(p_columns) as c, lateral (
      select healing_private.infer_column_type((select coalesce(jsonb_agg(r -> c), '[]') from jsonb_array_elements(p_rows) as r where r ? c)) as type) as inferred
  ), noted as (
    insert into public.build_events (event_type, title, details, detected_error_id)
    select 'schema_auto_fix', format('%s has no column %s', p_table, name),
      jsonb_build_object('table', p_table, 'column', name, 'type', type, 'sql', statement, 'applied', false), (p_error ->> 'id')::uuid
    from proposed where (p_error -> 'is_new')::boolean)
  select coalesce(jsonb_agg(statement), '[]') from proposed;
$$;
revoke all on function healing_private.note_missing_columns(jsonb, text, jsonb, jsonb) from public, anon, authenticated;
comment on function healing_private.note_missing_columns(jsonb, text, jsonb, jsonb) is
  'Writes down, once for a new error, the statement that would add each missing column; nothing runs it. Returns the statements.';

-- Names that nobody ever meant must not fill the list of what is broken, and those of strangers must not keep out a user's, nor a user's the project's.
create or replace function healing_private.has_room_for_fault(p_fingerprint text)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (select from public.detected_errors as d where d.fingerprint = p_fingerprint and d.status <> 'healed')
    -- What an admin ignores takes no room: nobody is to be kept out by it.
    or (select count(*) from public.detected_errors as d where d.source = 'write_path' and d.status not in ('healed', 'ignored'))
      < case healing_private.write_role() when 'anon' then 100 when 'authenticated' then 150 else 200 end;
$$;
revoke all on function healing_private.has_room_for_fault(text) from public, anon, authenticated;
comment on function healing_private.has_room_for_fault(text) is
  'Whether a fault of the write path is known, or may become one more of at most 200, of which the last 100 are not for strangers and the last 50 for the service role only.';

-- Reached by callers of any kind: who is calling is what the API verified, and what may be kept is bounded.
create or replace function healing_private.queue_write(p_table text, p_rows jsonb, p_options jsonb, p_cause jsonb, p_seen jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_role text := healing_private.write_role();
  v_subject text := healing_private.write_subject();
  v_operation text := coalesce(p_options ->> 'operation', 'insert');
  v_fingerprint text := 'write:' || md5(concat_ws(' ', p_cause ->> 'code', p_table, p_cause ->> 'missing', case when not p_cause ? 'missing' then p_cause ->> 'message' end));
  v_payload jsonb := jsonb_build_object('table', p_table, 'rows', p_rows, 'options', p_options - '{key,same_keys,healed,parked,final,queue,seen,unseen,fingerprint,returning}'::text[],
    'cause', p_cause, 'seen', p_seen);
  v_needs_person boolean := v_operation <> 'insert' and p_seen is null;
  v_error jsonb;
  v_proposed jsonb := '[]'::jsonb;
begin
  if v_role not in ('anon', 'authenticated', 'service_role') or pg_column_size(v_payload) > 1048576
    -- A delete has no rows, and takes room as one.
    or (select coalesce(sum(greatest(jsonb_array_length(q.payload -> 'rows'), 1)), 0) + greatest(jsonb_array_length(p_rows), 1) > 1000 from public.queued_operations as q
      where q.operation_kind = 'write_rows' and q.status in ('queued', 'running', 'needs_person') and q.caller_role = v_role and q.subject = v_subject)
    or not healing_private.has_room_for_fault(v_fingerprint) then
    return null;
  end if;
  v_error := healing_private.store_errors(jsonb_build_array(jsonb_build_object('fingerprint', v_fingerprint, 'error_type', p_cause ->> 'type',
    'error_code', p_cause ->> 'code', 'error_message', left(p_cause ->> 'message', 500), 'error_signature', p_cause ->> 'signature', 'category', 'database',
    'severity', 'high', 'source', 'write_path', 'context', jsonb_build_object('table', p_table, 'operation', v_operation, 'missing', p_cause -> 'missing')))) -> 0;
  if p_cause ->> 'type' = 'schema_mismatch' then
    v_proposed := healing_private.note_missing_columns(v_error, p_table, p_cause -> 'missing', p_rows);
  end if;
  insert into public.queued_operations (operation_kind, target, payload, idempotency_key, caller_role, caller_claims, subject, detected_error_id, last_error, status)
  values ('write_rows', p_table, v_payload, md5((p_options ->> 'key') || ' ' || v_fingerprint), v_role, coalesce((select auth.jwt()), '{}'), v_subject,
    (v_error ->> 'id')::uuid, left(p_cause ->> 'message', 2000), case when v_needs_person then 'needs_person' else 'queued' end)
  on conflict (operation_kind, target, caller_role, subject, idempotency_key) do nothing;
  if v_needs_person then
    perform healing_private.notify('high', 'A write waits for a person: ' || p_table, 'Nobody could see which rows it was to change', 'write:' || p_table);
  end if;
  return v_proposed;
end;
$$;
revoke all on function healing_private.queue_write(text, jsonb, jsonb, jsonb, jsonb) from public, anon, authenticated;
grant execute on function healing_private.queue_write(text, jsonb, jsonb, jsonb, jsonb) to anon, authenticated, service_role;
comment on function healing_private.queue_write(text, jsonb, jsonb, jsonb, jsonb) is
  'Keeps rows of the verified caller until the schema is mended, at most 1,000 rows a subject: the statements that would mend it, or null when there is no room.';

create or replace function healing_private.seen_rows(p_table oid, p_rows jsonb, p_options jsonb, p_columns jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_columns text[] := array(select a.attname from pg_catalog.pg_attribute as a where a.attrelid = p_table and a.attnum > 0 and not a.attisdropped
    and (p_columns is null or p_columns ? a.attname) and pg_catalog.has_column_privilege(p_table, a.attnum, 'select') order by a.attname);
  v_conflict text[];
  v_where text;
  v_hash text;
begin
  if p_options ->> 'operation' = 'upsert' then
    v_conflict := healing_private.conflict_columns(p_table, p_options -> 'on_conflict');
    v_where := format('exists (select from %s where %s)', healing_private.typed_source(p_table, v_conflict),
      (select string_agg(format('given.%1$I = target.%1$I', c), ' and ') from unnest(v_conflict) as c));
  else
    v_where := healing_private.filter_clause(p_table, p_options -> 'filter');
  end if;
  -- Only the columns that were there: one that a fix adds changes no row.
  execute format('select md5(coalesce(string_agg(item, '','' order by item), '''')) from (select jsonb_build_array(%s)::text as item from %s as target where %s) as seen',
    (select string_agg(format('target.%I', c), ', ') from unnest(v_columns) as c), p_table::regclass, v_where) into v_hash using p_rows, p_options -> 'filter';
  return jsonb_build_object('columns', to_jsonb(v_columns), 'hash', v_hash);
exception when data_exception or syntax_error_or_access_rule_violation then
  return null;
end;
$$;
revoke all on function healing_private.seen_rows(oid, jsonb, jsonb, jsonb) from public, anon, authenticated;
grant execute on function healing_private.seen_rows(oid, jsonb, jsonb, jsonb) to anon, authenticated, service_role;
comment on function healing_private.seen_rows(oid, jsonb, jsonb, jsonb) is
  'The rows that an update, upsert or delete means, as the caller sees them: {columns, hash}; null when they cannot be seen.';

create or replace function healing_private.is_unchanged(p_table oid, p_rows jsonb, p_options jsonb)
returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
begin
  if coalesce(p_options ->> 'operation', 'insert') = 'insert' then
    return true;
  end if;
  -- Nobody writes between the look and the write.
  execute format('lock table %s in share row exclusive mode', p_table::regclass);
  if p_options -> 'seen' ? 'absent' then
    return healing_private.seen_rows(p_table, p_rows, p_options, null) ->> 'hash' = md5('');
  end if;
  return p_options -> 'seen' = coalesce(healing_private.seen_rows(p_table, p_rows, p_options, p_options -> 'seen' -> 'columns'), 'null');
end;
$$;
revoke all on function healing_private.is_unchanged(oid, jsonb, jsonb) from public, anon, authenticated;
grant execute on function healing_private.is_unchanged(oid, jsonb, jsonb) to anon, authenticated, service_role;
comment on function healing_private.is_unchanged(oid, jsonb, jsonb) is
  'Whether the rows that a write means are as they were seen; holds off other writers until the end of the transaction.';

-- Rows that failed because something is not there go into the queue, by what is missing.
create or replace function healing_private.queue_faults(p_table text, p_rows jsonb, p_options jsonb, p_answer jsonb)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_fault record;
  v_results jsonb := p_answer -> 'results';
  v_seen jsonb;
  v_mending jsonb;
  v_proposed jsonb := '[]'::jsonb;
begin
  for v_fault in
    select r -> 'error' ->> 'code' as code, r -> 'unknown' as unknown, min(r -> 'error' ->> 'message') as message,
      array_agg((r ->> 'index')::integer) as places, jsonb_agg(p_rows -> (r ->> 'index')::integer order by (r ->> 'index')::integer) as rows
    from jsonb_array_elements(v_results) as r
    where r ->> 'status' = 'failed' and r -> 'error' ->> 'code' in ('42703', '42P01', '42883')
      -- A name that no column could have is a mistake of the caller and nothing that a column would mend.
      and not coalesce(jsonb_path_exists(r -> 'unknown', '$[*] ? (!(@ like_regex "^[A-Za-z_][A-Za-z0-9_]{0,62}$"))'), false)
    group by 1, 2 loop
    v_seen := case when coalesce(p_options ->> 'operation', 'insert') <> 'insert'
      then healing_private.seen_rows(healing_private.write_target(p_table), p_rows, p_options, null) end;
    v_mending := healing_private.queue_write(p_table, v_fault.rows, p_options, jsonb_strip_nulls(jsonb_build_object('code', v_fault.code, 'missing', v_fault.unknown,
      'type', case when v_fault.unknown is not null then 'schema_mismatch' when v_fault.code = '42883' then 'missing_function' when v_fault.code = '42P01'
        then 'missing_relation' else 'missing_column' end,
      'message', v_fault.message, 'signature', format('%s: write into %s', v_fault.code, p_table))), v_seen);
    if v_mending is not null then
      v_proposed := v_proposed || v_mending;
      select jsonb_agg(case when (r ->> 'index')::integer = any (v_fault.places) then r || '{"status": "queued"}' else r end) into v_results
      from jsonb_array_elements(v_results) as r;
    end if;
  end loop;
  return p_answer || jsonb_build_object('results', v_results) || case when v_proposed = '[]' then '{}' else jsonb_build_object('proposed', v_proposed) end;
end;
$$;
revoke all on function healing_private.queue_faults(text, jsonb, jsonb, jsonb) from public, anon, authenticated;
grant execute on function healing_private.queue_faults(text, jsonb, jsonb, jsonb) to anon, authenticated, service_role;
comment on function healing_private.queue_faults(text, jsonb, jsonb, jsonb) is
  'Moves rows that failed for want of a column, a table or a function from failed to queued, as far as there is room.';

create or replace function healing_private.answer_missing_table(p_table text, p_rows jsonb, p_options jsonb)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_operation text := coalesce(p_options ->> 'operation', 'insert') || ' ' || p_table;
  v_rows jsonb := case p_options ->> 'operation' when 'delete' then '[{}]' else p_rows end;
  v_answer jsonb;
  v_stored jsonb;
begin
  if p_options ? 'key' and p_options ? 'queue' and healing_private.is_missing_table(p_table) then
    if p_options ? 'filter' then
      perform healing_private.check_filter(p_options -> 'filter');
    end if;
    v_stored := healing_private.claim_write(v_operation, p_options ->> 'key', healing_private.write_hash(p_rows, p_options), '{}');
    if v_stored is not null then
      return v_stored;
    end if;
    select jsonb_build_object('status', 'mixed', 'rows', 0, 'results', jsonb_agg(jsonb_build_object('index', place - 1, 'status', 'queued', 'error', jsonb_build_object(
      'code', '42P01', 'message', format('there is no table "%s"', p_table))) order by place)) into v_answer from jsonb_array_elements(v_rows) with ordinality as r (row, place);
    if healing_private.queue_write(p_table, p_rows, p_options, jsonb_build_object('code', '42P01', 'type', 'missing_relation',
      'message', format('relation "%s" does not exist', p_table), 'signature', '42P01: write into ' || p_table), '{"absent": true}') is not null then
      perform healing_private.settle_write(v_operation, p_options ->> 'key', v_answer, true);
      return v_answer;
    end if;
  end if;
  raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no table "%s" to write to', left(p_table, 130)),
    hint = 'Only tables of the schemas in the setting write_schemas can be written';
end;
$$;
revoke all on function healing_private.answer_missing_table(text, jsonb, jsonb) from public, anon, authenticated;
grant execute on function healing_private.answer_missing_table(text, jsonb, jsonb) to anon, authenticated, service_role;
comment on function healing_private.answer_missing_table(text, jsonb, jsonb) is
  'Queues a write into a table that nobody made; raises PT404 for every other name that may not be written.';

create or replace function healing_private.ask_about_write(p_table text, p_rows jsonb, p_options jsonb)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_message text := 'the write comes late, and nobody could see which rows it was to change';
begin
  if healing_private.queue_write(p_table, p_rows, p_options, jsonb_build_object('code', 'PT409', 'type', 'unseen_target', 'message', v_message,
    'signature', 'PT409: late write into ' || p_table), null) is null then
    raise exception using errcode = 'PT429', detail = 'RATE_LIMITED', message = 'No more writes of this caller can wait', hint = 'Decide on those that do';
  end if;
  return jsonb_build_object('status', 'mixed', 'rows', 0, 'results', (select jsonb_agg(jsonb_build_object('index', place - 1, 'status', 'queued',
    'error', jsonb_build_object('code', 'PT409', 'message', v_message)) order by place) from jsonb_array_elements(p_rows) with ordinality as r (row, place)));
end;
$$;
revoke all on function healing_private.ask_about_write(text, jsonb, jsonb) from public, anon, authenticated;
grant execute on function healing_private.ask_about_write(text, jsonb, jsonb) to anon, authenticated, service_role;
comment on function healing_private.ask_about_write(text, jsonb, jsonb) is
  'Lets a person decide about an update, upsert or delete that comes too late to know what it was to change.';

-- The same group as that of rows which wait for the column: it is one fault, whatever became of the rows.
create or replace function healing_private.note_parked_columns(p_table text, p_parked jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rows jsonb := (select coalesce(jsonb_agg(p.value), '[]') from jsonb_each(p_parked) as p);
  v_columns jsonb := healing_private.missing_columns(p_table, (
    select coalesce(jsonb_agg(distinct k order by k), '[]') from jsonb_array_elements(v_rows) as r, jsonb_object_keys(r) as k
    where k ~ '^[A-Za-z_][A-Za-z0-9_]{0,62}$'));
  v_fingerprint text := 'write:' || md5(concat_ws(' ', '42703', p_table, v_columns::text));
  v_error jsonb;
begin
  if v_columns = '[]' or not healing_private.has_room_for_fault(v_fingerprint) then
    return '[]'::jsonb;
  end if;
  v_error := healing_private.store_errors(jsonb_build_array(jsonb_build_object('fingerprint', v_fingerprint, 'error_type', 'schema_mismatch', 'error_code', '42703',
    'error_message', left(format('%s has no column for %s', p_table, v_columns), 500), 'error_signature', '42703: write into ' || p_table, 'category', 'database',
    'severity', 'medium', 'source', 'write_path', 'context', jsonb_build_object('table', p_table, 'missing', v_columns)))) -> 0;
  return healing_private.note_missing_columns(v_error, p_table, v_columns, v_rows);
end;
$$;
revoke all on function healing_private.note_parked_columns(text, jsonb) from public, anon, authenticated;
comment on function healing_private.note_parked_columns(text, jsonb) is
  'Captures that a table has no column for parked values, with the statements that would add them. Returns the statements.';

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
