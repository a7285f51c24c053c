-- Adds carrying out deployments: claim_deployments, begin_deployment (the intent, before anything is sent), note_deployment_progress,
-- update_deployment_status (the only way from state to state), and what a deployment's end says to everybody who waits for it.
-- Locks: none on existing tables.
-- Undo: drop function public.claim_deployments, public.begin_deployment, public.note_deployment_progress, public.update_deployment_status,
--       healing_private.require_deployment_claim, healing_private.deployment_may_start, healing_private.deployment_hindrance,
--       healing_private.end_deployment, healing_private.end_rollback, healing_private.move_deployment.

create or replace function healing_private.deployment_hindrance(p_deployment public.deployment_logs)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select case
    -- What harms is taken back whatever the switch says; without a person only in mode auto.
    when p_deployment.action = 'rollback' and p_deployment.approved_by is null
      and (healing_private.setting('mode_deployment') <> '"auto"' or healing_private.setting('dry_run') <> 'false')
      then 'waits for a person: mode_deployment is not auto, or dry_run is on'
    when p_deployment.action = 'rollback' then null
    when healing_private.setting('enabled') <> 'true' then 'the kill switch is thrown'
    when t.paused_at is not null then format('paused by %s: %s', t.paused_by, t.pause_reason)
    when p_deployment.approved_by is not null then null
    when not healing_private.may_heal('deployment') then 'waits for a person: mode_deployment, dry run or security does not let it start by itself'
    when (select count(*) from public.deployment_logs as d where d.target_id = t.id and d.approved_by is null and d.action <> 'rollback'
      and d.id <> p_deployment.id and d.intent_at > clock_timestamp() - interval '1 hour')
      >= (healing_private.setting('max_deployments_per_target_hour') #>> '{}')::integer then 'the target has had its deployments of this hour'
  end
  from public.deployment_targets as t where t.id = p_deployment.target_id;
$$;
revoke all on function healing_private.deployment_hindrance(public.deployment_logs) from public, anon, authenticated;
grant execute on function healing_private.deployment_hindrance(public.deployment_logs) to authenticated, service_role;
comment on function healing_private.deployment_hindrance(public.deployment_logs) is 'Why a deployment that waits may not start now; null when it may.';

create or replace function public.claim_deployments(
  p_worker text, p_limit integer default 1, p_lease_seconds integer default 120, p_deployment_id uuid default null)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  with due as (
    select d.id from public.deployment_logs as d
    where d.status in ('pending', 'deploying', 'building', 'unknown') and d.next_check_at <= clock_timestamp()
      and (d.lease_expires_at is null or d.lease_expires_at < clock_timestamp()) and (p_deployment_id is null or d.id = p_deployment_id)
      and (d.status <> 'pending' or (healing_private.deployment_hindrance(d) is null and not exists (select from public.deployment_logs as o
        where o.target_id = d.target_id and o.id <> d.id and (o.status in ('deploying', 'building', 'unknown')
          or (o.status = 'pending' and o.lease_expires_at > clock_timestamp())))))
    -- What takes harm back goes first, then what is under way.
    order by (d.action = 'rollback') desc, (d.status = 'pending'), d.next_check_at, d.created_at
    limit least(greatest(p_limit, 1), 50) for update skip locked
  ), claimed as (
    update public.deployment_logs as d
    set claimed_by = left(p_worker, 200), claim_number = nextval('healing_private.fencing_numbers'),
      lease_expires_at = clock_timestamp() + make_interval(secs => least(greatest(p_lease_seconds, 1), 900))
    from due where d.id = due.id returning d.*
  )
  select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object('target', to_jsonb(t), 'subject', to_jsonb(s))
    order by (c.action = 'rollback') desc, c.next_check_at, c.created_at), '[]')
  from claimed as c join public.deployment_targets as t on t.id = c.target_id
  left join public.deployment_logs as s on s.id = c.subject_id;
$$;
revoke all on function public.claim_deployments(text, integer, integer, uuid) from public, anon, authenticated;
grant execute on function public.claim_deployments(text, integer, integer, uuid) to service_role;
comment on function public.claim_deployments(text, integer, integer, uuid) is
  'Leases due deployments to one worker, each with a fencing number, its target and its subject: what may start, and what is under way. A crash gives them back.';

