-- Adds traces: the trace id of events and runs, the header that carries it from a request over RPC and pg_net to the
-- engine, and get_trace. Replaces healing_private.send_request, public.start_healing_run, healing_private.store_errors and
-- public.capture_errors, with the same signatures.
-- Locks: ACCESS EXCLUSIVE on healing_events and healing_runs for an instant (a column without a rewrite), then SHARE on
--        both while their indexes are built: captures wait that long.
-- Undo: restore the four functions from 20261121110100 and 20261121110200; alter table public.healing_events drop column trace_id,
--       drop column further_trace_ids; alter table public.healing_runs drop column trace_id; drop function public.get_trace,
--       healing_private.trace_of, healing_private.current_trace_id, healing_private.current_traceparent.

-- The header is a stranger's text until it has this form; what has another one is treated as none. The header of the
-- request is cut out by its form, so that nothing a caller sends can make a write fail.
create or replace function healing_private.current_traceparent()
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select substring(
    coalesce(nullif(pg_catalog.current_setting('healing.traceparent', true), ''),
      substring(pg_catalog.current_setting('request.headers', true) from '"traceparent"\s*:\s*"([^"\\]{55})"'))
    from '^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$');
$$;
revoke all on function healing_private.current_traceparent() from public, anon, authenticated;
grant execute on function healing_private.current_traceparent() to service_role, authenticated;
comment on function healing_private.current_traceparent() is
  'The W3C traceparent that this transaction works under: what healing.traceparent says, else the header of the API request; null without a valid one.';

create or replace function healing_private.trace_of(p_traceparent text)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select substring(p_traceparent from '^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$');
$$;
revoke all on function healing_private.trace_of(text) from public, anon, authenticated;
grant execute on function healing_private.trace_of(text) to service_role, authenticated;
comment on function healing_private.trace_of(text) is 'The trace id of a W3C traceparent, or null when it is not one.';

create or replace function healing_private.current_trace_id()
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select healing_private.trace_of(healing_private.current_traceparent());
$$;
revoke all on function healing_private.current_trace_id() from public, anon, authenticated;
grant execute on function healing_private.current_trace_id() to service_role, authenticated;
comment on function healing_private.current_trace_id() is 'The id of the trace that this transaction belongs to, or null.';

-- As defaults, so that whatever writes an event or a run joins its trace without knowing of it. No row that exists is
-- rewritten: the default is a constant null for them.
alter table public.healing_events add column if not exists trace_id text;
alter table public.healing_events alter column trace_id set default healing_private.current_trace_id();
alter table public.healing_events add column if not exists further_trace_ids text[];
alter table public.healing_runs add column if not exists trace_id text;
alter table public.healing_runs alter column trace_id set default healing_private.current_trace_id();
comment on column public.healing_events.trace_id is 'The trace in which it happened; for an occurrence that of the failed request.';
comment on column public.healing_events.further_trace_ids is 'The other traces of an occurrence row that stands for several failed requests.';
comment on column public.healing_runs.trace_id is 'The trace of the failure that woke the run, or the run''s own.';

create index if not exists healing_events_trace_id_idx on public.healing_events (trace_id, created_at) where trace_id is not null;
create index if not exists healing_events_further_trace_ids_idx on public.healing_events using gin (further_trace_ids)
  where further_trace_ids is not null;
create index if not exists healing_runs_trace_id_idx on public.healing_runs (trace_id) where trace_id is not null;

create or replace function healing_private.send_request(p_function_name text, p_body jsonb)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_url text := healing_private.read_vault('project_url');
  v_key text := healing_private.read_vault('cron_secret_key');
  v_traceparent text := healing_private.current_traceparent();
  v_request_id bigint;
begin
  if v_url is null or v_key is null then
    raise exception using errcode = 'PT503', detail = 'CONFIG_MISSING',
      message = 'Vault has no entry ' || case when v_url is null then 'project_url' else 'cron_secret_key' end,
      hint = 'select vault.create_secret(''<value>'', ''<name>'')';
  end if;
  execute 'select net.http_post(url := $1, body := $2, headers := $3, timeout_milliseconds := 5000)'
    into v_request_id
    using rtrim(v_url, '/') || '/functions/v1/' || p_function_name, p_body,
      jsonb_build_object('Content-Type', 'application/json', 'apikey', v_key)
        || case when v_traceparent is null then '{}' else jsonb_build_object('traceparent', v_traceparent) end;
  return v_request_id;
end;
$$;
revoke all on function healing_private.send_request(text, jsonb) from public, anon, authenticated, service_role;
comment on function healing_private.send_request(text, jsonb) is
  'Queues a machine call of an edge function through pg_net, in the present trace; the request leaves after commit. Raises PT503 without its Vault entries.';

create or replace function public.start_healing_run(p_run_id uuid, p_function_name text, p_instance_id text, p_trigger text default 'manual')
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_run public.healing_runs;
begin
  if p_run_id is null then
    insert into public.healing_runs (function_name, trigger, status, started_at, instance_id)
    values (p_function_name, p_trigger, 'started', clock_timestamp(), p_instance_id) returning * into v_run;
    return jsonb_build_object('id', v_run.id, 'started', true);
  end if;
  update public.healing_runs
  set status = 'started', started_at = clock_timestamp(), instance_id = p_instance_id,
    -- A run that the schedule dispatched belongs to no trace until its function begins one.
    trace_id = coalesce(trace_id, healing_private.current_trace_id())
  where id = p_run_id and function_name = p_function_name and status = 'dispatched' returning * into v_run;
  -- pg_net may deliver a request twice; the second delivery finds the run started and does nothing.
  return jsonb_build_object('id', p_run_id, 'started', v_run.id is not null);
