-- Adds get_decision_context: everything that is weighed before a fix is decided about, in one round trip.
-- The clock is read once for a statement: no index serves a comparison with one that moves, and no partition is left out.
-- Locks: SHARE on detected_errors, auto_fixes and universal_error_patterns while their new indexes are built.
-- Undo: drop function public.get_decision_context, healing_private.last_deployment, healing_private.project_state,
--       healing_private.recorded_costs, healing_private.similar_patterns; drop index public.detected_errors_project_id_first_seen_at_idx,
--       public.universal_error_patterns_last_used_at_idx,
--       public.auto_fixes_approved_created_at_idx;
--       delete the settings cost_*.

insert into public.healing_settings (key, wanted, actual, description)
select key, value, value, description
from (values
  ('cost_minute_cents', '50'::jsonb, 'What a minute of a person is worth, in hundredths of the currency; benefits and harm are weighed with it.'),
  ('cost_ai_call_cents', '5', 'What one call of a model costs, in hundredths of the currency.'),
  ('cost_handling_minutes', '15', 'Minutes of a person that one error takes when nobody heals it.'),
  ('cost_failure_minutes', '2', 'Minutes that a user loses by one failed call.')
) as setting (key, value, description)
on conflict (key) do nothing;

create index if not exists detected_errors_project_id_first_seen_at_idx on public.detected_errors (project_id, first_seen_at);

-- What people approved is a small part, of which the two hundred latest say how long a person takes.
create index if not exists auto_fixes_approved_created_at_idx on public.auto_fixes (created_at desc)
  where approved_by is not null and applied_at is not null;
create index if not exists universal_error_patterns_last_used_at_idx on public.universal_error_patterns (last_used_at desc nulls last, id)
  where project_id = '' and success_count + failure_count > 0;

