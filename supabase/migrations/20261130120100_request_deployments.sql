-- Adds asking for deployments: request_deployment (machines) and trigger_deployment (admins), the settings of deployments, and the
-- kinds of fixes that deploy.
-- Locks: none on existing tables.
-- Undo: drop function public.request_deployment, public.trigger_deployment, healing_private.trigger_deployment,
--       healing_private.ask_for_deployment, healing_private.add_deployment, healing_private.deployment_target,
--       healing_private.merge_changes, healing_private.require_deployment_request, healing_private.note_deployment;
--       delete from public.healing_settings where key in ('max_deployments_per_target_hour', 'deployment_absent_seconds',
--       'deployment_ask_minutes'); delete from healing_private.fix_kinds where action_group = 'deployment';

insert into public.healing_settings (key, wanted, actual, description)
select key, value, value, description
from (values
  ('max_deployments_per_target_hour', '1'::jsonb, 'Deployments of one target that start in an hour without a person; rollbacks do not count.'),
  ('deployment_absent_seconds', '300', 'Seconds over which a provider has to say that it does not have a deployment before it is sent once more.'),
  ('deployment_ask_minutes', '60', 'Minutes after which people are told of a deployment whose outcome is still unknown.')
) as setting (key, value, description)
on conflict (key) do nothing;

insert into healing_private.fix_kinds (kind, action_group, least_risk, least_risk_at_runtime)
values ('redeploy', 'deployment', 'medium', 'medium'), ('promote', 'deployment', 'high', 'high'),
  ('rollback_deployment', 'deployment', 'high', 'high')
on conflict (kind) do nothing;

create or replace function healing_private.note_deployment(p_deployment public.deployment_logs, p_event text, p_result text, p_message text)
returns void
language sql
security definer
set search_path = ''
as $$
  insert into public.healing_events (event_type, category, severity, result, message, project_id, details)
  values (p_event, 'deployment', case p_result when 'failure' then 'high' else 'low' end, p_result, left(p_message, 1000), p_deployment.project_id,
    jsonb_build_object('deployment_id', p_deployment.id, 'provider', p_deployment.provider, 'action', p_deployment.action,
      'status', p_deployment.status, 'by', healing_private.actor()));
$$;
revoke all on function healing_private.note_deployment(public.deployment_logs, text, text, text) from public, anon, authenticated;
comment on function healing_private.note_deployment(public.deployment_logs, text, text, text) is 'Appends what happened to a deployment to the events.';

-- Files are known by their path and functions by their slug: the later one takes the place of the earlier.
create or replace function healing_private.merge_changes(p_old jsonb, p_new jsonb)
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select p_old || p_new || coalesce((
    select jsonb_object_agg(l.list, (
      select coalesce(jsonb_agg(last.entry order by last.place), '[]'::jsonb) from (
        select distinct on (coalesce(e ->> l.name, e::text)) e as entry, place
        from jsonb_array_elements((p_old -> l.list) || (p_new -> l.list)) with ordinality as both_lists (e, place)
        order by coalesce(e ->> l.name, e::text), place desc) as last))
    from (values ('files', 'path'), ('functions', 'slug'), ('touched', 'path')) as l (list, name)
    where jsonb_typeof(p_old -> l.list) = 'array' and jsonb_typeof(p_new -> l.list) = 'array'), '{}'::jsonb);
$$;
revoke all on function healing_private.merge_changes(jsonb, jsonb) from public, anon, authenticated;
comment on function healing_private.merge_changes(jsonb, jsonb) is 'Two sets of changes as one: files by path and functions by slug, the later wins.';

create or replace function healing_private.deployment_target(p_project_id text, p_provider text)
returns public.deployment_targets
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_target public.deployment_targets;
begin
  -- Its lock makes requests for one target follow each other: two at once cannot both find nothing that waits.
  select * into v_target from public.deployment_targets as t
  where t.project_id = p_project_id and (t.provider = p_provider or (p_provider is null and t.is_default)) for update;
  if v_target.id is null then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND',
      message = format('Project "%s" has no %s to deploy to', left(p_project_id, 200), coalesce('target of ' || left(p_provider, 50), 'default target')),
      hint = 'An admin sets one: select set_deployment_target(''<project>'', ''vercel'', ''{...}'', ''deploy_vercel_token'', ''<reason>'')';
  end if;
  return v_target;
