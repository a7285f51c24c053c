-- Adds the tests that failures make (auto_generated_tests, test_execution_results) and the trigger
-- auto_generate_test_from_failure on generation_failures, with make_missing_tests for what it could not do.
-- Locks: SHARE ROW EXCLUSIVE on generation_failures while its trigger is made.
-- Undo: drop trigger auto_generate_test_from_failure on public.generation_failures; drop function
--       healing_private.auto_generate_test_from_failure, healing_private.make_test, healing_private.has_test, public.make_missing_tests;
--       drop table public.test_execution_results, public.auto_generated_tests.

create table if not exists public.auto_generated_tests (
  id uuid primary key default gen_random_uuid(),
  test_name text not null,
  test_type text not null default 'regression',
  status text not null default 'active',
  status_reason text,
  error_type text,
  framework text,
  project_id text not null default '',
  test_prompt text not null,
  target_function text,
  request jsonb,
  expected_behavior jsonb not null default '{"shouldNotFail": true}',
  fingerprint text,
  table_name text,
  files text[] not null default '{}',
  test_file text,
  test_code text,
  created_from_failure_id uuid references public.generation_failures (id) on delete set null,
  confidence_score numeric not null default 75,
  run_count integer not null default 0,
  pass_count integer not null default 0,
  fail_count integer not null default 0,
  error_count integer not null default 0,
  flaky_count integer not null default 0,
  passes_in_row integer not null default 0,
  last_status text,
  last_reason text,
  last_run_at timestamptz,
  last_failed_at timestamptz,
  next_run_at timestamptz not null default now(),
  claimed_by text,
  claim_number bigint,
  lease_expires_at timestamptz,
  created_at timestamptz not null default now(),
  constraint auto_generated_tests_type_is_known check (test_type in ('regression', 'unit', 'component', 'handler')),
  constraint auto_generated_tests_status_is_known check (status in ('active', 'quarantined', 'retired')),
  constraint auto_generated_tests_a_change_has_a_reason check (status = 'active' or status_reason is not null),
  constraint auto_generated_tests_confidence_is_percent check (confidence_score between 0 and 100),
  constraint auto_generated_tests_can_be_run check ((target_function is null) <> (test_code is null))
);
comment on table public.auto_generated_tests is
  'What broke once is tested for ever: requests that failed (regression), and tests of files (unit, component, handler) as code to download. confidence_score is a percentage.';
comment on column public.auto_generated_tests.request is 'The body that target_function gets; null sends {"request": test_prompt, "framework": framework}.';
comment on column public.auto_generated_tests.expected_behavior is
  'What the answer must be: shouldNotFail, errorType, status, minimumFiles, schema, contains, excludes, maxDurationMs. Anything else is an error of the test.';
comment on column public.auto_generated_tests.flaky_count is 'Runs in which it failed and then passed unchanged.';
create unique index if not exists auto_generated_tests_one_of_a_kind on public.auto_generated_tests (error_type, coalesce(framework, ''))
  where test_type = 'regression' and status <> 'retired';
create unique index if not exists auto_generated_tests_one_of_a_file on public.auto_generated_tests (project_id, test_file, test_name)
  where test_type <> 'regression' and status <> 'retired';
create index if not exists auto_generated_tests_next_run_at_idx on public.auto_generated_tests (next_run_at)
  where status <> 'retired' and target_function is not null;
create index if not exists auto_generated_tests_created_from_failure_id_idx on public.auto_generated_tests (created_from_failure_id);

create table if not exists public.test_execution_results (
  id uuid primary key default gen_random_uuid(),
  test_id uuid not null references public.auto_generated_tests (id) on delete cascade,
  run_id uuid,
  auto_fix_id uuid references public.auto_fixes (id) on delete set null,
  status text not null,
  counts boolean not null,
  attempts integer not null default 1,
  reasons jsonb not null default '[]',
  http_status integer,
  response_excerpt text,
  duration_ms double precision,
  executed_at timestamptz not null default clock_timestamp(),
  constraint test_execution_results_status_is_known check (status in ('passed', 'failed', 'flaky', 'error')),
  constraint test_execution_results_reasons_are_a_list check (jsonb_typeof(reasons) = 'array')
);
create index if not exists test_execution_results_test_id_idx on public.test_execution_results (test_id, executed_at desc);
create index if not exists test_execution_results_auto_fix_id_idx on public.test_execution_results (auto_fix_id) where auto_fix_id is not null;
comment on table public.test_execution_results is
  'One row a run of a test: passed, failed, flaky (failed, then passed unchanged) or error (the test itself is wrong), with a reason for each expectation.';
comment on column public.test_execution_results.counts is 'False for a test in quarantine: its failure is recorded and says nothing about a fix.';

