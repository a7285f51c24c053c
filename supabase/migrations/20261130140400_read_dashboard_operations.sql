-- Adds what the dashboard shows of tests, runs, schedules and what waits: list_tests, get_test, list_healing_runs, get_schedules,
-- list_queued_operations and list_fallback_logs.
-- Locks: none.
-- Undo: drop function public.list_tests, public.get_test, public.list_healing_runs, public.get_schedules, public.list_queued_operations,
--       public.list_fallback_logs, healing_private.own_jobs.

create or replace function public.list_tests(p_filter jsonb default '{}')
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform healing_private.require_person('read the tests');
  return healing_private.as_page((
    select coalesce(jsonb_agg(to_jsonb(t) order by t.created_at desc, t.id desc), '[]') from (
      select id, test_name, test_type, status, left(status_reason, 300) as status_reason, error_type, framework, project_id, target_function,
        test_file, confidence_score, run_count, pass_count, fail_count, error_count, flaky_count, last_status, left(last_reason, 300) as last_reason,
        last_run_at, next_run_at, created_at
      from public.auto_generated_tests
      where (created_at, id) < (healing_private.page_at(p_filter), healing_private.page_id(p_filter))
        and (p_filter ->> 'status' is null or status = p_filter ->> 'status')
        and (p_filter ->> 'last_status' is null or last_status = p_filter ->> 'last_status')
        and (p_filter ->> 'test_type' is null or test_type = p_filter ->> 'test_type')
        and (p_filter ->> 'search' is null
          or position(lower(p_filter ->> 'search') in lower(concat_ws(' ', test_name, error_type, target_function, test_file))) > 0)
      order by created_at desc, id desc limit healing_private.page_size(p_filter) + 1) as t), p_filter, 'created_at');