end;
$$;
revoke all on function healing_private.deployment_target(text, text) from public, anon, authenticated;
comment on function healing_private.deployment_target(text, text) is 'The target of a project, locked: of a provider, or its default. Raises PT404 without one.';

create or replace function healing_private.require_deployment_request(p_request jsonb)
returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_problem text := case
    when jsonb_typeof(p_request) is distinct from 'object' then 'it is no object'
    when coalesce(p_request ->> 'project_id', '') !~ '^[\w.-]{1,200}$' then 'project_id is missing or has odd characters'
    when length(coalesce(btrim(p_request ->> 'reason'), '')) not between 1 and 2000 then 'reason is missing or longer than 2000 characters'
    when jsonb_typeof(coalesce(p_request -> 'changes', '{}')) <> 'object' then 'changes is no object'
    when length(coalesce(p_request ->> 'key', '')) not between 1 and 200 then 'key has to have between 1 and 200 characters'
    when coalesce(p_request ->> 'environment', 'production') not in ('production', 'preview') then 'environment is production or preview'
    when pg_column_size(p_request) > 4000000 then 'it is larger than 4 MB'
  end;
begin
  if v_problem is not null then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'That is no request for a deployment: ' || v_problem,
      hint = 'Send {project_id, reason, key, changes?, provider?, environment?, auto_fix_id?, fix_experiment_id?}';
  end if;
end;
$$;
revoke all on function healing_private.require_deployment_request(jsonb) from public, anon, authenticated;
comment on function healing_private.require_deployment_request(jsonb) is 'Raises PT400, with what is wrong, unless the request can be carried out.';

create or replace function healing_private.add_deployment(p_target public.deployment_targets, p_request jsonb, p_actor text, p_is_person boolean)
returns public.deployment_logs
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_deployment public.deployment_logs;
  v_action text := coalesce(p_request ->> 'action', 'deploy');
  v_environment text := coalesce(p_request ->> 'environment', 'production');
begin
  if v_action = 'deploy' then
    -- What nobody has approved never slips into what somebody has.
    update public.deployment_logs set changes = healing_private.merge_changes(changes, coalesce(p_request -> 'changes', '{}'))
    where target_id = p_target.id and environment = v_environment and status = 'pending' and action = 'deploy' and claim_number is null
      and (approved_by is not null) = p_is_person and cancel_requested_by is null
    returning * into v_deployment;
    if v_deployment.id is not null then
      return v_deployment;
    end if;
  end if;
  insert into public.deployment_logs (project_id, target_id, provider, environment, action, trigger_kind, trigger_reason, changes, subject_id,
    requested_by, approved_by, approval_reason)
  values (p_target.project_id, p_target.id, p_target.provider, v_environment, v_action, p_request ->> 'kind', p_request ->> 'reason',
    coalesce(p_request -> 'changes', '{}'), (p_request ->> 'subject_id')::uuid, p_actor, case when p_is_person then p_actor end,
    case when p_is_person then p_request ->> 'reason' end)
  returning * into v_deployment;
  if not p_is_person and not healing_private.may_heal('deployment') then
    update public.deployment_logs set status_reason = 'waits for a person: mode_deployment, switch or dry run does not let it start by itself'
    where id = v_deployment.id returning * into v_deployment;
    perform healing_private.notify('medium', format('A %s waits for you: %s', v_action, p_target.project_id), p_request ->> 'reason',
      'deployment_waits:' || v_deployment.id, jsonb_build_object('deployment_id', v_deployment.id,
        'next', format('select decide_deployment(%L, ''approve'', ''why'') -- or cancel', v_deployment.id)));
  end if;
  return v_deployment;
end;
$$;
revoke all on function healing_private.add_deployment(public.deployment_targets, jsonb, text, boolean) from public, anon, authenticated;
comment on function healing_private.add_deployment(public.deployment_targets, jsonb, text, boolean) is
  'Joins the deployment that waits for the same target and nobody has taken, or adds one; without a person it waits where the mode asks for one.';

