-- Adds the event functions of the library: create_healing_events, get_healing_events, get_healing_stats,
-- record_generation_failures, record_build_event, record_request_heals.
-- Locks: none.
-- Undo: drop the six functions.

create or replace function public.create_healing_events(p_events jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_ids jsonb;
begin
  if jsonb_typeof(p_events) is distinct from 'array' or jsonb_array_length(p_events) > 1000 then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'create_healing_events takes a list of at most 1000 events',
      hint = 'Send the rest in a further call';
  end if;
  with stored as (
    insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id, fingerprint,
      detected_error_id, auto_fix_id, strategy, tier, duration_ms, request_id, details)
    select left(coalesce(e ->> 'event_type', 'note'), 100), coalesce(e ->> 'category', 'unknown'), coalesce(e ->> 'severity', 'medium'),
      coalesce(e ->> 'result', 'pending'), left(coalesce(e ->> 'message', ''), 8000), left(e ->> 'function_name', 200),
      coalesce(e ->> 'project_id', ''), left(e ->> 'fingerprint', 200), (e ->> 'detected_error_id')::uuid, (e ->> 'auto_fix_id')::uuid,
      left(e ->> 'strategy', 200), left(e ->> 'tier', 50), (e ->> 'duration_ms')::double precision, left(e ->> 'request_id', 200),
      coalesce(e -> 'details', '{}')
    from jsonb_array_elements(p_events) as e
    returning id)
  select coalesce(jsonb_agg(id), '[]') into v_ids from stored;
  return v_ids;
end;
$$;
revoke all on function public.create_healing_events(jsonb) from public, anon, authenticated;
grant execute on function public.create_healing_events(jsonb) to service_role;
comment on function public.create_healing_events(jsonb) is 'Appends up to 1,000 events. Returns their ids.';

create or replace function public.get_healing_events(p_filter jsonb default '{}')
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  with page as (
    select * from public.healing_events
    where created_at >= coalesce((p_filter ->> 'since')::timestamptz, '-infinity')
      and created_at <= coalesce((p_filter ->> 'before')::timestamptz, 'infinity')
      and (created_at < coalesce((p_filter ->> 'before')::timestamptz, 'infinity') or id > (p_filter ->> 'before_id')::uuid)
      and event_type = coalesce(p_filter ->> 'event_type', event_type)
      and category = coalesce(p_filter ->> 'category', category)
      and severity = coalesce(p_filter ->> 'severity', severity)
      and result = coalesce(p_filter ->> 'result', result)
      and project_id = coalesce(p_filter ->> 'project_id', project_id)
      and (p_filter ->> 'function_name' is null or function_name = p_filter ->> 'function_name')
      and (p_filter ->> 'detected_error_id' is null or detected_error_id = (p_filter ->> 'detected_error_id')::uuid)
    order by created_at desc, id
    offset greatest(coalesce((p_filter ->> 'offset')::integer, 0), 0)
    limit least(greatest(coalesce((p_filter ->> 'limit')::integer, 50), 1), 500) + 1)
  select jsonb_build_object(
    'events', coalesce(jsonb_agg(to_jsonb(numbered) - 'position' order by position) filter (
      where position <= least(greatest(coalesce((p_filter ->> 'limit')::integer, 50), 1), 500)), '[]'),
    'has_more', count(*) > least(greatest(coalesce((p_filter ->> 'limit')::integer, 50), 1), 500))
  from (select *, row_number() over (order by created_at desc, id) as position from page) as numbered;
$$;
revoke all on function public.get_healing_events(jsonb) from public, anon, authenticated;
grant execute on function public.get_healing_events(jsonb) to authenticated, service_role;
comment on function public.get_healing_events(jsonb) is
  'One page of events, newest first: filters since, before (with before_id: after that row), event_type, category, severity, result, project_id, function_name, detected_error_id; offset, limit (at most 500). Returns {events, has_more}.';

