-- Adds capture: capture_errors and what it is made of, and the queue that failed operations go into.
-- Locks: none.
-- Undo: drop function public.capture_errors, healing_private.store_errors, healing_private.read_errors, healing_private.is_reopened,
--       healing_private.one_of, healing_private.queue_operations.

create or replace function healing_private.queue_operations(p_operations jsonb)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_kept integer;
begin
  insert into public.queued_operations
    (operation_kind, target, payload, idempotency_key, caller_role, caller_claims, subject, detected_error_id, last_error)
  select o ->> 'kind', o ->> 'target', coalesce(o -> 'payload', '{}'), o ->> 'idempotency_key', o ->> 'caller_role',
    coalesce(o -> 'caller_claims', '{}'), coalesce(o ->> 'subject', ''), (o ->> 'detected_error_id')::uuid, left(o ->> 'last_error', 2000)
  from jsonb_array_elements(p_operations) with ordinality as list (o, place)
  where o ->> 'kind' = 'invoke_function' and o ->> 'caller_role' in ('anon', 'authenticated', 'service_role')
    and length(o ->> 'idempotency_key') between 1 and 200 and length(o ->> 'target') between 1 and 200
    and length(coalesce(o ->> 'subject', '')) <= 200
    -- One kind of caller may not fill the queue of a function for the others, nor may writes into a table of its name.
    and (select count(*) from public.queued_operations as q
      where q.operation_kind = 'invoke_function' and q.target = o ->> 'target' and q.caller_role = o ->> 'caller_role' and q.status in ('queued', 'running')) < 1000
  order by place
  on conflict (operation_kind, target, caller_role, subject, idempotency_key) do nothing;
  select count(*) into v_kept from jsonb_array_elements(p_operations) as o
  where exists (select from public.queued_operations as q
    where q.operation_kind = o ->> 'kind' and q.target = o ->> 'target' and q.caller_role = o ->> 'caller_role'
      and q.subject = coalesce(o ->> 'subject', '') and q.idempotency_key = o ->> 'idempotency_key'
      -- A key that was used for something else, or for what is done, keeps nothing.
      and q.status in ('queued', 'running') and q.payload = coalesce(o -> 'payload', '{}'));
  return v_kept;
end;
$$;
revoke all on function healing_private.queue_operations(jsonb) from public, anon, authenticated;
comment on function healing_private.queue_operations(jsonb) is
  'Queues failed operations for replay, each once by its idempotency key and at most 1,000 waiting per function and role. Returns how many of them wait in the queue as they were sent.';

create or replace function healing_private.one_of(p_value text, p_default text, p_known text[])
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case when p_value = any (p_known) then p_value else p_default end;
$$;
revoke all on function healing_private.one_of(text, text, text[]) from public, anon, authenticated;
comment on function healing_private.one_of(text, text, text[]) is 'The value if it is a known one, else the default: an odd word must not lose an error.';

-- One row per usable error of the batch: the last of each group, with the sum of their occurrences.
create or replace function healing_private.read_errors(p_errors jsonb)
returns setof public.detected_errors
language sql
stable
security definer
set search_path = ''
as $$
  -- The record is made once for each error: (…).* would make it anew for each of its columns.
  select r.*
  from (select distinct on (e ->> 'fingerprint', coalesce(e ->> 'project_id', '')) jsonb_build_object(
      'fingerprint', e ->> 'fingerprint', 'project_id', coalesce(e ->> 'project_id', ''),
      'error_signature', left(coalesce(e ->> 'error_signature', e ->> 'fingerprint'), 1000),
      'error_template', left(coalesce(e ->> 'error_template', e ->> 'fingerprint'), 4200),
      'slots', case when jsonb_typeof(e -> 'slots') = 'array' then e -> 'slots' else '[]' end,
      'error_type', left(coalesce(e ->> 'error_type', 'unknown'), 100), 'error_code', left(e ->> 'error_code', 100),
      'error_message', left(e ->> 'error_message', 8000), 'stack_trace', left(e ->> 'stack_trace', 16000),
      'category', healing_private.one_of(e ->> 'category', 'unknown', array['database', 'migration', 'payload', 'auth', 'storage',
        'network', 'ai', 'runtime', 'deployment']),
      'severity', healing_private.one_of(e ->> 'severity', 'medium', array['low', 'high', 'critical']),
      'source', left(coalesce(e ->> 'source', 'edge_function'), 100), 'function_name', left(e ->> 'function_name', 200),
      'context', coalesce(e -> 'context', '{}') || jsonb_build_object('request_id', left(e ->> 'request_id', 200)),
      'occurrence_count', sum(case when e ->> 'occurrences' ~ '^[0-9]{1,4}$' then greatest((e ->> 'occurrences')::integer, 1) else 1 end)
        over (partition by e ->> 'fingerprint', coalesce(e ->> 'project_id', '')),
      -- Ages are measured by one clock, the sender's; the time of an occurrence by ours.
      'last_seen_at', clock_timestamp() - make_interval(secs => case when e ->> 'age_ms' ~ '^[0-9]{1,7}(\.[0-9]+)?$'
        then (e ->> 'age_ms')::double precision / 1000 else 0 end)) as facts
    from jsonb_array_elements(p_errors) with ordinality as list (e, position)
    where length(e ->> 'fingerprint') between 1 and 200 and length(coalesce(e ->> 'project_id', '')) <= 200 and e ->> 'error_message' is not null
    order by e ->> 'fingerprint', coalesce(e ->> 'project_id', ''), position desc) as q
  cross join lateral jsonb_populate_record(null::public.detected_errors, q.facts) as r
  order by r.fingerprint, r.project_id;
