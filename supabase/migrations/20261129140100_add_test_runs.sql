-- Adds the runs of regression tests: claim_tests, finish_tests, save_file_tests, get_fix_tests, go_on_with_tests, the setting
-- test_retire_days, and the schedule of auto-test-runner.
-- Locks: none on existing tables.
-- Undo: select cron.unschedule('healing_tests'); drop function public.claim_tests, public.finish_tests, public.save_file_tests,
--       public.get_fix_tests, public.go_on_with_tests, healing_private.finish_test, healing_private.judge_test,
--       healing_private.concerns_fix, healing_private.probability_above;
--       delete from public.healing_settings where key = 'test_retire_days'.

insert into public.healing_settings (key, wanted, actual, description)
values ('test_retire_days', '90'::jsonb, '90'::jsonb,
  'Days after which a regression test that has passed a hundred times in a row, and whose failure has not come again, is retired.')
on conflict (key) do nothing;

-- P(rate > x) for the posterior Beta(hits + 1, misses + 9): with whole numbers it is the tail of a binomial distribution, summed from
-- its first term. The prior expects one run in ten to be off, so that one bad run says little.
create or replace function healing_private.probability_above(p_rate double precision, p_hits integer, p_misses integer)
returns double precision
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_trials integer := p_hits + p_misses + 9;
  v_log_term double precision := v_trials * ln(1 - p_rate);
  v_sum double precision := 0;
begin
  for j in 0..p_hits loop
    v_sum := v_sum + case when v_log_term > -700 then exp(v_log_term) else 0 end;
    v_log_term := v_log_term + ln((v_trials - j)::double precision / (j + 1)) + ln(p_rate / (1 - p_rate));
  end loop;
  return least(v_sum, 1);
end;
$$;
revoke all on function healing_private.probability_above(double precision, integer, integer) from public, anon, authenticated;
comment on function healing_private.probability_above(double precision, integer, integer) is
  'Probability that a rate is above a bound after so many hits and misses, with a prior that expects one hit in ten.';

create or replace function healing_private.concerns_fix(p_test public.auto_generated_tests, p_fix public.auto_fixes, p_error public.detected_errors)
returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
  select coalesce(p_test.fingerprint = p_error.fingerprint, false)
    or coalesce(p_test.error_type = p_error.error_type and p_error.source <> 'self_audit', false)
    or coalesce(p_test.target_function = p_error.function_name, false)
    or coalesce(p_test.table_name in (p_fix.target, p_fix.action ->> 'table'), false)
    or coalesce(p_test.files && array(select jsonb_array_elements_text(
      case jsonb_typeof(p_fix.action -> 'files') when 'array' then p_fix.action -> 'files' else '[]'::jsonb end)), false);
$$;
revoke all on function healing_private.concerns_fix(public.auto_generated_tests, public.auto_fixes, public.detected_errors) from public, anon, authenticated;
comment on function healing_private.concerns_fix(public.auto_generated_tests, public.auto_fixes, public.detected_errors) is
  'Whether a test concerns a fix: the same fingerprint or kind of error, function, table or file.';

