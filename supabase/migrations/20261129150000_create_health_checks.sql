-- Adds health checks: system_health_checks (one row a look), healing_private.health_states (what is shown of each check, after
-- hysteresis), healing_private.health_jobs (since when a schedule is known), and record_health_checks, mark_health_told.
-- Locks: none on existing tables.
-- Undo: drop function public.record_health_checks, public.mark_health_told, healing_private.next_health, healing_private.note_health_look;
--       drop table public.system_health_checks, healing_private.health_states, healing_private.health_jobs.

create table if not exists public.system_health_checks (
  id uuid primary key default gen_random_uuid(),
  check_name text not null,
  status text not null,
  measured_value double precision,
  threshold double precision,
  reason text not null,
  duration_ms double precision not null default 0,
  details jsonb not null default '{}',
  run_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  constraint system_health_checks_status_is_known check (status in ('healthy', 'degraded', 'unhealthy', 'unknown')),
  constraint system_health_checks_names_are_plain check (check_name ~ '^[a-z][a-z0-9_]{0,49}$'),
  constraint system_health_checks_reasons_are_said check (length(reason) between 1 and 1000),
  constraint system_health_checks_durations_are_positive check (duration_ms >= 0)
);
create index if not exists system_health_checks_check_name_created_at_idx on public.system_health_checks (check_name, created_at desc);
create index if not exists system_health_checks_created_at_idx on public.system_health_checks (created_at desc);
comment on table public.system_health_checks is 'What each look of each health check saw: one row a look, kept for retention_days.';
comment on column public.system_health_checks.status is 'Of this look alone; what is shown follows only after two looks, in healing_private.health_states.';

create table if not exists healing_private.health_states (
  check_name text primary key,
  status text not null,
  since timestamptz not null default clock_timestamp(),
  pending text,
  last_look uuid not null,
  looked_at timestamptz not null default clock_timestamp(),
  told_status text not null default 'healthy',
  kicked_at timestamptz,
  constraint health_states_status_is_known check (status in ('healthy', 'degraded', 'unhealthy', 'unknown')),
  constraint health_states_pending_differs check (pending is distinct from status)
);
comment on table healing_private.health_states is
  'What is shown of each check: two looks that agree move it. told_status is what people know, kicked_at when healing was last called for it.';

create table if not exists healing_private.health_jobs (
  job_name text primary key,
  schedule text not null,
  known_since timestamptz not null default clock_timestamp()
);
comment on table healing_private.health_jobs is 'Since when a job has its schedule: pg_cron does not say, and a new daily job is not late.';

select healing_private.secure_table(name::regclass)
from unnest(array['public.system_health_checks', 'healing_private.health_states', 'healing_private.health_jobs']) as name;

create or replace function healing_private.next_health(p_shown text, p_pending text, p_look text)
returns jsonb
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  -- Between good and bad stands what is not known.
  v_order text[] := array['healthy', 'unknown', 'degraded', 'unhealthy'];
  v_shown integer := array_position(v_order, p_shown);
  v_look integer := array_position(v_order, p_look);
  v_pending integer := array_position(v_order, p_pending);
begin
  if v_look = v_shown then
    return jsonb_build_object('status', p_shown, 'pending', null);
  elsif v_pending is null or sign(v_pending - v_shown) <> sign(v_look - v_shown) then
    return jsonb_build_object('status', p_shown, 'pending', p_look);
  elsif v_look > v_shown then
    return jsonb_build_object('status', v_order[least(v_look, v_pending)], 'pending', null);
  end if;
  return jsonb_build_object('status', v_order[greatest(v_look, v_pending)], 'pending', null);
end;
$$;
revoke all on function healing_private.next_health(text, text, text) from public, anon, authenticated;
comment on function healing_private.next_health(text, text, text) is
  'What is shown after a look: only two looks in a row on the same side move it, and no further than both say. Returns {status, pending}.';

create or replace function healing_private.note_health_look(p_look public.system_health_checks)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_state healing_private.health_states;
  v_next jsonb;