create or replace function healing_private.require_deployment_claim(p_deployment_id uuid, p_claim_number bigint)
returns public.deployment_logs
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_deployment public.deployment_logs;
begin
  select * into v_deployment from public.deployment_logs where id = p_deployment_id for update;
  if v_deployment.id is null then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no deployment %s', p_deployment_id),
      hint = 'Read public.deployment_logs';
  elsif v_deployment.claim_number is distinct from p_claim_number or coalesce(v_deployment.lease_expires_at < clock_timestamp(), true) then
    raise exception using errcode = 'PT409', detail = 'LEASE_LOST',
      message = format('The claim %s on deployment %s is not valid any more', p_claim_number, p_deployment_id),
      hint = 'Another worker may have it; stop working on it';
  end if;
  return v_deployment;
end;
$$;
revoke all on function healing_private.require_deployment_claim(uuid, bigint) from public, anon, authenticated;
comment on function healing_private.require_deployment_claim(uuid, bigint) is 'The deployment, locked; raises PT409 unless the claim on it is valid.';

create or replace function public.begin_deployment(
  p_deployment_id uuid, p_claim_number bigint, p_intent jsonb, p_rollback_point jsonb default null, p_lease_seconds integer default 120)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_deployment public.deployment_logs;
  v_hindrance text;
