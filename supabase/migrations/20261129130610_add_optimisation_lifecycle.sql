-- Adds the way of an optimisation through the lifecycle of a fix: the look at the load (get_database_load), the error under which
-- it runs (open_optimisation), its rest once it was refused or taken back, and the window in which an index is watched.
-- Locks: SHARE ROW EXCLUSIVE on detected_errors and auto_fixes while their triggers are made.
-- Undo: drop trigger y_rest_optimisations on public.detected_errors; drop trigger y_watch_index_fixes on public.auto_fixes; drop
--       function public.open_optimisation, public.get_database_load, healing_private.rest_optimisations,
--       healing_private.watch_index_fixes;

create or replace function public.get_database_load()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  with sessions as (
    select a.*, a.query = '<insufficient privilege>' as is_hidden from pg_catalog.pg_stat_activity as a
    where a.datname = current_database() and a.backend_type = 'client backend' and a.pid <> pg_catalog.pg_backend_pid()
      and not exists (select from healing_private.index_jobs as j where j.finished_at is null and j.command = a.query)
  ), figures as (
    select count(*) filter (where state = 'active') as active, count(*) filter (where is_hidden) as hidden,
      count(*) filter (where wait_event_type = 'Lock') as waiting,
      coalesce(max(extract(epoch from clock_timestamp() - xact_start)) filter (where xact_start is not null), 0)::integer as oldest,
      (select count(*) from pg_catalog.pg_prepared_xacts where database = current_database()) as prepared,
      (select count(*) from pg_catalog.pg_stat_activity where backend_type = 'client backend') as used,
      current_setting('max_connections')::integer as most,
      (healing_private.setting('optimise_max_active') #>> '{}')::integer as max_active,
      (healing_private.setting('optimise_max_transaction_seconds') #>> '{}')::integer as max_oldest
    from sessions
  ), judged as (
    select f.*, case
      when hidden > 0 then 'the sessions of others cannot be seen: grant pg_read_all_stats to the owner of this database'
      when waiting > 0 then format('%s sessions wait for locks', waiting)
      when active > max_active then format('%s statements are running, more than optimise_max_active (%s)', active, max_active)
      when oldest > max_oldest then format('a transaction is open for %s s, longer than optimise_max_transaction_seconds (%s)', oldest, max_oldest)
      when prepared > 0 then format('%s prepared transactions are open', prepared)
      when used > most * 0.8 then format('%s of %s connections are used', used, most) end as reason
    from figures as f)
  select jsonb_build_object('busy', reason is not null, 'reason', coalesce(reason, 'the load is low'), 'active', active,
    'waiting_for_locks', waiting, 'oldest_transaction_seconds', oldest, 'connections', used, 'max_connections', most)
  from judged;
$$;
revoke all on function public.get_database_load() from public, anon, authenticated;
grant execute on function public.get_database_load() to service_role;
comment on function public.get_database_load() is
  'Whether the database is too busy for an index to be built now, and why: {busy, reason, active, waiting_for_locks, oldest_transaction_seconds, connections, max_connections}.';

create or replace function public.open_optimisation(p_optimisation jsonb, p_worker text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_days integer := (healing_private.setting('optimise_again_days') #>> '{}')::integer;
  v_error public.detected_errors;
begin
  perform pg_catalog.pg_advisory_xact_lock(hashtext('healing:optimise'));
  select * into v_error from public.detected_errors
  where fingerprint = p_optimisation ->> 'fingerprint' and project_id = '' and status <> 'healed' for update;
  if found and v_error.status in ('awaiting_approval', 'validating', 'healing') then
    return jsonb_build_object('opened', false, 'id', v_error.id, 'reason', 'it is under way: ' || v_error.status);
  elsif found and v_error.resolved_at > clock_timestamp() - make_interval(days => v_days) then
    return jsonb_build_object('opened', false, 'id', v_error.id, 'reason', coalesce(v_error.resolution, v_error.status));
  elsif found then
    update public.detected_errors set status = 'healing', claimed_by = p_worker, claim_number = nextval('healing_private.fencing_numbers'),
      lease_expires_at = clock_timestamp() + interval '120 seconds', last_seen_at = clock_timestamp(), resolved_at = null,
      attempt_count = 1, error_message = left(p_optimisation ->> 'message', 8000)
    where id = v_error.id returning * into v_error;
  else
    insert into public.detected_errors (fingerprint, error_signature, error_template, error_type, error_message, category, severity,
      source, status, claimed_by, claim_number, lease_expires_at, attempt_count)
    values (p_optimisation ->> 'fingerprint', 'optimise: ' || (p_optimisation ->> 'type'), p_optimisation ->> 'fingerprint',
      p_optimisation ->> 'type', left(p_optimisation ->> 'message', 8000), 'database', 'low', 'optimiser', 'healing', p_worker,
      nextval('healing_private.fencing_numbers'), clock_timestamp() + interval '120 seconds', 1)
    returning * into v_error;
  end if;
  return jsonb_build_object('opened', true, 'id', v_error.id, 'claim_number', v_error.claim_number);
end;
$$;
revoke all on function public.open_optimisation(jsonb, text) from public, anon, authenticated;
grant execute on function public.open_optimisation(jsonb, text) to service_role;
comment on function public.open_optimisation(jsonb, text) is
  'Opens an optimisation {fingerprint, type, message} under a claim, as if it were an error: {opened, id, claim_number}, or {opened: false, reason} when it is under way or was decided lately.';

-- Nobody asks the rules what to do about an optimisation: it is made, or left. Only an approved one is taken up.
create or replace function healing_private.rest_optimisations()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if not exists (select from public.auto_fixes as f
    where f.detected_error_id = new.id and f.status = 'proposed' and f.approved_by is not null) then
    new.status := 'ignored';
    new.resolution := coalesce(new.resolution, 'it was given up');
    new.resolved_at := clock_timestamp();
  end if;
  return new;
end;
$$;
revoke all on function healing_private.rest_optimisations() from public, anon, authenticated;
comment on function healing_private.rest_optimisations() is 'Lets an optimisation that was refused or taken back rest instead of being healed again.';
create or replace trigger y_rest_optimisations before update of status on public.detected_errors
  for each row when (new.source = 'optimiser' and new.status = 'open') execute function healing_private.rest_optimisations();

-- An index is judged by what its statement costs, which the optimiser measures; the common judgement comes after it.
create or replace function healing_private.watch_index_fixes()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  new.validate_until := new.applied_at + interval '1 day'
    + make_interval(hours => (healing_private.setting('optimise_window_hours') #>> '{}')::integer);
  return new;
end;
$$;
revoke all on function healing_private.watch_index_fixes() from public, anon, authenticated;
comment on function healing_private.watch_index_fixes() is 'Gives an index that was asked for the window of the optimiser.';
create or replace trigger y_watch_index_fixes before update of status on public.auto_fixes
  for each row when (new.action_kind in ('create_index', 'drop_index') and old.status = 'applying' and new.status = 'validating')
  execute function healing_private.watch_index_fixes();

notify pgrst, 'reload schema';
