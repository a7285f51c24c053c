-- Adds two views for the questions that admins ask most: open_errors (what is broken, and what it waits for) and error_timeline
-- (what happened to an error, and why). docs/admin-sql.md has the questions.
-- Locks: none.
-- Undo: drop view public.open_errors, public.error_timeline.

create or replace view public.open_errors with (security_invoker = on) as
  select e.id, left(e.error_message, 300) as error_message, e.severity, e.function_name, e.project_id, e.occurrence_count, e.first_seen_at,
    e.last_seen_at, e.attempt_count,
    case
      when e.status = 'escalated' then 'a person: ' || coalesce(e.resolution, 'nothing is left to try')
      when q.id is not null then format('a decision until %s: %s', to_char(q.expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), q.what_will_happen)
      when f.status = 'applying' then 'a fix that is being applied: ' || f.what_will_happen
      when f.status = 'validating' then format('the proof of a fix, until %s: %s',
        coalesce(to_char(f.validate_until at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), 'it is clear'), f.what_will_happen)
      when e.lease_expires_at > clock_timestamp() then 'an engine that works on it'
      when e.next_attempt_at > clock_timestamp() then format('its next attempt at %s%s',
        to_char(e.next_attempt_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), coalesce('; the last: ' || coalesce(f.verdict ->> 'reason', f.reason), ''))
      else 'the engine''s next run' || coalesce('; the last attempt: ' || coalesce(f.verdict ->> 'reason', f.reason), '')
    end as waits_for, f.id as latest_fix_id, q.id as approval_id
  from public.detected_errors as e
  left join lateral (select * from public.auto_fixes where detected_error_id = e.id order by created_at desc, id desc limit 1) as f on true
  left join lateral (select * from public.admin_approval_queue where detected_error_id = e.id and status = 'pending'
    order by expires_at limit 1) as q on true
  where e.status not in ('healed', 'merged', 'ignored');
revoke all on public.open_errors from public, anon, authenticated, service_role;
grant select on public.open_errors to authenticated, service_role;
comment on view public.open_errors is
  'What is broken now, and what it waits for: a person, a decision, a proof, an attempt. Those that came most often: order by occurrence_count desc.';

create or replace view public.error_timeline with (security_invoker = on) as
  select m.group_id as error_id, v.created_at as at, v.event_type as what, v.result, v.message as why, v.occurrences, v.auto_fix_id, v.trace_id,
    null::text as who
  from public.error_group_members as m join public.healing_events as v on v.detected_error_id = m.member_id
  union all
  select m.group_id, f.created_at, 'fix_proposed', f.tier, f.what_will_happen || ', because ' || f.reason, 1, f.id, null, null
  from public.error_group_members as m join public.auto_fixes as f on f.detected_error_id = m.member_id
  union all
  select m.group_id, q.decided_at, 'decided', q.status, coalesce(q.decision_reason, q.reason), 1, q.auto_fix_id, null, q.decided_by
  from public.error_group_members as m join public.admin_approval_queue as q on q.detected_error_id = m.member_id
  where q.decided_at is not null;
revoke all on public.error_timeline from public, anon, authenticated, service_role;
grant select on public.error_timeline to authenticated, service_role;
comment on view public.error_timeline is
  'What happened to an error and why, what was merged into it included: select * from error_timeline where error_id = … order by at.';

notify pgrst, 'reload schema';
