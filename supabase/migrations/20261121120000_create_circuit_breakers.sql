-- Adds the breakers that a fleet shares: circuit_breakers (one row per target), the isolates that use them, and the
-- functions report_circuit_breaker, claim_circuit_probe, finish_circuit_probe, set_circuit_breaker_mode,
-- reset_circuit_breaker and get_circuit_breakers.
-- Locks: none on existing tables.
-- Undo: drop the six functions of public and, in healing_private, breaker_view, breaker_is_last, move_breaker,
--       note_breaker_isolate, open_breaker and change_breaker_mode; drop table healing_private.circuit_breaker_isolates, public.circuit_breakers.

create table if not exists public.circuit_breakers (
  id uuid not null default gen_random_uuid(),
  name text primary key,
  group_name text not null default '',
  state text not null default 'closed',
  mode text not null default 'auto',
  version bigint not null default 1,
  reason text not null default 'nothing has been reported',
  cooldown_ms integer not null default 60000,
  opened_at timestamptz,
  opened_count integer not null default 0,
  probe_after timestamptz,
  probe_number bigint not null default 0,
  probe_isolate text,
  probe_lease_expires_at timestamptz,
  evidence jsonb not null default '{}',
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  constraint circuit_breakers_names_are_short check (length(name) between 1 and 200 and length(group_name) <= 200),
  constraint circuit_breakers_state_is_known check (state in ('closed', 'open', 'half_open')),
  constraint circuit_breakers_mode_is_known check (mode in ('auto', 'forced_open', 'disabled')),
  constraint circuit_breakers_only_closed_rows_have_no_opening check ((state = 'closed') = (opened_at is null)),
  constraint circuit_breakers_only_open_rows_wait_for_a_probe check ((state = 'open') = (probe_after is not null)),
  constraint circuit_breakers_only_half_open_rows_have_a_lease
    check ((state = 'half_open') = (probe_lease_expires_at is not null))
);
create index if not exists circuit_breakers_group_name_idx on public.circuit_breakers (group_name) where group_name <> '';
comment on table public.circuit_breakers is
  'One row per target that the isolates protect together: open for all, one probe at a time, and why.';

create table if not exists healing_private.circuit_breaker_isolates (
  breaker_name text not null references public.circuit_breakers (name) on delete cascade,
  isolate_id text not null,
  seen_at timestamptz not null,
  voted_at timestamptz,
  voted_version bigint,
  failure_count bigint not null default 0,
  last_error_code text,
  primary key (breaker_name, isolate_id),
  constraint circuit_breaker_isolates_ids_are_short check (length(isolate_id) between 1 and 100),
  constraint circuit_breaker_isolates_votes_are_whole check ((voted_at is null) = (voted_version is null))
);
create index if not exists circuit_breaker_isolates_breaker_name_seen_at_idx
  on healing_private.circuit_breaker_isolates (breaker_name, seen_at);
comment on table healing_private.circuit_breaker_isolates is
  'The isolates that used a breaker lately, and the vote of each that it should be open; rows go after ten minutes.';

select healing_private.secure_table(name::regclass)
from unnest(array['public.circuit_breakers', 'healing_private.circuit_breaker_isolates']) as name;

create or replace function healing_private.breaker_is_last(p_breaker public.circuit_breakers)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select p_breaker.group_name <> '' and not exists (
    select from public.circuit_breakers as other
    where other.group_name = p_breaker.group_name and other.name <> p_breaker.name
      and (other.mode = 'disabled' or other.mode = 'auto' and other.state = 'closed'));
$$;
revoke all on function healing_private.breaker_is_last(public.circuit_breakers) from public, anon, authenticated;
grant execute on function healing_private.breaker_is_last(public.circuit_breakers) to service_role, authenticated;
comment on function healing_private.breaker_is_last(public.circuit_breakers) is
  'True when no other target of the breaker''s group is available; false without a group.';

-- Durations and not times: an isolate never compares its clock with this one.
create or replace function healing_private.breaker_view(p_breaker public.circuit_breakers)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object('id', p_breaker.id, 'version', p_breaker.version, 'state', p_breaker.state, 'mode', p_breaker.mode,
    'is_last', healing_private.breaker_is_last(p_breaker), 'active_isolates', 0, 'opened', false,
    'remaining_ms', greatest(0, ceil(1000 * extract(epoch from
      coalesce(p_breaker.probe_after, p_breaker.probe_lease_expires_at, clock_timestamp()) - clock_timestamp())))::bigint);
