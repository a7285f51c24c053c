-- Adds what admins do with rollouts: advance_rollout, pause_rollout, resume_rollout, promote_rollout, roll_back_rollout, get_rollouts.
-- Locks: none on existing tables.
-- Undo: drop function public.advance_rollout, public.pause_rollout, public.resume_rollout, public.promote_rollout, public.roll_back_rollout,
--       public.get_rollouts, healing_private.steer_rollout, healing_private.move_rollout_by_person;

create or replace function healing_private.move_rollout_by_person(p_rollout public.rollouts, p_what text, p_reason text)
returns public.rollouts
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rollout public.rollouts;
begin
  if p_what = 'advance' then
    return healing_private.advance_rollout(p_rollout, p_reason);
  elsif p_what = 'roll_back' then
    return healing_private.take_release_back(p_rollout, p_reason, '{}', true);
  elsif p_what = 'promote' then
    update public.rollouts set step = cardinality(steps), share = 100, step_started_at = clock_timestamp(), status = 'running', pause_rule = null
    where id = p_rollout.id returning * into v_rollout;
    return healing_private.end_rollout(v_rollout, 'promoted', p_reason);
  end if;
  update public.rollouts
  set status = case p_what when 'pause' then 'paused' else 'running' end, pause_rule = case p_what when 'pause' then 'person' end,
    share = steps[step], step_started_at = case p_what when 'resume' then clock_timestamp() else step_started_at end, reason = left(p_reason, 2000)
  where id = p_rollout.id returning * into v_rollout;
  return v_rollout;
end;
$$;
revoke all on function healing_private.move_rollout_by_person(public.rollouts, text, text) from public, anon, authenticated;
comment on function healing_private.move_rollout_by_person(public.rollouts, text, text) is 'One move of a person: advance, pause, resume, promote or roll_back.';

create or replace function healing_private.steer_rollout(p_rollout_id uuid, p_what text, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_before public.rollouts;
  v_after public.rollouts;
  v_from text[] := case p_what when 'pause' then array['running'] when 'resume' then array['paused'] else array['running', 'paused'] end;
begin
  perform healing_private.require_decision('move a rollout', p_what, array['advance', 'pause', 'resume', 'promote', 'roll_back'], p_reason);
  perform from public.deployment_logs as d join public.rollouts as r on r.deployment_id = d.id where r.id = p_rollout_id for update of d;
  select * into v_before from public.rollouts where id = p_rollout_id for update;
  if v_before.id is null then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no rollout %s', p_rollout_id), hint = 'Read get_rollouts()';
  elsif not v_before.status = any (v_from) then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Cannot %s rollout %s: it is %s', p_what, p_rollout_id, v_before.status),
      hint = format('That goes from: %s', array_to_string(v_from, ', '));
  end if;
  -- Whoever looks at it at this moment has looked at something that is not so any more.
  update public.rollouts set claim_number = nextval('healing_private.fencing_numbers'), claimed_by = null, lease_expires_at = null,
    next_look_at = clock_timestamp() where id = p_rollout_id returning * into v_before;
  v_after := healing_private.move_rollout_by_person(v_before, p_what, p_reason);
  perform healing_private.write_rollout_verdict(v_before, v_after, jsonb_build_object('kind', 'person', 'rule', p_what, 'reason', p_reason));
  insert into public.healing_events (event_type, category, severity, result, message, project_id, details)
  values ('rollout_steered', 'deployment', 'medium', 'success', left(format('%s: %s', p_what, p_reason), 1000), v_after.project_id,
    jsonb_build_object('rollout_id', v_after.id, 'deployment_id', v_after.deployment_id, 'share', v_after.share, 'by', healing_private.actor()));
  return to_jsonb(v_after) - 'baseline';
end;
$$;
revoke all on function healing_private.steer_rollout(uuid, text, text) from public, anon, authenticated;
grant execute on function healing_private.steer_rollout(uuid, text, text) to authenticated, service_role;
comment on function healing_private.steer_rollout(uuid, text, text) is 'The rights behind the moves of a rollout; checks that a person acts, and takes it away from whoever looks at it.';

create or replace function public.advance_rollout(p_rollout_id uuid, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.steer_rollout(p_rollout_id, 'advance', p_reason);
$$;
revoke all on function public.advance_rollout(uuid, text) from public, anon, authenticated;
grant execute on function public.advance_rollout(uuid, text) to authenticated, service_role;
comment on function public.advance_rollout(uuid, text) is
  'An admin takes a release one step further, with a reason; after the last step it is kept. Returns the rollout.';

create or replace function public.pause_rollout(p_rollout_id uuid, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.steer_rollout(p_rollout_id, 'pause', p_reason);
$$;
revoke all on function public.pause_rollout(uuid, text) from public, anon, authenticated;
grant execute on function public.pause_rollout(uuid, text) to authenticated, service_role;
comment on function public.pause_rollout(uuid, text) is
  'An admin holds a release up at its share, with a reason; it is still watched, and still taken back when it does harm. Returns the rollout.';

create or replace function public.resume_rollout(p_rollout_id uuid, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.steer_rollout(p_rollout_id, 'resume', p_reason);
$$;
revoke all on function public.resume_rollout(uuid, text) from public, anon, authenticated;
grant execute on function public.resume_rollout(uuid, text) to authenticated, service_role;
comment on function public.resume_rollout(uuid, text) is
  'An admin lets a release that is held up go on from its step, with a reason; the step begins anew. Returns the rollout.';

create or replace function public.promote_rollout(p_rollout_id uuid, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.steer_rollout(p_rollout_id, 'promote', p_reason);
$$;
revoke all on function public.promote_rollout(uuid, text) from public, anon, authenticated;
grant execute on function public.promote_rollout(uuid, text) to authenticated, service_role;
comment on function public.promote_rollout(uuid, text) is
  'An admin gives a release to everybody at once and keeps it, with a reason. Returns the rollout.';

create or replace function public.roll_back_rollout(p_rollout_id uuid, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.steer_rollout(p_rollout_id, 'roll_back', p_reason);
$$;
revoke all on function public.roll_back_rollout(uuid, text) from public, anon, authenticated;
grant execute on function public.roll_back_rollout(uuid, text) to authenticated, service_role;
comment on function public.roll_back_rollout(uuid, text) is
  'An admin takes a release back, with a reason: nobody gets it from now on, and its deployment is rolled back. Returns the rollout.';

create or replace function public.get_rollouts(p_filter jsonb default '{}')
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(r) - 'baseline' order by r.started_at desc), '[]') from (
    select * from public.rollouts
    where (p_filter ->> 'project_id' is null or project_id = p_filter ->> 'project_id') and (p_filter ->> 'status' is null or status = p_filter ->> 'status')
    order by started_at desc limit least(greatest(coalesce((p_filter ->> 'limit')::integer, 50), 1), 200)) as r;
$$;
revoke all on function public.get_rollouts(jsonb) from public, anon, authenticated;
grant execute on function public.get_rollouts(jsonb) to authenticated, service_role;
comment on function public.get_rollouts(jsonb) is 'Rollouts, the latest first, each with what its last look said: filters project_id, status, limit (at most 200). Admins and the functions see them.';

notify pgrst, 'reload schema';
