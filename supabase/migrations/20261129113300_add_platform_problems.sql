-- Adds what the platform tells of failures: healing_private.platform_problems with harvest_platform_problems,
-- claim_platform_problems and capture_platform_problems, what the attempts of the backend monitor ask and tell (make_error_due,
-- get_changes_around, report_failed_attempts), the call of the backend monitor on critical errors, and its schedule.
-- Locks: SHARE ROW EXCLUSIVE on detected_errors while its trigger is made, SHARE on healing_runs while its index is built.
-- Undo: select cron.unschedule('healing_monitor'); drop trigger z_call_monitor_on_critical on public.detected_errors; drop function
--       healing_private.call_monitor, public.harvest_platform_problems, public.claim_platform_problems, public.capture_platform_problems,
--       public.make_error_due, public.get_changes_around, public.report_failed_attempts,
--       healing_private.harvest_runs, healing_private.harvest_answers, healing_private.harvest_jobs, healing_private.note_harvest,
--       healing_private.tell_problem; drop table healing_private.platform_problems, healing_private.platform_watermarks;
--       drop index public.healing_runs_ended_badly_idx.

create table if not exists healing_private.platform_watermarks (
  source text primary key,
  seen_until timestamptz not null,
  constraint platform_watermarks_source_is_known check (source in ('run', 'answer', 'job'))
);
create table if not exists healing_private.platform_problems (
  source text not null,
  source_key text not null,
  happened_at timestamptz not null,
  function_name text,
  claimed_until timestamptz,
  claim_number bigint,
  captured_at timestamptz,
  detected_error_id uuid,
  primary key (source, source_key)
);
create index if not exists platform_problems_uncaptured_idx on healing_private.platform_problems (happened_at) where captured_at is null;
create index if not exists platform_problems_happened_at_idx on healing_private.platform_problems (happened_at);
alter table healing_private.platform_watermarks enable row level security;
alter table healing_private.platform_problems enable row level security;
revoke all on healing_private.platform_watermarks, healing_private.platform_problems from public, anon, authenticated, service_role;
drop policy if exists nobody_directly on healing_private.platform_watermarks;
create policy nobody_directly on healing_private.platform_watermarks for select to service_role using (false);
drop policy if exists nobody_directly on healing_private.platform_problems;
create policy nobody_directly on healing_private.platform_problems for select to service_role using (false);
comment on table healing_private.platform_watermarks is 'Up to when each source of the platform has been read.';
comment on table healing_private.platform_problems is
  'Failures that the platform told of, each once: where to read them again, and which error they became. Their texts stay where they are.';
create index if not exists healing_runs_ended_badly_idx on public.healing_runs (finished_at) where status in ('failed', 'lost');
insert into healing_private.platform_watermarks (source, seen_until)
select source, now() from unnest(array['run', 'answer', 'job']) as source on conflict (source) do nothing;

-- Rows become visible at the commit of their writer and bear the time of its beginning, so each reading looks ten minutes
-- back; the primary key keeps what was seen already from being taken twice. One reader at a time: the others find nothing new.
create or replace function healing_private.note_harvest(p_source text)
returns timestamptz
language sql
security definer
set search_path = ''
as $$
  with before as (
    select seen_until from healing_private.platform_watermarks where source = p_source for update
  ), moved as (
    update healing_private.platform_watermarks set seen_until = greatest(seen_until, clock_timestamp()) where source = p_source
  )
  select seen_until - interval '10 minutes' from before;
$$;
revoke all on function healing_private.note_harvest(text) from public, anon, authenticated;
comment on function healing_private.note_harvest(text) is 'Moves a watermark to now and returns from when on its source is to be read; holds it until the end of the transaction.';

create or replace function healing_private.harvest_runs()
returns bigint
language sql
security definer
set search_path = ''
as $$
  with taken as (
    insert into healing_private.platform_problems (source, source_key, happened_at, function_name)
    select 'run', id::text, finished_at, function_name from public.healing_runs
    where status in ('failed', 'lost') and finished_at > (select healing_private.note_harvest('run'))
    on conflict do nothing returning 1)
  select count(*) from taken;
