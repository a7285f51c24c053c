-- Adds the figures by which the system is judged, one view each, by week (UTC) over the last twelve weeks: kpi_auto_fix_success,
-- kpi_recovery_time, kpi_escalation_rate, kpi_patterns_learned, kpi_human_work, kpi_tests_from_failures.
-- Audits of the system by itself (source self_audit) and fixes that were taken back for another error's sake are left out.
-- Locks: SHARE on detected_errors, auto_fixes, generation_failures and universal_error_patterns while their indexes are built.
-- Undo: drop the six views, and healing_private.kpi_since; drop index public.detected_errors_resolved_at_idx,
--       public.auto_fixes_finished_at_idx, public.auto_fixes_applied_at_idx, public.generation_failures_created_at_idx,
--       public.universal_error_patterns_created_at_idx.

create index if not exists detected_errors_resolved_at_idx on public.detected_errors (resolved_at) where resolved_at is not null;
create index if not exists auto_fixes_finished_at_idx on public.auto_fixes (finished_at) where finished_at is not null;
create index if not exists auto_fixes_applied_at_idx on public.auto_fixes (applied_at) where applied_at is not null;
create index if not exists generation_failures_created_at_idx on public.generation_failures (created_at);
create index if not exists universal_error_patterns_created_at_idx on public.universal_error_patterns (created_at);

create or replace function healing_private.kpi_since()
returns timestamptz
language sql
stable
security invoker
set search_path = ''
as $$
  select (date_trunc('week', now() at time zone 'UTC') - interval '11 weeks') at time zone 'UTC';
$$;
revoke all on function healing_private.kpi_since() from public, anon, authenticated;
grant execute on function healing_private.kpi_since() to authenticated, service_role;
comment on function healing_private.kpi_since() is 'The beginning of the first of the twelve weeks that figures are shown for.';

create or replace view public.kpi_auto_fix_success with (security_invoker = on) as
select date_trunc('week', f.finished_at at time zone 'UTC')::date as week,
  count(*) filter (where f.status = 'kept')::integer as kept, count(*) filter (where f.status = 'reverted')::integer as reverted,
  count(*) filter (where f.status = 'failed')::integer as failed, count(*) filter (where f.status = 'inconclusive')::integer as inconclusive,
  (count(*) filter (where f.status = 'kept')::double precision
    / nullif(count(*) filter (where f.status in ('kept', 'reverted', 'failed')), 0)) as success_rate
from public.auto_fixes as f join public.detected_errors as e on e.id = f.detected_error_id
where f.finished_at >= healing_private.kpi_since() and f.status in ('kept', 'reverted', 'failed', 'inconclusive') and f.approved_by is null
  and e.source <> 'self_audit' and f.verdict ->> 'is_evidence' is distinct from 'false'
group by 1;
comment on view public.kpi_auto_fix_success is
  'Of the fixes that started without a person and ended in a week: kept / (kept + reverted + failed). Inconclusive ones are shown and count for neither side.';

create or replace view public.kpi_recovery_time with (security_invoker = on) as
select date_trunc('week', f.applied_at at time zone 'UTC')::date as week, count(*)::integer as n,
  avg(extract(epoch from f.applied_at - e.first_seen_at))::double precision as mean_seconds,
  (percentile_cont(0.5) within group (order by extract(epoch from f.applied_at - e.first_seen_at)))::double precision as median_seconds,
  (percentile_cont(0.95) within group (order by extract(epoch from f.applied_at - e.first_seen_at)))::double precision as p95_seconds
from public.auto_fixes as f join public.detected_errors as e on e.id = f.detected_error_id
where f.applied_at >= healing_private.kpi_since() and f.status in ('validating', 'kept') and f.approved_by is null and e.source <> 'self_audit'
group by 1;
comment on view public.kpi_recovery_time is
  'Of the fixes applied in a week without a person and not taken back: seconds from the first capture of the error to the probe that passed.';

create or replace view public.kpi_escalation_rate with (security_invoker = on) as
select date_trunc('week', e.resolved_at at time zone 'UTC')::date as week, count(*)::integer as ended,
  count(*) filter (where e.status = 'escalated')::integer as escalated,
  count(*) filter (where e.status = 'escalated')::double precision / count(*) as escalation_rate,
  count(*) filter (where fixable.yes)::integer as fixable,
  count(*) filter (where fixable.yes and e.status = 'escalated')::double precision / nullif(count(*) filter (where fixable.yes), 0)
    as fixable_escalation_rate
from public.detected_errors as e
cross join lateral (select exists (select from public.auto_fixes as f where f.detected_error_id = e.id) as yes) as fixable
where e.resolved_at >= healing_private.kpi_since() and e.status in ('healed', 'escalated') and e.source <> 'self_audit'
group by 1;
comment on view public.kpi_escalation_rate is
  'Of the errors that ended in a week: escalated / (healed + escalated), over all of them, and over those for which a fix was proposed at all.';

create or replace view public.kpi_patterns_learned with (security_invoker = on) as
select date_trunc('week', created_at at time zone 'UTC')::date as week, count(*)::integer as learned,
  count(*) filter (where status = 'active')::integer as in_force, count(*) filter (where auto_fixable)::integer as trusted
from public.universal_error_patterns
where created_at >= healing_private.kpi_since() and project_id = '' and origin <> 'imported' and success_count > 0
group by 1;
comment on view public.kpi_patterns_learned is
  'Shared patterns that were first seen in a week and have worked at least once, without imported ones; how many of them are in force, and trusted.';

create or replace view public.kpi_human_work with (security_invoker = on) as
select date_trunc('week', e.resolved_at at time zone 'UTC')::date as week, count(*)::integer as ended,
  count(*) filter (where work.needed)::integer as by_people,
  1 - count(*) filter (where work.needed)::double precision / count(*) as reduction,
  count(*) filter (where not work.needed) * (select (wanted #>> '{}')::integer from public.healing_settings where key = 'cost_handling_minutes')
    as minutes_saved
from public.detected_errors as e
cross join lateral (select e.status = 'escalated' or exists (select from public.admin_approval_queue as q
  where q.detected_error_id = e.id) as needed) as work
where e.resolved_at >= healing_private.kpi_since() and e.status in ('healed', 'escalated') and e.source <> 'self_audit'
group by 1;
comment on view public.kpi_human_work is
  'Of the errors that ended in a week: 1 - (those that were escalated or asked a person for approval) / all; minutes_saved is the rest times cost_handling_minutes.';

create or replace view public.kpi_tests_from_failures with (security_invoker = on) as
select date_trunc('week', created_at at time zone 'UTC')::date as week, count(*)::integer as failures,
  count(*) filter (where test_generated)::integer as with_test, avg(test_generated::integer)::double precision as share
from public.generation_failures
where created_at >= healing_private.kpi_since()
group by 1;
comment on view public.kpi_tests_from_failures is 'Of the failures of generated work in a week: those that a regression test was made from / all.';

do $$
declare
  v_view text;
begin
  foreach v_view in array array['kpi_auto_fix_success', 'kpi_recovery_time', 'kpi_escalation_rate', 'kpi_patterns_learned', 'kpi_human_work',
    'kpi_tests_from_failures'] loop
    execute format('revoke all on public.%I from public, anon, authenticated, service_role', v_view);
    execute format('grant select on public.%I to service_role, authenticated', v_view);
  end loop;
end;
$$;
