-- Adds what the dashboard opens with: get_dashboard_overview, get_healing_kpis and get_healing_controls.
-- Locks: none.
-- Undo: drop function public.get_dashboard_overview, public.get_healing_kpis, public.get_healing_controls, healing_private.waiting_for_people,
--       healing_private.security_state.

create or replace function healing_private.security_state()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform healing_private.require_person('see bursts of refusals');
  return healing_private.security_burst();
end;
$$;
revoke all on function healing_private.security_state() from public, anon, authenticated;
grant execute on function healing_private.security_state() to authenticated;
comment on function healing_private.security_state() is 'The rights behind what an admin sees of security_burst; checks that a person asks.';

-- What a person has to do, the most urgent first, each with the place where it is done.
create or replace function healing_private.waiting_for_people()
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object(
    'approvals', (select jsonb_build_object('total', count(*), 'first', coalesce(jsonb_agg(to_jsonb(q) - 'place' order by q.place)
        filter (where q.place <= 5), '[]'))
      from (select a.id, left(a.what_will_happen, 300) as what_will_happen, a.expires_at, f.risk, f.target, f.action_kind,
          row_number() over (order by a.expires_at, a.id) as place
        from public.admin_approval_queue as a join public.auto_fixes as f on f.id = a.auto_fix_id where a.status = 'pending') as q),
    -- There may be many thousands, of which the five latest are enough.
    'escalated', jsonb_build_object(
      'total', (select count(*) from public.detected_errors where status = 'escalated'),
      'first', (select coalesce(jsonb_agg(to_jsonb(q) order by q.last_seen_at desc, q.id), '[]') from (
        select e.id, left(e.error_message, 300) as error_message, e.severity, e.occurrence_count, e.last_seen_at,
          left(e.resolution, 300) as resolution
        from public.detected_errors as e where e.status = 'escalated' order by e.last_seen_at desc, e.id limit 5) as q)),
    -- Deployments that wait for a yes or whose outcome nobody knows, and releases that only a person lets go on.
    'deployments', (select jsonb_build_object('total', count(*), 'first', coalesce(jsonb_agg(to_jsonb(q) - 'place' order by q.place)
        filter (where q.place <= 5), '[]'))
      from (select d.id, left(d.trigger_reason, 300) as trigger_reason, d.action, d.project_id, d.status, d.created_at,
          left(coalesce(r.reason, d.status_reason), 300) as reason, row_number() over (order by d.created_at, d.id) as place
        from public.deployment_logs as d
        left join public.rollouts as r on r.deployment_id = d.id and r.status = 'paused' and r.pause_rule not in ('missingData', 'unreadable', 'person')
        where r.id is not null or d.status = 'unknown' or (d.status = 'pending' and d.approved_by is null
          and (select wanted from public.healing_settings where key = 'mode_deployment') = '"suggest"')) as q),
    'operations', (select count(*) from public.queued_operations where status = 'needs_person'),
    'notifications', (select jsonb_build_object('total', count(*), 'first', coalesce(jsonb_agg(to_jsonb(q) - 'place' order by q.place)
        filter (where q.place <= 5), '[]'))
      from (select n.id, n.severity, n.title, left(n.body, 600) as body, n.occurrence_count, n.last_seen_at,
          row_number() over (order by array_position(array['critical', 'high', 'medium', 'low'], n.severity), n.last_seen_at desc, n.id) as place
        from public.notifications as n where n.read_at is null) as q),
    'security', healing_private.security_state());
$$;
revoke all on function healing_private.waiting_for_people() from public, anon, authenticated;
grant execute on function healing_private.waiting_for_people() to authenticated;
comment on function healing_private.waiting_for_people() is
  'What waits for a person: {approvals, escalated, deployments, operations, notifications, security}; of long lists the number and the first five.';

