-- Adds the life of a generation, one call a move: claim_generation, renew_generation, checkpoint_generation, release_generation,
-- fail_generation, resume_generation.
-- Locks: none.
-- Undo: drop function public.claim_generation, public.renew_generation, public.checkpoint_generation, public.release_generation,
--       public.fail_generation, public.resume_generation, healing_private.end_generation, healing_private.require_generation,
--       healing_private.generation_lease, healing_private.generation_timeout, healing_private.call_generator.

create or replace function healing_private.call_generator(p_request_id uuid, p_reason text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.generation_requests set dispatched_at = clock_timestamp() where id = p_request_id;
  perform public.dispatch_function('mega-mind-orchestrator', p_reason, jsonb_build_object('request_id', p_request_id));
exception when others then
  raise warning 'the generator could not be called for %: % (%)', p_request_id, sqlerrm, sqlstate;
end;
$$;
revoke all on function healing_private.call_generator(uuid, text) from public, anon, authenticated;
comment on function healing_private.call_generator(uuid, text) is 'Has the next invocation take a generation up; the schedule makes up for a call that fails.';

-- No lease outlives the limit by more than a moment, so that the reaper can end what its worker did not.
create or replace function healing_private.generation_lease(p_seconds integer, p_deadline timestamptz)
returns timestamptz
language sql
volatile
security invoker
set search_path = ''
as $$
  select least(clock_timestamp() + make_interval(secs => least(greatest(p_seconds, 1), 300)), greatest(p_deadline, clock_timestamp()) + interval '5 seconds');
$$;
revoke all on function healing_private.generation_lease(integer, timestamptz) from public, anon, authenticated;
comment on function healing_private.generation_lease(integer, timestamptz) is 'Until when a claim holds: the seconds, and hardly longer than the limit of the generation.';

create or replace function healing_private.require_generation(p_request_id uuid, p_claim_number bigint)
returns public.generation_requests
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_request public.generation_requests;
begin
  select * into v_request from public.generation_requests where id = p_request_id for update;
  if v_request.id is null or v_request.status <> 'running' or v_request.claim_number is distinct from p_claim_number
    or v_request.lease_expires_at < clock_timestamp() then
    raise exception using errcode = 'PT409', detail = 'LEASE_LOST',
      message = format('The claim %s on generation %s is not valid any more', p_claim_number, p_request_id),
      hint = 'Another worker may have it; stop working on it';
  end if;
  return v_request;
end;
$$;
revoke all on function healing_private.require_generation(uuid, bigint) from public, anon, authenticated;
comment on function healing_private.require_generation(uuid, bigint) is 'The claimed generation, locked; raises PT409 LEASE_LOST when the claim is not the present one.';

create or replace function healing_private.end_generation(p_request public.generation_requests, p_failure jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_failure_id uuid;
  v_row public.generation_requests;
  v_code text := coalesce(p_failure ->> 'code', 'INTERNAL');
  v_message text := left(coalesce(p_failure ->> 'message', 'it failed'), 8000);
begin
  if not p_request.is_test then
    insert into public.generation_failures (error_type, error_message, failure_category, severity, framework, user_request, project_id, stack_trace, details)
    values (left(coalesce(p_failure ->> 'error_type', 'generation_failed'), 100), v_message, left(coalesce(p_failure ->> 'failure_category', 'generation'), 100),
      coalesce(p_failure ->> 'severity', 'medium'), left(p_request.framework, 100), left(p_request.user_request, 8000), p_request.project_id::text,
      left(p_failure ->> 'stack_trace', 16000), coalesce(p_failure -> 'details', '{}'::jsonb) || jsonb_build_object('code', v_code, 'hint', p_failure -> 'hint',
        'stage', p_request.stage, 'progress', p_request.progress, 'request_id', p_request.id, 'mode', p_request.mode, 'claims', p_request.claim_count))
    returning id into v_failure_id;
  end if;
  update public.generation_requests
  set status = 'failed', claimed_by = null, lease_expires_at = null, finished_at = clock_timestamp(), updated_at = clock_timestamp(), message = left(v_message, 1000),
    generation_failure_id = v_failure_id, failure = jsonb_build_object('code', v_code, 'message', left(v_message, 1000), 'hint', p_failure -> 'hint',
      'stage', stage, 'error_type', coalesce(p_failure ->> 'error_type', 'generation_failed'))
  where id = p_request.id returning * into v_row;
  perform healing_private.tell_generation(v_row, case v_code when 'TIMEOUT' then 'generation:timeout' else 'generation:failed' end, 'error');
  return public.read_generation(p_request.id);
end;
$$;
revoke all on function healing_private.end_generation(public.generation_requests, jsonb) from public, anon, authenticated;
comment on function healing_private.end_generation(public.generation_requests, jsonb) is
  'Ends a locked generation as failed, with its row in generation_failures (none for a test''s) and the news on its channel. Returns read_generation.';

create or replace function healing_private.generation_timeout(p_request public.generation_requests)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object('code', 'TIMEOUT', 'error_type', 'generation_timeout', 'failure_category', 'timeout', 'severity', 'high',
    'message', format('The generation did not end within %s s: it was %s, %s %% done',
      healing_private.setting('generation_seconds') #>> '{}', p_request.stage, p_request.progress),
    'hint', 'Resume it with its request id: it goes on from its checkpoint; or ask for less');
$$;
revoke all on function healing_private.generation_timeout(public.generation_requests) from public, anon, authenticated;
comment on function healing_private.generation_timeout(public.generation_requests) is 'The failure of a generation whose time is over.';

create or replace function public.claim_generation(p_request_id uuid, p_worker text, p_lease_seconds integer default 45)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_row public.generation_requests;
  v_is_lost boolean;
begin
  select * into v_row from public.generation_requests where id = p_request_id for update;
  if not found then
    return public.read_generation(p_request_id);
  end if;
  if v_row.status in ('completed', 'failed') or (v_row.status = 'running' and v_row.lease_expires_at >= clock_timestamp())
    or (v_row.next_attempt_at > clock_timestamp() and v_row.deadline_at > clock_timestamp()) then
    return public.read_generation(p_request_id) || jsonb_build_object('claimed', false);
  end if;
  v_is_lost := v_row.status = 'running';
  if v_row.deadline_at <= clock_timestamp() then
    return healing_private.end_generation(v_row, healing_private.generation_timeout(v_row)) || jsonb_build_object('claimed', false);
  elsif v_is_lost and v_row.workers_lost >= 2 then
    return healing_private.end_generation(v_row, jsonb_build_object('code', 'INTERNAL', 'error_type', 'generation_workers_lost', 'severity', 'high',
      'message', 'Three workers in a row ended without a word while they worked on it', 'hint', 'Ask for less, or look at the logs of mega-mind-orchestrator'))
      || jsonb_build_object('claimed', false);
  end if;
  update public.generation_requests
  set status = 'running', claimed_by = p_worker, claim_number = nextval('healing_private.fencing_numbers'), claim_count = claim_count + 1,
    workers_lost = workers_lost + v_is_lost::integer, lease_expires_at = healing_private.generation_lease(p_lease_seconds, deadline_at), updated_at = clock_timestamp()
  where id = p_request_id returning * into v_row;
  return public.read_generation(p_request_id) || jsonb_build_object('claimed', true, 'claim_number', v_row.claim_number, 'checkpoint', v_row.checkpoint,
    'drafts', (select coalesce(jsonb_agg(jsonb_build_object('path', d.path, 'content', d.content) order by d.path), '[]'::jsonb)
      from healing_private.generation_drafts as d where d.request_id = p_request_id));
end;
$$;
revoke all on function public.claim_generation(uuid, text, integer) from public, anon, authenticated;
grant execute on function public.claim_generation(uuid, text, integer) to service_role;
comment on function public.claim_generation(uuid, text, integer) is
  'Leases a generation that waits, or whose worker vanished, to one worker: read_generation with {claimed, claim_number, checkpoint, drafts}. Ends it when its time is over or three workers vanished in a row.';

create or replace function public.renew_generation(p_request_id uuid, p_claim_number bigint, p_lease_seconds integer default 45)
returns timestamptz
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_row public.generation_requests := healing_private.require_generation(p_request_id, p_claim_number);
begin
  update public.generation_requests set lease_expires_at = healing_private.generation_lease(p_lease_seconds, deadline_at)
  where id = p_request_id returning * into v_row;
  return v_row.lease_expires_at;
end;
$$;
revoke all on function public.renew_generation(uuid, bigint, integer) from public, anon, authenticated;
grant execute on function public.renew_generation(uuid, bigint, integer) to service_role;
comment on function public.renew_generation(uuid, bigint, integer) is 'Extends a lease that is still held; raises PT409 LEASE_LOST otherwise. Returns its new end.';

create or replace function public.checkpoint_generation(
  p_request_id uuid, p_claim_number bigint, p_checkpoint jsonb, p_files jsonb default '[]', p_lease_seconds integer default 45)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_row public.generation_requests := healing_private.require_generation(p_request_id, p_claim_number);
begin
  insert into healing_private.generation_drafts as d (request_id, path, content)
  select p_request_id, f ->> 'path', f ->> 'content' from jsonb_array_elements(p_files) as f
  on conflict (request_id, path) do update set content = excluded.content;
  update public.generation_requests
  set checkpoint = coalesce(p_checkpoint -> 'state', checkpoint), stage = coalesce(p_checkpoint ->> 'stage', stage),
    progress = greatest(progress, coalesce((p_checkpoint ->> 'progress')::smallint, progress)), message = left(coalesce(p_checkpoint ->> 'message', message), 1000),
    workers_lost = 0, lease_expires_at = healing_private.generation_lease(p_lease_seconds, deadline_at), updated_at = clock_timestamp()
  where id = p_request_id returning * into v_row;
  perform healing_private.tell_generation(v_row, 'generation:progress', 'running');
  return jsonb_build_object('lease_expires_at', v_row.lease_expires_at,
    'seconds_left', round(greatest(extract(epoch from v_row.deadline_at - clock_timestamp()), 0), 1));
end;
$$;
revoke all on function public.checkpoint_generation(uuid, bigint, jsonb, jsonb, integer) from public, anon, authenticated;
grant execute on function public.checkpoint_generation(uuid, bigint, jsonb, jsonb, integer) to service_role;
comment on function public.checkpoint_generation(uuid, bigint, jsonb, jsonb, integer) is
  'Keeps how far a claimed generation is, {state, stage, progress, message}, and the files that are new, tells its channel and renews the lease; raises PT409 LEASE_LOST. Returns {lease_expires_at, seconds_left}.';

create or replace function public.release_generation(p_request_id uuid, p_claim_number bigint, p_reason text, p_after_seconds integer default 0)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_row public.generation_requests := healing_private.require_generation(p_request_id, p_claim_number);
begin
  update public.generation_requests
  set status = 'queued', claimed_by = null, lease_expires_at = null, workers_lost = 0, message = left(p_reason, 1000), updated_at = clock_timestamp(),
    next_attempt_at = clock_timestamp() + make_interval(secs => greatest(p_after_seconds, 0))
  where id = p_request_id returning * into v_row;
  perform healing_private.tell_generation(v_row, 'generation:progress', 'queued');
  if p_after_seconds <= 0 then
    perform healing_private.call_generator(p_request_id, 'generation goes on');
  end if;
end;
$$;
revoke all on function public.release_generation(uuid, bigint, text, integer) from public, anon, authenticated;
grant execute on function public.release_generation(uuid, bigint, text, integer) to service_role;
comment on function public.release_generation(uuid, bigint, text, integer) is
  'Gives a claimed generation back to be gone on with by the next invocation: called at once, or by the schedule after some seconds.';

create or replace function public.fail_generation(p_request_id uuid, p_claim_number bigint, p_failure jsonb)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  select healing_private.end_generation(healing_private.require_generation(p_request_id, p_claim_number), p_failure);
$$;
revoke all on function public.fail_generation(uuid, bigint, jsonb) from public, anon, authenticated;
grant execute on function public.fail_generation(uuid, bigint, jsonb) to service_role;
comment on function public.fail_generation(uuid, bigint, jsonb) is
  'Ends a claimed generation as failed with {code, error_type, message, hint?, failure_category?, severity?, stack_trace?, details?}, recorded in generation_failures; its checkpoint stays. Returns read_generation.';

create or replace function public.resume_generation(p_request_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_row public.generation_requests;
begin
  select * into v_row from public.generation_requests where id = p_request_id for update;
  if not found or v_row.status <> 'failed' then
    return public.read_generation(p_request_id) || jsonb_build_object('resumed', false);
  end if;
  if v_row.resume_count >= 5 then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = 'This generation was resumed five times already', hint = 'Begin a new one, and ask for less';
  end if;
  perform healing_private.check_generation_caps(v_row.subject, v_row.is_test);
  begin
    update public.generation_requests
    set status = 'queued', failure = null, finished_at = null, message = 'resumed', resume_count = resume_count + 1, workers_lost = 0,
      next_attempt_at = clock_timestamp(), updated_at = clock_timestamp(),
      deadline_at = clock_timestamp() + make_interval(secs => greatest((healing_private.setting('generation_seconds') #>> '{}')::integer, 1))
    where id = p_request_id returning * into v_row;
  exception when unique_violation then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Another request generates the project %s', v_row.project_id);
  end;
  perform healing_private.tell_generation(v_row, 'generation:progress', 'queued');
  return public.read_generation(p_request_id) || jsonb_build_object('resumed', true);
end;
$$;
revoke all on function public.resume_generation(uuid) from public, anon, authenticated;
grant execute on function public.resume_generation(uuid) to service_role;
comment on function public.resume_generation(uuid) is
  'Lets a failed generation go on from its checkpoint with a new limit, at most five times. Returns read_generation and whether it was resumed here.';

notify pgrst, 'reload schema';