-- Where deployments are not recorded, none is known: that is said as "none", not as missing.
create or replace function healing_private.last_deployment(p_project_id text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_at timestamptz;
begin
  if (select count(*) = 2 from pg_catalog.pg_attribute where attrelid = to_regclass('public.deployment_logs')
    and attname in ('deployed_at', 'project_id') and not attisdropped) then
    execute format('select max(deployed_at) from %s where $1 in ('''', project_id::text)', to_regclass('public.deployment_logs')) into v_at using p_project_id;
  end if;
  return case when v_at is null then '{}'
    else jsonb_build_object('seconds_ago', extract(epoch from clock_timestamp() - v_at)) end;
end;
$$;
revoke all on function healing_private.last_deployment(text) from public, anon, authenticated;
comment on function healing_private.last_deployment(text) is 'How long ago the project was last deployed: {seconds_ago}, or {} when no deployment is on record.';

create or replace function healing_private.project_state(p_project_id text)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_build_object(
    'age_days', (select extract(epoch from clock_timestamp() - min(first_seen_at)) / 86400 from public.detected_errors where project_id = p_project_id),
    -- Beyond ten thousand it does not matter how many.
    'events_last_hour', (select count(*) from (select from public.healing_events
      where created_at > statement_timestamp() - interval '1 hour' limit 10000) as e),
    'last_deployment', healing_private.last_deployment(p_project_id),
    'protected_areas', healing_private.setting('protected_areas'));
$$;
revoke all on function healing_private.project_state(text) from public, anon, authenticated;
comment on function healing_private.project_state(text) is 'Age, traffic, last deployment and protected areas of a project.';

create or replace function healing_private.recorded_costs(p_error public.detected_errors)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_build_object(
    'minute_cents', healing_private.setting('cost_minute_cents'), 'ai_call_cents', healing_private.setting('cost_ai_call_cents'),
    'handling_minutes', healing_private.setting('cost_handling_minutes'), 'failure_minutes', healing_private.setting('cost_failure_minutes'),
    'ai_calls', (select count(*) from public.healing_events where detected_error_id = p_error.id and tier = 'ai'
      and created_at > statement_timestamp() - interval '30 days'),
    'recovery', (select jsonb_build_object('n', count(*), 'mean_minutes', coalesce(avg(minutes), 0)) from (
      select extract(epoch from applied_at - created_at) / 60 as minutes from public.auto_fixes
      where approved_by is not null and applied_at is not null and created_at > statement_timestamp() - interval '30 days'
      order by created_at desc limit 200) as f),
    'kinds', (select coalesce(jsonb_object_agg(action_kind, jsonb_build_object('n', n, 'failed', failed, 'mean_duration_ms', duration)), '{}') from (
      select action_kind, count(*) as n, count(*) filter (where status <> 'kept') as failed, coalesce(avg(duration_ms), 0) as duration
      from (select action_kind, status, duration_ms from public.auto_fixes
        where status in ('kept', 'reverted', 'failed') and created_at > statement_timestamp() - interval '30 days'
          and verdict ->> 'is_evidence' is distinct from 'false'
        order by created_at desc limit 1000) as f group by action_kind) as k));
$$;
revoke all on function healing_private.recorded_costs(public.detected_errors) from public, anon, authenticated;
comment on function healing_private.recorded_costs(public.detected_errors) is
  'What is recorded of the last 30 days for a cost-benefit: prices, model calls for this error, recovery times by people, outcomes and durations by kind.';

-- Shared patterns only, since a project's outcomes count for both; retired ones too, or only the good would be left.
create or replace function healing_private.similar_patterns(p_error public.detected_errors)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  with young as materialized (
    select action_kind, category from public.universal_error_patterns as p
    where p.error_signature in (p_error.error_signature, p_error.error_template) and p.status = 'active'
      and p.project_id in ('', p_error.project_id) and p.success_count + p.failure_count < 12
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'kind', s.action_kind, 'category', s.category, 'table', s.fix_strategy ->> 'table',
    'successes', s.success_count, 'failures', s.failure_count)), '[]')
  from (select o.* from public.universal_error_patterns as o
    where o.project_id = '' and o.success_count + o.failure_count > 0
      and (o.action_kind in (select action_kind from young) or o.category in (select category from young))
    order by o.last_used_at desc nulls last, o.id limit 200) as s;
$$;
revoke all on function healing_private.similar_patterns(public.detected_errors) from public, anon, authenticated;
comment on function healing_private.similar_patterns(public.detected_errors) is
  'Up to 200 patterns whose outcomes say what to expect of a pattern that knows this error and has little evidence; [] when there is none such.';

create or replace function public.get_decision_context(p_error_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_error public.detected_errors;
  v_burst jsonb := healing_private.security_burst();
begin
  select * into v_error from public.detected_errors where id = p_error_id;
  if not found then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no error %s', p_error_id),
      hint = 'Read the ids in public.detected_errors';
  end if;
  perform healing_private.alert_security_burst(v_burst);
  return jsonb_build_object(
    'severity', v_error.severity, 'category', v_error.category, 'source', v_error.source, 'error_type', v_error.error_type,
    'function_name', v_error.function_name,
    'occurrences', v_error.occurrence_count,
    'seconds_since_first', extract(epoch from clock_timestamp() - v_error.first_seen_at),
    'seconds_since_last', extract(epoch from clock_timestamp() - v_error.last_seen_at),
    'waiting_operations', (select count(*) from public.queued_operations where detected_error_id = p_error_id and status in ('queued', 'running')),
    'doing', v_error.context -> 'details' -> 'doing',
    'project', healing_private.project_state(v_error.project_id),
    -- Of what changes state; a call that failed again says nothing about the healer.
    'budget', (select jsonb_build_object('concluded', count(*), 'failed', count(*) filter (where status <> 'kept')) from public.auto_fixes
      where finished_at > statement_timestamp() - interval '1 day' and created_at > statement_timestamp() - interval '5 days'
        and status in ('kept', 'reverted', 'failed') and action_group not in ('payload', 'call')
        and verdict ->> 'is_evidence' is distinct from 'false'),
    'security', v_burst,
    'costs', healing_private.recorded_costs(v_error),
    'similar_patterns', healing_private.similar_patterns(v_error));
end;
$$;
revoke all on function public.get_decision_context(uuid) from public, anon, authenticated;
grant execute on function public.get_decision_context(uuid) to service_role;
comment on function public.get_decision_context(uuid) is
  'All that is weighed before a fix of an error is decided about, in one call: severity, rate, what the user was doing, the project, the error budget, security, costs, similar patterns. Alerts people when a burst stops healing.';
