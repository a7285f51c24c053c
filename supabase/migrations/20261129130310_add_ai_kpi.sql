-- Adds the figure of how many errors were handled without a model: the view kpi_ai_calls_avoided, by week (UTC) over twelve weeks.
-- Locks: none.
-- Undo: drop view public.kpi_ai_calls_avoided.

create or replace view public.kpi_ai_calls_avoided with (security_invoker = on) as
with asked as (
  -- A question that failed has been asked all the same, and one that was answered from memory has not.
  select distinct fingerprint, date_trunc('week', asked_at at time zone 'UTC')::date as week from public.error_analyses
  where asked_at >= healing_private.kpi_since()
), handled as (
  select e.id, date_trunc('week', e.resolved_at at time zone 'UTC')::date as week, e.fingerprint from public.detected_errors as e
  where e.resolved_at >= healing_private.kpi_since() and e.status in ('healed', 'escalated') and e.source <> 'self_audit'
  union
  select e.id, date_trunc('week', f.created_at at time zone 'UTC')::date, e.fingerprint
  from public.auto_fixes as f join public.detected_errors as e on e.id = f.detected_error_id
  where f.created_at >= healing_private.kpi_since() and e.source <> 'self_audit'
)
select h.week, count(*)::integer as handled, count(*) filter (where used.model)::integer as with_ai,
  1 - count(*) filter (where used.model)::double precision / count(*) as avoided
from handled as h
cross join lateral (select exists (select from asked as a where a.fingerprint = h.fingerprint and a.week = h.week)
  or exists (select from public.auto_fixes as f where f.detected_error_id = h.id and f.tier = 'ai') as model) as used
group by h.week;
comment on view public.kpi_ai_calls_avoided is
  'Of the errors that were handled in a week (a fix was proposed, or they ended): 1 - (those that a model was asked about, whatever came of it) / all.';
revoke all on public.kpi_ai_calls_avoided from public, anon, authenticated, service_role;
grant select on public.kpi_ai_calls_avoided to service_role, authenticated;
