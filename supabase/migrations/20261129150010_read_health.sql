-- Adds what is read of health: get_health_status, get_public_status, get_health_checks, get_request_health, get_database_health, and the
-- setting health_database_limit_mb.
-- Locks: none on existing tables.
-- Undo: drop function public.get_health_status, public.get_public_status, public.get_health_checks, public.get_request_health,
--       public.get_database_health, healing_private.public_status, healing_private.overall_health;
--       delete from public.healing_settings where key = 'health_database_limit_mb'.

insert into public.healing_settings (key, wanted, actual, description)
values ('health_database_limit_mb', '0'::jsonb, '0'::jsonb,
  'Megabytes that the database may take on your plan: its health turns at 80 and 95 percent. 0: its size is not judged, as Postgres cannot see its disk.')
on conflict (key) do nothing;

-- Who can only be told later, or warned, is not down: mail, SMS, memory and healing degrade the whole, and no more.
create or replace function healing_private.overall_health()
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select case
    when bool_or(status = 'unhealthy' and check_name not in ('email', 'sms', 'memory', 'healing')) then 'unhealthy'
    when bool_or(status in ('degraded', 'unhealthy')) then 'degraded'
    when bool_or(status = 'healthy') then 'healthy'
    else 'unknown' end
  from healing_private.health_states where looked_at > clock_timestamp() - interval '10 minutes';
$$;
revoke all on function healing_private.overall_health() from public, anon, authenticated;
grant execute on function healing_private.overall_health() to authenticated, service_role;
comment on function healing_private.overall_health() is
  'One word for all checks of the last ten minutes; unknown when there was none, so that a dead schedule never looks green.';

create or replace function public.get_health_status()
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object('status', healing_private.overall_health(), 'checked_at', max(s.looked_at),
    'checks', coalesce(jsonb_agg(jsonb_build_object('check_name', s.check_name, 'status', s.status, 'since', s.since, 'looked_at', s.looked_at,
      'is_stale', s.looked_at <= clock_timestamp() - interval '10 minutes', 'last_look', c.status, 'reason', c.reason,
      'measured_value', c.measured_value, 'threshold', c.threshold, 'duration_ms', c.duration_ms, 'details', c.details)
      order by s.check_name), '[]'::jsonb))
  from healing_private.health_states as s left join public.system_health_checks as c on c.id = s.last_look;
$$;
revoke all on function public.get_health_status() from public, anon, authenticated;
grant execute on function public.get_health_status() to authenticated, service_role;
comment on function public.get_health_status() is
  'What is shown of each check, with its last look, and one word for all: {status, checked_at, checks}. Admins and the functions see it.';

create or replace function healing_private.public_status()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_build_object('status', healing_private.overall_health(),
    'checked_at', (select max(looked_at) from healing_private.health_states));
$$;
revoke all on function healing_private.public_status() from public, anon, authenticated;
grant execute on function healing_private.public_status() to anon, authenticated, service_role;
comment on function healing_private.public_status() is 'The two values that everybody may know; the only way of anon to them.';

create or replace function public.get_public_status()
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select healing_private.public_status();
$$;
revoke all on function public.get_public_status() from public, anon, authenticated;
grant execute on function public.get_public_status() to anon, authenticated, service_role;
comment on function public.get_public_status() is
  'The public status line, without details: {status, checked_at}; the status is healthy, degraded, unhealthy, or unknown without a check in ten minutes.';

create or replace function public.get_health_checks(p_filter jsonb default '{}')
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  with page as (
    select least(greatest(coalesce((p_filter ->> 'limit')::integer, 100), 1), 500) as most
  ), found as (
    select c.* from public.system_health_checks as c
    where (p_filter ->> 'check_name' is null or c.check_name = p_filter ->> 'check_name')
      and (p_filter ->> 'status' is null or c.status = p_filter ->> 'status')
      and (p_filter ->> 'since' is null or c.created_at >= (p_filter ->> 'since')::timestamptz)
      and (p_filter ->> 'before' is null or c.created_at < (p_filter ->> 'before')::timestamptz
        or (c.created_at = (p_filter ->> 'before')::timestamptz and c.id > (p_filter ->> 'before_id')::uuid))
    order by c.created_at desc, c.id limit (select most + 1 from page)
  ), numbered as (
    select f, row_number() over (order by f.created_at desc, f.id) as place from found as f
  )
  select jsonb_build_object('checks', coalesce(jsonb_agg(to_jsonb(n.f) order by n.place) filter (where n.place <= page.most), '[]'::jsonb),
    'has_more', count(n.f) > page.most)
  from page left join numbered as n on true group by page.most;
$$;
revoke all on function public.get_health_checks(jsonb) from public, anon, authenticated;
grant execute on function public.get_health_checks(jsonb) to authenticated, service_role;
comment on function public.get_health_checks(jsonb) is
  'Looks, newest first: filters check_name, status, since, before (with before_id: after that row), limit (at most 500). Returns {checks, has_more}. Admins and the functions see it.';

create or replace function public.get_request_health(time_window interval default interval '15 minutes')
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  with rate as (
    select public.get_error_rate(time_window) as r
  ), late as (
    select coalesce(sum(occurrences), 0) as n from public.healing_events where event_type = 'timeout' and created_at > now() - time_window
  )
  select r || jsonb_build_object('timeout_count', n, 'timeout_rate', round(100.0 * n / nullif((r ->> 'total_requests')::numeric, 0), 2),
    'p95_ms', public.get_performance_summary(jsonb_build_object('name', 'requests', 'by', 'name', 'since', now() - time_window)) #> '{series,0,p95}')
  from rate, late;
$$;
revoke all on function public.get_request_health(interval) from public, anon, authenticated;
grant execute on function public.get_request_health(interval) to authenticated, service_role;
comment on function public.get_request_health(interval) is
  'get_error_rate, and how many requests timed out and how long 95 of 100 took: {error_rate, total_requests, error_count, timeout_count, timeout_rate, p95_ms}.';

create or replace function public.get_database_health()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  with sessions as (
    -- Of other roles' sessions the times are hidden from who may not read all statistics.
    select count(*) filter (where datid is not null) as used,
      count(*) filter (where backend_type = 'client backend' and xact_start < clock_timestamp() - interval '10 minutes') as long_ones,
      max(extract(epoch from clock_timestamp() - xact_start)) filter (where backend_type = 'client backend') as oldest
    from pg_catalog.pg_stat_activity where pid <> pg_backend_pid()
  ), waits as (
    select count(*) as waiting, max(extract(epoch from clock_timestamp() - waitstart)) as longest from pg_catalog.pg_locks where not granted
  )
  select jsonb_build_object('connections_used', used,
    'connections_max', current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer,
    'long_transactions', long_ones, 'oldest_transaction_s', round(coalesce(oldest, 0)::numeric, 1),
    'lock_waits', waiting, 'longest_lock_wait_s', round(coalesce(longest, 0)::numeric, 1),
    'database_bytes', pg_catalog.pg_database_size(current_database()),
    'limit_mb', (healing_private.setting('health_database_limit_mb') #>> '{}')::numeric,
    -- The platform turns a project whose disk is full to reading only.
    'read_only', current_setting('default_transaction_read_only') = 'on',
    'sees_all', pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage'))
  from sessions, waits;
$$;
revoke all on function public.get_database_health() from public, anon, authenticated;
grant execute on function public.get_database_health() to service_role;
comment on function public.get_database_health() is
  'Connections, long transactions, waits for locks, size, and whether writing is possible. Its caller measures the latency.';

notify pgrst, 'reload schema';