begin
  perform healing_private.hold_switch(false);
  v_deployment := healing_private.require_deployment_claim(p_deployment_id, p_claim_number);
  if v_deployment.status = 'pending' then
    v_hindrance := coalesce(healing_private.deployment_hindrance(v_deployment),
      case when exists (select from public.deployment_logs as o where o.target_id = v_deployment.target_id
        and o.status in ('deploying', 'building', 'unknown')) then 'another deployment of the target is under way' end);
  elsif v_deployment.status = 'unknown' then
    -- Sent once more only when the provider has been asked for long enough and never had it.
    v_hindrance := case when v_deployment.absent_count < 3 or coalesce(v_deployment.absent_since > clock_timestamp()
      - make_interval(secs => (healing_private.setting('deployment_absent_seconds') #>> '{}')::integer), true)
      then 'it is not yet certain that the provider does not have it' end;
  elsif v_deployment.status = 'deploying' and v_deployment.progress ->> 'not_taken' = 'true' then
    v_hindrance := null;
  else
    v_hindrance := format('it is %s', v_deployment.status);
  end if;
  if v_hindrance is not null then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Deployment %s cannot be sent: %s', p_deployment_id, v_hindrance),
      hint = 'Release it with update_deployment_status and its present status';
  end if;
  begin
    update public.deployment_logs
    set status = 'deploying', status_reason = 'about to be sent', intent = coalesce(p_intent, '{}'), intent_at = coalesce(intent_at, clock_timestamp()),
      rollback_point = coalesce(rollback_point, p_rollback_point), send_count = send_count + 1, absent_count = 0, absent_since = null,
      progress = progress - 'not_taken',
      lease_expires_at = clock_timestamp() + make_interval(secs => least(greatest(p_lease_seconds, 1), 900))
    where id = p_deployment_id returning * into v_deployment;
  exception when unique_violation then
    -- Two workers that began at once: the index has let one through.
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Deployment %s cannot be sent: another one of the target has just begun', p_deployment_id),
      hint = 'Release it with update_deployment_status and its present status';
  end;
  return to_jsonb(v_deployment);
end;
$$;
revoke all on function public.begin_deployment(uuid, bigint, jsonb, jsonb, integer) from public, anon, authenticated;
grant execute on function public.begin_deployment(uuid, bigint, jsonb, jsonb, integer) to service_role;
comment on function public.begin_deployment(uuid, bigint, jsonb, jsonb, integer) is
  'Records what is about to be sent and what stood there before, then it may be sent: for the first time, after a refusal for now (progress.not_taken), or when it is proved to be absent. Raises PT409 otherwise. Returns the deployment.';

create or replace function public.note_deployment_progress(p_deployment_id uuid, p_claim_number bigint, p_progress jsonb, p_lease_seconds integer default 120)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform healing_private.require_deployment_claim(p_deployment_id, p_claim_number);
  update public.deployment_logs
  set progress = progress || coalesce(p_progress, '{}'),
    lease_expires_at = clock_timestamp() + make_interval(secs => least(greatest(p_lease_seconds, 1), 900))
  where id = p_deployment_id;
end;
$$;
revoke all on function public.note_deployment_progress(uuid, bigint, jsonb, integer) from public, anon, authenticated;
grant execute on function public.note_deployment_progress(uuid, bigint, jsonb, integer) to service_role;
comment on function public.note_deployment_progress(uuid, bigint, jsonb, integer) is 'Records a step that is proved to be done, and renews the lease.';

create or replace function healing_private.end_rollback(p_deployment public.deployment_logs, p_proof jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rollback public.deployment_rollbacks;
  v_done boolean := p_deployment.status = 'ready';
begin
  if v_done and p_proof is null then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A rollback is not done before it is proved',
      hint = 'Send what the provider shows now as details.proof';
  end if;
  update public.deployment_rollbacks
  set status = case when v_done then 'done' else 'failed' end, proof = p_proof, outcome = left(p_deployment.status_reason, 2000),
    finished_at = clock_timestamp()
  where carried_out_by = p_deployment.id and status = 'pending' returning * into v_rollback;
  if v_rollback.id is null then
    return;
  end if;
  if v_done then
    update public.deployment_logs set status = 'rolled_back', status_reason = left('rolled back: ' || v_rollback.reason, 2000),
      settled_at = clock_timestamp() where id = v_rollback.deployment_id and status in ('ready', 'live', 'kept');
    insert into public.rollback_history (deployment_id, reason, actor, details)
    values (v_rollback.deployment_id, v_rollback.reason, v_rollback.requested_by, jsonb_build_object('rollback_id', v_rollback.id, 'proof', p_proof));
  end if;
  if v_rollback.automatic then
    insert into public.auto_rollback_logs (deployment_id, trigger_reason, measured, succeeded)
    values (v_rollback.deployment_id, v_rollback.reason, v_rollback.measured, v_done);
  end if;
end;
$$;
revoke all on function healing_private.end_rollback(public.deployment_logs, jsonb) from public, anon, authenticated;
comment on function healing_private.end_rollback(public.deployment_logs, jsonb) is 'Writes what came of a rollback to everybody who keeps a record of it.';

create or replace function healing_private.end_deployment(p_deployment public.deployment_logs, p_details jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if p_deployment.action = 'rollback' then
    perform healing_private.end_rollback(p_deployment, p_details -> 'proof');
  end if;
  update public.auto_fixes as f
  set aftermath = jsonb_set(f.aftermath, '{redeploy}', coalesce(f.aftermath -> 'redeploy', '{}') || jsonb_build_object('status', p_deployment.status,
    'deployment_id', p_deployment.id, 'reason', p_deployment.status_reason, 'ended_at', p_deployment.finished_at))
  from public.deployment_triggers as t
  where t.deployment_id = p_deployment.id and t.auto_fix_id = f.id and f.aftermath is not null;
  -- In the transaction of the end: an error that a deployment met is captured once, however often workers die.
  if jsonb_typeof(p_details -> 'errors') = 'array' and jsonb_array_length(p_details -> 'errors') > 0 then
    perform public.capture_errors(p_details -> 'errors');
  end if;
  perform healing_private.note_deployment(p_deployment, 'deployment_' || p_deployment.status,
    case p_deployment.status when 'ready' then 'success' when 'cancelled' then 'skipped' else 'failure' end, p_deployment.status_reason);
  if p_deployment.status in ('failed', 'blocked') then
    perform healing_private.notify(case p_deployment.action when 'rollback' then 'critical' else 'high' end,
      format('%s of %s: %s', p_deployment.action, p_deployment.project_id, p_deployment.status), p_deployment.status_reason,
      'deployment_ended:' || p_deployment.id, jsonb_build_object('deployment_id', p_deployment.id, 'url', p_deployment.url));
  end if;
  begin
    perform public.broadcast_project_event(p_deployment.project_id, 'deployment:ended',
      jsonb_build_object('deployment_id', p_deployment.id, 'status', p_deployment.status, 'reason', p_deployment.status_reason));
  exception when others then
    -- Who watches must not keep a deployment from ending.
    raise warning 'the end of a deployment could not be broadcast: % (%)', sqlerrm, sqlstate;
  end;
end;
$$;
revoke all on function healing_private.end_deployment(public.deployment_logs, jsonb) from public, anon, authenticated;
comment on function healing_private.end_deployment(public.deployment_logs, jsonb) is
  'Tells the end of a deployment to the rollback, the fixes, the errors, the events and the people that wait for it.';

create or replace function healing_private.move_deployment(p_old public.deployment_logs, p_status text, p_details jsonb)
returns public.deployment_logs
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_deployment public.deployment_logs;
  v_ends boolean := p_status in ('ready', 'failed', 'cancelled', 'blocked');
  v_absent boolean := coalesce((p_details ->> 'absent')::boolean, false);
begin
  update public.deployment_logs as d
  set status = p_status, status_reason = left(coalesce(p_details ->> 'reason', case when p_status = d.status then d.status_reason else p_status end), 2000),
    provider_deployment_id = coalesce(left(p_details ->> 'provider_deployment_id', 500), d.provider_deployment_id),
    provider_state = coalesce(left(p_details ->> 'provider_state', 100), d.provider_state),
    url = coalesce(left(p_details ->> 'url', 2000), d.url), error = coalesce(p_details -> 'error', d.error),
    progress = d.progress || coalesce(p_details -> 'progress', '{}'), look_count = d.look_count + 1,
    absent_count = case when v_absent then d.absent_count + 1 else 0 end,
    absent_since = case when v_absent then coalesce(d.absent_since, clock_timestamp()) end,
    deployed_at = case when p_status = 'ready' then clock_timestamp() else d.deployed_at end,
    finished_at = case when v_ends then clock_timestamp() else d.finished_at end,
    settled_at = case when p_status in ('kept', 'rolled_back') then clock_timestamp() else d.settled_at end,
    claimed_by = null, lease_expires_at = null,
    next_check_at = clock_timestamp() + make_interval(secs => least(greatest(coalesce((p_details ->> 'next_check_seconds')::double precision, 15), 0), 86400))
  where d.id = p_old.id returning * into v_deployment;
  return v_deployment;
end;
$$;
revoke all on function healing_private.move_deployment(public.deployment_logs, text, jsonb) from public, anon, authenticated;
comment on function healing_private.move_deployment(public.deployment_logs, text, jsonb) is 'Writes one step of a deployment, or one look that changed nothing, and gives the claim back.';

create or replace function public.update_deployment_status(
  p_deployment_id uuid, p_status text, p_details jsonb default '{}', p_claim_number bigint default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_old public.deployment_logs;
  v_new public.deployment_logs;
begin
  select * into v_old from public.deployment_logs where id = p_deployment_id for update;
  -- What is on its way belongs to the worker that has it; what is there is judged by the watch, which has claims of its own.
  if v_old.id is null or v_old.finished_at is null then
    v_old := healing_private.require_deployment_claim(p_deployment_id, p_claim_number);
  elsif p_claim_number is not null then
    raise exception using errcode = 'PT409', detail = 'LEASE_LOST', message = format('Deployment %s has ended as %s', p_deployment_id, v_old.status),
      hint = 'Its one final state is not changed by a late worker';
  end if;
  if p_status is distinct from v_old.status and (p_status = 'deploying' or not coalesce(p_status = any (healing_private.deployment_moves(v_old.status)), false)) then
    raise exception using errcode = 'PT409', detail = 'CONFLICT',
      message = format('Cannot move deployment %s from %s to %s', p_deployment_id, v_old.status, coalesce(p_status, 'nothing')),
      hint = format('From %s it can go to: %s; to deploying only by begin_deployment', v_old.status,
        coalesce(nullif(array_to_string(healing_private.deployment_moves(v_old.status), ', '), ''), 'nowhere'));
  elsif p_status = v_old.status and v_old.finished_at is not null then
    return to_jsonb(v_old);
  end if;
  v_new := healing_private.move_deployment(v_old, p_status, coalesce(p_details, '{}'));
  if v_old.finished_at is null and v_new.finished_at is not null then
    perform healing_private.end_deployment(v_new, coalesce(p_details, '{}'));
  elsif v_new.status is distinct from v_old.status then
    perform healing_private.note_deployment(v_new, 'deployment_' || v_new.status, 'pending', v_new.status_reason);
  end if;
  return to_jsonb(v_new);
end;
$$;
revoke all on function public.update_deployment_status(uuid, text, jsonb, bigint) from public, anon, authenticated;
grant execute on function public.update_deployment_status(uuid, text, jsonb, bigint) to service_role;
comment on function public.update_deployment_status(uuid, text, jsonb, bigint) is
  'The only way from state to state. The present status is a look that changed nothing. details: {reason, provider_deployment_id, provider_state, url, error, errors, progress, proof, absent, next_check_seconds}. Raises PT409 for an impossible move or a lost claim.';

notify pgrst, 'reload schema';
