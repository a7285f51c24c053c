-- Adds the calibration of predictions: what was predicted of a pattern's fix when it was proposed, against what became of it.
-- Locks: none.
-- Undo: drop view public.pattern_prediction_calibration.

create or replace view public.pattern_prediction_calibration with (security_invoker = on) as
with predictions as (
  select case when jsonb_typeof(evidence #> '{prediction,predicted}') = 'number'
      then (evidence #>> '{prediction,predicted}')::double precision end as predicted,
    (status = 'kept')::integer as outcome
  from public.auto_fixes
  where status in ('kept', 'reverted', 'failed') and verdict ->> 'is_evidence' is distinct from 'false'
), binned as (
  select predicted, outcome, least(floor(predicted * 10)::integer, 9) as bin from predictions where predicted between 0 and 1
)
select case when grouping(bin) = 1 then 'all' else to_char(bin / 10.0, 'FM0.0') || '-' || to_char((bin + 1) / 10.0, 'FM0.0') end as predicted_share,
  count(*)::integer as n, avg(predicted) as mean_predicted, avg(outcome)::double precision as observed_share,
  avg((predicted - outcome) ^ 2) as brier_score
from binned group by grouping sets ((bin), ());
revoke all on public.pattern_prediction_calibration from public, anon, authenticated, service_role;
grant select on public.pattern_prediction_calibration to service_role, authenticated;
comment on view public.pattern_prediction_calibration is
  'How good predictions of fixes were: by tenths of what was predicted, and in all, the share that was kept and the Brier score (0 perfect, 0.25 a coin).';
