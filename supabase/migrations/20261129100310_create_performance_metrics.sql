-- Adds performance metrics: performance_metrics (minute rows with histograms that can be added up, partitioned by day),
-- record_performance_metrics, get_performance_summary, get_error_rate and their nightly maintenance. Replaces
-- healing_private.ensure_event_partition and healing_private.drop_old_partitions, which now share their work with it.
-- Locks: none on existing tables; attaching a partition takes SHARE UPDATE EXCLUSIVE on performance_metrics and a short
--        lock on its default partition, both under lock_timeout.
-- Undo: select cron.unschedule('healing_metrics'); drop function public.record_performance_metrics, public.get_performance_summary,
--       public.get_error_rate, public.maintain_performance_metrics, healing_private.add_histograms, healing_private.cell_value;
--       drop table public.performance_metrics, healing_private.performance_batches; restore the two functions from 20261121110600, then
--       drop function healing_private.ensure_day_partition, healing_private.drop_day_partitions.

create table if not exists public.performance_metrics (
  bucket_start timestamptz not null,
  name text not null,
  kind text not null,
  tags jsonb not null default '{}',
  unit text not null default 'ms',
  sample_count bigint not null,
  sample_sum double precision not null,
  sample_min double precision not null,
  sample_max double precision not null,
  histogram jsonb not null default '{}',
  primary key (bucket_start, name, kind, tags),
  constraint performance_metrics_kind_is_known check (kind in ('duration', 'counter', 'value')),
  constraint performance_metrics_rows_have_samples check (sample_count >= 1 and sample_min <= sample_max),
  constraint performance_metrics_names_are_short check (length(name) between 1 and 100 and length(unit) <= 20),
  constraint performance_metrics_tags_are_few check (jsonb_typeof(tags) = 'object' and octet_length(tags::text) <= 1500),
  constraint performance_metrics_buckets_are_minutes check (extract(second from bucket_start) = 0)
) partition by range (bucket_start);
create table if not exists healing_private.performance_metrics_default partition of public.performance_metrics default;
alter table healing_private.performance_metrics_default enable row level security;
create index if not exists performance_metrics_name_bucket_start_idx on public.performance_metrics (name, bucket_start);
comment on table public.performance_metrics is
  'What functions measured, a row a minute, name and tags. Partitioned by day; partitions live in healing_private.';
comment on column public.performance_metrics.histogram is
  'Samples by cell; cell i holds the values up to (1.02/0.98)^i, so that cells of rows add up and a percentile of their sum is at most 2 % wrong.';
comment on table healing_private.performance_metrics_default is
  'Takes metrics for which no day''s partition exists, so that a batch never fails.';

create table if not exists healing_private.performance_batches (
  id uuid primary key,
  recorded_at timestamptz not null default clock_timestamp()
);
create index if not exists performance_batches_recorded_at_idx on healing_private.performance_batches (recorded_at);
comment on table healing_private.performance_batches is
  'Batches of metrics that are in, so that one that is sent again counts once; senders give up long before its row goes.';

select healing_private.secure_table(name::regclass)
from unnest(array['public.performance_metrics', 'healing_private.performance_batches']) as name;
-- The default partition is reached through its parent only.
drop policy if exists nobody_directly on healing_private.performance_metrics_default;
create policy nobody_directly on healing_private.performance_metrics_default for select to service_role using (false);

create or replace function healing_private.ensure_day_partition(p_table text, p_day date)
returns boolean
language plpgsql
security definer
set search_path = ''
set lock_timeout = '500ms'
as $$
declare
  v_name text := p_table || '_' || to_char(p_day, 'YYYYMMDD');
begin
  if to_regclass(format('healing_private.%I', v_name)) is not null then
    return true;
  end if;
  -- Made apart, then attached: writers only ever wait for the attaching, and that only for half a second.
  execute format('create table healing_private.%I (like public.%I including defaults including constraints)', v_name, p_table);
  execute format('alter table healing_private.%I enable row level security', v_name);
  execute format('create policy nobody_directly on healing_private.%I for all to service_role using (false) with check (false)', v_name);
  execute format('comment on table healing_private.%I is %L', v_name, format('Rows of %s of one day.', p_table));
  execute format('alter table public.%I attach partition healing_private.%I for values from (%L) to (%L)', p_table,
    v_name, p_day::timestamp at time zone 'UTC', (p_day + 1)::timestamp at time zone 'UTC');
  return true;
