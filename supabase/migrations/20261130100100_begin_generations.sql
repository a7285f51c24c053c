-- Adds the beginning of a generation and what is shown of it: begin_generation, read_generation.
-- Locks: none.
-- Undo: drop function public.begin_generation, public.read_generation, healing_private.tell_generation,
--       healing_private.check_generation_caps, healing_private.same_generation.

-- Whoever watches is told in the transaction that makes the move; that a channel fails never stops the move.
create or replace function healing_private.tell_generation(p_request public.generation_requests, p_event text, p_status text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform public.broadcast_project_event(p_request.project_id::text, p_event, jsonb_build_object('status', p_status,
    'message', coalesce(p_request.failure ->> 'message', p_request.message), 'stage', p_request.stage, 'progress', p_request.progress,
    'request_id', p_request.id) || case when p_request.failure is null then '{}'::jsonb
      else jsonb_build_object('code', p_request.failure -> 'code', 'hint', p_request.failure -> 'hint') end);
exception when others then
  raise warning 'nobody was told of generation %: % (%)', p_request.id, sqlerrm, sqlstate;
end;
$$;
revoke all on function healing_private.tell_generation(public.generation_requests, text, text) from public, anon, authenticated;
comment on function healing_private.tell_generation(public.generation_requests, text, text) is
  'Broadcasts {status, message, stage, progress, request_id} on the channel of the project.';

create or replace function healing_private.same_generation(p_row public.generation_requests, p_request jsonb)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select p_row.user_request = p_request ->> 'user_request' and p_row.framework = p_request ->> 'framework'
    and p_row.mode = coalesce(p_request ->> 'mode', 'model') and p_row.subject = p_request ->> 'subject'
    and p_row.title = coalesce(p_request ->> 'title', 'App') and p_row.options = coalesce(p_request -> 'options', '{}'::jsonb)
    and p_row.project_id = coalesce((p_request ->> 'project_id')::uuid, p_row.project_id);
$$;
revoke all on function healing_private.same_generation(public.generation_requests, jsonb) from public, anon, authenticated;
comment on function healing_private.same_generation(public.generation_requests, jsonb) is 'Whether a request that came again asks for the same.';

create or replace function healing_private.check_generation_caps(p_subject text, p_is_test boolean)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_all integer := (healing_private.setting('max_generations') #>> '{}')::integer;
  v_own integer := (healing_private.setting('max_generations_per_subject') #>> '{}')::integer;
  v_day integer := (healing_private.setting('max_generations_per_subject_day') #>> '{}')::integer;
  v_reached text;
begin
  -- Those of one subject take turns, or many at once would each see room.
  perform pg_catalog.pg_advisory_xact_lock(hashtext('healing:generation'), hashtext(p_subject));
  if (select count(*) from public.generation_requests where status in ('queued', 'running')) >= v_all then
    v_reached := format('%s generations wait or run', v_all);
  elsif not p_is_test and (select count(*) from public.generation_requests
      where subject = p_subject and status in ('queued', 'running')) >= v_own then
    v_reached := format('%s generations of this subject wait or run', v_own);
  elsif not p_is_test and (select count(*) from public.generation_requests
      where subject = p_subject and created_at > clock_timestamp() - interval '24 hours') >= v_day then
    v_reached := format('this subject has begun %s generations in 24 hours', v_day);
  end if;
  if v_reached is not null then
    raise exception using errcode = 'PT429', detail = 'RATE_LIMITED', message = format('No generation can begin now: %s', v_reached),
      hint = 'Wait until one has ended, or have an admin raise max_generations, max_generations_per_subject or max_generations_per_subject_day';
  end if;
end;
$$;
revoke all on function healing_private.check_generation_caps(text, boolean) from public, anon, authenticated;
comment on function healing_private.check_generation_caps(text, boolean) is
  'Raises PT429 when all, or one subject, have as many generations as the settings let them; what tests make counts for all only.';

create or replace function public.read_generation(p_request_id uuid, p_with_files boolean default false)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_request public.generation_requests;
begin
  select * into v_request from public.generation_requests where id = p_request_id;
  if not found then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no generation %s', p_request_id),
      hint = 'Ended ones go after retention_days; the project stays in public.generated_projects';
  end if;
  return to_jsonb(v_request) - array['checkpoint', 'claimed_by', 'claim_number'] || jsonb_build_object(
    'request_id', v_request.id,
    'seconds_left', round(greatest(extract(epoch from v_request.deadline_at - clock_timestamp()), 0), 1),
    'is_waiting', v_request.status = 'queued' and v_request.next_attempt_at <= clock_timestamp()
      or v_request.status = 'running' and v_request.lease_expires_at < clock_timestamp(),
    'project', (select to_jsonb(p) - 'plan' from public.generated_projects as p where p.id = v_request.project_id),
    'quality', (select to_jsonb(m) from public.generation_quality_metrics as m where m.project_id = v_request.project_id
      order by m.created_at desc limit 1),
    'files', case when v_request.status = 'completed' then (
      select coalesce(jsonb_agg(case when p_with_files then jsonb_build_object('path', f.path, 'content', f.content)
        else jsonb_build_object('path', f.path) end order by f.path), '[]'::jsonb)
      from public.generated_files as f where f.project_id = v_request.project_id) end);
end;
$$;
revoke all on function public.read_generation(uuid, boolean) from public, anon, authenticated;
grant execute on function public.read_generation(uuid, boolean) to service_role;
comment on function public.read_generation(uuid, boolean) is
  'How far a request is, why it failed, and, once it is completed, its project, its quality and its files (with their texts when asked). PT404 when it is not known.';

create or replace function public.begin_generation(p_request jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_id uuid := coalesce((p_request ->> 'id')::uuid, gen_random_uuid());
  v_is_test boolean := coalesce((p_request ->> 'is_test')::boolean, false);
  v_row public.generation_requests;
begin
  if coalesce(btrim(p_request ->> 'user_request'), '') = '' or length(p_request ->> 'user_request') > 20000
    or coalesce(btrim(p_request ->> 'subject'), '') = '' or coalesce(btrim(p_request ->> 'framework'), '') = '' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A generation needs a user_request of up to 20000 characters, a framework and a subject';
  end if;
  -- The same request at once waits here for its twin and then finds it, before anything is counted.
  perform pg_catalog.pg_advisory_xact_lock(hashtext('healing:generation'), hashtext(p_request ->> 'subject'));
  select * into v_row from public.generation_requests where id = v_id;
  if not found then
    perform healing_private.check_generation_caps(p_request ->> 'subject', v_is_test);
    if exists (select from public.generated_projects where id = (p_request ->> 'project_id')::uuid) then
      raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('The project %s is there already', p_request ->> 'project_id'),
        hint = 'Leave project_id out, or give one that is new: nothing that was generated is written over';
    end if;
    begin
      insert into public.generation_requests (id, project_id, subject, user_request, framework, title, mode, options, is_test, message, deadline_at)
      values (v_id, coalesce((p_request ->> 'project_id')::uuid, gen_random_uuid()), p_request ->> 'subject', p_request ->> 'user_request',
        p_request ->> 'framework', left(coalesce(p_request ->> 'title', 'App'), 200), coalesce(p_request ->> 'mode', 'model'),
        coalesce(p_request -> 'options', '{}'::jsonb), v_is_test, 'waits for its turn',
        clock_timestamp() + make_interval(secs => greatest((healing_private.setting('generation_seconds') #>> '{}')::integer, 1)))
      returning * into v_row;
      perform healing_private.tell_generation(v_row, 'generation:progress', 'queued');
      return public.read_generation(v_id) || jsonb_build_object('begun', true);
    exception when unique_violation then
      -- Either the same request at once, or another one for the same project.
      select * into v_row from public.generation_requests where id = v_id;
      if not found then
        raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Another request generates the project %s', p_request ->> 'project_id'),
          hint = 'Leave project_id out, or wait for that request';
      end if;
    end;
  end if;
  if not healing_private.same_generation(v_row, p_request) then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('The request id %s belongs to another request', v_id),
      hint = 'Use a new request id for a new request';
  end if;
  return public.read_generation(v_id) || jsonb_build_object('begun', false);
end;
$$;
revoke all on function public.begin_generation(jsonb) from public, anon, authenticated;
grant execute on function public.begin_generation(jsonb) to service_role;
comment on function public.begin_generation(jsonb) is
  'Begins a generation {id?, project_id?, subject, user_request, framework, title?, mode?, options?, is_test?}, once for each id: the same id with another wish raises PT409, one too many of a subject PT429. Returns read_generation and whether it begun here.';

notify pgrst, 'reload schema';
