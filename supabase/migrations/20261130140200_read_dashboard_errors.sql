-- Adds what the dashboard shows of errors, fixes and questions to people: list_error_groups, get_error_group, list_fixes, get_fix and
-- list_approval_requests.
-- Locks: none.
-- Undo: drop function public.list_error_groups, public.get_error_group, public.list_fixes, public.get_fix, public.list_approval_requests,
--       healing_private.fix_line.

-- A fix as a line of a list: what it does, how far it is, and why.
create or replace function healing_private.fix_line(p_fix public.auto_fixes)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object('id', p_fix.id, 'detected_error_id', p_fix.detected_error_id, 'action_kind', p_fix.action_kind,
    'action_group', p_fix.action_group, 'target', p_fix.target, 'tier', p_fix.tier, 'confidence', p_fix.confidence, 'risk', p_fix.risk,
    'status', p_fix.status, 'reason', left(p_fix.reason, 500), 'what_will_happen', left(p_fix.what_will_happen, 500),
    'verdict_reason', left(p_fix.verdict ->> 'reason', 500), 'approved_by', p_fix.approved_by, 'created_at', p_fix.created_at,
    'applied_at', p_fix.applied_at, 'finished_at', p_fix.finished_at, 'validate_until', p_fix.validate_until);
$$;
revoke all on function healing_private.fix_line(public.auto_fixes) from public, anon, authenticated;
grant execute on function healing_private.fix_line(public.auto_fixes) to authenticated;
comment on function healing_private.fix_line(public.auto_fixes) is 'A fix as a line of a list, without its evidence and its rollback point.';

create or replace function public.list_error_groups(p_filter jsonb default '{}')
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform healing_private.require_person('read the errors');
  return healing_private.as_page((
    select coalesce(jsonb_agg(to_jsonb(g) order by g.last_seen_at desc, g.id desc), '[]') from (
      select e.id, e.error_type, e.error_code, left(e.error_message, 300) as error_message, e.category, e.severity, e.source,
        e.function_name, e.project_id, e.status, e.occurrence_count, e.attempt_count, e.first_seen_at, e.last_seen_at, e.next_attempt_at,
        left(e.resolution, 300) as resolution
      from public.detected_errors as e
      where (e.last_seen_at, e.id) < (healing_private.page_at(p_filter), healing_private.page_id(p_filter))
        and case when p_filter ->> 'status' is null then e.status <> 'merged' else e.status = any (string_to_array(p_filter ->> 'status', ',')) end
        and (p_filter ->> 'category' is null or e.category = p_filter ->> 'category')
        and (p_filter ->> 'severity' is null or e.severity = p_filter ->> 'severity')
        and (p_filter ->> 'source' is null or e.source = p_filter ->> 'source')
        and (p_filter ->> 'project_id' is null or e.project_id = p_filter ->> 'project_id')
        and (p_filter ->> 'function_name' is null or e.function_name = p_filter ->> 'function_name')
        and (p_filter ->> 'search' is null or position(lower(p_filter ->> 'search')
          in lower(concat_ws(' ', e.error_message, e.error_type, e.error_code, e.function_name, e.fingerprint))) > 0)
      order by e.last_seen_at desc, e.id desc limit healing_private.page_size(p_filter) + 1) as g), p_filter, 'last_seen_at');