$$;
revoke all on function healing_private.breaker_view(public.circuit_breakers) from public, anon, authenticated;
comment on function healing_private.breaker_view(public.circuit_breakers) is 'A breaker as isolates are told of it, with the time until the next probe.';

-- The one place where a state changes. Every change counts the version up, so that whatever was decided on an
-- older version is void; votes carry the version that their isolate had seen and need no clearing.
create or replace function healing_private.move_breaker(
  p_before public.circuit_breakers, p_state text, p_reason text, p_probe_after timestamptz default null, p_evidence jsonb default '{}')
returns public.circuit_breakers
language sql
security invoker
set search_path = ''
as $$
  with moved as (
    update public.circuit_breakers
    set state = p_state, version = version + 1, reason = left(p_reason, 500), evidence = p_evidence, changed_at = clock_timestamp(),
      opened_at = case when p_state <> 'closed' then coalesce(opened_at, clock_timestamp()) end,
      opened_count = opened_count + case when p_state = 'open' and state = 'closed' then 1 else 0 end,
      probe_after = p_probe_after, probe_isolate = null, probe_lease_expires_at = null
    where name = p_before.name
    returning *),
  told as (
    insert into public.healing_events (event_type, category, severity, result, message, details)
    select case p_state when 'closed' then 'breaker_closed' else 'breaker_opened' end, 'network',
      case p_state when 'closed' then 'low' else 'high' end, 'success', left(p_before.name || ': ' || p_reason, 8000),
      jsonb_build_object('name', p_before.name, 'evidence', p_evidence)
    from moved where (p_before.state = 'closed') <> (p_state = 'closed'))
  select * from moved;
$$;
revoke all on function healing_private.move_breaker(public.circuit_breakers, text, text, timestamptz, jsonb) from public, anon, authenticated;
comment on function healing_private.move_breaker(public.circuit_breakers, text, text, timestamptz, jsonb) is
  'Moves a breaker to closed or open, one version on, and records that it opened or closed. The caller holds its row.';

create or replace function healing_private.note_breaker_isolate(p_breaker public.circuit_breakers, p_report jsonb)
returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_failures bigint := coalesce((p_report ->> 'failures')::bigint, 0);
  v_votes boolean := coalesce((p_report ->> 'is_open')::boolean, false) and p_breaker.state = 'closed'
    and (p_report ->> 'version')::bigint is not distinct from p_breaker.version;
  v_known healing_private.circuit_breaker_isolates;
begin
  select * into v_known from healing_private.circuit_breaker_isolates
  where breaker_name = p_breaker.name and isolate_id = p_report ->> 'isolate';
  -- A refresh without news writes once in twenty seconds; the others only read.
  if v_known.seen_at > clock_timestamp() - interval '20 seconds' and v_failures = 0
    and (v_known.voted_version is not distinct from case when v_votes then p_breaker.version end) then
    return;
  end if;
  insert into healing_private.circuit_breaker_isolates as i (breaker_name, isolate_id, seen_at, voted_at, voted_version, failure_count, last_error_code)
  values (p_breaker.name, left(p_report ->> 'isolate', 100), clock_timestamp(), case when v_votes then clock_timestamp() end,
    case when v_votes then p_breaker.version end, v_failures, substring(p_report ->> 'error_code' from '^\w{1,60}$'))
  on conflict (breaker_name, isolate_id) do update
  set seen_at = excluded.seen_at, voted_at = excluded.voted_at, voted_version = excluded.voted_version,
    failure_count = i.failure_count + excluded.failure_count, last_error_code = coalesce(excluded.last_error_code, i.last_error_code);
  -- Rows that another report is about to delete are left to it, so that two reports cannot wait for each other.
  delete from healing_private.circuit_breaker_isolates as i
  using (select isolate_id from healing_private.circuit_breaker_isolates
    where breaker_name = p_breaker.name and seen_at < clock_timestamp() - interval '10 minutes' for update skip locked) as gone
  where i.breaker_name = p_breaker.name and i.isolate_id = gone.isolate_id;
