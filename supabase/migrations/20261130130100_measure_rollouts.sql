-- Adds what is measured of rollouts, out of the minutes of performance_metrics: the baseline, the minutes of both arms, and their curve.
-- Locks: none on existing tables.
-- Undo: drop function public.get_rollout_curve, healing_private.rollout_minutes, healing_private.rollout_baseline,
--       healing_private.samples_above, healing_private.cell_below_share.

create or replace function healing_private.samples_above(p_histogram jsonb, p_cell integer)
returns bigint
language sql
immutable
security invoker
set search_path = ''
as $$
  select coalesce(sum(samples::bigint) filter (where cell::integer > p_cell), 0)::bigint from jsonb_each_text(p_histogram) as h (cell, samples);
$$;
revoke all on function healing_private.samples_above(jsonb, integer) from public, anon, authenticated;
grant execute on function healing_private.samples_above(jsonb, integer) to authenticated, service_role;
comment on function healing_private.samples_above(jsonb, integer) is 'How many samples of a histogram lie above a cell; 0 without a cell.';

create or replace function healing_private.rollout_baseline(p_functions text[], p_until timestamptz, p_hours integer)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  with minutes as (
    select m.bucket_start, m.sample_count as n, m.histogram, case when m.tags ->> 'outcome' = 'error' then m.sample_count else 0 end as errors
    from public.performance_metrics as m
    where m.name = 'requests' and m.kind = 'duration' and m.tags ->> 'function' = any (p_functions)
      and m.bucket_start >= p_until - make_interval(hours => p_hours) and m.bucket_start < date_trunc('minute', p_until, 'UTC')
  ), cells as (
    select cell::integer as cell, sum(samples::bigint) as samples from minutes, jsonb_each_text(histogram) as h (cell, samples) group by 1
  ), slow as (
    select min(cell) as cell from (select cell, sum(samples) over (order by cell) as upto, sum(samples) over () as total from cells) as ranked
    where upto >= ceil(0.95 * total)
  ), buckets as (
    select date_bin('10 minutes', bucket_start, p_until) as at, sum(n) as n, sum(errors) as errors,
      sum(healing_private.samples_above(histogram, slow.cell)) as slow
    from minutes, slow group by 1
  ), whole as (
    -- Also the times without a request: they tell how many requests are to be expected.
    select g.at, coalesce(b.n, 0) as n, coalesce(b.errors, 0) as errors, coalesce(b.slow, 0) as slow
    from generate_series((select min(at) from buckets), date_bin('10 minutes', p_until - interval '1 second', p_until), interval '10 minutes') as g (at)
    left join buckets as b using (at)
  )
  select jsonb_build_object('bucket_minutes', 10, 'until', p_until, 'slow_cell', (select cell from slow),
    'slow_ms', healing_private.cell_value((select cell from slow)),
    'buckets', coalesce((select jsonb_agg(jsonb_build_array(n, errors, slow) order by at) from whole), '[]'));
$$;
revoke all on function healing_private.rollout_baseline(text[], timestamptz, integer) from public, anon, authenticated;
comment on function healing_private.rollout_baseline(text[], timestamptz, integer) is
  'What functions did in the hours before a moment, in buckets of ten minutes: [requests, errors, slower than nineteen of twenty].';

-- The two latest minutes are still open: batches come ten seconds late, and later when they have to be sent again.
create or replace function healing_private.rollout_minutes(p_rollout public.rollouts)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  with span as (
    select greatest(date_trunc('minute', p_rollout.started_at, 'UTC') + interval '1 minute', date_trunc('minute', clock_timestamp(), 'UTC') - interval '2 days') as since,
      date_trunc('minute', coalesce(p_rollout.finished_at, clock_timestamp()), 'UTC') - interval '2 minutes' as until
  ), counted as (
    select m.bucket_start as at,
      case when p_rollout.mode = 'provider' then 'canary' else coalesce(m.tags ->> 'arm', 'none') end as arm,
      sum(m.sample_count) as n, coalesce(sum(m.sample_count) filter (where m.tags ->> 'outcome' = 'error'), 0) as errors,
      sum(healing_private.samples_above(m.histogram, (p_rollout.baseline ->> 'slow_cell')::integer)) as slow
    from public.performance_metrics as m, span
    where m.name = 'requests' and m.kind = 'duration' and m.bucket_start >= span.since and m.bucket_start <= span.until
      and case when p_rollout.mode = 'provider' then m.tags ->> 'function' = any (p_rollout.function_names)
        else m.tags ->> 'deployment' = p_rollout.deployment_id::text end
    group by 1, 2
  )
  select coalesce(jsonb_agg(jsonb_build_array(g.at,
    coalesce(c.n, 0), coalesce(c.errors, 0), coalesce(c.slow, 0), coalesce(k.n, 0), coalesce(k.errors, 0), coalesce(k.slow, 0)) order by g.at), '[]')
  from span, generate_series(span.since, span.until, interval '1 minute') as g (at)
  left join counted as c on c.at = g.at and c.arm = 'canary' left join counted as k on k.at = g.at and k.arm = 'control';
$$;
revoke all on function healing_private.rollout_minutes(public.rollouts) from public, anon, authenticated;
grant execute on function healing_private.rollout_minutes(public.rollouts) to authenticated, service_role;
comment on function healing_private.rollout_minutes(public.rollouts) is
  'Each closed minute of a rollout: [at, requests, errors and slow ones of the canary, the same of the control].';

create or replace function public.get_rollout_curve(p_rollout_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object('rollout', to_jsonb(r) - 'baseline', 'minutes', healing_private.rollout_minutes(r),
    'before', (select jsonb_build_object('requests', sum((b ->> 0)::bigint), 'errors', sum((b ->> 1)::bigint))
      from jsonb_array_elements(r.baseline -> 'buckets') as b),
    'verdicts', (select coalesce(jsonb_agg(to_jsonb(v) - 'rollout_id' order by v.id), '[]') from (
      select * from public.rollout_verdicts where rollout_id = r.id order by id desc limit 500) as v))
  from public.rollouts as r where r.id = p_rollout_id;
$$;
revoke all on function public.get_rollout_curve(uuid) from public, anon, authenticated;
grant execute on function public.get_rollout_curve(uuid) to authenticated, service_role;
comment on function public.get_rollout_curve(uuid) is
  'A rollout as a chart needs it: {rollout, minutes: [[at, requests, errors, slow, control requests, errors, slow]], before, verdicts}, or null.';

notify pgrst, 'reload schema';
