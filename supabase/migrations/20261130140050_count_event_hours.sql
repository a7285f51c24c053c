-- Adds the counts of whole hours, so that an overview need not read a day of events: healing_private.event_hours,
-- healing_private.count_event_hours and its job, and an index of the heals alone.
-- Locks: a short one on public.healing_events for the index of what heals, which is a small part of it.
-- Undo: select cron.unschedule('healing_hours'); drop function healing_private.count_event_hours, healing_private.events_by_hour,
--       healing_private.count_events;
--       drop table healing_private.event_hours; drop index public.healing_events_heals_idx.

create index if not exists healing_events_heals_idx on public.healing_events (created_at)
  where result = 'success' and event_type in ('healed_in_request', 'fix_kept');

create table if not exists healing_private.event_hours (
  hour timestamptz primary key,
  errors bigint not null,
  healed bigint not null,
  constraint event_hours_is_whole check (hour = date_trunc('hour', hour))
);
comment on table healing_private.event_hours is 'Occurrences and heals of whole hours that are over, for two days; made from healing_events, and made again when lost.';
select healing_private.secure_table('healing_private.event_hours');

create or replace function healing_private.count_events(p_from timestamptz, p_until timestamptz)
returns table (hour timestamptz, errors bigint, healed bigint)
language sql
stable
security definer
set search_path = ''
as $$
  select date_trunc('hour', created_at), coalesce(sum(occurrences) filter (where event_type = 'occurrence'), 0),
    count(*) filter (where result = 'success' and event_type in ('healed_in_request', 'fix_kept'))
  from public.healing_events where created_at >= p_from and created_at < p_until group by 1;
$$;
revoke all on function healing_private.count_events(timestamptz, timestamptz) from public, anon, authenticated;
comment on function healing_private.count_events(timestamptz, timestamptz) is 'Occurrences and heals by the hour, from the events themselves.';

create or replace function healing_private.count_event_hours()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  -- What began within an hour may be committed a little after it.
  v_over timestamptz := date_trunc('hour', clock_timestamp() - interval '5 minutes');
  v_from timestamptz := coalesce((select max(hour) + interval '1 hour' from healing_private.event_hours), '-infinity'::timestamptz);
  v_counted integer;
begin
  delete from healing_private.event_hours where hour < v_over - interval '2 days';
  v_from := greatest(v_from, v_over - interval '24 hours');
  insert into healing_private.event_hours (hour, errors, healed)
  select h.at, coalesce(c.errors, 0), coalesce(c.healed, 0)
  from generate_series(v_from, v_over - interval '1 hour', interval '1 hour') as h (at)
  left join healing_private.count_events(v_from, v_over) as c on c.hour = h.at
  on conflict (hour) do nothing;
  get diagnostics v_counted = row_count;
  return v_counted;
end;
$$;
revoke all on function healing_private.count_event_hours() from public, anon, authenticated;
comment on function healing_private.count_event_hours() is 'Counts the hours that are over and not counted yet, of a day at most. Returns how many.';

create or replace function healing_private.events_by_hour()
returns table (hour timestamptz, errors bigint, healed bigint)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_first timestamptz := date_trunc('hour', now()) - interval '23 hours';
  v_counted_until timestamptz := (select max(e.hour) + interval '1 hour' from healing_private.event_hours as e);
begin
  perform healing_private.require_person('see what happened by the hour');
  return query
  select h.at, coalesce(c.errors, 0), coalesce(c.healed, 0)
  from generate_series(v_first, date_trunc('hour', now()), interval '1 hour') as h (at)
  left join (
    select e.hour, e.errors, e.healed from healing_private.event_hours as e where e.hour >= v_first
    union all
    select * from healing_private.count_events(greatest(v_first, coalesce(v_counted_until, v_first)), 'infinity')) as c on c.hour = h.at
  order by h.at;
end;
$$;
revoke all on function healing_private.events_by_hour() from public, anon, authenticated;
grant execute on function healing_private.events_by_hour() to authenticated;
comment on function healing_private.events_by_hour() is
  'For admins: occurrences and heals of the last 24 hours, this one included; hours that are over come from their counts.';

do $$
begin
  if to_regclass('cron.job') is not null then
    perform cron.schedule('healing_hours', '6 * * * *', 'select healing_private.count_event_hours()');
  end if;
end;
$$;