end;
$$;
revoke all on function public.start_healing_run(uuid, text, text, text) from public, anon, authenticated;
grant execute on function public.start_healing_run(uuid, text, text, text) to service_role;
comment on function public.start_healing_run(uuid, text, text, text) is
  'Marks a dispatched run as started, once; without an id it opens a run of its own. Returns {id, started}.';

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
  ), traced as (
    select e ->> 'fingerprint' as fingerprint, coalesce(e ->> 'project_id', '') as project_id,
      array_agg(distinct healing_private.trace_of(e -> 'context' ->> 'traceparent')) as all_traces
    from jsonb_array_elements(p_errors) as e where healing_private.trace_of(e -> 'context' ->> 'traceparent') is not null group by 1, 2
  ), recorded as (
    insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id,
      fingerprint, detected_error_id, occurrences, request_id, details, trace_id, further_trace_ids)
    select 'occurrence', s.category, s.severity, 'pending', left(s.error_message, 1000), s.function_name, s.project_id,
      s.fingerprint, s.id, i.occurrence_count, i.context ->> 'request_id', i.context,
      coalesce(own.id, healing_private.current_trace_id()), nullif(array_remove(t.all_traces, own.id), '{}')
    from stored as s join input as i using (fingerprint, project_id) left join traced as t using (fingerprint, project_id)
    -- An occurrence without a trace still stands in one row with those that have one.
    cross join lateral (select coalesce(healing_private.trace_of(i.context ->> 'traceparent'), t.all_traces[1]) as id) as own
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', id, 'fingerprint', fingerprint, 'project_id', project_id, 'status', status,
    'occurrence_count', occurrence_count, 'is_new', is_new, 'source', source) order by fingerprint), '[]')
  from stored;
$$;
revoke all on function healing_private.store_errors(jsonb) from public, anon, authenticated;
comment on function healing_private.store_errors(jsonb) is 'Groups a batch into detected_errors and appends its occurrences with their traces. Returns the groups.';

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
  v_own_trace text := coalesce(pg_catalog.current_setting('healing.traceparent', true), '');
  v_woken_by text;
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
    -- A batch is sent in the trace of whoever came first; the run belongs to a failure that is new.
    select d.context ->> 'traceparent' into v_woken_by
    from jsonb_array_elements(v_groups) as g join public.detected_errors as d on d.id = (g ->> 'id')::uuid
    where (g ->> 'is_new')::boolean and d.source <> 'migration' and d.context ? 'traceparent' order by d.last_seen_at limit 1;
    begin
      perform pg_catalog.set_config('healing.traceparent', coalesce(v_woken_by, v_own_trace), true);
      perform healing_private.kick_engine('capture');
    exception when others then
      -- The dispatcher is a convenience here, cron is the safety net: its trouble must not lose the capture.
      raise warning 'the engine could not be called: % (%)', sqlerrm, sqlstate;
    end;
    perform pg_catalog.set_config('healing.traceparent', v_own_trace, true);
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
  'Takes up to 500 errors: groups them by fingerprint, records the occurrences, queues their operations, and calls the engine for new ones in their trace. Returns {errors, queued, rejected}.';

create or replace function public.get_trace(p_trace_id text)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_events jsonb;
  v_error_ids uuid[];
  v_since timestamptz;
begin
  if p_trace_id is null or p_trace_id !~ '^[0-9a-f]{32}$' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'That is not a trace id',
      hint = 'It is the second part of a traceparent: 32 hexadecimal digits in lower case';
  end if;
  -- Two queries, each with its own index.
  select coalesce(jsonb_agg(to_jsonb(e) order by e.created_at, e.id), '[]'), array_agg(distinct e.detected_error_id), min(e.created_at)
  into v_events, v_error_ids, v_since
  from (
    select * from public.healing_events where trace_id = p_trace_id
    union
    select * from public.healing_events where further_trace_ids @> array[p_trace_id]
    order by created_at, id limit 500) as e;
  return jsonb_build_object('trace_id', p_trace_id, 'events', v_events,
    'errors', (select coalesce(jsonb_agg(to_jsonb(d) order by d.first_seen_at), '[]') from public.detected_errors as d where d.id = any (v_error_ids)),
    'fixes', (select coalesce(jsonb_agg(to_jsonb(f) order by f.created_at), '[]')
      from (select * from public.auto_fixes where detected_error_id = any (v_error_ids) order by created_at desc limit 500) as f),
    -- A run that another failure woke may have worked on the errors of this trace; its events say so.
    'runs', (select coalesce(jsonb_agg(to_jsonb(r) order by r.dispatched_at), '[]') from public.healing_runs as r
      where r.trace_id = p_trace_id or r.trace_id in (select later.trace_id from (
        select e.trace_id, e.event_type from public.healing_events as e
        where e.detected_error_id = any (v_error_ids) and e.created_at >= v_since order by e.created_at limit 1000) as later
        where later.event_type <> 'occurrence')));
end;
$$;
revoke all on function public.get_trace(text) from public, anon, authenticated;
grant execute on function public.get_trace(text) to authenticated, service_role;
comment on function public.get_trace(text) is
  'Everything of one trace, oldest first: its events (at most 500), the errors that they are about, the fixes of these, and the runs that it woke or that worked on these. Admins and the functions see it; others get empty lists.';

notify pgrst, 'reload schema';
