-- Adds which deployment an error may have come with: deployment_correlations, find_uncorrelated_errors, record_deployment_correlations,
-- get_deployment_correlations.
-- Locks: none on existing tables.
-- Undo: drop function public.find_uncorrelated_errors, public.record_deployment_correlations, public.get_deployment_correlations,
--       healing_private.function_shift; drop table public.deployment_correlations.

create table if not exists public.deployment_correlations (
  detected_error_id uuid not null references public.detected_errors (id) on delete cascade,
  deployment_id uuid not null references public.deployment_logs (id) on delete cascade,
  place integer not null,
  score double precision not null,
  reason text not null,
  details jsonb not null default '{}',
  found_at timestamptz not null default clock_timestamp(),
  primary key (detected_error_id, deployment_id),
  constraint deployment_correlations_scores_are_shares check (score between 0 and 1),
  constraint deployment_correlations_places_begin_at_one check (place >= 1)
);
create index if not exists deployment_correlations_deployment_id_idx on public.deployment_correlations (deployment_id, score desc);
comment on table public.deployment_correlations is
  'Deployments that an error may have come with, the likeliest at place 1: by time, by files and stack frames, and by the error rate before and after.';
comment on column public.deployment_correlations.details is 'What the score is made of: {time, overlap, evidence}, and the counts before and after.';
select healing_private.secure_table('public.deployment_correlations'::regclass);

-- The counts that tell whether a function fails more often since a moment: what was before, and each closed minute since.
create or replace function healing_private.function_shift(p_function text, p_at timestamptz)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  with counted as (
    select m.bucket_start as at, sum(m.sample_count) as n, coalesce(sum(m.sample_count) filter (where m.tags ->> 'outcome' = 'error'), 0) as errors
    from public.performance_metrics as m
    where m.name = 'requests' and m.kind = 'duration' and m.tags ->> 'function' = p_function
      and m.bucket_start between p_at - interval '1 day' and least(p_at + interval '1 day', clock_timestamp() - interval '2 minutes')
    group by 1
  )
  select jsonb_build_object(
    'before', (select coalesce(jsonb_agg(jsonb_build_array(n, errors) order by at), '[]') from (
      select date_bin('10 minutes', at, p_at) as at, sum(n) as n, sum(errors) as errors from counted where at < date_trunc('minute', p_at, 'UTC') group by 1) as b),
    -- The minute of the deployment itself belongs to both.
    'after', (select coalesce(jsonb_agg(jsonb_build_array(n, errors) order by at), '[]') from counted where at > p_at));
$$;
revoke all on function healing_private.function_shift(text, timestamptz) from public, anon, authenticated;
comment on function healing_private.function_shift(text, timestamptz) is
  'Requests and errors of a function in the day before a moment, by ten minutes, and by minutes since: {before, after: [[requests, errors]]}.';

create or replace function public.find_uncorrelated_errors(p_limit integer default 20, p_project_id text default null)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  with asked as (
    select e.* from public.detected_errors as e
    where e.status <> 'healed' and e.source not in ('migration', 'self_audit') and e.first_seen_at > clock_timestamp() - interval '1 day'
      and (p_project_id is null or e.project_id = p_project_id)
      -- Looked at again while it is young: what was deployed is known at once, its figures only later.
      and not exists (select from public.deployment_correlations as c
        where c.detected_error_id = e.id and c.found_at > least(e.first_seen_at + interval '30 minutes', clock_timestamp() - interval '4 minutes'))
    order by e.last_seen_at desc limit least(greatest(p_limit, 1), 100)
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'function_name', a.function_name, 'first_seen_at', a.first_seen_at,
    'stack_trace', left(a.stack_trace, 8000), 'candidates', c.candidates) order by a.last_seen_at desc) filter (where c.candidates is not null), '[]')
  from asked as a cross join lateral (
    select jsonb_agg(jsonb_build_object('id', d.id, 'deployed_at', d.deployed_at, 'reason', left(d.trigger_reason, 200),
      'files', (select coalesce(jsonb_agg(left(f ->> 'path', 300)), '[]') from (select f from jsonb_array_elements(
        case jsonb_typeof(d.changes -> 'files') when 'array' then d.changes -> 'files' else '[]' end) as f limit 500) as files),
      'functions', (select coalesce(jsonb_agg(left(f ->> 'slug', 300)), '[]') from (select f from jsonb_array_elements(
        case jsonb_typeof(d.changes -> 'functions') when 'array' then d.changes -> 'functions' else '[]' end) as f limit 100) as functions),
      'shift', case when a.function_name is not null then healing_private.function_shift(a.function_name, d.deployed_at) end) order by d.deployed_at desc) as candidates
    from (select * from public.deployment_logs as l
      where l.deployed_at between a.first_seen_at - interval '1 day' and a.first_seen_at + interval '2 minutes'
        and (a.project_id = '' or l.project_id = a.project_id)
      order by l.deployed_at desc limit 5) as d) as c;
$$;
revoke all on function public.find_uncorrelated_errors(integer, text) from public, anon, authenticated;
grant execute on function public.find_uncorrelated_errors(integer, text) to service_role;
comment on function public.find_uncorrelated_errors(integer, text) is
  'Young errors with the deployments of the day before each, and what their function did before and after: [{id, function_name, first_seen_at, stack_trace, candidates}].';

create or replace function public.record_deployment_correlations(p_error_id uuid, p_candidates jsonb)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rows integer;
begin
  -- In the order of the key: engines that meet cannot deadlock.
  insert into public.deployment_correlations as c (detected_error_id, deployment_id, place, score, reason, details)
  select p_error_id, (k ->> 'id')::uuid, (k ->> 'place')::integer, (k ->> 'score')::double precision, left(k ->> 'reason', 2000), coalesce(k -> 'details', '{}')
  from jsonb_array_elements(p_candidates) as k
  where exists (select from public.detected_errors where id = p_error_id) and exists (select from public.deployment_logs where id = (k ->> 'id')::uuid)
  order by 2
  on conflict (detected_error_id, deployment_id) do update
  set place = excluded.place, score = excluded.score, reason = excluded.reason, details = excluded.details, found_at = clock_timestamp();
  get diagnostics v_rows = row_count;
  return v_rows;
end;
$$;
revoke all on function public.record_deployment_correlations(uuid, jsonb) from public, anon, authenticated;
grant execute on function public.record_deployment_correlations(uuid, jsonb) to service_role;
comment on function public.record_deployment_correlations(uuid, jsonb) is
  'Keeps which deployments an error may have come with, [{id, place, score, reason, details}]; the latest look counts. Returns how many.';

create or replace function public.get_deployment_correlations(p_error_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('deployment_id', c.deployment_id, 'place', c.place, 'score', c.score, 'reason', c.reason,
    'evidence', (c.details #>> '{shift,againstBaseline}')::double precision, 'status', d.status, 'found_at', c.found_at) order by c.place), '[]')
  from public.deployment_correlations as c join public.deployment_logs as d on d.id = c.deployment_id
  where c.detected_error_id = p_error_id;
$$;
revoke all on function public.get_deployment_correlations(uuid) from public, anon, authenticated;
grant execute on function public.get_deployment_correlations(uuid) to authenticated, service_role;
comment on function public.get_deployment_correlations(uuid) is
  'The deployments that an error may have come with, the likeliest first, with what is known of each: {deployment_id, place, score, reason, evidence, status}. Admins and the functions see them.';

notify pgrst, 'reload schema';
