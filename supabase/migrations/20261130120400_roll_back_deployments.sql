-- Adds going back: request_deployment_rollback (the watch over releases), rollback_deployment (admins), what forbids it, and the bodies
-- that a deployment of functions saves before it changes them.
-- Locks: none on existing tables.
-- Undo: drop function public.request_deployment_rollback, public.rollback_deployment, public.save_deployment_bodies,
--       public.get_deployment_bodies, healing_private.rollback_deployment, healing_private.ask_for_rollback,
--       healing_private.rollback_refusal.

create or replace function healing_private.rollback_refusal(p_deployment public.deployment_logs)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_destroyed text := healing_private.destroyed_since(coalesce(p_deployment.intent_at, p_deployment.created_at), null);
begin
  return case
    when p_deployment.id is null then 'there is no such deployment'
    when p_deployment.status not in ('ready', 'live', 'kept') then format('it is %s: there is nothing to take back', p_deployment.status)
    when p_deployment.action = 'rollback' then 'it is a rollback itself'
    when p_deployment.rollback_point is null then 'what stood there before is not known'
    when exists (select from public.deployment_logs as o where o.target_id = p_deployment.target_id and o.environment = p_deployment.environment
      and o.deployed_at > p_deployment.deployed_at and o.status in ('ready', 'live', 'kept')) then 'a later deployment stands on it'
    when v_destroyed is not null then format('something was destroyed since: %s. A release is never taken back across that', v_destroyed)
  end;
end;
$$;
revoke all on function healing_private.rollback_refusal(public.deployment_logs) from public, anon, authenticated;
grant execute on function healing_private.rollback_refusal(public.deployment_logs) to authenticated, service_role;
comment on function healing_private.rollback_refusal(public.deployment_logs) is 'Why a deployment cannot be rolled back, as far as rows tell; null when nothing speaks against it.';

