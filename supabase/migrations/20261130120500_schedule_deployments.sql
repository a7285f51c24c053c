-- Adds the schedule that follows deployments, read_deployment_secret, ask_about_deployments and the retention of what has ended.
-- Locks: none on existing tables.
-- Undo: select cron.unschedule(jobname) from cron.job where jobname in ('healing_deployments', 'healing_deployment_history');
--       drop function public.read_deployment_secret, public.dispatch_deployments, public.ask_about_deployments, public.purge_deployments.

create or replace function public.read_deployment_secret(p_target_id uuid)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select healing_private.read_vault(vault_entry) from public.deployment_targets where id = p_target_id;
$$;
revoke all on function public.read_deployment_secret(uuid) from public, anon, authenticated;
grant execute on function public.read_deployment_secret(uuid) to service_role;
comment on function public.read_deployment_secret(uuid) is 'The token of a target from Vault, or null; only entries whose name begins with deploy_ can be a target''s.';

create or replace function public.ask_about_deployments()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_deployment public.deployment_logs;
  v_asked integer := 0;
begin
  for v_deployment in
    select * from public.deployment_logs
    where ((status = 'unknown' and intent_at < clock_timestamp() - make_interval(mins => (healing_private.setting('deployment_ask_minutes') #>> '{}')::integer))
        or (status in ('deploying', 'building') and intent_at < clock_timestamp() - interval '1 day'))
      and not exists (select from public.notifications as n where n.dedupe_key = 'deployment_unknown:' || deployment_logs.id
        and n.last_seen_at > clock_timestamp() - interval '6 hours')
    order by intent_at limit 50 loop
    v_asked := v_asked + 1;
    perform healing_private.notify('high', 'Nobody can say what became of a deployment: ' || v_deployment.project_id, v_deployment.status_reason,
      'deployment_unknown:' || v_deployment.id, jsonb_build_object('deployment_id', v_deployment.id,
        'next', format('select decide_deployment(%L, %L, ''why'')%s', v_deployment.id, case v_deployment.status when 'unknown' then 'ready' else 'cancel' end,
          case v_deployment.status when 'unknown' then ' -- or failed' else '' end)));
  end loop;
  return v_asked;
end;
$$;
revoke all on function public.ask_about_deployments() from public, anon, authenticated;
grant execute on function public.ask_about_deployments() to service_role;
comment on function public.ask_about_deployments() is 'Tells people of deployments whose outcome has been unknown for deployment_ask_minutes, and of those under way for a day; each every six hours. Returns how many.';

create or replace function public.dispatch_deployments()
returns uuid
language sql
security definer
set search_path = ''
as $$
  -- A minute in which nothing is due costs one look-up and no call.
  select public.dispatch_function('trigger-deployment', 'cron')
  where exists (select from public.deployment_logs as d
    where d.status in ('pending', 'deploying', 'building', 'unknown') and d.next_check_at <= clock_timestamp()
      and (d.lease_expires_at is null or d.lease_expires_at < clock_timestamp())
      and (d.status <> 'pending' or healing_private.deployment_hindrance(d) is null));
$$;
revoke all on function public.dispatch_deployments() from public, anon, authenticated;
grant execute on function public.dispatch_deployments() to service_role;
comment on function public.dispatch_deployments() is 'What cron calls every minute: calls trigger-deployment when a deployment is due. Returns the run''s id, or null.';

create or replace function public.purge_deployments(p_limit integer default 5000)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_before timestamptz := clock_timestamp() - make_interval(days => (healing_private.setting('history_days') #>> '{}')::integer);
  v_purged integer;
begin
  delete from public.deployment_logs where id in (
    select d.id from public.deployment_logs as d
    where d.finished_at < v_before
      -- What a target serves now, and what it would go back to, stay whatever their age.
      and not exists (select from (select o.id from public.deployment_logs as o where o.target_id = d.target_id and o.deployed_at is not null
        order by o.deployed_at desc limit 2) as serving where serving.id = d.id)
      and not exists (select from public.deployment_logs as o where o.subject_id = d.id and o.finished_at is null)
    order by d.finished_at limit least(greatest(p_limit, 1), 50000) for update skip locked);
  get diagnostics v_purged = row_count;
  delete from healing_private.deployment_bodies where saved_at < clock_timestamp() - interval '30 days'
    and deployment_id in (select id from public.deployment_logs where status in ('failed', 'cancelled', 'blocked', 'rolled_back'));
  return v_purged;
end;
$$;
revoke all on function public.purge_deployments(integer) from public, anon, authenticated;
grant execute on function public.purge_deployments(integer) to service_role;
comment on function public.purge_deployments(integer) is 'Deletes ended deployments past history_days, except the last two of each target. Returns how many.';

do $$
begin
  if to_regclass('cron.job') is not null then
    perform cron.schedule('healing_deployments', '* * * * *', 'select public.dispatch_deployments(), public.ask_about_deployments()');
    perform cron.schedule('healing_deployment_history', '52 3 * * *', 'select public.purge_deployments(50000)');
  end if;
end;
$$;

notify pgrst, 'reload schema';
