-- Adds the beginning of rollouts: start_rollout, what begins by itself, and get_rollout_share, which functions of authors read.
-- Locks: none on existing tables.
-- Undo: drop function public.start_rollout, public.get_rollout_share, healing_private.start_due_rollouts, healing_private.begin_rollout,
--       healing_private.changed_functions; delete from public.healing_settings where key like 'rollout\_%';

insert into public.healing_settings (key, wanted, actual, description)
select key, value, value, description
from (values
  ('rollout_watch', 'true'::jsonb, 'Whether every deployment to production is watched from the moment it is there.'),
  ('rollout_baseline_hours', '168', 'Hours before a release that tell what is usual.')
) as setting (key, value, description)
on conflict (key) do nothing;

create or replace function healing_private.changed_functions(p_changes jsonb)
returns text[]
language sql
immutable
security invoker
set search_path = ''
as $$
  select coalesce(array_agg(distinct name order by name), '{}') from (
    select f ->> 'slug' as name from jsonb_array_elements(case jsonb_typeof(p_changes -> 'functions') when 'array' then p_changes -> 'functions' else '[]' end) as f
    union all select (regexp_match(f ->> 'path', '^supabase/functions/([a-zA-Z0-9][^/]{0,99})/'))[1]
    from jsonb_array_elements(case jsonb_typeof(p_changes -> 'files') when 'array' then p_changes -> 'files' else '[]' end) as f
    union all select p_changes #>> '{fix,function}') as named
  where name is not null;
$$;
revoke all on function healing_private.changed_functions(jsonb) from public, anon, authenticated;
comment on function healing_private.changed_functions(jsonb) is 'The functions that changes touch: those that are named, those whose files are there, and the one that was mended.';

create or replace function healing_private.begin_rollout(p_deployment public.deployment_logs, p_options jsonb)
returns public.rollouts
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rollout public.rollouts;
  v_mode text := coalesce(p_options ->> 'mode', 'provider');
  v_functions text[] := array(select jsonb_array_elements_text(coalesce(p_options -> 'functions',
    to_jsonb(healing_private.changed_functions(p_deployment.changes)))));
  v_steps integer[] := array(select s::integer from jsonb_array_elements_text(coalesce(p_options -> 'steps',
    case v_mode when 'feature' then '[10,25,50,75,100]'::jsonb else '[100]' end)) as s);
begin
  if not healing_private.are_rollout_steps(v_steps) or v_mode not in ('feature', 'provider')
    or jsonb_typeof(coalesce(p_options -> 'plan', '{}')) <> 'object' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'That is no plan for a rollout',
      hint = 'Send {mode?: "feature" or "provider", functions?: [name], steps?: [10, ..., 100] rising, plan?: {minRequests, ...}}';
  end if;
  insert into public.rollouts (deployment_id, project_id, mode, function_names, steps, share, plan, baseline, requested_by)
  values (p_deployment.id, p_deployment.project_id, v_mode, v_functions, v_steps, v_steps[1], coalesce(p_options -> 'plan', '{}'),
    healing_private.rollout_baseline(v_functions, case when v_mode = 'provider' then coalesce(p_deployment.deployed_at, clock_timestamp())
      else clock_timestamp() end, (healing_private.setting('rollout_baseline_hours') #>> '{}')::integer), healing_private.actor())
  on conflict (deployment_id) do nothing returning * into v_rollout;
  if v_rollout.id is null then
    select * into strict v_rollout from public.rollouts where deployment_id = p_deployment.id;
    return v_rollout;
  end if;
  if p_deployment.status = 'ready' then
    perform public.update_deployment_status(p_deployment.id, 'live', jsonb_build_object('reason', format('watched, with %s %% of the traffic', v_rollout.share)));
  end if;
  return v_rollout;
end;
$$;
revoke all on function healing_private.begin_rollout(public.deployment_logs, jsonb) from public, anon, authenticated;
comment on function healing_private.begin_rollout(public.deployment_logs, jsonb) is 'Begins the rollout of a deployment, or gives the one that there is.';

create or replace function public.start_rollout(p_deployment_id uuid, p_options jsonb default '{}')
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_deployment public.deployment_logs;
begin
  select * into v_deployment from public.deployment_logs where id = p_deployment_id for update;
  if v_deployment.id is null or v_deployment.status not in ('ready', 'live') or v_deployment.action = 'rollback' then
    raise exception using errcode = 'PT409', detail = 'CONFLICT',
      message = format('Deployment %s cannot be rolled out: %s', p_deployment_id, coalesce('it is ' || v_deployment.status, 'there is none')),
      hint = 'Only what is ready, and has not been judged, can be rolled out';
  end if;
  return to_jsonb(healing_private.begin_rollout(v_deployment, coalesce(p_options, '{}')));
end;
$$;
revoke all on function public.start_rollout(uuid, jsonb) from public, anon, authenticated;
grant execute on function public.start_rollout(uuid, jsonb) to service_role;
comment on function public.start_rollout(uuid, jsonb) is
  'Begins to roll out a deployment that is ready, once: {mode, functions, steps, plan}. What was usual before is kept with it. Returns the rollout.';

create or replace function healing_private.start_due_rollouts()
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_deployment public.deployment_logs;
begin
  if healing_private.setting('rollout_watch') <> 'true' then
    return;
  end if;
  for v_deployment in
    select d.* from public.deployment_logs as d
    where d.status = 'ready' and d.action <> 'rollback' and d.environment = 'production' and d.deployed_at > clock_timestamp() - interval '1 day'
      and not exists (select from public.rollouts as r where r.deployment_id = d.id)
      -- Of what has no function nothing is counted: it stays ready, and nobody claims to have judged it.
      and (d.changes ? 'rollout' or healing_private.changed_functions(d.changes) <> '{}')
    order by d.deployed_at limit 20 for update skip locked loop
    begin
      perform healing_private.begin_rollout(v_deployment, coalesce(v_deployment.changes -> 'rollout', '{}'));
    exception when sqlstate 'PT400' or data_exception or check_violation then
      -- A wish that makes no sense must not keep this one, or the others, from being watched.
      raise warning 'the rollout that deployment % wants makes no sense: % (%)', v_deployment.id, sqlerrm, sqlstate;
      perform healing_private.begin_rollout(v_deployment, '{}');
    end;
  end loop;
end;
$$;
revoke all on function healing_private.start_due_rollouts() from public, anon, authenticated;
comment on function healing_private.start_due_rollouts() is 'Begins to watch what was deployed and nobody watches yet, as its changes.rollout wants it.';

create or replace function public.get_rollout_share(p_deployment_id uuid)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce((select jsonb_build_object('share', r.share / 100.0, 'status', r.status) from public.rollouts as r where r.deployment_id = p_deployment_id),
    jsonb_build_object('share', 0, 'status', 'none'));
$$;
revoke all on function public.get_rollout_share(uuid) from public, anon, authenticated;
grant execute on function public.get_rollout_share(uuid) to service_role;
comment on function public.get_rollout_share(uuid) is 'Which share of the units has a deployment now: {share: 0..1, status}; nobody has what is not rolled out.';

notify pgrst, 'reload schema';