create or replace function public.get_dashboard_overview()
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform healing_private.require_person('read the overview');
  return jsonb_build_object(
    'health', public.get_health_status(),
    'stats', public.get_healing_stats(now() - interval '24 hours'),
    'waiting', healing_private.waiting_for_people(),
    'switches', (select jsonb_object_agg(control, jsonb_build_object('wanted', wanted, 'actual', actual, 'reason', reason,
        'updated_by', updated_by, 'updated_at', updated_at))
      from public.healing_controls where control in ('enabled', 'dry_run') or control like 'mode\_%'),
    'hours', (select jsonb_agg(jsonb_build_object('at', h.hour, 'errors', h.errors, 'healed', h.healed) order by h.hour)
      from healing_private.events_by_hour() as h),
    'running_experiments', (select count(*) from public.fix_experiments where experiment_status = 'running'),
    'last_run', (select to_jsonb(r) - array['counters', 'trace_id'] from public.healing_runs as r
      where r.function_name = 'autonomous-healing-engine' order by r.dispatched_at desc limit 1),
    'at', clock_timestamp());
end;
$$;
revoke all on function public.get_dashboard_overview() from public, anon, authenticated, service_role;
grant execute on function public.get_dashboard_overview() to authenticated;
comment on function public.get_dashboard_overview() is
  'For admins: health, the figures of a day, what waits for a person, the switches, errors and heals by the hour, the last run.';

create or replace function public.get_healing_kpis()
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform healing_private.require_person('read the figures');
  return jsonb_build_object(
    'auto_fix_success', (select coalesce(jsonb_agg(to_jsonb(k) order by week), '[]') from public.kpi_auto_fix_success as k),
    'recovery_time', (select coalesce(jsonb_agg(to_jsonb(k) order by week), '[]') from public.kpi_recovery_time as k),
    'escalation_rate', (select coalesce(jsonb_agg(to_jsonb(k) order by week), '[]') from public.kpi_escalation_rate as k),
    'human_work', (select coalesce(jsonb_agg(to_jsonb(k) order by week), '[]') from public.kpi_human_work as k),
    'patterns_learned', (select coalesce(jsonb_agg(to_jsonb(k) order by week), '[]') from public.kpi_patterns_learned as k),
    'tests_from_failures', (select coalesce(jsonb_agg(to_jsonb(k) order by week), '[]') from public.kpi_tests_from_failures as k),
    'ai_calls_avoided', (select coalesce(jsonb_agg(to_jsonb(k) order by week), '[]') from public.kpi_ai_calls_avoided as k),
    'self_audit', (select coalesce(jsonb_agg(to_jsonb(k) order by rate), '[]') from public.self_audit_rates as k));
end;
$$;
revoke all on function public.get_healing_kpis() from public, anon, authenticated, service_role;
grant execute on function public.get_healing_kpis() to authenticated;
comment on function public.get_healing_kpis() is 'For admins: the figures by which the system is judged, by week, and how often it misjudged its own audits.';

create or replace function public.get_healing_controls()
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform healing_private.require_person('read the settings');
  return jsonb_build_object(
    'controls', (select coalesce(jsonb_agg(to_jsonb(c) order by c.control), '[]') from public.healing_controls as c),
    'settings', (select coalesce(jsonb_agg(to_jsonb(s) order by s.key), '[]') from public.healing_settings as s
      where not exists (select from public.healing_controls as c where c.control = s.key)),
    'ai_budget', public.get_ai_budget(),
    'security', healing_private.security_state(),
    'channels', (select coalesce(jsonb_agg(jsonb_build_object('name', n.name, 'status', n.status, 'reason', n.reason,
        'last_sent_at', n.last_sent_at, 'last_error', n.last_error) order by n.name), '[]') from public.notification_channels as n));
end;
$$;
revoke all on function public.get_healing_controls() from public, anon, authenticated, service_role;
grant execute on function public.get_healing_controls() to authenticated;
comment on function public.get_healing_controls() is
  'For admins: every switch and limit as wanted and as it is, with the reason of a difference, other settings, the AI budget, and who can be told.';