create or replace function healing_private.ask_for_deployment(p_request jsonb, p_actor text, p_is_person boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_target public.deployment_targets;
  v_trigger public.deployment_triggers;
  v_deployment public.deployment_logs;
begin
  perform healing_private.require_deployment_request(p_request);
  v_target := healing_private.deployment_target(p_request ->> 'project_id', p_request ->> 'provider');
  select * into v_trigger from public.deployment_triggers where project_id = v_target.project_id and dedupe_key = p_request ->> 'key';
  if v_trigger.id is null then
    if not p_is_person and p_request ->> 'kind' <> 'rollback' and healing_private.setting('mode_deployment') = '"off"' then
      return jsonb_build_object('deployment', null, 'is_new', false, 'refusal', 'mode_deployment is off');
    end if;
    v_deployment := healing_private.add_deployment(v_target, p_request, p_actor, p_is_person);
    insert into public.deployment_triggers (project_id, dedupe_key, deployment_id, kind, reason, changes, auto_fix_id, fix_experiment_id, requested_by)
    values (v_target.project_id, p_request ->> 'key', v_deployment.id, p_request ->> 'kind', p_request ->> 'reason',
      coalesce(p_request -> 'changes', '{}'), (p_request ->> 'auto_fix_id')::uuid, (p_request ->> 'fix_experiment_id')::uuid, p_actor);
    perform healing_private.note_deployment(v_deployment, 'deployment_requested', 'pending', p_request ->> 'reason');
    return jsonb_build_object('deployment', to_jsonb(v_deployment), 'is_new', true, 'refusal', null);
  end if;
  select * into strict v_deployment from public.deployment_logs where id = v_trigger.deployment_id;
  return jsonb_build_object('deployment', to_jsonb(v_deployment), 'is_new', false, 'refusal', null);
end;
$$;
revoke all on function healing_private.ask_for_deployment(jsonb, text, boolean) from public, anon, authenticated;
comment on function healing_private.ask_for_deployment(jsonb, text, boolean) is
  'One request under its key: {deployment, is_new, refusal}. The same key gets the same deployment, whatever became of it.';

create or replace function public.request_deployment(p_request jsonb)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  select healing_private.ask_for_deployment(p_request || jsonb_build_object('action', 'deploy', 'subject_id', null,
    'kind', case when p_request ->> 'kind' in ('fix', 'experiment_winner') then p_request ->> 'kind' else 'other' end),
    healing_private.actor(), false);
$$;
revoke all on function public.request_deployment(jsonb) from public, anon, authenticated;
grant execute on function public.request_deployment(jsonb) to service_role;
comment on function public.request_deployment(jsonb) is
  'A machine asks for a deployment, once for each key; what waits for the same target is joined. Returns {deployment, is_new, refusal}.';

create or replace function healing_private.trigger_deployment(p_project_id text, p_reason text, p_changes jsonb, p_options jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform healing_private.require_decision('deploy', 'deploy', array['deploy'], p_reason);
  return healing_private.ask_for_deployment(jsonb_build_object('project_id', p_project_id, 'reason', p_reason, 'changes', coalesce(p_changes, '{}'),
    'kind', 'person', 'action', 'deploy', 'provider', p_options ->> 'provider', 'environment', coalesce(p_options ->> 'environment', 'production'),
    'key', coalesce(p_options ->> 'key', 'person:' || gen_random_uuid())), healing_private.actor(), true);
end;
$$;
revoke all on function healing_private.trigger_deployment(text, text, jsonb, jsonb) from public, anon, authenticated;
grant execute on function healing_private.trigger_deployment(text, text, jsonb, jsonb) to authenticated, service_role;
comment on function healing_private.trigger_deployment(text, text, jsonb, jsonb) is 'The rights behind trigger_deployment; checks that a person acts.';

create or replace function public.trigger_deployment(p_project_id text, p_reason text, p_changes jsonb default '{}', p_options jsonb default '{}')
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.trigger_deployment(p_project_id, p_reason, p_changes, p_options);
$$;
revoke all on function public.trigger_deployment(text, text, jsonb, jsonb) from public, anon, authenticated;
grant execute on function public.trigger_deployment(text, text, jsonb, jsonb) to authenticated, service_role;
comment on function public.trigger_deployment(text, text, jsonb, jsonb) is
  'An admin deploys a project, with a reason; options: {provider?, environment?, key?}. Returns {deployment, is_new, refusal}.';

notify pgrst, 'reload schema';
