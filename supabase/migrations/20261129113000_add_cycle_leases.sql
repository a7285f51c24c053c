-- Adds the leases of the engine's cycles: healing_cycles, claim_cycle, finish_cycle, and healing_private.kick_function.
-- Replaces healing_private.kick_engine (20261121110100) with the same signature: it is kick_function for the engine.
-- Locks: none on existing tables.
-- Undo: drop function public.claim_cycle, public.finish_cycle, healing_private.kick_function; drop table public.healing_cycles;
--       run kick_engine of 20261121110100 again.

create table if not exists public.healing_cycles (
  cycle smallint not null,
  project_id text not null default '',
  status text not null default 'running',
  run_id uuid not null,
  claim_number bigint not null,
  lease_expires_at timestamptz,
  wanted_again boolean not null default false,
  checkpoint jsonb,
  counters jsonb not null default '{}',
  reason text,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (cycle, project_id),
  constraint healing_cycles_there_are_six check (cycle between 1 and 6),
  constraint healing_cycles_status_is_known check (status in ('running', 'finished', 'paused', 'failed', 'not_installed')),
  constraint healing_cycles_only_running_rows_have_a_lease check ((status = 'running') = (lease_expires_at is not null)),
  constraint healing_cycles_failures_have_a_reason check (status <> 'failed' or reason is not null)
);
comment on table public.healing_cycles is
  'Each cycle of the engine by project ('''' is all of them): who runs it until when, how its last run ended, and where the next one goes on.';
select healing_private.secure_table('public.healing_cycles'::regclass);

-- A run of all projects and a run of one of them are the same cycle at the same time, so they exclude each other.
create or replace function public.claim_cycle(p_run_id uuid, p_cycle integer, p_project_id text default '', p_lease_seconds integer default 150)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_project text := coalesce(p_project_id, '');
  v_holder public.healing_cycles;
  v_cycle public.healing_cycles;
begin
  perform pg_catalog.pg_advisory_xact_lock(hashtext('healing:cycle'), p_cycle);
  select * into v_holder from public.healing_cycles
  where cycle = p_cycle and lease_expires_at > clock_timestamp() and (project_id = v_project or '' in (project_id, v_project))
  order by lease_expires_at desc limit 1;
  if found then
    update public.healing_cycles set wanted_again = true where cycle = p_cycle and project_id = v_holder.project_id;
    return jsonb_build_object('claimed', false, 'reason',
      format('run %s has cycle %s until %s', v_holder.run_id, p_cycle, v_holder.lease_expires_at));
  end if;
  insert into public.healing_cycles as c (cycle, project_id, run_id, claim_number, lease_expires_at)
  values (p_cycle, v_project, p_run_id, nextval('healing_private.fencing_numbers'),
    clock_timestamp() + make_interval(secs => least(greatest(p_lease_seconds, 1), 900)))
  on conflict (cycle, project_id) do update
  set status = 'running', run_id = excluded.run_id, claim_number = excluded.claim_number, lease_expires_at = excluded.lease_expires_at,
    wanted_again = false, reason = null, started_at = clock_timestamp(), finished_at = null
  returning * into v_cycle;
  return jsonb_build_object('claimed', true, 'claim_number', v_cycle.claim_number, 'checkpoint', v_cycle.checkpoint);
end;
$$;
revoke all on function public.claim_cycle(uuid, integer, text, integer) from public, anon, authenticated;
grant execute on function public.claim_cycle(uuid, integer, text, integer) to service_role;
comment on function public.claim_cycle(uuid, integer, text, integer) is
  'Leases one cycle of one project, or of all, to a run. Returns {claimed, claim_number, checkpoint}, or {claimed: false, reason} while another run has it; that one is told to look again.';

create or replace function healing_private.kick_function(p_function_name text, p_reason text, p_at_once boolean default false)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- One kick in ten seconds is enough; whoever loses the race for the lock is covered by the winner.
  if not pg_catalog.pg_try_advisory_xact_lock(hashtext('healing:kick:' || p_function_name)) then
    return;
  end if;
  if not p_at_once and exists (select from public.healing_runs
    where function_name = p_function_name and dispatched_at > clock_timestamp() - interval '10 seconds') then
    return;
  end if;
  perform public.dispatch_function(p_function_name, p_reason);
end;
$$;
revoke all on function healing_private.kick_function(text, text, boolean) from public, anon, authenticated;
comment on function healing_private.kick_function(text, text, boolean) is 'Dispatches one of our functions: at most once in ten seconds, or at once.';

create or replace function healing_private.kick_engine(p_reason text, p_at_once boolean default false)
returns void
language sql
security definer
set search_path = ''
as $$
  -- A person who has decided is not kept waiting.
  select healing_private.kick_function('autonomous-healing-engine', p_reason, p_at_once);
$$;
revoke all on function healing_private.kick_engine(text, boolean) from public, anon, authenticated;
comment on function healing_private.kick_engine(text, boolean) is 'Dispatches the healing engine: at most once in ten seconds, or at once.';

create or replace function public.finish_cycle(p_cycle integer, p_project_id text, p_claim_number bigint, p_end jsonb)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_cycle public.healing_cycles;
  v_goes_on boolean := coalesce((p_end ->> 'goes_on')::boolean, false);
begin
  perform pg_catalog.pg_advisory_xact_lock(hashtext('healing:cycle'), p_cycle);
  select * into v_cycle from public.healing_cycles where cycle = p_cycle and project_id = coalesce(p_project_id, '') for update;
  -- A late worker says nothing about the run that took its place.
  if v_cycle.claim_number is distinct from p_claim_number or v_cycle.status <> 'running' then
    return false;
  end if;
  update public.healing_cycles
  set status = p_end ->> 'status', reason = left(p_end ->> 'reason', 2000), counters = coalesce(p_end -> 'counters', '{}'),
    checkpoint = nullif(p_end -> 'checkpoint', 'null'), lease_expires_at = null, wanted_again = false, finished_at = clock_timestamp()
  where cycle = p_cycle and project_id = v_cycle.project_id;
  -- What is left, and what came while this run held the lease, need not wait for the schedule.
  if v_goes_on or v_cycle.wanted_again then
    begin
      perform healing_private.kick_engine(format('cycle %s goes on', p_cycle), v_goes_on);
    exception when others then
      raise warning 'the engine could not be called: % (%)', sqlerrm, sqlstate;
    end;
  end if;
  return true;
end;
$$;
revoke all on function public.finish_cycle(integer, text, bigint, jsonb) from public, anon, authenticated;
grant execute on function public.finish_cycle(integer, text, bigint, jsonb) to service_role;
comment on function public.finish_cycle(integer, text, bigint, jsonb) is
  'Ends a leased cycle with {status, reason, counters, checkpoint, goes_on}; the next run begins at the checkpoint, at once when it goes on. False when the lease has gone to another run.';