end;
$$;
revoke all on function public.list_tests(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.list_tests(jsonb) to authenticated;
comment on function public.list_tests(jsonb) is
  'For admins: regression tests, made last first; filters status, last_status, test_type, search; limit, after. Returns {rows, next}.';

create or replace function public.get_test(p_test_id uuid)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_test public.auto_generated_tests;
begin
  perform healing_private.require_person('read the tests');
  select * into v_test from public.auto_generated_tests where id = p_test_id;
  if not found then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no test %s', p_test_id), hint = 'Read list_tests';
  end if;
  return jsonb_build_object('test', to_jsonb(v_test) - array['claimed_by', 'claim_number', 'lease_expires_at'],
    'results', (select coalesce(jsonb_agg(to_jsonb(r) order by r.executed_at desc), '[]')
      from (select * from public.test_execution_results where test_id = p_test_id order by executed_at desc limit 50) as r));
end;
$$;
revoke all on function public.get_test(uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_test(uuid) to authenticated;
comment on function public.get_test(uuid) is 'For admins: one regression test with its last fifty runs.';

create or replace function public.list_healing_runs(p_filter jsonb default '{}')
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform healing_private.require_person('read the runs');
  return healing_private.as_page((
    select coalesce(jsonb_agg(to_jsonb(r) order by r.dispatched_at desc, r.id desc), '[]') from (
      select id, function_name, trigger, status, dispatched_at, started_at, finished_at, deadline_at, counters, left(reason, 500) as reason, trace_id
      from public.healing_runs
      where (dispatched_at, id) < (healing_private.page_at(p_filter), healing_private.page_id(p_filter))
        and (p_filter ->> 'status' is null or status = p_filter ->> 'status')
        and (p_filter ->> 'function_name' is null or function_name = p_filter ->> 'function_name')
      order by dispatched_at desc, id desc limit healing_private.page_size(p_filter) + 1) as r), p_filter, 'dispatched_at');
end;
$$;
revoke all on function public.list_healing_runs(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.list_healing_runs(jsonb) to authenticated;
comment on function public.list_healing_runs(jsonb) is
  'For admins: runs of the healing functions, newest first; filters status, function_name; limit, after. Returns {rows, next}.';

-- The schedules are the database owner's; the extension may be missing, so its tables are named only when they are there.
create or replace function healing_private.own_jobs()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_jobs jsonb;
begin
  perform healing_private.require_person('read the schedules');
  if to_regclass('cron.job') is null or to_regclass('cron.job_run_details') is null then
    return null;
  end if;
  execute $query$
    select coalesce(jsonb_agg(jsonb_build_object('name', j.jobname, 'schedule', j.schedule, 'active', j.active, 'last_status', last.status,
      'last_start', last.start_time, 'last_message', left(last.return_message, 300),
      'is_late', coalesce(last.start_time, known.known_since) < clock_timestamp() - 2 * healing_private.schedule_period(j.schedule) - interval '5 minutes')
      order by j.jobname), '[]')
    from cron.job as j left join healing_private.health_jobs as known on known.job_name = j.jobname
    left join lateral (select d.status, d.start_time, d.return_message from cron.job_run_details as d
      where d.jobid = j.jobid and d.start_time is not null order by d.start_time desc limit 1) as last on true
    where j.jobname like 'healing\_%' $query$ into v_jobs;
  return v_jobs;
end;
$$;
revoke all on function healing_private.own_jobs() from public, anon, authenticated;
grant execute on function healing_private.own_jobs() to authenticated;
comment on function healing_private.own_jobs() is 'Our jobs of pg_cron with their last run; null where pg_cron is not installed. Checks that a person asks.';

create or replace function public.get_schedules()
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform healing_private.require_person('read the schedules');
  return jsonb_build_object('jobs', healing_private.own_jobs(),
    'functions', (select coalesce(jsonb_agg(jsonb_build_object('function_name', n.name, 'last', (
        select to_jsonb(r) - array['trace_id', 'net_request_id', 'instance_id'] from public.healing_runs as r
        where r.function_name = n.name order by r.dispatched_at desc limit 1)) order by n.name), '[]')
      from unnest(array['autonomous-healing-engine', 'backend-self-monitor', 'health-check', 'auto-test-runner']) as n (name)),
    'cycles', (select coalesce(jsonb_agg(to_jsonb(c) - array['claim_number', 'checkpoint', 'run_id'] order by c.cycle, c.project_id), '[]')
      from (select * from public.healing_cycles order by cycle, project_id limit 200) as c),
    'breakers', public.get_circuit_breakers());
end;
$$;
revoke all on function public.get_schedules() from public, anon, authenticated, service_role;
grant execute on function public.get_schedules() to authenticated;
comment on function public.get_schedules() is
  'For admins: the schedules and whether they fire, the last run of each function, the cycles of the engine, and the circuit breakers.';

-- What a person had sent stays where it is: the names of its fields say enough.
create or replace function public.list_queued_operations(p_filter jsonb default '{}')
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform healing_private.require_person('read the queue');
  return healing_private.as_page((
    select coalesce(jsonb_agg(to_jsonb(o) order by o.created_at desc, o.id desc), '[]') from (
      select id, operation_kind, target, status, caller_role, detected_error_id, attempt_count, next_attempt_at, left(last_error, 500) as last_error,
        sent_back, created_at, finished_at, pg_column_size(payload) as payload_bytes,
        case jsonb_typeof(payload) when 'object' then (select jsonb_agg(key) from (select jsonb_object_keys(payload) as key limit 20) as keys) end as payload_keys
      from public.queued_operations
      where (created_at, id) < (healing_private.page_at(p_filter), healing_private.page_id(p_filter))
        and (p_filter ->> 'status' is null or status = any (string_to_array(p_filter ->> 'status', ',')))
        and (p_filter ->> 'detected_error_id' is null or detected_error_id = (p_filter ->> 'detected_error_id')::uuid)
      order by created_at desc, id desc limit healing_private.page_size(p_filter) + 1) as o), p_filter, 'created_at');
end;
$$;
revoke all on function public.list_queued_operations(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.list_queued_operations(jsonb) to authenticated;
comment on function public.list_queued_operations(jsonb) is
  'For admins: operations that wait to be made again, newest first, without what they carry; filters status (several with commas), detected_error_id; limit, after. Returns {rows, next}.';

create or replace function public.list_fallback_logs(p_filter jsonb default '{}')
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform healing_private.require_person('read the log');
  return healing_private.as_page((
    select coalesce(jsonb_agg(to_jsonb(l) order by l.logged_at desc, l.id desc), '[]') from (
      select id, level, left(message, 500) as message, logged_at, uploaded_at from public.fallback_log_entries
      where (logged_at, id) < (healing_private.page_at(p_filter), healing_private.page_id(p_filter))
        and (p_filter ->> 'level' is null or level = p_filter ->> 'level')
      order by logged_at desc, id desc limit healing_private.page_size(p_filter) + 1) as l), p_filter, 'logged_at');
end;
$$;
revoke all on function public.list_fallback_logs(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.list_fallback_logs(jsonb) to authenticated;
comment on function public.list_fallback_logs(jsonb) is
  'For admins: log entries that came late, newest first; filter level; limit, after. Returns {rows, next}.';

notify pgrst, 'reload schema';
