-- Adds traces: the trace id of events and runs, the header that carries it from a request over RPC and pg_net to the
-- engine, and get_trace. Replaces healing_private.send_request and public.start_healing_run, with the same signatures;
-- captures write their traces from 20261129100610 on.
-- Locks: ACCESS EXCLUSIVE on healing_events and healing_runs for an instant (a column without a rewrite), then SHARE on
--        both while their indexes are built: captures wait that long.
-- Undo: restore the two functions from 20261121110100; alter table public.healing_events drop column trace_id,
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
