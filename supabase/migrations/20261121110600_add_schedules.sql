-- Adds partitions by day, retention, and the schedules of pg_cron.
-- Locks: attaching a partition takes SHARE UPDATE EXCLUSIVE on healing_events and a short lock on the default
--        partition, both under lock_timeout.
-- Undo: select cron.unschedule(jobname) from cron.job where jobname like 'healing\_%'; drop function
--       healing_private.ensure_event_partition, healing_private.ensure_event_partitions, healing_private.drop_old_partitions,
--       public.purge_healing_history.

create or replace function healing_private.ensure_event_partition(p_day date)
returns boolean
language plpgsql
security definer
set search_path = ''
set lock_timeout = '500ms'
as $$
declare
  v_name text := 'healing_events_' || to_char(p_day, 'YYYYMMDD');
begin
  if to_regclass('healing_private.' || v_name) is not null then
    return true;
  end if;
  -- Made apart, then attached: captures only ever wait for the attaching, and that only for half a second.
  execute format('create table healing_private.%I (like public.healing_events including defaults including constraints)', v_name);
  execute format('alter table healing_private.%I enable row level security', v_name);
  execute format('create policy nobody_directly on healing_private.%I for all to service_role using (false) with check (false)', v_name);
  execute format('comment on table healing_private.%I is %L', v_name, 'Events of one day.');
  execute format('alter table public.healing_events attach partition healing_private.%I for values from (%L) to (%L)',
    v_name, p_day::timestamp at time zone 'UTC', (p_day + 1)::timestamp at time zone 'UTC');
  return true;
exception when lock_not_available or check_violation then
  -- Busy, or the default partition already holds rows of that day: the default goes on taking them.
  raise warning 'no partition for %: % (%)', p_day, sqlerrm, sqlstate;
  return false;
end;
$$;
revoke all on function healing_private.ensure_event_partition(date) from public, anon, authenticated, service_role;
comment on function healing_private.ensure_event_partition(date) is 'Makes and attaches the partition of one day (UTC); false, with a warning, when it has to wait.';

create or replace function healing_private.drop_old_partitions(p_keep_days integer)
returns integer
language plpgsql
security definer
set search_path = ''
set lock_timeout = '500ms'
as $$
declare
  v_name text;
  v_dropped integer := 0;
begin
  for v_name in
    select c.relname from pg_catalog.pg_inherits as i join pg_catalog.pg_class as c on c.oid = i.inhrelid
    where i.inhparent = 'public.healing_events'::regclass and c.relname ~ '^healing_events_[0-9]{8}$'
      and to_date(right(c.relname, 8), 'YYYYMMDD') < (now() at time zone 'UTC')::date - p_keep_days loop
    begin
      execute format('drop table healing_private.%I', v_name);
      v_dropped := v_dropped + 1;
    exception when lock_not_available then
      raise warning 'partition % is busy and stays until the next night', v_name;
    end;
  end loop;
  return v_dropped;
end;
$$;
revoke all on function healing_private.drop_old_partitions(integer) from public, anon, authenticated, service_role;
comment on function healing_private.drop_old_partitions(integer) is 'Drops whole days of events older than the given number of days. Returns how many.';

create or replace function public.purge_healing_history()
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_days integer := (healing_private.setting('retention_days') #>> '{}')::integer;
  v_before timestamptz := now() - make_interval(days => v_days);
  v_counts jsonb := '{}'::jsonb;
  v_count bigint;
  v_table text;
begin
  perform healing_private.ensure_event_partition((now() at time zone 'UTC')::date + day) from generate_series(0, 3) as day;
  v_counts := jsonb_build_object('partitions', healing_private.drop_old_partitions(v_days));
  foreach v_table in array array[
    'healing_private.healing_events_default where created_at < $1', 'public.healing_runs where finished_at < $1',
    'public.notifications where read_at < $1', 'public.write_ledger where created_at < $1',
    'public.fallback_log_entries where uploaded_at < $1', 'public.schema_versions where changed_at < $1',
    'public.queued_operations where finished_at < $1', 'healing_private.pattern_evidence where recorded_at < $1',
    'public.test_execution_results where executed_at < $1', 'public.system_health_checks where created_at < $1'] loop
    execute 'delete from ' || v_table using v_before;
    get diagnostics v_count = row_count;
    v_counts := v_counts || jsonb_build_object(split_part(v_table, ' ', 1), v_count);
  end loop;
  if to_regclass('cron.job_run_details') is not null then
    execute 'delete from cron.job_run_details where end_time < $1' using now() - interval '7 days';
  end if;
  return v_counts;
end;
$$;
revoke all on function public.purge_healing_history() from public, anon, authenticated;
grant execute on function public.purge_healing_history() to service_role;
comment on function public.purge_healing_history() is
  'The nightly job: makes the partitions of the coming days, drops old ones, and deletes ended rows past retention_days. Returns counts.';

select healing_private.ensure_event_partition((now() at time zone 'UTC')::date + day) from generate_series(0, 3) as day;

do $$
declare
  v_job record;
begin
  if to_regclass('cron.job') is null then
    begin
      create extension if not exists pg_cron with schema pg_catalog;
    exception
      when insufficient_privilege or feature_not_supported or undefined_file or object_not_in_prerequisite_state
        or invalid_schema_name or raise_exception then
        raise notice 'pg_cron is not to be had here (%): call the jobs below from outside', sqlerrm;
        return;
    end;
  end if;
  for v_job in
    select * from (values
      ('healing_engine', '*/5 * * * *', 'select public.dispatch_function(''autonomous-healing-engine'')'),
      ('healing_reaper', '* * * * *', 'select public.reap_lost_runs(), public.expire_approvals()'),
      ('healing_retention', '17 3 * * *', 'select public.purge_healing_history()')
    ) as job (name, schedule, command) loop
    perform cron.schedule(v_job.name, v_job.schedule, v_job.command);
  end loop;
end;
$$;

notify pgrst, 'reload schema';