exception when lock_not_available or check_violation then
  -- Busy, or the default partition already holds rows of that day: the default goes on taking them.
  raise warning 'no partition of % for %: % (%)', p_table, p_day, sqlerrm, sqlstate;
  return false;
end;
$$;
revoke all on function healing_private.ensure_day_partition(text, date) from public, anon, authenticated, service_role;
comment on function healing_private.ensure_day_partition(text, date) is
  'Makes and attaches the partition of one day (UTC) of a table; false, with a warning, when it has to wait.';

create or replace function healing_private.ensure_event_partition(p_day date)
returns boolean
language sql
security definer
set search_path = ''
as $$
  select healing_private.ensure_day_partition('healing_events', p_day);
$$;
revoke all on function healing_private.ensure_event_partition(date) from public, anon, authenticated, service_role;
comment on function healing_private.ensure_event_partition(date) is 'Makes and attaches the partition of one day (UTC); false, with a warning, when it has to wait.';

create or replace function healing_private.drop_day_partitions(p_table text, p_keep_days integer)
returns integer
language plpgsql
security definer
set search_path = ''
set lock_timeout = '500ms'
as $$
declare
  v_name text;
  v_dropped integer := 0;
begin
  for v_name in
    select c.relname from pg_catalog.pg_inherits as i join pg_catalog.pg_class as c on c.oid = i.inhrelid
    where i.inhparent = format('public.%I', p_table)::regclass and c.relname ~ ('^' || p_table || '_[0-9]{8}$')
      and to_date(right(c.relname, 8), 'YYYYMMDD') < (now() at time zone 'UTC')::date - p_keep_days loop
    begin
      execute format('drop table healing_private.%I', v_name);
      v_dropped := v_dropped + 1;
    exception when lock_not_available then
      raise warning 'partition % is busy and stays until the next night', v_name;
    end;
  end loop;
  return v_dropped;
end;
$$;
revoke all on function healing_private.drop_day_partitions(text, integer) from public, anon, authenticated, service_role;
comment on function healing_private.drop_day_partitions(text, integer) is 'Drops the partitions of a table that are older than the given number of days. Returns how many.';

create or replace function healing_private.drop_old_partitions(p_keep_days integer)
returns integer
language sql
security definer
set search_path = ''
as $$
  select healing_private.drop_day_partitions('healing_events', p_keep_days);
$$;
revoke all on function healing_private.drop_old_partitions(integer) from public, anon, authenticated, service_role;
comment on function healing_private.drop_old_partitions(integer) is 'Drops whole days of events older than the given number of days. Returns how many.';

create or replace function healing_private.add_histograms(p_one jsonb, p_other jsonb)
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select coalesce(jsonb_object_agg(cell, samples), '{}')
  from (select cell, sum(value::bigint) as samples
    from (select * from jsonb_each_text(p_one) union all select * from jsonb_each_text(p_other)) as both_of_them (cell, value)
    group by cell) as added;
$$;
revoke all on function healing_private.add_histograms(jsonb, jsonb) from public, anon, authenticated;
comment on function healing_private.add_histograms(jsonb, jsonb) is 'The histogram of all samples of both.';

-- Which value stands for a cell: as far, in proportion, from its lower as from its upper end.
create or replace function healing_private.cell_value(p_cell integer)
returns double precision
language sql
immutable
security invoker
set search_path = ''
as $$
  select case when p_cell <= -400 then 0 else 2 * pg_catalog.power(1.02::double precision / 0.98, p_cell) / (1 + 1.02::double precision / 0.98) end;
$$;
revoke all on function healing_private.cell_value(integer) from public, anon, authenticated;
grant execute on function healing_private.cell_value(integer) to authenticated, service_role;
comment on function healing_private.cell_value(integer) is 'The value that stands for the samples in a cell of a histogram, at most 2 % from each; the lowest cell holds what is as good as 0.';

