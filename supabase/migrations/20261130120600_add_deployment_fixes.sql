-- Adds deployments as fixes (redeploy, promote, rollback_deployment): deploy_by_fix asks for one, undo_deployment_by_fix takes it back.
-- The fix is watched from the moment at which its deployment has ended, since nothing has changed before.
-- Locks: a short SHARE ROW EXCLUSIVE on auto_fixes for its trigger.
-- Undo: drop trigger b_wait_for_deployment on public.auto_fixes; drop function healing_private.wait_for_deployment,
--       healing_private.watch_deployed_fixes, healing_private.deploy_by_fix, healing_private.undo_deployment_by_fix,
--       healing_private.redeploy_hindrance; drop trigger b_watch_deployed_fixes on public.deployment_logs.

create or replace function healing_private.redeploy_hindrance(p_project_id text, p_provider text)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select case
    when t.id is null then format('project "%s" has no target to deploy to', left(p_project_id, 200))
    when t.paused_at is not null then format('its deployments are paused by %s: %s', t.paused_by, t.pause_reason)
    when exists (select from public.deployment_logs as d where d.target_id = t.id and d.status in ('pending', 'deploying', 'building', 'unknown'))
      then 'a deployment is on its way already'
  end
  from (select) as always left join public.deployment_targets as t
    on t.project_id = p_project_id and (t.provider = p_provider or (p_provider is null and t.is_default))
  limit 1;
$$;
revoke all on function healing_private.redeploy_hindrance(text, text) from public, anon, authenticated;
comment on function healing_private.redeploy_hindrance(text, text) is 'Why a fix does not deploy a project now; null when it may.';

create or replace function healing_private.deploy_by_fix(p_action jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_fix public.auto_fixes;
  v_subject public.deployment_logs;
  v_asked jsonb;
  v_id uuid;
begin
  select * into v_fix from public.auto_fixes where status in ('proposed', 'applying') and action = p_action order by applying_at desc nulls last limit 1;
  select * into v_subject from public.deployment_logs where id = (p_action ->> 'deployment')::uuid;
  if p_action ->> 'kind' = 'rollback_deployment' then
    v_asked := healing_private.ask_for_rollback(v_subject.id, coalesce(v_fix.reason, 'a fix'), coalesce(v_fix.evidence, '{}'), v_fix.approved_by is not null);
    v_id := (v_asked #>> '{rollback,carried_out_by}')::uuid;
  else
    -- Whoever has approved the fix has approved its deployment.
    v_asked := healing_private.ask_for_deployment(jsonb_build_object('kind', case p_action ->> 'kind' when 'promote' then 'promote' else 'fix' end,
      'action', case p_action ->> 'kind' when 'promote' then 'promote' else 'deploy' end, 'reason', left(coalesce(v_fix.reason, 'a fix'), 2000),
      'project_id', coalesce(v_subject.project_id, p_action ->> 'project'), 'provider', coalesce(v_subject.provider, p_action ->> 'provider'),
      'subject_id', v_subject.id, 'key', 'action:' || coalesce(v_fix.id, gen_random_uuid())), coalesce(v_fix.approved_by, healing_private.actor()),
      v_fix.approved_by is not null);
    v_id := (v_asked #>> '{deployment,id}')::uuid;
  end if;
  update public.deployment_triggers set auto_fix_id = v_fix.id where deployment_id = v_id and auto_fix_id is null and v_fix.id is not null;
  return jsonb_build_object('deployment_id', v_id, 'refusal', v_asked -> 'refusal');
end;
$$;
revoke all on function healing_private.deploy_by_fix(jsonb) from public, anon, authenticated;
comment on function healing_private.deploy_by_fix(jsonb) is 'Asks for what a fix of deployments wants, under the fix''s id: {deployment_id, refusal}.';

create or replace function healing_private.undo_deployment_by_fix(p_deployment_id uuid)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_deployment public.deployment_logs;
  v_asked jsonb;
begin
  select * into v_deployment from public.deployment_logs where id = p_deployment_id for update;
  if v_deployment.status = 'pending' and coalesce(v_deployment.lease_expires_at < clock_timestamp(), true) then
    v_deployment := healing_private.move_deployment(v_deployment, 'cancelled', jsonb_build_object('reason', 'the fix that wanted it was taken back'));
    perform healing_private.end_deployment(v_deployment, '{}');
  elsif v_deployment.finished_at is null then
    update public.deployment_logs set cancel_requested_by = 'fix', cancel_reason = 'the fix that wanted it was taken back',
      next_check_at = clock_timestamp() where id = p_deployment_id;
  elsif v_deployment.status in ('ready', 'live', 'kept') then
    v_asked := healing_private.ask_for_rollback(p_deployment_id, 'the fix that wanted it was taken back', '{}', false);
    return v_asked ->> 'refusal';
  end if;
  return null;
end;
$$;
revoke all on function healing_private.undo_deployment_by_fix(uuid) from public, anon, authenticated;
comment on function healing_private.undo_deployment_by_fix(uuid) is
  'Cancels a deployment that has not ended, or asks for its rollback. Returns why that is refused, or null.';

create or replace function healing_private.wait_for_deployment()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Until its deployment has ended nobody judges the fix: everything still is as it was.
  if exists (select from public.deployment_triggers as t join public.deployment_logs as d on d.id = t.deployment_id
    where t.auto_fix_id = new.id and d.finished_at is null) then
    new.lease_expires_at := clock_timestamp() + interval '7 days';
  end if;
  return new;
end;
$$;
revoke all on function healing_private.wait_for_deployment() from public, anon, authenticated;
comment on function healing_private.wait_for_deployment() is 'Holds the judgement on a fix of deployments until its deployment has ended, at most seven days.';
create or replace trigger b_wait_for_deployment before update of status on public.auto_fixes
  for each row when (new.status = 'validating' and old.status = 'applying' and new.action_group = 'deployment')
  execute function healing_private.wait_for_deployment();

create or replace function healing_private.watch_deployed_fixes()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  with watched as (
    update public.auto_fixes as f
    set lease_expires_at = null, applied_at = clock_timestamp(), validate_until = clock_timestamp() + (f.validate_until - f.applied_at)
    from public.deployment_triggers as t
    where t.deployment_id = new.id and t.auto_fix_id = f.id and f.status = 'validating' and f.action_group = 'deployment'
    returning f.detected_error_id)
  update public.detected_errors set occurrences_since_fix = 0 where id in (select detected_error_id from watched);
  return new;
end;
$$;
revoke all on function healing_private.watch_deployed_fixes() from public, anon, authenticated;
comment on function healing_private.watch_deployed_fixes() is 'Begins the watch over the fixes that a deployment carries, when it has ended.';
create or replace trigger b_watch_deployed_fixes after update of status on public.deployment_logs
  for each row when (old.finished_at is null and new.finished_at is not null)
  execute function healing_private.watch_deployed_fixes();

notify pgrst, 'reload schema';