$$;
revoke all on function healing_private.harvest_runs() from public, anon, authenticated;
comment on function healing_private.harvest_runs() is 'Takes note of runs that failed or were lost. Returns how many are new.';

create or replace function healing_private.harvest_answers()
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_taken bigint := 0;
  v_since timestamptz := healing_private.note_harvest('answer');
begin
  if to_regclass('net._http_response') is null then
    return 0;
  end if;
  -- A run that failed tells of itself; its answer would be the same failure again. One that was never sent has no answer.
  execute $query$
    with taken as (
      insert into healing_private.platform_problems (source, source_key, happened_at, function_name)
      select distinct on (a.id, a.created) 'answer', a.id || '@' || extract(epoch from a.created), a.created, r.function_name
      from net._http_response as a left join public.healing_runs as r on r.net_request_id = a.id
      where a.created > $1 and (a.timed_out or a.error_msg is not null or a.status_code >= 400)
        and (r.id is null or r.status not in ('failed', 'lost'))
      on conflict do nothing returning 1)
    select count(*) from taken $query$ into v_taken using v_since;
  return v_taken;
end;
$$;
revoke all on function healing_private.harvest_answers() from public, anon, authenticated;
comment on function healing_private.harvest_answers() is
  'Takes note of requests of pg_net that failed, before they are purged after six hours. Returns how many are new.';

create or replace function healing_private.harvest_jobs()
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_taken bigint := 0;
  v_since timestamptz := healing_private.note_harvest('job');
begin
  if to_regclass('cron.job_run_details') is null then
    return 0;
  end if;
  execute $query$
    with taken as (
      insert into healing_private.platform_problems (source, source_key, happened_at)
      select 'job', runid::text, coalesce(end_time, start_time) from cron.job_run_details
      where status = 'failed' and coalesce(end_time, start_time) > $1 and database = current_database()
      on conflict do nothing returning 1)
    select count(*) from taken $query$ into v_taken using v_since;
  return v_taken;
end;
$$;
revoke all on function healing_private.harvest_jobs() from public, anon, authenticated;
comment on function healing_private.harvest_jobs() is 'Takes note of jobs of pg_cron that failed. Returns how many are new.';

create or replace function public.harvest_platform_problems()
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_counts jsonb;
begin
  v_counts := jsonb_build_object('runs', healing_private.harvest_runs(), 'answers', healing_private.harvest_answers(),
    'jobs', healing_private.harvest_jobs());
  delete from healing_private.platform_problems where captured_at is not null and happened_at < clock_timestamp() - interval '7 days';
  return v_counts;
end;
$$;
revoke all on function public.harvest_platform_problems() from public, anon, authenticated;
grant execute on function public.harvest_platform_problems() to service_role;
comment on function public.harvest_platform_problems() is
  'Takes note of what the platform tells: runs, requests and jobs that failed, each once with any number of callers. Returns how many are new.';

-- Read from its source each time: a text that may hold anything is not copied before it has been sanitised.
create or replace function healing_private.tell_problem(p_problem healing_private.platform_problems)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_told jsonb;
begin
  if p_problem.source = 'run' then
    select jsonb_build_object('message', reason, 'status', status) into v_told from public.healing_runs where id = p_problem.source_key::uuid;
  elsif p_problem.source = 'answer' and to_regclass('net._http_response') is not null then
    execute $query$
      select jsonb_build_object('http_status', status_code, 'message', case when timed_out then 'the request timed out'
        else coalesce(error_msg, format('the request was answered %s: %s', status_code, left(content, 2000))) end)
      from net._http_response where id = split_part($1, '@', 1)::bigint
        and extract(epoch from created) = split_part($1, '@', 2)::numeric limit 1 $query$ into v_told using p_problem.source_key;
  elsif p_problem.source = 'job' and to_regclass('cron.job_run_details') is not null then
    execute $query$
      select jsonb_build_object('message', format('the job %s failed: %s', coalesce(j.jobname, d.jobid::text), left(d.return_message, 2000)))
      from cron.job_run_details as d left join cron.job as j on j.jobid = d.jobid where d.runid = $1::bigint $query$
      into v_told using p_problem.source_key;
  end if;
  return coalesce(v_told, jsonb_build_object('message', format('a failed %s, whose record is gone', p_problem.source)));