create or replace function public.get_healing_stats(p_since timestamptz default now() - interval '24 hours')
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object(
    'since', p_since,
    'errors', (select jsonb_build_object('groups', count(*), 'occurrences', coalesce(sum(occurrence_count), 0),
        'healed', count(*) filter (where status = 'healed'), 'open', count(*) filter (where status in ('open', 'healing')),
        'validating', count(*) filter (where status = 'validating'),
        'awaiting_approval', count(*) filter (where status = 'awaiting_approval'),
        'escalated', count(*) filter (where status = 'escalated'))
      from public.detected_errors where last_seen_at >= p_since),
    'fixes', (select jsonb_build_object('proposed', count(*), 'kept', count(*) filter (where status = 'kept'),
        'reverted', count(*) filter (where status = 'reverted'), 'failed', count(*) filter (where status = 'failed'),
        'inconclusive', count(*) filter (where status = 'inconclusive'),
        'median_duration_ms', percentile_cont(0.5) within group (order by duration_ms))
      from public.auto_fixes where created_at >= p_since),
    'healed_in_request', (select count(*) from public.healing_events
      where event_type = 'healed_in_request' and result = 'success' and created_at >= p_since),
    'patterns', (select jsonb_build_object('known', count(*), 'may_act_alone', count(*) filter (where auto_fixable))
      from public.universal_error_patterns where status = 'active'),
    'runs', (select jsonb_build_object('finished', count(*) filter (where status = 'finished'),
        'failed', count(*) filter (where status = 'failed'), 'lost', count(*) filter (where status = 'lost'))
      from public.healing_runs where dispatched_at >= p_since));
$$;
revoke all on function public.get_healing_stats(timestamptz) from public, anon, authenticated;
grant execute on function public.get_healing_stats(timestamptz) to authenticated, service_role;
comment on function public.get_healing_stats(timestamptz) is 'What happened since a time: errors, fixes, heals in requests, patterns, runs, as one object.';

create or replace function public.record_generation_failures(p_failures jsonb)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_stored integer;
begin
  insert into public.generation_failures (error_type, error_message, failure_category, severity, occurrence_count, stack_trace, framework,
    user_request, project_id, details)
  select left(coalesce(f ->> 'error_type', 'unknown'), 100), left(coalesce(f ->> 'error_message', ''), 8000),
    left(coalesce(f ->> 'failure_category', 'unknown'), 100), coalesce(f ->> 'severity', 'medium'),
    coalesce((f ->> 'occurrence_count')::integer, 1), left(f ->> 'stack_trace', 16000), left(f ->> 'framework', 100),
    left(f ->> 'user_request', 8000), coalesce(f ->> 'project_id', ''), coalesce(f -> 'details', '{}')
  from jsonb_array_elements(p_failures) as f;
  get diagnostics v_stored = row_count;
  return v_stored;
end;
$$;
revoke all on function public.record_generation_failures(jsonb) from public, anon, authenticated;
grant execute on function public.record_generation_failures(jsonb) to service_role;
comment on function public.record_generation_failures(jsonb) is 'Appends failures of generation from a list. Returns how many.';

create or replace function public.record_build_event(p_event jsonb)
returns uuid
language sql
security definer
set search_path = ''
as $$
  insert into public.build_events (event_type, project_id, title, details, detected_error_id, auto_fix_id)
  values (p_event ->> 'event_type', coalesce(p_event ->> 'project_id', ''), left(p_event ->> 'title', 500),
    coalesce(p_event -> 'details', '{}'), (p_event ->> 'detected_error_id')::uuid, (p_event ->> 'auto_fix_id')::uuid)
  returning id;
$$;
revoke all on function public.record_build_event(jsonb) from public, anon, authenticated;
grant execute on function public.record_build_event(jsonb) to service_role;
comment on function public.record_build_event(jsonb) is 'Appends one build event: auto_heal_success, auto_heal_failed or schema_auto_fix. Returns its id.';

-- A heal inside a request has no row of its own in auto_fixes: it changed nothing but one call. Its event and its
-- evidence are written here, after the answer has gone out.
create or replace function public.record_request_heals(p_heals jsonb)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_heal jsonb;
  v_pattern_id uuid;
  v_recorded integer := 0;
begin
  for v_heal in select h from jsonb_array_elements(p_heals) as h limit 500 loop
    perform public.create_healing_events(jsonb_build_array(v_heal || jsonb_build_object('event_type', 'healed_in_request')));
    if v_heal -> 'pattern' is not null and v_heal ->> 'unit' is not null then
      v_pattern_id := (public.upsert_healing_pattern(v_heal -> 'pattern') ->> 'id')::uuid;
      perform public.record_pattern_evidence(v_pattern_id, v_heal ->> 'unit', v_heal ->> 'result' = 'success');
    end if;
    v_recorded := v_recorded + 1;
  end loop;
  return v_recorded;
end;
$$;
revoke all on function public.record_request_heals(jsonb) from public, anon, authenticated;
grant execute on function public.record_request_heals(jsonb) to service_role;
comment on function public.record_request_heals(jsonb) is 'Records heals that happened inside requests: an event each, and the evidence for their patterns. Returns how many.';