end;
$$;
revoke all on function healing_private.note_breaker_isolate(public.circuit_breakers, jsonb) from public, anon, authenticated;
comment on function healing_private.note_breaker_isolate(public.circuit_breakers, jsonb) is
  'Remembers that an isolate uses a breaker, its failures, and its vote when it is about the present version; forgets the silent ones.';

-- Opens for all when enough isolates vote for it now: at least p_quorum, and their share of the active ones.
create or replace function healing_private.open_breaker(p_breaker public.circuit_breakers, p_report jsonb)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_cooldown interval := make_interval(secs => least(greatest(coalesce((p_report ->> 'cooldown_ms')::double precision, 60000), 0), 86400000) / 1000);
  v_row public.circuit_breakers;
  v_active integer;
  v_votes integer;
  v_needed integer;
  v_evidence jsonb;
begin
  -- The group first, so that two of its targets cannot both take the other one for available.
  if p_breaker.group_name <> '' then
    perform pg_catalog.pg_advisory_xact_lock(hashtextextended('healing:breakers:' || p_breaker.group_name, 0));
  end if;
  -- Counted only under the row's lock: of two votes at once the second one sees both. A stronger lock would deadlock
  -- with the foreign keys of votes that are being stored.
  select * into v_row from public.circuit_breakers where name = p_breaker.name for no key update;
  select count(*), count(*) filter (where voted_version = v_row.version
      and voted_at > clock_timestamp() - greatest(v_cooldown, interval '40 seconds')),
    jsonb_build_object('isolates', jsonb_agg(isolate_id order by isolate_id) filter (where voted_version = v_row.version),
      'error_codes', jsonb_agg(distinct last_error_code) filter (where voted_version = v_row.version))
  into v_active, v_votes, v_evidence
  from healing_private.circuit_breaker_isolates
  where breaker_name = v_row.name and (seen_at > clock_timestamp() - interval '60 seconds' or voted_version = v_row.version);
  v_needed := greatest((p_report ->> 'quorum')::integer, 2, ceil(v_active * least((p_report ->> 'quorum_share')::double precision, 1))::integer);
  if v_row.state <> 'closed' or v_row.mode <> 'auto' or v_votes < v_needed or healing_private.breaker_is_last(v_row) then
    return healing_private.breaker_view(v_row) || jsonb_build_object('active_isolates', v_active);
  end if;
  v_row := healing_private.move_breaker(v_row, 'open', format('%s of %s active isolates found it down, %s had to', v_votes, v_active, v_needed),
    clock_timestamp() + v_cooldown, v_evidence || jsonb_build_object('votes', v_votes, 'active', v_active, 'needed', v_needed));
  update public.circuit_breakers set cooldown_ms = extract(epoch from v_cooldown) * 1000 where name = v_row.name;
  perform healing_private.notify('high', format('The target "%s" is down', v_row.name), v_row.reason, 'breaker:' || v_row.name, v_row.evidence);
  return healing_private.breaker_view(v_row) || jsonb_build_object('active_isolates', v_active, 'opened', true);
end;
$$;
revoke all on function healing_private.open_breaker(public.circuit_breakers, jsonb) from public, anon, authenticated;
comment on function healing_private.open_breaker(public.circuit_breakers, jsonb) is
  'Counts the votes and opens a breaker for the fleet when there are enough and it is not the last of its group. Returns its view.';