select healing_private.secure_table(name::regclass)
from unnest(array['public.auto_generated_tests', 'public.test_execution_results']) as name;

create or replace function healing_private.has_test(p_error_type text, p_framework text)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (select from public.auto_generated_tests
    where error_type = p_error_type and coalesce(framework, '') = coalesce(p_framework, '') and test_type = 'regression' and status <> 'retired');
$$;
revoke all on function healing_private.has_test(text, text) from public, anon, authenticated;
comment on function healing_private.has_test(text, text) is 'Whether a kind of failure has a test that is not retired.';

-- Whoever counts has the kind for itself, or fifty who insert at once would each see their own failure only. The wait is short:
-- a failure is stored whether or not its test can be made, and make_missing_tests makes up for what was left.
create or replace function healing_private.make_test(p_error_type text, p_framework text)
returns uuid
language plpgsql
security definer
set search_path = ''
set lock_timeout = '2s'
as $$
declare
  v_failures integer;
  v_failure public.generation_failures;
  v_test_id uuid;
begin
  if healing_private.has_test(p_error_type, p_framework) then
    return null;
  end if;
  perform pg_catalog.pg_advisory_xact_lock(hashtext('healing:test'), hashtext(p_error_type || '/' || coalesce(p_framework, '')));
  select sum(occurrence_count) into v_failures from public.generation_failures
  where error_type = p_error_type and framework is not distinct from p_framework and created_at > now() - interval '7 days';
  if v_failures < 3 or healing_private.has_test(p_error_type, p_framework) then
    return null;
  end if;
  -- The latest that says what was asked for is the one to ask again.
  select * into strict v_failure from public.generation_failures
  where error_type = p_error_type and framework is not distinct from p_framework and created_at > now() - interval '7 days'
  order by (coalesce(user_request, '') <> '') desc, created_at desc, id limit 1;
  insert into public.auto_generated_tests (test_name, error_type, framework, project_id, test_prompt, target_function, expected_behavior,
    created_from_failure_id, fingerprint, files)
  values ('regression_' || p_error_type, p_error_type, p_framework, v_failure.project_id,
    coalesce(nullif(v_failure.user_request, ''), 'Make a small, complete app.'),
    coalesce(nullif(v_failure.details ->> 'target_function', ''), 'mega-mind-orchestrator'),
    jsonb_build_object('shouldNotFail', true, 'errorType', p_error_type), v_failure.id, v_failure.details ->> 'fingerprint',
    array(select jsonb_array_elements_text(case jsonb_typeof(v_failure.details -> 'files') when 'array' then v_failure.details -> 'files' else '[]'::jsonb end)))
  on conflict do nothing returning id into v_test_id;
  if v_test_id is not null then
    update public.generation_failures set test_generated = true
    where error_type = p_error_type and framework is not distinct from p_framework and created_at > now() - interval '7 days'
      and not test_generated;
  end if;
  return v_test_id;
end;
$$;
revoke all on function healing_private.make_test(text, text) from public, anon, authenticated;
comment on function healing_private.make_test(text, text) is
  'Makes the regression test of a kind of failure when three came in seven days and it has none, and marks them. Returns its id, or null.';

create or replace function healing_private.auto_generate_test_from_failure()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  begin
    perform healing_private.make_test(new.error_type, new.framework);
  exception when others then
    raise warning 'no test was made of failure %: % (%)', new.id, sqlerrm, sqlstate;
  end;
  return null;
end;
$$;
revoke all on function healing_private.auto_generate_test_from_failure() from public, anon, authenticated;
comment on function healing_private.auto_generate_test_from_failure() is 'Three failures of one kind in seven days make a test; trouble with that never stops the failure from being stored.';
create or replace trigger auto_generate_test_from_failure after insert on public.generation_failures
  for each row execute function healing_private.auto_generate_test_from_failure();

create or replace function public.make_missing_tests()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_kind record;
  v_made integer := 0;
begin
  for v_kind in
    select error_type, framework from public.generation_failures
    where created_at > now() - interval '7 days' and not healing_private.has_test(error_type, framework)
    group by error_type, framework having sum(occurrence_count) >= 3 order by error_type, framework limit 100 loop
    begin
      if healing_private.make_test(v_kind.error_type, v_kind.framework) is not null then
        v_made := v_made + 1;
      end if;
    exception when others then
      raise warning 'no test was made of %: % (%)', v_kind.error_type, sqlerrm, sqlstate;
    end;
  end loop;
  return v_made;
end;
$$;
revoke all on function public.make_missing_tests() from public, anon, authenticated;
grant execute on function public.make_missing_tests() to service_role;
comment on function public.make_missing_tests() is 'Makes the tests that the trigger could not make because a lock was busy. Returns how many.';