create or replace function healing_private.ask_for_rollback(p_deployment_id uuid, p_reason text, p_measured jsonb, p_is_person boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_subject public.deployment_logs;
  v_rollback public.deployment_rollbacks;
  v_refusal text;
  v_asked jsonb;
begin
  select * into v_subject from public.deployment_logs where id = p_deployment_id for update;
  select * into v_rollback from public.deployment_rollbacks where deployment_id = p_deployment_id and status <> 'refused'
    and (status in ('pending', 'done') or not p_is_person) order by requested_at desc limit 1;
  if v_rollback.id is not null then
    return jsonb_build_object('rollback', to_jsonb(v_rollback), 'is_new', false, 'refusal',
      case when v_rollback.status = 'failed' then 'one rollback of a release is made without a person, and it failed' end);
  end if;
  v_refusal := healing_private.rollback_refusal(v_subject);
  if v_subject.id is null then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no deployment %s', p_deployment_id),
      hint = 'Read public.deployment_logs';
  elsif v_refusal is null then
    v_asked := healing_private.ask_for_deployment(jsonb_build_object('project_id', v_subject.project_id, 'provider', v_subject.provider,
      'environment', v_subject.environment, 'reason', p_reason, 'kind', 'rollback', 'action', 'rollback', 'subject_id', v_subject.id,
      'key', format('rollback:%s:%s', v_subject.id, gen_random_uuid())), healing_private.actor(), p_is_person);
  end if;
  insert into public.deployment_rollbacks (deployment_id, carried_out_by, automatic, status, reason, measured, outcome, requested_by, finished_at)
  values (v_subject.id, (v_asked #>> '{deployment,id}')::uuid, not p_is_person, case when v_refusal is null then 'pending' else 'refused' end,
    left(p_reason, 2000), coalesce(p_measured, '{}'), v_refusal, healing_private.actor(), case when v_refusal is not null then clock_timestamp() end)
  returning * into v_rollback;
  if v_refusal is not null then
    perform healing_private.notify('critical', 'A deployment cannot be rolled back: ' || v_subject.project_id, format('%s. Wanted because: %s',
      v_refusal, p_reason), 'rollback_refused:' || v_subject.id, jsonb_build_object('deployment_id', v_subject.id, 'rollback_id', v_rollback.id));
  end if;
  return jsonb_build_object('rollback', to_jsonb(v_rollback), 'is_new', true, 'refusal', v_refusal);
end;
$$;
revoke all on function healing_private.ask_for_rollback(uuid, text, jsonb, boolean) from public, anon, authenticated;
comment on function healing_private.ask_for_rollback(uuid, text, jsonb, boolean) is
  'Asks for a rollback once: {rollback, is_new, refusal}. What is refused is recorded and told to people.';

create or replace function public.request_deployment_rollback(p_deployment_id uuid, p_reason text, p_measured jsonb default '{}')
returns jsonb
language sql
security definer
set search_path = ''
as $$
  select healing_private.ask_for_rollback(p_deployment_id, p_reason, p_measured, false);
$$;
revoke all on function public.request_deployment_rollback(uuid, text, jsonb) from public, anon, authenticated;
grant execute on function public.request_deployment_rollback(uuid, text, jsonb) to service_role;
comment on function public.request_deployment_rollback(uuid, text, jsonb) is
  'A machine asks for a release to be taken back, with what it measured; once for a release, and in mode suggest it waits for a person. Returns {rollback, is_new, refusal}.';

create or replace function healing_private.rollback_deployment(p_deployment_id uuid, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform healing_private.require_decision('roll a deployment back', 'rollback', array['rollback'], p_reason);
  return healing_private.ask_for_rollback(p_deployment_id, p_reason, '{}', true);
end;
$$;
revoke all on function healing_private.rollback_deployment(uuid, text) from public, anon, authenticated;
grant execute on function healing_private.rollback_deployment(uuid, text) to authenticated, service_role;
comment on function healing_private.rollback_deployment(uuid, text) is 'The rights behind rollback_deployment; checks that a person acts.';

create or replace function public.rollback_deployment(p_deployment_id uuid, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.rollback_deployment(p_deployment_id, p_reason);
$$;
revoke all on function public.rollback_deployment(uuid, text) from public, anon, authenticated;
grant execute on function public.rollback_deployment(uuid, text) to authenticated, service_role;
comment on function public.rollback_deployment(uuid, text) is
  'An admin takes a release back, with a reason, kill switch or not. Returns {rollback, is_new, refusal}; never across a change that destroyed something.';

create or replace function public.save_deployment_bodies(p_deployment_id uuid, p_claim_number bigint, p_bodies jsonb)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_saved integer;
begin
  perform healing_private.require_deployment_claim(p_deployment_id, p_claim_number);
  -- The first one stays: after a crash what stands there may already be the new one.
  insert into healing_private.deployment_bodies (deployment_id, function_slug, metadata, body)
  select p_deployment_id, b ->> 'slug', coalesce(b -> 'metadata', '{}'), case when jsonb_typeof(b -> 'body') = 'null' then null else b -> 'body' end
  from jsonb_array_elements(p_bodies) as b
  on conflict (deployment_id, function_slug) do nothing;
  get diagnostics v_saved = row_count;
  return v_saved;
end;
$$;
revoke all on function public.save_deployment_bodies(uuid, bigint, jsonb) from public, anon, authenticated;
grant execute on function public.save_deployment_bodies(uuid, bigint, jsonb) to service_role;
comment on function public.save_deployment_bodies(uuid, bigint, jsonb) is
  'Keeps the functions as they stand before a deployment changes them, [{slug, metadata, body}]; what was kept first stays. Returns how many are new.';

create or replace function public.get_deployment_bodies(p_deployment_id uuid)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('slug', function_slug, 'metadata', metadata, 'body', body, 'saved_at', saved_at) order by function_slug), '[]')
  from healing_private.deployment_bodies where deployment_id = p_deployment_id;
$$;
revoke all on function public.get_deployment_bodies(uuid) from public, anon, authenticated;
grant execute on function public.get_deployment_bodies(uuid) to service_role;
comment on function public.get_deployment_bodies(uuid) is 'The functions as they stood before a deployment: [{slug, metadata, body, saved_at}].';

notify pgrst, 'reload schema';
