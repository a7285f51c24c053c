-- Adds the health of the healing itself: get_healing_health, trigger_proactive_healing, and the schedule of health-check.
-- Locks: none on existing tables.
-- Undo: select cron.unschedule('healing_health'); drop function public.get_healing_health, public.trigger_proactive_healing,
--       healing_private.job_health, healing_private.schedule_period.

create or replace function healing_private.schedule_period(p_schedule text)
returns interval
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when p_schedule ~ '^\*( \*){4}$' then interval '1 minute'
    when p_schedule ~ '^\*/[0-9]{1,2}( \*){4}$' then make_interval(mins => substring(p_schedule from '^\*/([0-9]+)')::integer)
    when p_schedule ~ '^[0-9]{1,2}( \*){4}$' then interval '1 hour'
    when p_schedule ~ '^[0-9]{1,2} [0-9]{1,2}( \*){3}$' then interval '1 day' end;
$$;
revoke all on function healing_private.schedule_period(text) from public, anon, authenticated;
comment on function healing_private.schedule_period(text) is 'How often a job of ours is to run; null for a schedule of another form, which is not judged.';

create or replace function healing_private.job_health()
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_health jsonb;
begin
  if to_regclass('cron.job') is null or to_regclass('cron.job_run_details') is null then
    return jsonb_build_object('installed', false);
  end if;
  execute $query$
    insert into healing_private.health_jobs as known (job_name, schedule)
    select jobname, schedule from cron.job where jobname like 'healing\_%'
    on conflict (job_name) do update set schedule = excluded.schedule, known_since = clock_timestamp() where known.schedule <> excluded.schedule $query$;
  execute $query$
    with job as (
      select j.jobname, j.active, last.status,
        coalesce(last.start_time, known.known_since) < clock_timestamp() - 2 * healing_private.schedule_period(j.schedule) - interval '5 minutes' as is_late
      from cron.job as j join healing_private.health_jobs as known on known.job_name = j.jobname
      left join lateral (select d.status, d.start_time from cron.job_run_details as d
        where d.jobid = j.jobid and d.start_time is not null order by d.start_time desc limit 1) as last on true
    )
    select jsonb_build_object('installed', true, 'jobs', count(*),
      'failing', coalesce(jsonb_agg(jobname order by jobname) filter (where active and status = 'failed'), '[]'::jsonb),
      'silent', coalesce(jsonb_agg(jobname order by jobname) filter (where active and is_late
        and coalesce(current_setting('cron.log_run', true), 'on') <> 'off'), '[]'::jsonb),
      'switched_off', coalesce(jsonb_agg(jobname order by jobname) filter (where not active), '[]'::jsonb),
      'missing', (select coalesce(jsonb_agg(name order by name), '[]'::jsonb)
        from unnest(array['healing_engine', 'healing_health', 'healing_monitor', 'healing_reaper']) as name
        where not exists (select from cron.job where jobname = name)))
    from job $query$ into v_health;
  return v_health;
end;
$$;
revoke all on function healing_private.job_health() from public, anon, authenticated;
comment on function healing_private.job_health() is
  'Our jobs of pg_cron whose last run failed, that are late (two periods and five minutes), switched off, or missing.';

create or replace function public.get_healing_health()
returns jsonb
language sql
security definer
set search_path = ''
as $$
  with age as (
    select
      -- What a switch, a hold or a restraint keeps back is meant to wait.
      (select max(clock_timestamp() - next_attempt_at) from public.queued_operations where status = 'queued' and next_attempt_at <= clock_timestamp()
        and healing_private.may_heal('call') and healing_private.quiet_until('call') is null) as operations,
      (select max(clock_timestamp() - next_attempt_at) from public.detected_errors
        where status = 'open' and source <> 'migration' and next_attempt_at <= clock_timestamp()
        and healing_private.setting('enabled') = 'true') as errors,
      (select max(clock_timestamp() - due_at) from public.notification_deliveries where status = 'pending' and due_at <= clock_timestamp()) as notifications,
      (select max(clock_timestamp() - requested_at) from public.admin_approval_queue where status = 'pending') as approvals
  )
  select jsonb_build_object('jobs', healing_private.job_health(),
    'runs', (select jsonb_build_object('lost', count(*) filter (where status = 'lost'), 'failed', count(*) filter (where status = 'failed'),
        'finished', count(*) filter (where status = 'finished'))
      from public.healing_runs where finished_at > clock_timestamp() - interval '1 hour'),
    'queue_age_s', jsonb_build_object('operations', round(coalesce(extract(epoch from age.operations), 0), 1),
      'errors', round(coalesce(extract(epoch from age.errors), 0), 1), 'notifications', round(coalesce(extract(epoch from age.notifications), 0), 1)),
    'operations_for_a_person', (select count(*) from public.queued_operations where status = 'needs_person'),
    'approvals', jsonb_build_object('waiting', (select count(*) from public.admin_approval_queue where status = 'pending'),
      'oldest_s', round(coalesce(extract(epoch from age.approvals), 0), 1)),
    'late_log_entries', (select count(*) from public.fallback_log_entries where uploaded_at > clock_timestamp() - interval '1 hour'),
    'open_breakers', (select coalesce(jsonb_agg(name order by name), '[]'::jsonb) from (
      select name from public.circuit_breakers where state <> 'closed' or mode = 'forced_open' order by name limit 20) as b),
    'ai_budget', public.get_ai_budget())
  from age;
$$;
revoke all on function public.get_healing_health() from public, anon, authenticated;
grant execute on function public.get_healing_health() to service_role;
comment on function public.get_healing_health() is
  'How the healing itself does: jobs, runs of the last hour, ages of queues, approvals, log entries that came late, open breakers, and the AI budget.';

create or replace function public.trigger_proactive_healing()
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_checks text[];
  v_function text;
  v_runs jsonb := '{}'::jsonb;
begin
  with due as (
    select check_name from healing_private.health_states
    where status in ('degraded', 'unhealthy') and looked_at > clock_timestamp() - interval '10 minutes'
      and (kicked_at is null or kicked_at <= clock_timestamp() - interval '10 minutes')
    order by check_name for update skip locked
  ), kicked as (
    update healing_private.health_states as s set kicked_at = clock_timestamp() from due where s.check_name = due.check_name
    returning s.check_name
  )
  select coalesce(array_agg(check_name order by check_name), '{}'::text[]) into v_checks from kicked;
  -- The engine mends the database and works off queues; what others did not answer stands in what the monitor reads.
  foreach v_function in array array['autonomous-healing-engine', 'backend-self-monitor'] loop
    if exists (select from unnest(v_checks) as name
      where (name in ('database', 'healing')) = (v_function = 'autonomous-healing-engine')) then
      v_runs := v_runs || jsonb_build_object(v_function, public.dispatch_function(v_function, 'health'));
    end if;
  end loop;
  return jsonb_build_object('checks', to_jsonb(v_checks), 'runs', v_runs);
end;
$$;
revoke all on function public.trigger_proactive_healing() from public, anon, authenticated;
grant execute on function public.trigger_proactive_healing() to service_role;
comment on function public.trigger_proactive_healing() is
  'Calls the engine or the monitor for checks that are not well, each check at most once in ten minutes. Returns {checks, runs}.';

do $$
begin
  if to_regclass('cron.job') is not null then
    perform cron.schedule('healing_health', '*/2 * * * *', 'select public.dispatch_function(''health-check'')');
  end if;
end;
$$;

notify pgrst, 'reload schema';