create or replace function public.record_performance_metrics(p_batch jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rows integer;
begin
  if not coalesce(p_batch ->> 'batch_id' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', false)
    or jsonb_typeof(p_batch -> 'metrics') is distinct from 'array' or jsonb_array_length(p_batch -> 'metrics') > 1000 then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A batch of metrics has a batch_id and at most 1000 metrics',
      hint = 'Send {batch_id: uuid, metrics: [{name, kind, tags, unit, count, sum, min, max, histogram, age_ms}]}';
  end if;
  insert into healing_private.performance_batches (id) values ((p_batch ->> 'batch_id')::uuid) on conflict do nothing;
  if not found then
    return jsonb_build_object('recorded', false, 'rows', 0);
  end if;
  if exists (select from jsonb_array_elements(p_batch -> 'metrics') as m where m ->> 'kind' <> 'counter'
    and (m ->> 'count')::bigint is distinct from (select sum(value::bigint) from jsonb_each_text(m -> 'histogram') where value::bigint > 0)) then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A metric counts other samples than its histogram',
      hint = 'Both come from the same samples; cells hold whole numbers above 0';
  end if;
  -- In the order of the key: batches that meet cannot deadlock. Ages are measured by the sender''s clock, times by ours.
  insert into public.performance_metrics as known
    (bucket_start, name, kind, tags, unit, sample_count, sample_sum, sample_min, sample_max, histogram)
  select bucket, name, kind, tags, min(unit), sum(samples), sum(total), min(least_value), max(greatest_value),
    (select coalesce(jsonb_object_agg(cell, n), '{}') from (select cell, sum(value::bigint) as n
      from unnest(array_agg(histogram)) as one, jsonb_each_text(one) as cells (cell, value) group by cell) as added)
  from (select date_trunc('minute', clock_timestamp() - make_interval(secs =>
        least(greatest(coalesce((m ->> 'age_ms')::double precision, 0), 0), 3600000) / 1000), 'UTC') as bucket,
      m ->> 'name' as name, m ->> 'kind' as kind, coalesce(m -> 'tags', '{}') as tags, coalesce(m ->> 'unit', 'ms') as unit,
      (m ->> 'count')::bigint as samples, (m ->> 'sum')::double precision as total, (m ->> 'min')::double precision as least_value,
      (m ->> 'max')::double precision as greatest_value, coalesce(m -> 'histogram', '{}') as histogram
    from jsonb_array_elements(p_batch -> 'metrics') as m) as sent
  group by bucket, name, kind, tags order by bucket, name, kind, tags
  on conflict (bucket_start, name, kind, tags) do update
  set sample_count = known.sample_count + excluded.sample_count, sample_sum = known.sample_sum + excluded.sample_sum,
    sample_min = least(known.sample_min, excluded.sample_min), sample_max = greatest(known.sample_max, excluded.sample_max),
    histogram = healing_private.add_histograms(known.histogram, excluded.histogram);
  get diagnostics v_rows = row_count;
  -- Rows that another batch is about to delete are left to it.
  delete from healing_private.performance_batches where id in (
    select id from healing_private.performance_batches where recorded_at < clock_timestamp() - interval '30 minutes'
    limit 10 for update skip locked);
  return jsonb_build_object('recorded', true, 'rows', v_rows);
end;
$$;
revoke all on function public.record_performance_metrics(jsonb) from public, anon, authenticated;
grant execute on function public.record_performance_metrics(jsonb) to service_role;
comment on function public.record_performance_metrics(jsonb) is
  'Adds a batch of aggregates to their minutes, once by its batch_id within half an hour; all of it or nothing. Returns {recorded, rows}.';

create or replace function public.get_performance_summary(p_filter jsonb default '{}')
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  with asked as (
    select coalesce((p_filter ->> 'since')::timestamptz, now() - interval '1 hour') as since,
      coalesce((p_filter ->> 'until')::timestamptz, now() + interval '1 minute') as until,
      least(greatest(coalesce((p_filter ->> 'limit')::integer, 100), 1), 500) as most
  ), chosen as (
    -- Tags that are not asked for are added up.
    select m.name, m.kind, m.unit, case when p_filter ->> 'by' = 'name' then '{}' else m.tags end as tags,
      m.sample_count, m.sample_sum, m.sample_min, m.sample_max, m.histogram
    from public.performance_metrics as m, asked
    where m.bucket_start >= date_trunc('minute', asked.since, 'UTC') and m.bucket_start < asked.until
      and (p_filter ->> 'name' is null or m.name = p_filter ->> 'name') and m.tags @> coalesce(p_filter -> 'tags', '{}')
  ), series as (
    select name, kind, tags, min(unit) as unit, sum(sample_count) as n, sum(sample_sum) as total, min(sample_min) as low, max(sample_max) as high,
      row_number() over (order by sum(sample_count) desc, name, kind, tags) as place
    from chosen group by name, kind, tags
  ), cells as (
    select c.name, c.kind, c.tags, cell::integer as cell, sum(samples::bigint) as samples
    from chosen as c join series as s using (name, kind, tags), asked, jsonb_each_text(c.histogram) as h (cell, samples)
    where s.place <= asked.most group by 1, 2, 3, 4
  ), ranked as (
    select name, kind, tags, cell, sum(samples) over (partition by name, kind, tags order by cell) as upto from cells
  ), percentiles as (
    select name, kind, tags, min(cell) filter (where upto >= ceil(0.5 * n)) as p50,
      min(cell) filter (where upto >= ceil(0.95 * n)) as p95, min(cell) filter (where upto >= ceil(0.99 * n)) as p99
    from ranked join series using (name, kind, tags) group by name, kind, tags
  )
  select jsonb_build_object('since', min(asked.since), 'until', min(asked.until), 'has_more', count(*) > min(asked.most),
    'series', coalesce(jsonb_agg(jsonb_build_object('name', name, 'kind', kind, 'unit', unit, 'tags', tags, 'count', n, 'sum', total,
      'mean', total / n, 'min', low, 'max', high,
      -- No percentile lies outside of what was measured.
      'p50', case when p50 is not null then greatest(low, least(high, healing_private.cell_value(p50))) end, 'p95', case when p95 is not null then greatest(low, least(high, healing_private.cell_value(p95))) end,
      'p99', case when p99 is not null then greatest(low, least(high, healing_private.cell_value(p99))) end) order by place) filter (where place <= asked.most), '[]'))
  from asked left join series on true left join percentiles using (name, kind, tags);
$$;
revoke all on function public.get_performance_summary(jsonb) from public, anon, authenticated;
grant execute on function public.get_performance_summary(jsonb) to authenticated, service_role;
comment on function public.get_performance_summary(jsonb) is
  'What was measured, busiest first: filters since, until, name, tags (contained), by (series or name), limit (at most 500). Returns {since, until, series, has_more}; percentiles are at most 2 % wrong. Admins and the functions see it.';

create or replace function public.get_error_rate(time_window interval default interval '1 hour')
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  -- Without a request nothing is known: the rate is null and not 0.
  select jsonb_build_object('error_rate', round(100.0 * coalesce(sum(sample_count) filter (where tags ->> 'outcome' = 'error'), 0)
      / nullif(sum(sample_count), 0), 2),
    'total_requests', coalesce(sum(sample_count), 0),
    'error_count', coalesce(sum(sample_count) filter (where tags ->> 'outcome' = 'error'), 0))
  from public.performance_metrics
  where name = 'requests' and kind = 'duration' and bucket_start > now() - time_window - interval '1 minute';
$$;
revoke all on function public.get_error_rate(interval) from public, anon, authenticated;
grant execute on function public.get_error_rate(interval) to authenticated, service_role;
comment on function public.get_error_rate(interval) is
  'Requests of the last time_window, in whole minutes, that the functions answered, and how many of them failed: {error_rate, total_requests, error_count}, the rate in percent and null without requests.';

create or replace function public.maintain_performance_metrics()
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_days integer := (healing_private.setting('retention_days') #>> '{}')::integer;
  v_made integer;
  v_rows bigint;
  v_batches bigint;
begin
  select count(*) filter (where healing_private.ensure_day_partition('performance_metrics', (now() at time zone 'UTC')::date + day))
  into v_made from generate_series(0, 3) as day;
  delete from healing_private.performance_metrics_default where bucket_start < now() - make_interval(days => v_days);
  get diagnostics v_rows = row_count;
  delete from healing_private.performance_batches where recorded_at < clock_timestamp() - interval '30 minutes';
  get diagnostics v_batches = row_count;
  return jsonb_build_object('days_ready', v_made, 'partitions', healing_private.drop_day_partitions('performance_metrics', v_days),
    'healing_private.performance_metrics_default', v_rows, 'healing_private.performance_batches', v_batches);
end;
$$;
revoke all on function public.maintain_performance_metrics() from public, anon, authenticated;
grant execute on function public.maintain_performance_metrics() to service_role;
comment on function public.maintain_performance_metrics() is
  'The nightly job of the metrics: makes the partitions of the coming days and drops those past retention_days. Returns counts.';

select healing_private.ensure_day_partition('performance_metrics', (now() at time zone 'UTC')::date + day) from generate_series(0, 3) as day;

do $$
begin
  if to_regclass('cron.job') is null then
    raise notice 'pg_cron is not to be had here: call public.maintain_performance_metrics() from outside once a day';
    return;
  end if;
  perform cron.schedule('healing_metrics', '27 3 * * *', 'select public.maintain_performance_metrics()');
end;
$$;

notify pgrst, 'reload schema';