create or replace function public.report_circuit_breaker(p_report jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_breaker public.circuit_breakers;
begin
  if coalesce(p_report ->> 'name', '') = '' or coalesce(p_report ->> 'isolate', '') = '' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A report needs the name of the breaker and the isolate''s id',
      hint = 'Send {name, isolate, …}';
  end if;
  select * into v_breaker from public.circuit_breakers where name = p_report ->> 'name';
  if not found then
    insert into public.circuit_breakers (name, group_name) values (p_report ->> 'name', coalesce(p_report ->> 'group', ''))
    on conflict (name) do nothing;
    select * into strict v_breaker from public.circuit_breakers where name = p_report ->> 'name';
  end if;
  if v_breaker.group_name <> coalesce(p_report ->> 'group', '') then
    update public.circuit_breakers set group_name = coalesce(p_report ->> 'group', '') where name = v_breaker.name returning * into v_breaker;
  end if;
  perform healing_private.note_breaker_isolate(v_breaker, p_report);
  if (p_report ->> 'is_open')::boolean and v_breaker.state = 'closed' and (p_report ->> 'version')::bigint = v_breaker.version then
    return healing_private.open_breaker(v_breaker, p_report);
  end if;
  return healing_private.breaker_view(v_breaker);
end;
$$;
revoke all on function public.report_circuit_breaker(jsonb) from public, anon, authenticated;
grant execute on function public.report_circuit_breaker(jsonb) to service_role;
comment on function public.report_circuit_breaker(jsonb) is
  'An isolate reports {name, isolate, group, version, is_open, failures, error_code, cooldown_ms, quorum, quorum_share} and reads the fleet''s state in one call.';

create or replace function public.claim_circuit_probe(p_name text, p_isolate text, p_lease_ms integer)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_breaker public.circuit_breakers;
  v_granted boolean;
begin
  -- One statement: whoever waits for the row finds it taken. A lease that ended belongs to an isolate that is gone.
  update public.circuit_breakers
  set state = 'half_open', version = version + 1, probe_number = probe_number + 1, probe_isolate = left(p_isolate, 100),
    probe_after = null, probe_lease_expires_at = v_now + make_interval(secs => least(greatest(p_lease_ms, 1000), 600000) / 1000.0),
    changed_at = v_now
  where name = p_name and mode = 'auto' and (state = 'open' and probe_after <= v_now or state = 'half_open' and probe_lease_expires_at <= v_now)
  returning * into v_breaker;
  v_granted := found;
  if not v_granted then
    select * into v_breaker from public.circuit_breakers where name = p_name;
  end if;
  if v_breaker.name is null then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no breaker "%s"', left(p_name, 200)),
      hint = 'Report it first with report_circuit_breaker';
  end if;
  return jsonb_build_object('granted', v_granted, 'probe_number', v_breaker.probe_number, 'view', healing_private.breaker_view(v_breaker));
end;
$$;
revoke all on function public.claim_circuit_probe(text, text, integer) from public, anon, authenticated;
grant execute on function public.claim_circuit_probe(text, text, integer) to service_role;
comment on function public.claim_circuit_probe(text, text, integer) is
  'Takes the one probe of the whole fleet once the cooldown is over, for at most p_lease_ms. Returns {granted, probe_number, view}.';

create or replace function public.finish_circuit_probe(p_name text, p_probe_number bigint, p_outcome text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_breaker public.circuit_breakers;
begin
  if p_outcome is null or p_outcome not in ('succeeded', 'failed', 'abandoned') then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = format('A probe cannot end as "%s"', left(p_outcome, 50)),
      hint = 'Say succeeded, failed or abandoned';
  end if;
  select * into v_breaker from public.circuit_breakers where name = p_name for no key update;
  if v_breaker.name is null then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no breaker "%s"', left(p_name, 200)),
      hint = 'Report it first with report_circuit_breaker';
  end if;
  -- The probe of an isolate whose lease was given to another one comes too late and decides nothing.
  if v_breaker.state = 'half_open' and v_breaker.probe_number = p_probe_number then
    v_breaker := case p_outcome
      when 'succeeded' then healing_private.move_breaker(v_breaker, 'closed', 'a probe succeeded')
      when 'failed' then healing_private.move_breaker(v_breaker, 'open', 'a probe failed',
        clock_timestamp() + make_interval(secs => v_breaker.cooldown_ms / 1000.0), v_breaker.evidence)
      else healing_private.move_breaker(v_breaker, 'open', 'a probe was given up', clock_timestamp(), v_breaker.evidence) end;
  end if;
  return healing_private.breaker_view(v_breaker);
end;
$$;
revoke all on function public.finish_circuit_probe(text, bigint, text) from public, anon, authenticated;
grant execute on function public.finish_circuit_probe(text, bigint, text) to service_role;
comment on function public.finish_circuit_probe(text, bigint, text) is
  'Ends the probe of this number: succeeded closes the breaker for all, failed starts the next cooldown, abandoned frees the probe. Returns the view.';

create or replace function public.reset_circuit_breaker(p_name text, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_breaker public.circuit_breakers;
begin
  if coalesce(btrim(p_reason), '') = '' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A reset of a breaker needs a reason', hint = 'Say in p_reason why';
  end if;
  select * into v_breaker from public.circuit_breakers where name = p_name for no key update;
  if v_breaker.name is null then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no breaker "%s"', left(p_name, 200)),
      hint = 'Read the names in public.circuit_breakers';
  end if;
  return healing_private.breaker_view(healing_private.move_breaker(
    v_breaker, 'closed', format('reset by %s: %s', healing_private.actor(), p_reason)));
end;
$$;
revoke all on function public.reset_circuit_breaker(text, text) from public, anon, authenticated;
grant execute on function public.reset_circuit_breaker(text, text) to service_role;
comment on function public.reset_circuit_breaker(text, text) is
  'Closes a breaker for all, whatever the evidence so far; votes and probes from before are void. Returns the view.';

create or replace function healing_private.change_breaker_mode(p_name text, p_mode text, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_breaker public.circuit_breakers;
begin
  perform healing_private.require_person(format('change the mode of the breaker "%s"', left(p_name, 200)));
  if coalesce(btrim(p_reason), '') = '' or p_mode is null or p_mode not in ('auto', 'forced_open', 'disabled') then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A change of mode needs a known mode and a reason',
      hint = 'The modes are auto, forced_open and disabled';
  end if;
  update public.circuit_breakers
  set mode = p_mode, version = version + 1, reason = left(format('%s by %s: %s', p_mode, healing_private.actor(), p_reason), 500),
    changed_at = clock_timestamp()
  where name = p_name returning * into v_breaker;
  if v_breaker.name is null then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no breaker "%s"', left(p_name, 200)),
      hint = 'Read the names in public.circuit_breakers';
  end if;
  insert into public.healing_events (event_type, category, severity, result, message, details)
  values ('breaker_mode_changed', 'runtime', 'medium', 'success', format('%s: %s', p_name, p_mode),
    jsonb_build_object('name', p_name, 'mode', p_mode, 'reason', p_reason, 'by', healing_private.actor()));
  return to_jsonb(v_breaker);
end;
$$;
revoke all on function healing_private.change_breaker_mode(text, text, text) from public, anon, authenticated;
grant execute on function healing_private.change_breaker_mode(text, text, text) to authenticated, service_role;
comment on function healing_private.change_breaker_mode(text, text, text) is 'The rights behind set_circuit_breaker_mode; checks that a person acts.';

create or replace function public.set_circuit_breaker_mode(p_name text, p_mode text, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.change_breaker_mode(p_name, p_mode, p_reason);
$$;
revoke all on function public.set_circuit_breaker_mode(text, text, text) from public, anon, authenticated;
grant execute on function public.set_circuit_breaker_mode(text, text, text) to authenticated, service_role;
comment on function public.set_circuit_breaker_mode(text, text, text) is
  'Admins force a breaker open, disable it, or give it back to the evidence (auto), with a reason. Returns the breaker.';

create or replace function public.get_circuit_breakers()
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(b) || jsonb_build_object('is_last', healing_private.breaker_is_last(b),
    'active_isolates', seen.active, 'votes', seen.votes, 'failure_count', seen.failures) order by b.state <> 'closed' desc, b.name), '[]')
  from public.circuit_breakers as b cross join lateral (
    select count(*) filter (where i.seen_at > clock_timestamp() - interval '60 seconds') as active,
      count(*) filter (where i.voted_version = b.version) as votes, coalesce(sum(i.failure_count), 0) as failures
    from healing_private.circuit_breaker_isolates as i where i.breaker_name = b.name) as seen;
$$;
revoke all on function public.get_circuit_breakers() from public, anon, authenticated;
grant execute on function public.get_circuit_breakers() to authenticated, service_role;
comment on function public.get_circuit_breakers() is
  'Every shared breaker with the isolates that use it, their votes and failures, open ones first. Admins and the functions see them; others get [].';

notify pgrst, 'reload schema';