end;
$$;
revoke all on function healing_private.tell_problem(healing_private.platform_problems) from public, anon, authenticated, service_role;
comment on function healing_private.tell_problem(healing_private.platform_problems) is 'What the platform recorded of a problem: {message, http_status?}; not sanitised.';

create or replace function public.claim_platform_problems(p_limit integer default 100, p_lease_seconds integer default 60)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  with due as (
    select source, source_key from healing_private.platform_problems
    where captured_at is null and (claimed_until is null or claimed_until < clock_timestamp())
    order by happened_at limit least(greatest(p_limit, 1), 500) for update skip locked
  ), claimed as (
    update healing_private.platform_problems as p
    set claim_number = nextval('healing_private.fencing_numbers'),
      claimed_until = clock_timestamp() + make_interval(secs => least(greatest(p_lease_seconds, 1), 900))
    from due where p.source = due.source and p.source_key = due.source_key returning p)
  select coalesce(jsonb_agg(jsonb_build_object('source', (c.p).source, 'source_key', (c.p).source_key, 'claim_number', (c.p).claim_number,
    'function_name', (c.p).function_name, 'age_ms', extract(epoch from clock_timestamp() - (c.p).happened_at) * 1000)
    || healing_private.tell_problem(c.p)), '[]')
  from claimed as c;
$$;
revoke all on function public.claim_platform_problems(integer, integer) from public, anon, authenticated;
grant execute on function public.claim_platform_problems(integer, integer) to service_role;
comment on function public.claim_platform_problems(integer, integer) is
  'Leases problems that have not become errors yet, each with a fencing number and what the platform recorded of it.';

