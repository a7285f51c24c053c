-- Adds save_generated_project (project, files and metrics in one transaction), move_generated_migration (what became of its migration),
-- read_generated_project, reap_generations with its schedule, and purge_generations with its nightly job.
-- Locks: none.
-- Undo: select cron.unschedule('healing_generations'), cron.unschedule('healing_generation_history'); drop function
--       public.save_generated_project, public.move_generated_migration, public.read_generated_project, public.reap_generations, public.purge_generations,
--       healing_private.insert_generated_project, healing_private.insert_generated_files, healing_private.insert_generation_metrics.

create or replace function healing_private.insert_generated_project(p_request public.generation_requests, p_project jsonb, p_metrics jsonb)
returns void
language sql
security definer
set search_path = ''
as $$
  insert into public.generated_projects (id, generation_request_id, user_id, title, description, framework, user_request, mode, is_test, plan,
    quality_score, validation_passed, quality_checked_at, migration_path, migration_sql, migration_status, migration_report, auto_redeploy)
  values (p_request.project_id, p_request.id, p_request.subject, left(coalesce(nullif(p_project ->> 'title', ''), p_request.title), 200),
    left(coalesce(p_project ->> 'description', ''), 4000), p_request.framework, p_request.user_request, p_request.mode, p_request.is_test,
    coalesce(p_project -> 'plan', '{}'::jsonb), (p_metrics ->> 'quality_score')::numeric, (p_metrics ->> 'validation_passed')::boolean, clock_timestamp(),
    p_project #>> '{migration,path}', p_project #>> '{migration,sql}', coalesce(p_project #>> '{migration,status}', 'none'),
    coalesce(p_project #> '{migration,report}', '{}'::jsonb), coalesce((p_request.options ->> 'auto_redeploy')::boolean, false));
$$;
revoke all on function healing_private.insert_generated_project(public.generation_requests, jsonb, jsonb) from public, anon, authenticated;
comment on function healing_private.insert_generated_project(public.generation_requests, jsonb, jsonb) is 'The row of a project that is being saved.';

create or replace function healing_private.insert_generated_files(p_project_id uuid, p_files jsonb)
returns void
language sql
security definer
set search_path = ''
as $$
  insert into public.generated_files (project_id, path, content, origin)
  select p_project_id, f ->> 'path', f ->> 'content', coalesce(f ->> 'origin', 'generated') from jsonb_array_elements(p_files) as f;
  update public.generated_projects as p set file_count = f.files, total_bytes = f.bytes, updated_at = clock_timestamp()
  from (select count(*)::integer as files, coalesce(sum(octet_length(content)), 0)::integer as bytes
    from public.generated_files where project_id = p_project_id) as f
  where p.id = p_project_id;
$$;
revoke all on function healing_private.insert_generated_files(uuid, jsonb) from public, anon, authenticated;
comment on function healing_private.insert_generated_files(uuid, jsonb) is 'Adds files {path, content, origin?} to a project and brings its counts up to date; a path that is taken raises.';

create or replace function healing_private.insert_generation_metrics(p_project_id uuid, p_metrics jsonb)
returns void
language sql
security definer
set search_path = ''
as $$
  insert into public.generation_quality_metrics (project_id, phase, framework, quality_score, validation_passed, missing_files, issues, issue_count, error_count,
    fixes_applied, files_added, file_count, total_bytes, duration_ms, details)
  select p.id, coalesce(p_metrics ->> 'phase', 'generated'), p.framework, (p_metrics ->> 'quality_score')::numeric, (p_metrics ->> 'validation_passed')::boolean,
    coalesce(p_metrics -> 'missing_files', '[]'::jsonb), jsonb_path_query_array(coalesce(p_metrics -> 'issues', '[]'::jsonb), '$[0 to 49]'),
    coalesce((p_metrics ->> 'issue_count')::integer, jsonb_array_length(coalesce(p_metrics -> 'issues', '[]'::jsonb))),
    coalesce((p_metrics ->> 'error_count')::integer, 0), coalesce((p_metrics ->> 'fixes_applied')::integer, 0), coalesce((p_metrics ->> 'files_added')::integer, 0),
    p.file_count, p.total_bytes, (p_metrics ->> 'duration_ms')::double precision, coalesce(p_metrics -> 'details', '{}'::jsonb)
  from public.generated_projects as p where p.id = p_project_id;
  update public.generated_projects set quality_score = (p_metrics ->> 'quality_score')::numeric, validation_passed = (p_metrics ->> 'validation_passed')::boolean,
    quality_checked_at = clock_timestamp(), updated_at = clock_timestamp() where id = p_project_id;
$$;
revoke all on function healing_private.insert_generation_metrics(uuid, jsonb) from public, anon, authenticated;
comment on function healing_private.insert_generation_metrics(uuid, jsonb) is
  'Keeps one measurement {phase?, quality_score, validation_passed, missing_files?, issues?, issue_count?, error_count?, fixes_applied?, files_added?, duration_ms?, details?} and makes it the project''s present one.';

create or replace function public.save_generated_project(
  p_request_id uuid, p_claim_number bigint, p_project jsonb, p_files jsonb, p_metrics jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_row public.generation_requests := healing_private.require_generation(p_request_id, p_claim_number);
begin
  if v_row.deadline_at <= clock_timestamp() then
    raise exception using errcode = 'PT504', detail = 'TIMEOUT', message = 'The generation was done after its limit, so it is not saved';
  elsif jsonb_typeof(p_files) is distinct from 'array' or jsonb_array_length(p_files) = 0 then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A project without files is not saved';
  end if;
  perform healing_private.insert_generated_project(v_row, p_project, p_metrics);
  perform healing_private.insert_generated_files(v_row.project_id, p_files);
  perform healing_private.insert_generation_metrics(v_row.project_id, p_metrics);
  delete from healing_private.generation_drafts where request_id = p_request_id;
  update public.generation_requests
  set status = 'completed', stage = 'saving', progress = 100, message = 'saved', claimed_by = null, lease_expires_at = null,
    checkpoint = '{}', finished_at = clock_timestamp(), updated_at = clock_timestamp()
  where id = p_request_id returning * into v_row;
  insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id, request_id, duration_ms, details)
  values ('project_generated', 'runtime', 'low', 'success', format('%s: %s files, quality %s', v_row.framework, jsonb_array_length(p_files), p_metrics ->> 'quality_score'),
    'mega-mind-orchestrator', v_row.project_id::text, v_row.id::text, extract(epoch from v_row.finished_at - v_row.created_at) * 1000,
    jsonb_build_object('mode', v_row.mode, 'is_test', v_row.is_test, 'claims', v_row.claim_count));
  perform healing_private.tell_generation(v_row, 'generation:completed', 'success');
  return public.read_generation(p_request_id);
exception when unique_violation or check_violation or not_null_violation then
  raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('The project cannot be saved: %s', sqlerrm), hint = 'Nothing of it was saved';
end;
$$;
revoke all on function public.save_generated_project(uuid, bigint, jsonb, jsonb, jsonb) from public, anon, authenticated;
grant execute on function public.save_generated_project(uuid, bigint, jsonb, jsonb, jsonb) to service_role;
comment on function public.save_generated_project(uuid, bigint, jsonb, jsonb, jsonb) is
  'Saves a claimed generation whole or not at all: the project {title, description, plan, migration?: {path, sql, status, report}}, all of its files {path, content, origin?} and its metrics. Raises PT409 LEASE_LOST, PT504 after its limit. Returns read_generation.';

create or replace function public.move_generated_migration(p_project_id uuid, p_status text, p_report jsonb default '{}', p_sql text default null)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- What is being applied is applied once, by whoever has said so first.
  update public.generated_projects
  set migration_status = p_status, migration_report = migration_report || coalesce(p_report, '{}'::jsonb), migration_sql = coalesce(p_sql, migration_sql),
    updated_at = clock_timestamp()
  where id = p_project_id and (
    (migration_status in ('proposed', 'rehearsed', 'failed') and p_status in ('rehearsed', 'applying', 'refused', 'failed'))
    or (migration_status = 'applying' and p_status in ('applied', 'refused', 'failed')));
  return found;
end;
$$;
revoke all on function public.move_generated_migration(uuid, text, jsonb, text) from public, anon, authenticated;
grant execute on function public.move_generated_migration(uuid, text, jsonb, text) to service_role;
comment on function public.move_generated_migration(uuid, text, jsonb, text) is
  'Moves the migration of a project: to applying before it is applied, and from there to applied, refused or failed. False when the move is not possible.';

create or replace function public.read_generated_project(p_project_id uuid, p_with_files boolean default true)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_project jsonb;
begin
  select to_jsonb(p) || jsonb_build_object(
    'metrics', (select coalesce(jsonb_agg(to_jsonb(m) order by m.created_at desc), '[]'::jsonb) from public.generation_quality_metrics as m where m.project_id = p.id),
    'files', (select coalesce(jsonb_agg(case when p_with_files then to_jsonb(f) else to_jsonb(f) - array['content', 'original_content'] end order by f.path), '[]'::jsonb)
      from public.generated_files as f where f.project_id = p.id))
  into v_project from public.generated_projects as p where p.id = p_project_id;
  if v_project is null then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no generated project %s', p_project_id);
  end if;
  return v_project;
end;
$$;
revoke all on function public.read_generated_project(uuid, boolean) from public, anon, authenticated;
grant execute on function public.read_generated_project(uuid, boolean) to service_role;
comment on function public.read_generated_project(uuid, boolean) is 'A project with its plan, its measurements and its files, with their texts unless told otherwise. PT404 when it is not known.';

create or replace function public.reap_generations()
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_row public.generation_requests;
  v_failed integer := 0;
  v_called integer := 0;
begin
  for v_row in
    select * from public.generation_requests
    where status in ('queued', 'running') and deadline_at <= clock_timestamp() and (status = 'queued' or lease_expires_at < clock_timestamp())
    order by deadline_at limit 100 for update skip locked loop
    perform healing_private.end_generation(v_row, healing_private.generation_timeout(v_row));
    v_failed := v_failed + 1;
  end loop;
  for v_row in
    select * from public.generation_requests
    where status in ('queued', 'running') and next_attempt_at <= clock_timestamp() and (status = 'queued' or lease_expires_at < clock_timestamp())
      and coalesce(dispatched_at, '-infinity') < clock_timestamp() - interval '20 seconds' and updated_at < clock_timestamp() - interval '5 seconds'
    order by next_attempt_at limit 20 for update skip locked loop
    perform healing_private.call_generator(v_row.id, 'reaper');
    v_called := v_called + 1;
  end loop;
  return jsonb_build_object('failed', v_failed, 'called', v_called);
end;
$$;
revoke all on function public.reap_generations() from public, anon, authenticated;
grant execute on function public.reap_generations() to service_role;
comment on function public.reap_generations() is
  'The job of every minute: ends generations whose time is over, and has those taken up that wait or whose worker vanished. Returns {failed, called}.';

create or replace function public.purge_generations(p_limit integer default 5000)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_limit integer := least(greatest(p_limit, 1), 50000);
  v_requests bigint;
  v_tests bigint;
  v_failures bigint;
  v_metrics bigint;
begin
  delete from public.generated_projects where id in (select id from public.generated_projects
    where is_test and created_at < clock_timestamp() - interval '1 day' order by created_at limit v_limit for update skip locked);
  get diagnostics v_tests = row_count;
  delete from public.generation_requests where id in (select id from public.generation_requests
    where finished_at < clock_timestamp() - make_interval(days => (healing_private.setting('retention_days') #>> '{}')::integer)
    order by finished_at limit v_limit for update skip locked);
  get diagnostics v_requests = row_count;
  -- The latest measurement of a project stays as long as the project.
  delete from public.generation_quality_metrics where id in (select m.id from public.generation_quality_metrics as m
    where m.created_at < clock_timestamp() - make_interval(days => (healing_private.setting('history_days') #>> '{}')::integer)
      and exists (select from public.generation_quality_metrics as newer where newer.project_id = m.project_id and newer.created_at > m.created_at)
    order by m.created_at limit v_limit);
  get diagnostics v_metrics = row_count;
  delete from public.generation_failures where id in (select id from public.generation_failures
    where created_at < clock_timestamp() - make_interval(days => (healing_private.setting('history_days') #>> '{}')::integer)
    order by created_at limit v_limit for update skip locked);
  get diagnostics v_failures = row_count;
  return jsonb_build_object('generation_requests', v_requests, 'test_projects', v_tests, 'generation_quality_metrics', v_metrics, 'generation_failures', v_failures);
end;
$$;
revoke all on function public.purge_generations(integer) from public, anon, authenticated;
grant execute on function public.purge_generations(integer) to service_role;
comment on function public.purge_generations(integer) is
  'Deletes ended requests past retention_days, projects that tests made after a day, old measurements and failures past history_days, and never a user''s project. Returns how many of each.';

do $$
begin
  if to_regclass('cron.job') is not null then
    perform cron.schedule('healing_generations', '* * * * *', 'select public.reap_generations()');
    perform cron.schedule('healing_generation_history', '53 3 * * *', 'select public.purge_generations(50000)');
  end if;
end;
$$;

notify pgrst, 'reload schema';