begin
  insert into healing_private.health_states (check_name, status, pending, last_look)
  -- One bad look at the very first is no proof either.
  values (p_look.check_name, case when p_look.status in ('healthy', 'unknown') then p_look.status else 'unknown' end,
    case when p_look.status in ('degraded', 'unhealthy') then p_look.status end, p_look.id)
  on conflict do nothing;
  if found then
    return;
  end if;
  select * into v_state from healing_private.health_states where check_name = p_look.check_name for update;
  -- Runs that meet have seen the same trouble, which counts once.
  if v_state.looked_at > clock_timestamp() - interval '20 seconds' and v_state.looked_at <= clock_timestamp() then
    return;
  end if;
  v_next := healing_private.next_health(v_state.status, v_state.pending, p_look.status);
  update healing_private.health_states
  set status = v_next ->> 'status', pending = v_next ->> 'pending', last_look = p_look.id, looked_at = clock_timestamp(),
    since = case when v_next ->> 'status' = v_state.status then v_state.since else clock_timestamp() end
  where check_name = p_look.check_name;
end;
$$;
revoke all on function healing_private.note_health_look(public.system_health_checks) from public, anon, authenticated;
comment on function healing_private.note_health_look(public.system_health_checks) is 'Moves what is shown of a check by one look; looks within 20 seconds count as one.';

create or replace function public.record_health_checks(p_checks jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_entry jsonb;
  v_look public.system_health_checks;
  v_ids jsonb := '[]'::jsonb;
begin
  if jsonb_typeof(p_checks) is distinct from 'array' or jsonb_array_length(p_checks) > 100 then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'Health checks come as a list of at most 100',
      hint = 'Send [{check_name, status, reason, measured_value?, threshold?, duration_ms?, details?, run_id?}]';
  end if;
  -- In the order of their names: runs that meet cannot deadlock.
  for v_entry in select value from jsonb_array_elements(p_checks) as value order by value ->> 'check_name' loop
    insert into public.system_health_checks (check_name, status, measured_value, threshold, reason, duration_ms, details, run_id)
    values (v_entry ->> 'check_name', v_entry ->> 'status', (v_entry ->> 'measured_value')::double precision,
      (v_entry ->> 'threshold')::double precision, left(v_entry ->> 'reason', 1000), coalesce((v_entry ->> 'duration_ms')::double precision, 0),
      coalesce(v_entry -> 'details', '{}'::jsonb), (v_entry ->> 'run_id')::uuid)
    returning * into v_look;
    v_ids := v_ids || to_jsonb(v_look.id);
    perform healing_private.note_health_look(v_look);
  end loop;
  return jsonb_build_object('ids', v_ids, 'to_tell', (
    select coalesce(jsonb_agg(jsonb_build_object('check_name', s.check_name, 'status', s.status, 'told', s.told_status, 'reason', c.reason,
      'measured_value', c.measured_value, 'threshold', c.threshold, 'details', c.details) order by s.check_name), '[]'::jsonb)
    from healing_private.health_states as s left join public.system_health_checks as c on c.id = s.last_look
    where s.status <> 'unknown' and s.status <> s.told_status));
end;
$$;
revoke all on function public.record_health_checks(jsonb) from public, anon, authenticated;
grant execute on function public.record_health_checks(jsonb) to service_role;
comment on function public.record_health_checks(jsonb) is
  'Stores looks, all or none, and moves what is shown. Returns {ids, to_tell}: the checks whose state people do not know yet.';

create or replace function public.mark_health_told(p_told jsonb)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_told integer;
begin
  with known as (
    update healing_private.health_states as s
    set told_status = t ->> 'status'
    from jsonb_array_elements(p_told) as t
    where s.check_name = t ->> 'check_name' and t ->> 'status' in ('healthy', 'degraded', 'unhealthy')
    returning s.check_name, s.told_status
  ), read as (
    -- What is over needs nobody any more.
    update public.notifications as n set read_at = clock_timestamp()
    from known where n.read_at is null
      and n.dedupe_key = case known.told_status when 'healthy' then 'health:' else 'health_again:' end || known.check_name
    returning n.id
  )
  select count(*) into v_told from known;
  return v_told;
end;
$$;
revoke all on function public.mark_health_told(jsonb) from public, anon, authenticated;
grant execute on function public.mark_health_told(jsonb) to service_role;
comment on function public.mark_health_told(jsonb) is
  'Remembers which states people were told, [{check_name, status}], and puts away the notifications that are over. Returns how many.';

notify pgrst, 'reload schema';