$$;
revoke all on function healing_private.read_errors(jsonb) from public, anon, authenticated;
comment on function healing_private.read_errors(jsonb) is 'The usable errors of a batch as rows, one per group, in the order of their fingerprints; odd values become defaults.';

create or replace function healing_private.is_reopened(p_error public.detected_errors)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select p_error.status = 'escalated' and p_error.resolved_at < now() - interval '1 hour';
$$;
revoke all on function healing_private.is_reopened(public.detected_errors) from public, anon, authenticated;
comment on function healing_private.is_reopened(public.detected_errors) is 'True for an error that a person was asked about more than an hour ago, when it happens again.';

create or replace function healing_private.store_errors(p_errors jsonb)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  -- Groups are written in the order of their fingerprints: batches that meet cannot deadlock.
  with input as (
    select * from healing_private.read_errors(p_errors)
  ), stored as (
    insert into public.detected_errors as d (fingerprint, error_signature, error_template, slots, project_id, error_type, error_code,
      error_message, stack_trace, category, severity, source, function_name, context, occurrence_count, first_seen_at, last_seen_at)
    select fingerprint, error_signature, error_template, slots, project_id, error_type, error_code, error_message, stack_trace, category,
      severity, source, function_name, context, occurrence_count, last_seen_at, last_seen_at
    from input order by fingerprint, project_id
    on conflict (fingerprint, project_id) where status <> 'healed' do update
    set occurrence_count = d.occurrence_count + excluded.occurrence_count,
      -- A report that was under way when the fix came says nothing about the fix.
      occurrences_since_fix = d.occurrences_since_fix + case when d.status = 'validating' and excluded.last_seen_at > (
        select f.applied_at from public.auto_fixes as f where f.detected_error_id = d.id and f.status = 'validating')
        then excluded.occurrence_count else 0 end,
      last_seen_at = greatest(d.last_seen_at, excluded.last_seen_at), error_message = excluded.error_message, context = excluded.context,
      stack_trace = coalesce(excluded.stack_trace, d.stack_trace),
      -- An error that was given up and is still there after an hour gets another chance.
      status = case when healing_private.is_reopened(d) then 'open' else d.status end,
      attempt_count = case when healing_private.is_reopened(d) then 0 else d.attempt_count end,
      next_attempt_at = case when healing_private.is_reopened(d) then clock_timestamp() else d.next_attempt_at end,
      resolution = case when healing_private.is_reopened(d) then null else d.resolution end,
      resolved_at = case when healing_private.is_reopened(d) then null else d.resolved_at end
    returning d.*, (xmax = 0) as is_new
  ), recorded as (
    insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id,
      fingerprint, detected_error_id, occurrences, request_id, details)
    select 'occurrence', s.category, s.severity, 'pending', left(s.error_message, 1000), s.function_name, s.project_id,
      s.fingerprint, s.id, i.occurrence_count, i.context ->> 'request_id', i.context
    from stored as s join input as i using (fingerprint, project_id)
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', id, 'fingerprint', fingerprint, 'project_id', project_id, 'status', status,
    'occurrence_count', occurrence_count, 'is_new', is_new, 'source', source) order by fingerprint), '[]')
  from stored;
$$;
revoke all on function healing_private.store_errors(jsonb) from public, anon, authenticated;
comment on function healing_private.store_errors(jsonb) is 'Groups a batch into detected_errors and appends its occurrences. Returns the groups.';

create or replace function public.capture_errors(p_errors jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_groups jsonb;
  v_queued integer;
  v_usable integer;
begin
  if jsonb_typeof(p_errors) is distinct from 'array' or jsonb_array_length(p_errors) > 500 then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'capture_errors takes a list of at most 500 errors',
      hint = 'Send the rest in a further call';
  end if;
  v_groups := healing_private.store_errors(p_errors);
  v_queued := healing_private.queue_operations((
    select coalesce(jsonb_agg(e -> 'operation' || jsonb_build_object('detected_error_id', g -> 'id', 'last_error', e -> 'error_message') order by place), '[]')
    from jsonb_array_elements(p_errors) with ordinality as list (e, place)
    join jsonb_array_elements(v_groups) as g
      on g ->> 'fingerprint' = e ->> 'fingerprint' and g ->> 'project_id' = coalesce(e ->> 'project_id', '')
    where jsonb_typeof(e -> 'operation') = 'object'));
  if jsonb_path_exists(v_groups, '$[*] ? (@.is_new == true && @.source != "migration")') then
    begin
      perform healing_private.kick_engine('capture');
    exception when others then
      -- The dispatcher is a convenience here, cron is the safety net: its trouble must not lose the capture.
      raise warning 'the engine could not be called: % (%)', sqlerrm, sqlstate;
    end;
  end if;
  select count(*) into v_usable from jsonb_array_elements(p_errors) as e
  join jsonb_array_elements(v_groups) as g
    on g ->> 'fingerprint' = e ->> 'fingerprint' and g ->> 'project_id' = coalesce(e ->> 'project_id', '')
  where e ->> 'error_message' is not null;
  return jsonb_build_object('errors', v_groups, 'queued', v_queued, 'rejected', jsonb_array_length(p_errors) - v_usable);
end;
$$;
revoke all on function public.capture_errors(jsonb) from public, anon, authenticated;
grant execute on function public.capture_errors(jsonb) to service_role;
comment on function public.capture_errors(jsonb) is
  'Takes up to 500 errors: groups them by fingerprint, records the occurrences, queues their operations, and calls the engine for new ones. Returns {errors, queued, rejected}.';