create or replace function public.capture_platform_problems(p_claims jsonb, p_errors jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_errors jsonb;
  v_captured jsonb;
begin
  if jsonb_typeof(p_claims) is distinct from 'array' or jsonb_typeof(p_errors) is distinct from 'array'
    or jsonb_array_length(p_claims) <> jsonb_array_length(p_errors) then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'capture_platform_problems takes one error for each claim',
      hint = 'p_claims and p_errors are lists in the same order';
  end if;
  -- Ended and captured in one transaction: a claim that has gone to another captures nothing.
  with wanted as (
    select c, e, place from jsonb_array_elements(p_claims) with ordinality as list (c, place)
    join jsonb_array_elements(p_errors) with ordinality as errors (e, at) on at = place
  ), ended as (
    update healing_private.platform_problems as p set captured_at = clock_timestamp(), claimed_until = null
    from wanted as w
    where p.source = w.c ->> 'source' and p.source_key = w.c ->> 'source_key' and p.claim_number = (w.c ->> 'claim_number')::bigint
      and p.captured_at is null
    returning w.e, w.place)
  select coalesce(jsonb_agg(e order by place), '[]') into v_errors from ended;
  v_captured := public.capture_errors(v_errors);
  return v_captured;
end;
$$;
revoke all on function public.capture_platform_problems(jsonb, jsonb) from public, anon, authenticated;
grant execute on function public.capture_platform_problems(jsonb, jsonb) to service_role;
comment on function public.capture_platform_problems(jsonb, jsonb) is
  'Turns claimed problems into captured errors, each exactly once: what capture_errors answers.';

-- A failed attempt pauses an error; whoever makes the next attempt in the same breath does not wait for that.
create or replace function public.make_error_due(p_error_id uuid)
returns boolean
language sql
security definer
set search_path = ''
as $$
  with made as (
    update public.detected_errors set next_attempt_at = clock_timestamp()
    where id = p_error_id and status = 'open' and next_attempt_at > clock_timestamp() returning 1)
  select exists (select from made);
$$;
revoke all on function public.make_error_due(uuid) from public, anon, authenticated;
grant execute on function public.make_error_due(uuid) to service_role;
comment on function public.make_error_due(uuid) is 'Lets an open error be claimed now; its attempts stay counted. Returns whether it had to wait.';

create or replace function public.get_changes_around(p_error_id uuid)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  with own as (
    select * from public.detected_errors where id = p_error_id
  ), changes as (
    select f.*, e.function_name as healed_function from public.auto_fixes as f join public.detected_errors as e on e.id = f.detected_error_id
    join own on own.project_id = e.project_id and own.id <> e.id
    where e.source <> 'self_audit' and f.action_group in ('database', 'runtime', 'code', 'deployment')
      -- Unlike clock_timestamp(), which may change from row to row, this lets the index find them.
      and f.applied_at > statement_timestamp() - interval '1 day' and f.status in ('validating', 'kept')
  )
  select jsonb_build_object(
    'mended_since', (select jsonb_build_object('fix_id', c.id, 'what', c.what_will_happen) from changes as c, own
      where c.applied_at > own.last_seen_at order by c.applied_at desc limit 1),
    -- New in a function within the hour after a fix for that function, while the fix is still being watched.
    'suspect', (select jsonb_build_object('fix_id', c.id, 'what', c.what_will_happen) from changes as c, own
      where c.status = 'validating' and c.healed_function = own.function_name
        and own.first_seen_at between c.applied_at and c.applied_at + interval '1 hour'
      order by c.applied_at desc limit 1));
$$;
revoke all on function public.get_changes_around(uuid) from public, anon, authenticated;
grant execute on function public.get_changes_around(uuid) to service_role;
comment on function public.get_changes_around(uuid) is
  'What changed about the time of an error: the fix applied since it was last seen, and the watched fix of the same function after which it first came. {mended_since, suspect}.';

create or replace function public.report_failed_attempts(p_error_id uuid, p_attempts jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_error public.detected_errors;
  v_reasons text;
begin
  select * into v_error from public.detected_errors where id = p_error_id;
  if not found then
    return;
  end if;
  select string_agg(format('%s: %s', a ->> 'attempt', a ->> 'reason'), '; ' order by place) into v_reasons
  from jsonb_array_elements(p_attempts) with ordinality as list (a, place);
  perform healing_private.ask_about_error(v_error, v_reasons);
  insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id, fingerprint,
    detected_error_id, details)
  values ('attempts_failed', v_error.category, v_error.severity, 'failure', left(v_reasons, 1000), v_error.function_name, v_error.project_id,
    v_error.fingerprint, v_error.id, jsonb_build_object('attempts', p_attempts));
end;
$$;
revoke all on function public.report_failed_attempts(uuid, jsonb) from public, anon, authenticated;
grant execute on function public.report_failed_attempts(uuid, jsonb) to service_role;
comment on function public.report_failed_attempts(uuid, jsonb) is 'Tells people that every attempt on an error has failed, and why each.';

create or replace function healing_private.call_monitor()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  begin
    perform healing_private.kick_function('backend-self-monitor', 'critical');
  exception when others then
    -- The schedule is the safety net: trouble with the call must not lose the capture.
    raise warning 'the backend monitor could not be called: % (%)', sqlerrm, sqlstate;
  end;
  return null;
end;
$$;
revoke all on function healing_private.call_monitor() from public, anon, authenticated;
comment on function healing_private.call_monitor() is 'Calls the backend monitor, at most once in ten seconds; its failure changes nothing.';
create or replace trigger z_call_monitor_on_critical after insert on public.detected_errors
  for each row when (new.severity = 'critical' and new.status = 'open' and new.source <> 'migration')
  execute function healing_private.call_monitor();

do $$
begin
  if to_regclass('cron.job') is not null then
    perform cron.schedule('healing_monitor', '*/2 * * * *', 'select public.dispatch_function(''backend-self-monitor'')');
  end if;
end;
$$;
