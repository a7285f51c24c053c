-- Adds what the dashboard shows of deployments: list_deployments, get_deployment (with the curve of its rollout).
-- Locks: none.
-- Undo: drop function public.list_deployments, public.get_deployment, healing_private.deployment_line.

-- What stood there before and what was sent to a provider is not for people to read.
create or replace function healing_private.deployment_line(p_deployment public.deployment_logs)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object('id', p_deployment.id, 'project_id', p_deployment.project_id, 'provider', p_deployment.provider,
    'environment', p_deployment.environment, 'action', p_deployment.action, 'trigger_kind', p_deployment.trigger_kind,
    'trigger_reason', left(p_deployment.trigger_reason, 500), 'status', p_deployment.status, 'status_reason', left(p_deployment.status_reason, 500),
    'requested_by', p_deployment.requested_by, 'approved_by', p_deployment.approved_by, 'url', p_deployment.url,
    'subject_id', p_deployment.subject_id, 'created_at', p_deployment.created_at, 'deployed_at', p_deployment.deployed_at,
    'finished_at', p_deployment.finished_at, 'settled_at', p_deployment.settled_at,
    'rollout', (select jsonb_build_object('id', r.id, 'mode', r.mode, 'status', r.status, 'share', r.share, 'reason', left(r.reason, 500),
        'steps', r.steps, 'step', r.step) from public.rollouts as r where r.deployment_id = p_deployment.id));
$$;
revoke all on function healing_private.deployment_line(public.deployment_logs) from public, anon, authenticated;
grant execute on function healing_private.deployment_line(public.deployment_logs) to authenticated;
comment on function healing_private.deployment_line(public.deployment_logs) is 'A deployment as a line of a list, with how far its rollout is.';

create or replace function public.list_deployments(p_filter jsonb default '{}')
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform healing_private.require_person('read the deployments');
  return healing_private.as_page((
    select coalesce(jsonb_agg(healing_private.deployment_line(d) order by d.created_at desc, d.id desc), '[]') from (
      select * from public.deployment_logs
      where (created_at, id) < (healing_private.page_at(p_filter), healing_private.page_id(p_filter))
        and (p_filter ->> 'status' is null or status = any (string_to_array(p_filter ->> 'status', ',')))
        and (p_filter ->> 'action' is null or action = p_filter ->> 'action')
        and (p_filter ->> 'project_id' is null or project_id = p_filter ->> 'project_id')
        and (p_filter ->> 'environment' is null or environment = p_filter ->> 'environment')
      order by created_at desc, id desc limit healing_private.page_size(p_filter) + 1) as d), p_filter, 'created_at');
end;
$$;
revoke all on function public.list_deployments(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.list_deployments(jsonb) to authenticated;
comment on function public.list_deployments(jsonb) is
  'For admins: deployments, newest first; filters status (several with commas), action, project_id, environment; limit, after. Returns {rows, next}.';

create or replace function public.get_deployment(p_deployment_id uuid)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_deployment public.deployment_logs;
begin
  perform healing_private.require_person('read the deployments');
  select * into v_deployment from public.deployment_logs where id = p_deployment_id;
  if not found then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no deployment %s', p_deployment_id),
      hint = 'It may have been removed after history_days';
  end if;
  return jsonb_build_object('deployment', healing_private.deployment_line(v_deployment) || jsonb_build_object('changes', v_deployment.changes,
      'provider_state', v_deployment.provider_state, 'error', v_deployment.error, 'approval_reason', v_deployment.approval_reason,
      'cancel_requested_by', v_deployment.cancel_requested_by, 'cancel_reason', v_deployment.cancel_reason,
      'has_rollback_point', v_deployment.rollback_point is not null),
    'triggers', (select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'kind', t.kind, 'reason', t.reason, 'auto_fix_id', t.auto_fix_id,
        'fix_experiment_id', t.fix_experiment_id, 'requested_by', t.requested_by, 'requested_at', t.requested_at) order by t.requested_at desc), '[]')
      from (select * from public.deployment_triggers where deployment_id = p_deployment_id order by requested_at desc limit 50) as t),
    'rollbacks', (select coalesce(jsonb_agg(to_jsonb(b) order by b.requested_at desc), '[]')
      from public.deployment_rollbacks as b where b.deployment_id = p_deployment_id),
    'curve', (select public.get_rollout_curve(r.id) from public.rollouts as r where r.deployment_id = p_deployment_id),
    'errors', (select coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'error_message', left(e.error_message, 300), 'status', e.status,
        'score', c.score, 'reason', c.reason) order by c.score desc, e.id), '[]')
      from (select * from public.deployment_correlations where deployment_id = p_deployment_id order by score desc limit 20) as c
      join public.detected_errors as e on e.id = c.detected_error_id));
end;
$$;
revoke all on function public.get_deployment(uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_deployment(uuid) to authenticated;
comment on function public.get_deployment(uuid) is
  'For admins: one deployment with why it was asked for, the curve and the verdicts of its rollout, its rollbacks, and errors that may have come with it.';

notify pgrst, 'reload schema';