end;
$$;
revoke all on function public.list_error_groups(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.list_error_groups(jsonb) to authenticated;
comment on function public.list_error_groups(jsonb) is
  'For admins: error groups, seen last first; filters status (several with commas), category, severity, source, project_id, function_name, search; limit, after. Returns {rows, next}.';

create or replace function public.get_error_group(p_error_id uuid)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_error public.detected_errors;
begin
  perform healing_private.require_person('read the errors');
  select * into v_error from public.detected_errors where id = p_error_id;
  if not found then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no error %s', p_error_id),
      hint = 'It may have been removed after retention_days';
  end if;
  return jsonb_build_object('error', to_jsonb(v_error),
    'fixes', (select coalesce(jsonb_agg(healing_private.fix_line(f) || jsonb_build_object('evidence', f.evidence) order by f.created_at desc), '[]')
      from (select * from public.auto_fixes where detected_error_id = p_error_id order by created_at desc limit 50) as f),
    'approvals', (select coalesce(jsonb_agg(jsonb_build_object('id', q.id, 'status', q.status, 'auto_fix_id', q.auto_fix_id,
        'requested_at', q.requested_at, 'decided_by', q.decided_by, 'decision_reason', q.decision_reason) order by q.requested_at desc), '[]')
      from (select * from public.admin_approval_queue where detected_error_id = p_error_id order by requested_at desc limit 20) as q),
    'analysis', (select jsonb_build_object('status', a.status, 'analysis', a.analysis, 'reason', a.reason, 'model', a.model, 'asked_at', a.asked_at)
      from public.error_analyses as a where a.fingerprint = v_error.fingerprint order by a.asked_at desc limit 1),
    'patterns', (select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'pattern_name', p.pattern_name, 'action_kind', p.action_kind,
        'confidence_score', p.confidence_score, 'auto_fixable', p.auto_fixable, 'status', p.status) order by p.confidence_score desc), '[]')
      from (select * from public.universal_error_patterns where error_signature = v_error.error_signature
        order by confidence_score desc limit 10) as p),
    'operations', (select coalesce(jsonb_object_agg(status, n), '{}') from (select o.status, count(*) as n
      from public.queued_operations as o where o.detected_error_id = p_error_id group by 1) as counted),
    'merged', (select coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'error_message', left(m.error_message, 200),
        'occurrence_count', m.occurrence_count)), '[]') from public.detected_errors as m where m.merged_into = p_error_id),
    'days', (select coalesce(jsonb_agg(jsonb_build_object('at', d.at, 'n', coalesce(n.n, 0)) order by d.at), '[]')
      from generate_series(date_trunc('day', now()) - interval '13 days', date_trunc('day', now()), interval '1 day') as d (at)
      left join (select date_trunc('day', created_at) as at, sum(occurrences) as n from public.healing_events
        where detected_error_id = p_error_id and event_type = 'occurrence' and created_at >= date_trunc('day', now()) - interval '13 days'
        group by 1) as n on n.at = d.at));