create or replace function public.claim_tests(
  p_worker text, p_limit integer default 25, p_lease_seconds integer default 120, p_fix_id uuid default null, p_test_ids jsonb default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_fix public.auto_fixes;
  v_error public.detected_errors;
  v_claimed jsonb;
begin
  if p_fix_id is not null then
    select * into v_fix from public.auto_fixes where id = p_fix_id;
    select * into v_error from public.detected_errors where id = v_fix.detected_error_id;
  end if;
  with due as (
    select t.id from public.auto_generated_tests as t
    where t.status <> 'retired' and t.target_function is not null and (t.lease_expires_at is null or t.lease_expires_at < clock_timestamp())
      and case
        -- Once for each fix: a run that goes on takes what is left.
        when p_fix_id is not null then v_fix.id is not null and healing_private.concerns_fix(t, v_fix, v_error)
          and not exists (select from public.test_execution_results as r where r.test_id = t.id and r.auto_fix_id = p_fix_id)
        when p_test_ids is not null then t.id in (select value::uuid from jsonb_array_elements_text(p_test_ids))
        else t.next_run_at <= clock_timestamp() end
    order by t.next_run_at, t.id limit least(greatest(p_limit, 1), 200) for update of t skip locked
  ), claimed as (
    update public.auto_generated_tests as t
    set claimed_by = left(p_worker, 200), claim_number = nextval('healing_private.fencing_numbers'),
      lease_expires_at = clock_timestamp() + make_interval(secs => least(greatest(p_lease_seconds, 1), 900))
    from due where t.id = due.id returning t.*)
  select coalesce(jsonb_agg(to_jsonb(c) - 'test_code' order by c.next_run_at, c.id), '[]'::jsonb) into v_claimed from claimed as c;
  return v_claimed;
end;
$$;
revoke all on function public.claim_tests(text, integer, integer, uuid, jsonb) from public, anon, authenticated;
grant execute on function public.claim_tests(text, integer, integer, uuid, jsonb) to service_role;
comment on function public.claim_tests(text, integer, integer, uuid, jsonb) is
  'Leases tests to one worker, each with a fencing number: those that concern a fix and have not run for it, the named ones, or those that are due.';

-- What a run changes of the test's standing: {status, reason}, or null when it stays as it is.
create or replace function healing_private.judge_test(p_test public.auto_generated_tests)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_flaky double precision := healing_private.probability_above(0.1, p_test.flaky_count, p_test.run_count - p_test.flaky_count);
  v_days integer := (healing_private.setting('test_retire_days') #>> '{}')::integer;
begin
  if p_test.status = 'active' and v_flaky >= 0.95 then
    return jsonb_build_object('status', 'quarantined', 'reason', format(
      'flaky in %s of %s runs: more than one in ten with probability %s, threshold 0.95', p_test.flaky_count, p_test.run_count, round(v_flaky::numeric, 3)));
  elsif p_test.status = 'quarantined' and v_flaky <= 0.5 then
    return jsonb_build_object('status', 'active', 'reason', format(
      'steady again: flaky in %s of %s runs, more than one in ten with probability %s, threshold 0.5', p_test.flaky_count, p_test.run_count, round(v_flaky::numeric, 3)));
  elsif p_test.status = 'active' and p_test.passes_in_row >= 100 and p_test.created_at < now() - make_interval(days => v_days)
    and not exists (select from public.generation_failures as f where f.error_type = p_test.error_type
      and f.framework is not distinct from p_test.framework and f.created_at > now() - make_interval(days => v_days)) then
    return jsonb_build_object('status', 'retired', 'reason', format('passed %s times in a row, and its failure has not come for %s days', p_test.passes_in_row, v_days));
  end if;
  return null;
end;
$$;
revoke all on function healing_private.judge_test(public.auto_generated_tests) from public, anon, authenticated;
comment on function healing_private.judge_test(public.auto_generated_tests) is
  'Whether a test is to be quarantined as flaky, taken out of quarantine, or retired: {status, reason}, or null.';

create or replace function healing_private.finish_test(p_result jsonb)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_test public.auto_generated_tests;
  v_status text := p_result ->> 'status';
  v_reason text := left(p_result #>> '{reasons,0,reason}', 1000);
  v_judged jsonb;
begin
  select * into v_test from public.auto_generated_tests where id = (p_result ->> 'test_id')::uuid for update;
  -- A late worker says nothing about the run that took its place.
  if v_test.claim_number is distinct from (p_result ->> 'claim_number')::bigint or v_test.lease_expires_at is null then
    return false;
  end if;
  insert into public.test_execution_results (test_id, run_id, auto_fix_id, status, counts, attempts, reasons, http_status, response_excerpt, duration_ms)
  values (v_test.id, (p_result ->> 'run_id')::uuid, (p_result ->> 'fix_id')::uuid, v_status, v_test.status = 'active',
    coalesce((p_result ->> 'attempts')::integer, 1), coalesce(p_result -> 'reasons', '[]'::jsonb), (p_result ->> 'http_status')::integer,
    left(p_result ->> 'response_excerpt', 2000), (p_result ->> 'duration_ms')::double precision);
  update public.auto_generated_tests as t
  set lease_expires_at = null, claimed_by = null, last_status = v_status, last_reason = v_reason, last_run_at = clock_timestamp(),
    -- A test that is itself wrong has shown nothing, so its run does not count.
    run_count = run_count + (v_status <> 'error')::integer, pass_count = pass_count + (v_status in ('passed', 'flaky'))::integer,
    fail_count = fail_count + (v_status = 'failed')::integer, error_count = error_count + (v_status = 'error')::integer,
    flaky_count = flaky_count + (v_status = 'flaky')::integer,
    passes_in_row = case v_status when 'passed' then passes_in_row + 1 else 0 end,
    last_failed_at = case v_status when 'failed' then clock_timestamp() else last_failed_at end,
    -- What has passed all day is asked once a day.
    next_run_at = clock_timestamp() + case when v_status = 'passed' and passes_in_row >= 23 then interval '1 day' else interval '1 hour' end
  where t.id = v_test.id returning * into v_test;
  if v_status in ('failed', 'error') then
    perform healing_private.notify(case v_status when 'failed' then 'medium' else 'low' end,
      format(case v_status when 'failed' then 'The regression test %s fails' else 'The test %s is itself wrong' end, v_test.test_name),
      coalesce(v_reason, 'no reason was given'), format('test:%s:%s', v_test.id, v_status));
  end if;
  v_judged := healing_private.judge_test(v_test);
  if v_judged is not null then
    update public.auto_generated_tests set status = v_judged ->> 'status', status_reason = v_judged ->> 'reason' where id = v_test.id;
    perform healing_private.notify('low', format('The test %s is %s now', v_test.test_name, v_judged ->> 'status'), v_judged ->> 'reason',
      format('test:%s:%s', v_test.id, v_judged ->> 'status'));
  end if;
  return true;
end;
$$;
revoke all on function healing_private.finish_test(jsonb) from public, anon, authenticated;
comment on function healing_private.finish_test(jsonb) is 'Stores one result and what follows from it; false when the claim has gone to another.';

create or replace function public.finish_tests(p_results jsonb)
returns integer
language sql
security definer
set search_path = ''
as $$
  -- In the order of their ids, so that two runners cannot wait for each other.
  select count(*) filter (where finished)::integer
  from (select healing_private.finish_test(r) as finished from (
    select r from jsonb_array_elements(p_results) as r order by r ->> 'test_id') as ordered) as ended;
$$;
revoke all on function public.finish_tests(jsonb) from public, anon, authenticated;
grant execute on function public.finish_tests(jsonb) to service_role;
comment on function public.finish_tests(jsonb) is
  'Ends claimed tests with a list of {test_id, claim_number, status, reasons, run_id?, fix_id?, attempts?, http_status?, response_excerpt?, duration_ms?}. Returns how many claims still held.';

create or replace function public.save_file_tests(p_project_id text, p_tests jsonb)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_saved integer;
begin
  insert into public.auto_generated_tests (test_name, test_type, framework, project_id, test_prompt, files, test_file, test_code, expected_behavior)
  select left(t ->> 'test_name', 200), t ->> 'test_type', left(t ->> 'framework', 100), coalesce(p_project_id, ''),
    left(coalesce(t ->> 'test_prompt', ''), 8000), array(select jsonb_array_elements_text(t -> 'files')), t ->> 'test_file', t ->> 'test_code', '{}'::jsonb
  from jsonb_array_elements(p_tests) as t
  on conflict (project_id, test_file, test_name) where test_type <> 'regression' and status <> 'retired'
  do update set test_code = excluded.test_code, files = excluded.files, test_type = excluded.test_type, test_prompt = excluded.test_prompt;
  get diagnostics v_saved = row_count;
  return v_saved;
end;
$$;
revoke all on function public.save_file_tests(text, jsonb) from public, anon, authenticated;
grant execute on function public.save_file_tests(text, jsonb) to service_role;
comment on function public.save_file_tests(text, jsonb) is
  'Keeps tests of a project''s files, {test_name, test_type, test_prompt, files, test_file, test_code, framework?} each; one of the same name and file is replaced. Returns how many.';

create or replace function public.get_fix_tests(p_fix_id uuid)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  with fix as (
    select f, e from public.auto_fixes as f join public.detected_errors as e on e.id = f.detected_error_id where f.id = p_fix_id
  ), results as (
    select r.*, t.test_name, coalesce((select before.status in ('passed', 'flaky') from public.test_execution_results as before
      where before.test_id = r.test_id and before.status <> 'error' and before.executed_at < (fix.f).applied_at
      order by before.executed_at desc limit 1), false) as passed_before
    from public.test_execution_results as r join public.auto_generated_tests as t on t.id = r.test_id cross join fix
    where r.auto_fix_id = p_fix_id and r.counts and r.status <> 'error'
  )
  select jsonb_build_object(
    'waiting', (select count(*) from fix join public.auto_generated_tests as t on t.status = 'active' and t.target_function is not null
      where healing_private.concerns_fix(t, fix.f, fix.e)
        and not exists (select from public.test_execution_results as r where r.test_id = t.id and r.auto_fix_id = p_fix_id)),
    'run', (select count(*) from results),
    'failed', (select coalesce(jsonb_agg(jsonb_build_object('name', test_name, 'reason', coalesce(reasons #>> '{0,reason}', status),
      'failedBefore', not passed_before) order by test_name), '[]'::jsonb) from results where status = 'failed'));
$$;
revoke all on function public.get_fix_tests(uuid) from public, anon, authenticated;
grant execute on function public.get_fix_tests(uuid) to service_role;
comment on function public.get_fix_tests(uuid) is
  'The tests that concern a fix: how many have yet to run for it, how many did, and which failed, with whether that is new: {waiting, run, failed: [{name, reason, failedBefore}]}.';

create or replace function public.go_on_with_tests(p_fix_id uuid default null)
returns uuid
language sql
security definer
set search_path = ''
as $$
  select public.dispatch_function('auto-test-runner', case when p_fix_id is null then 'goes on' else 'fix' end,
    case when p_fix_id is null then '{}'::jsonb else jsonb_build_object('fix_id', p_fix_id) end);
$$;
revoke all on function public.go_on_with_tests(uuid) from public, anon, authenticated;
grant execute on function public.go_on_with_tests(uuid) to service_role;
comment on function public.go_on_with_tests(uuid) is 'Calls the test runner at once: for what is due, or for the tests that concern a fix. Returns the run''s id.';

do $$
begin
  if to_regclass('cron.job') is not null then
    perform cron.schedule('healing_tests', '7 * * * *', 'select public.dispatch_function(''auto-test-runner'')');
  end if;
end;
$$;

notify pgrst, 'reload schema';
