-- Adds healing_controls, with healing_private.recent_fixes: every restraint of the system in one place, with what is wanted, what is in force, and why they differ, down
-- to which targets and errors have used up their budgets at this moment.
-- Locks: none.
-- Undo: drop view public.healing_controls; drop function healing_private.recent_fixes.

-- A function, so that the time is known when its plan is made: a view would read every fix that there ever was.
create or replace function healing_private.recent_fixes(p_since timestamptz)
returns table (target text, applying_at timestamptz, applied_at timestamptz, project_id text, fingerprint text, source text)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return query
  select f.target, f.applying_at, f.applied_at, e.project_id, e.fingerprint, e.source
  from public.auto_fixes as f join public.detected_errors as e on e.id = f.detected_error_id
  where f.applying_at > p_since and f.action_group not in ('payload', 'call') and f.verdict ->> 'is_evidence' is distinct from 'false';
end;
$$;
revoke all on function healing_private.recent_fixes(timestamptz) from public, anon, authenticated;
grant execute on function healing_private.recent_fixes(timestamptz) to authenticated, service_role;
comment on function healing_private.recent_fixes(timestamptz) is
  'Fixes that were tried since a time and count for budgets and loops, with the error of each, as far as the caller may see them.';

create or replace view public.healing_controls with (security_invoker = on) as
with setting as (
  select key, wanted, actual, reason, description, updated_by, updated_at from public.healing_settings
), number as (
  select key, (wanted #>> '{}')::numeric as most from setting where jsonb_typeof(wanted) = 'number'
), recent as (
  select * from healing_private.recent_fixes(
    statement_timestamp() - make_interval(hours => greatest(24, (select most::integer from number where key = 'loop_hours'))))
), held as (
  select 'max_fixes_per_target_hour' as key, r.target as what from recent as r
  where r.applying_at > statement_timestamp() - interval '1 hour'
  group by r.target having count(*) >= (select most from number where key = 'max_fixes_per_target_hour')
  union all
  select 'max_fixes_per_fingerprint_hour', r.fingerprint from recent as r
  where r.applying_at > statement_timestamp() - interval '1 hour' and r.source <> 'migration'
  group by r.project_id, r.fingerprint having count(*) >= (select most from number where key = 'max_fixes_per_fingerprint_hour')
  union all
  select 'loop_fixes', r.target from recent as r
  where r.applied_at is not null
    and r.applying_at > statement_timestamp() - make_interval(hours => (select most::integer from number where key = 'loop_hours'))
  group by r.target
  having count(*) >= (select most from number where key = 'loop_fixes') and (select most from number where key = 'loop_fixes') > 0
), used as (
  select count(*) as n from public.auto_fixes
  where applying_at > statement_timestamp() - interval '1 day' and action_group not in ('payload', 'call')
), live as (
  select h.key, null::jsonb as actual, format('used up by %s: %s', count(*), left(string_agg(h.what, ', ' order by h.what), 500)) as reason
  from held as h group by h.key
  union all
  select n.key, to_jsonb(greatest(n.most - u.n, 0)), format('%s of %s are used in 24 hours', u.n, n.most)
  from number as n cross join used as u where n.key = 'max_fixes_per_day' and u.n > 0
)
select s.key as control, s.wanted, coalesce(l.actual, s.actual) as actual, coalesce(l.reason, s.reason) as reason, s.description,
  s.updated_by, s.updated_at
from setting as s left join live as l using (key)
where s.key ~ '^(enabled|dry_run|mode_|max_|loop_|quiet_hours|protected_areas|approval_hours|validation_|ai_|security_|audit_|write_schemas)'
union all
-- What a fix leaves behind when it did not help: no setting, and no way around it.
select 'cooldown', '{"after_revert_seconds": 3600, "after_failure_seconds": "60 doubled by each failure, at most 3600"}',
  to_jsonb(count(*)), case count(*) when 0 then 'no error cools down now'
    else format('%s errors cool down, the first until %s', count(*), min(e.next_attempt_at)) end,
  'How long an error is left alone after a fix of it failed or was taken back; the number that waits now.', 'migration', null
from public.detected_errors as e
where e.status = 'open' and e.next_attempt_at > statement_timestamp() and e.attempt_count > 0
having exists (select from setting);
comment on view public.healing_controls is
  'Every switch, mode, budget, cooldown and limit: what is wanted, what is in force, and why they differ, such as which targets have used up theirs.';
revoke all on public.healing_controls from public, anon, authenticated, service_role;
grant select on public.healing_controls to service_role, authenticated;