end;
$$;
revoke all on function public.get_error_group(uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_error_group(uuid) to authenticated;
comment on function public.get_error_group(uuid) is
  'For admins: one error with what was tried and why, its questions to people, what a model said, its patterns, waiting calls, and two weeks of occurrences.';

create or replace function public.list_fixes(p_filter jsonb default '{}')
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform healing_private.require_person('read the fixes');
  return healing_private.as_page((
    select coalesce(jsonb_agg(healing_private.fix_line(f) order by f.created_at desc, f.id desc), '[]') from (
      select * from public.auto_fixes
      where (created_at, id) < (healing_private.page_at(p_filter), healing_private.page_id(p_filter))
        and (p_filter ->> 'status' is null or status = any (string_to_array(p_filter ->> 'status', ',')))
        and (p_filter ->> 'tier' is null or tier = p_filter ->> 'tier')
        and (p_filter ->> 'risk' is null or risk = p_filter ->> 'risk')
        and (p_filter ->> 'action_kind' is null or action_kind = p_filter ->> 'action_kind')
        and (p_filter ->> 'action_group' is null or action_group = p_filter ->> 'action_group')
        and (p_filter ->> 'search' is null
          or position(lower(p_filter ->> 'search') in lower(concat_ws(' ', target, action_kind, what_will_happen))) > 0)
      order by created_at desc, id desc limit healing_private.page_size(p_filter) + 1) as f), p_filter, 'created_at');
end;
$$;
revoke all on function public.list_fixes(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.list_fixes(jsonb) to authenticated;
comment on function public.list_fixes(jsonb) is
  'For admins: fixes, newest first; filters status (several with commas), tier, risk, action_kind, action_group, search; limit, after. Returns {rows, next}.';

create or replace function public.get_fix(p_fix_id uuid)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_fix public.auto_fixes;
begin
  perform healing_private.require_person('read the fixes');
  select * into v_fix from public.auto_fixes where id = p_fix_id;
  if not found then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no fix %s', p_fix_id),
      hint = 'It may have been removed after retention_days';
  end if;
  return jsonb_build_object('fix', to_jsonb(v_fix) - array['claim_number', 'lease_expires_at'],
    'revert_refusal', healing_private.revert_refusal(v_fix),
    'error', (select jsonb_build_object('id', e.id, 'error_type', e.error_type, 'error_message', left(e.error_message, 500), 'status', e.status,
        'occurrence_count', e.occurrence_count, 'function_name', e.function_name)
      from public.detected_errors as e where e.id = v_fix.detected_error_id),
    'approvals', (select coalesce(jsonb_agg(to_jsonb(q) - array['preview', 'alternatives'] order by q.requested_at desc), '[]')
      from public.admin_approval_queue as q where q.auto_fix_id = p_fix_id),
    'reverts', (select coalesce(jsonb_agg(to_jsonb(r) order by r.requested_at desc), '[]')
      from public.fix_revert_requests as r where r.auto_fix_id = p_fix_id),
    'rollbacks', (select coalesce(jsonb_agg(to_jsonb(h) order by h.rolled_back_at desc), '[]')
      from public.rollback_history as h where h.auto_fix_id = p_fix_id),
    'in_force', (select i.status = 'in_force' from public.applied_improvements as i where i.auto_fix_id = p_fix_id),
    'pattern', (select jsonb_build_object('id', p.id, 'pattern_name', p.pattern_name, 'confidence_score', p.confidence_score,
        'auto_fixable', p.auto_fixable) from public.universal_error_patterns as p where p.id = v_fix.pattern_id),
    'tests', (select coalesce(jsonb_agg(jsonb_build_object('test_id', t.test_id, 'status', t.status, 'counts', t.counts,
        'executed_at', t.executed_at) order by t.executed_at desc), '[]')
      from (select * from public.test_execution_results where auto_fix_id = p_fix_id order by executed_at desc limit 20) as t),
    'events', (select coalesce(jsonb_agg(jsonb_build_object('id', v.id, 'created_at', v.created_at, 'event_type', v.event_type,
        'result', v.result, 'message', left(v.message, 500)) order by v.created_at, v.id), '[]')
      from (select * from public.healing_events where detected_error_id = v_fix.detected_error_id and auto_fix_id = p_fix_id
        order by created_at desc limit 100) as v));
end;
$$;
revoke all on function public.get_fix(uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_fix(uuid) to authenticated;
comment on function public.get_fix(uuid) is
  'For admins: one fix with its whole life: evidence, what it changed, questions, verdict, what was taken back, and why it cannot be (revert_refusal).';

create or replace function public.list_approval_requests(p_filter jsonb default '{}')
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform healing_private.require_person('read the questions');
  return healing_private.as_page((
    select coalesce(jsonb_agg((to_jsonb(q) - 'preview' - 'alternatives') || jsonb_build_object(
        'fix', (select healing_private.fix_line(f) from public.auto_fixes as f where f.id = q.auto_fix_id),
        'error_message', (select left(e.error_message, 300) from public.detected_errors as e where e.id = q.detected_error_id))
      order by q.requested_at desc, q.id desc), '[]')
    from (select * from public.admin_approval_queue
      where (requested_at, id) < (healing_private.page_at(p_filter), healing_private.page_id(p_filter))
        and (p_filter ->> 'status' is null or status = any (string_to_array(p_filter ->> 'status', ',')))
      order by requested_at desc, id desc limit healing_private.page_size(p_filter) + 1) as q), p_filter, 'requested_at');
end;
$$;
revoke all on function public.list_approval_requests(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.list_approval_requests(jsonb) to authenticated;
comment on function public.list_approval_requests(jsonb) is
  'For admins: questions to people, asked last first; filter status (several with commas); limit, after. Returns {rows, next}; list_approvals has each in full.';
