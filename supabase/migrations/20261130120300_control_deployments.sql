-- Adds what admins do with deployments: set_deployment_target, pause_deployments, resume_deployments, decide_deployment (approve, cancel,
-- and say what became of one whose outcome nobody can read), promote_deployment.
-- Locks: none on existing tables.
-- Undo: drop function public.set_deployment_target, public.pause_deployments, public.resume_deployments, public.decide_deployment,
--       public.promote_deployment, healing_private.set_deployment_target, healing_private.pause_deployments,
--       healing_private.decide_deployment, healing_private.settle_deployment_by_person, healing_private.promote_deployment.

create or replace function healing_private.set_deployment_target(
  p_project_id text, p_provider text, p_config jsonb, p_vault_entry text, p_reason text, p_is_default boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_target public.deployment_targets;
begin
  perform healing_private.require_decision('set a target of deployments', p_provider, array['vercel', 'github', 'supabase', 'hook'], p_reason);
  if p_is_default then
    update public.deployment_targets set is_default = false where project_id = p_project_id and provider <> p_provider and is_default;
  end if;
  insert into public.deployment_targets as t (project_id, provider, config, vault_entry, is_default, updated_by, update_reason)
  values (p_project_id, p_provider, p_config, p_vault_entry, p_is_default, healing_private.actor(), left(p_reason, 2000))
  on conflict (project_id, provider) do update
  set config = excluded.config, vault_entry = excluded.vault_entry, is_default = excluded.is_default, updated_by = excluded.updated_by,
    update_reason = excluded.update_reason, updated_at = clock_timestamp()
  returning * into v_target;
  insert into public.healing_events (event_type, category, severity, result, message, project_id, details)
  values ('deployment_target_set', 'deployment', 'medium', 'success', left(p_reason, 1000), p_project_id,
    jsonb_build_object('target_id', v_target.id, 'provider', p_provider, 'config', p_config, 'by', healing_private.actor()));
  return to_jsonb(v_target);
end;
$$;
revoke all on function healing_private.set_deployment_target(text, text, jsonb, text, text, boolean) from public, anon, authenticated;
grant execute on function healing_private.set_deployment_target(text, text, jsonb, text, text, boolean) to authenticated, service_role;
comment on function healing_private.set_deployment_target(text, text, jsonb, text, text, boolean) is 'The rights behind set_deployment_target; checks that a person acts.';

create or replace function public.set_deployment_target(
  p_project_id text, p_provider text, p_config jsonb, p_vault_entry text, p_reason text, p_is_default boolean default true)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.set_deployment_target(p_project_id, p_provider, p_config, p_vault_entry, p_reason, p_is_default);
$$;
revoke all on function public.set_deployment_target(text, text, jsonb, text, text, boolean) from public, anon, authenticated;
grant execute on function public.set_deployment_target(text, text, jsonb, text, text, boolean) to authenticated, service_role;
comment on function public.set_deployment_target(text, text, jsonb, text, text, boolean) is
  'An admin says where a project is deployed to: names and ids in the config, and the name of the secret, never the secret. docs/deployments.md has each provider''s config.';

create or replace function healing_private.pause_deployments(p_project_id text, p_reason text, p_provider text, p_pause boolean)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_changed integer;
begin
  perform healing_private.require_decision('pause or resume deployments', 'pause', array['pause'], p_reason);
  update public.deployment_targets
  set paused_at = case when p_pause then clock_timestamp() end, paused_by = case when p_pause then healing_private.actor() end,
    pause_reason = case when p_pause then left(p_reason, 2000) end
  where project_id = p_project_id and (p_provider is null or provider = p_provider) and (paused_at is null) = p_pause;
  get diagnostics v_changed = row_count;
  insert into public.healing_events (event_type, category, severity, result, message, project_id, details)
  values (case when p_pause then 'deployments_paused' else 'deployments_resumed' end, 'deployment', 'medium', 'success', left(p_reason, 1000),
    p_project_id, jsonb_build_object('provider', p_provider, 'targets', v_changed, 'by', healing_private.actor()));
  return v_changed;
end;
$$;
revoke all on function healing_private.pause_deployments(text, text, text, boolean) from public, anon, authenticated;
grant execute on function healing_private.pause_deployments(text, text, text, boolean) to authenticated, service_role;
comment on function healing_private.pause_deployments(text, text, text, boolean) is 'The rights behind pause_deployments and resume_deployments; checks that a person acts.';

create or replace function public.pause_deployments(p_project_id text, p_reason text, p_provider text default null)
returns integer
language sql
security invoker
set search_path = ''
as $$
  select healing_private.pause_deployments(p_project_id, p_reason, p_provider, true);
$$;
revoke all on function public.pause_deployments(text, text, text) from public, anon, authenticated;
grant execute on function public.pause_deployments(text, text, text) to authenticated, service_role;
comment on function public.pause_deployments(text, text, text) is
  'An admin lets nothing new start at a project''s targets, with a reason; what is under way is followed to its end, and rollbacks still run. Returns how many targets.';

create or replace function public.resume_deployments(p_project_id text, p_reason text, p_provider text default null)
returns integer
language sql
security invoker
set search_path = ''
as $$
  select healing_private.pause_deployments(p_project_id, p_reason, p_provider, false);
$$;
revoke all on function public.resume_deployments(text, text, text) from public, anon, authenticated;
grant execute on function public.resume_deployments(text, text, text) to authenticated, service_role;
comment on function public.resume_deployments(text, text, text) is 'Ends a pause, with a reason. Returns how many targets go on.';

-- Only what nobody can read back is a person's to say, and only while no worker is at it.
create or replace function healing_private.settle_deployment_by_person(p_deployment public.deployment_logs, p_status text, p_reason text)
returns public.deployment_logs
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_deployment public.deployment_logs;
  v_details jsonb := jsonb_build_object('reason', format('%s says: %s', healing_private.actor(), p_reason),
    'proof', jsonb_build_object('by', healing_private.actor(), 'reason', p_reason));
begin
  v_deployment := healing_private.move_deployment(p_deployment, p_status, v_details);
  perform healing_private.end_deployment(v_deployment, v_details);
  return v_deployment;
end;
$$;
revoke all on function healing_private.settle_deployment_by_person(public.deployment_logs, text, text) from public, anon, authenticated;
comment on function healing_private.settle_deployment_by_person(public.deployment_logs, text, text) is 'Ends a deployment on a person''s word.';

create or replace function healing_private.decide_deployment(p_deployment_id uuid, p_decision text, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_deployment public.deployment_logs;
  v_is_held boolean;
begin
  perform healing_private.require_decision('decide about a deployment', p_decision, array['approve', 'cancel', 'ready', 'failed'], p_reason);
  select * into v_deployment from public.deployment_logs where id = p_deployment_id for update;
  v_is_held := coalesce(v_deployment.lease_expires_at > clock_timestamp(), false);
  if p_decision = 'approve' and v_deployment.status = 'pending' and v_deployment.approved_by is null then
    update public.deployment_logs set approved_by = healing_private.actor(), approval_reason = left(p_reason, 2000),
      status_reason = 'approved, waits for its turn' where id = p_deployment_id returning * into v_deployment;
    perform healing_private.note_deployment(v_deployment, 'deployment_approved', 'pending', p_reason);
  elsif p_decision = 'cancel' and v_deployment.status = 'pending' and not v_is_held then
    v_deployment := healing_private.settle_deployment_by_person(v_deployment, 'cancelled', p_reason);
  elsif p_decision = 'cancel' and v_deployment.finished_at is null then
    update public.deployment_logs set cancel_requested_by = healing_private.actor(), cancel_reason = left(p_reason, 2000),
      next_check_at = clock_timestamp() where id = p_deployment_id returning * into v_deployment;
    perform healing_private.note_deployment(v_deployment, 'deployment_cancel_requested', 'pending', p_reason);
  elsif p_decision in ('ready', 'failed') and v_deployment.status = 'unknown' and not v_is_held then
    v_deployment := healing_private.settle_deployment_by_person(v_deployment, p_decision, p_reason);
  else
    raise exception using errcode = 'PT409', detail = 'CONFLICT',
      message = format('Cannot %s deployment %s: it is %s%s', p_decision, p_deployment_id, coalesce(v_deployment.status, 'not there'),
        case when v_is_held then ' and a worker has it' else '' end),
      hint = 'approve what is pending, cancel what has not ended, and say ready or failed of what is unknown';
  end if;
  return to_jsonb(v_deployment);
end;
$$;
revoke all on function healing_private.decide_deployment(uuid, text, text) from public, anon, authenticated;
grant execute on function healing_private.decide_deployment(uuid, text, text) to authenticated, service_role;
comment on function healing_private.decide_deployment(uuid, text, text) is 'The rights behind decide_deployment; checks that a person acts.';

create or replace function public.decide_deployment(p_deployment_id uuid, p_decision text, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.decide_deployment(p_deployment_id, p_decision, p_reason);
$$;
revoke all on function public.decide_deployment(uuid, text, text) from public, anon, authenticated;
grant execute on function public.decide_deployment(uuid, text, text) to authenticated, service_role;
comment on function public.decide_deployment(uuid, text, text) is
  'An admin approves a deployment that waits, cancels one that has not ended, or says ready or failed of one that is unknown. Returns the deployment.';

create or replace function healing_private.promote_deployment(p_deployment_id uuid, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_subject public.deployment_logs;
begin
  perform healing_private.require_decision('promote a deployment', 'promote', array['promote'], p_reason);
  select * into v_subject from public.deployment_logs where id = p_deployment_id;
  if v_subject.status is distinct from 'ready' and v_subject.status is distinct from 'live' then
    raise exception using errcode = 'PT409', detail = 'CONFLICT',
      message = format('Cannot promote deployment %s: it is %s', p_deployment_id, coalesce(v_subject.status, 'not there')),
      hint = 'Only what is ready or live can be promoted';
  end if;
  return healing_private.ask_for_deployment(jsonb_build_object('project_id', v_subject.project_id, 'provider', v_subject.provider,
    'reason', p_reason, 'kind', 'promote', 'action', 'promote', 'subject_id', v_subject.id, 'environment', 'production',
    'key', 'promote:' || v_subject.id), healing_private.actor(), true);
end;
$$;
revoke all on function healing_private.promote_deployment(uuid, text) from public, anon, authenticated;
grant execute on function healing_private.promote_deployment(uuid, text) to authenticated, service_role;
comment on function healing_private.promote_deployment(uuid, text) is 'The rights behind promote_deployment; checks that a person acts.';

create or replace function public.promote_deployment(p_deployment_id uuid, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.promote_deployment(p_deployment_id, p_reason);
$$;
revoke all on function public.promote_deployment(uuid, text) from public, anon, authenticated;
grant execute on function public.promote_deployment(uuid, text) to authenticated, service_role;
comment on function public.promote_deployment(uuid, text) is
  'An admin makes a ready deployment the one that production serves, with a reason. Returns {deployment, is_new, refusal}.';

notify pgrst, 'reload schema';
