-- Adds the life of an experiment up to its outcomes: create_fix_experiment, record_variant_assignment, record_variant_result,
-- and a trigger by which fixes report theirs.
-- Locks: SHARE ROW EXCLUSIVE on auto_fixes, for the moment in which the trigger is made.
-- Undo: drop trigger b_note_fix_outcome on public.auto_fixes; drop the three functions of public and, in
--       healing_private, route_unit, hold_signature, hold_experiment, experiment_view, variant_pattern, note_variant_result, raise_variant_problem,
--       note_fix_for_experiment.

-- The same hash as statistics.ts: Jenkins' one-at-a-time over the UTF-8 bytes, in bigint with 32 bits kept.
create or replace function healing_private.route_unit(p_experiment_id uuid, p_unit text, p_share_of_b double precision)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_bytes bytea := convert_to(p_experiment_id::text || ':' || p_unit, 'UTF8');
  v_hash bigint := 0;
begin
  for i in 0..length(v_bytes) - 1 loop
    v_hash := (v_hash + get_byte(v_bytes, i)) & 4294967295;
    v_hash := (v_hash + (v_hash << 10)) & 4294967295;
    v_hash := v_hash # (v_hash >> 6);
  end loop;
  v_hash := (v_hash + (v_hash << 3)) & 4294967295;
  v_hash := v_hash # (v_hash >> 11);
  v_hash := (v_hash + (v_hash << 15)) & 4294967295;
  return case when v_hash::double precision / 4294967296 < p_share_of_b then 'b' else 'a' end;
end;
$$;
revoke all on function healing_private.route_unit(uuid, text, double precision) from public, anon, authenticated;
comment on function healing_private.route_unit(uuid, text, double precision) is
  'The variant of a unit, a or b, by the hash of experiment and unit: the same one that routeToVariant gives.';

-- Whoever records holds the experiment shared, whoever counts or ends it holds it alone. The queue is fair, and nobody
-- who waits for it holds a row that another one needs.
create or replace function healing_private.hold_experiment(p_experiment_id uuid, p_alone boolean)
returns public.fix_experiments
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_key bigint := hashtextextended('healing:experiment:' || p_experiment_id, 0);
  v_experiment public.fix_experiments;
begin
  if p_alone then
    perform pg_catalog.pg_advisory_xact_lock(v_key);
  else
    perform pg_catalog.pg_advisory_xact_lock_shared(v_key);
  end if;
  select * into v_experiment from public.fix_experiments where id = p_experiment_id;
  return v_experiment;
end;
$$;
revoke all on function healing_private.hold_experiment(uuid, boolean) from public, anon, authenticated;
comment on function healing_private.hold_experiment(uuid, boolean) is
  'Holds an experiment until the end of the transaction, shared or alone, and reads it; a row of nulls when there is none.';

create or replace function healing_private.experiment_view(p_experiment public.fix_experiments)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select to_jsonb(p_experiment) - array['deployment_lease_expires_at'];
$$;
revoke all on function healing_private.experiment_view(public.fix_experiments) from public, anon, authenticated;
comment on function healing_private.experiment_view(public.fix_experiments) is 'An experiment as callers see it.';

-- The pattern that a variant earns or loses by: that of the same error with this very fix.
create or replace function healing_private.variant_pattern(p_pattern public.universal_error_patterns, p_fix jsonb)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
begin
  if jsonb_typeof(p_fix) is distinct from 'object'
    or not exists (select from healing_private.fix_kinds where kind = p_fix ->> 'kind') then
    raise exception using errcode = 'PT400', detail = 'FIX_REFUSED', message = 'A variant of an experiment is of no known kind',
      hint = 'Read healing_private.fix_kinds';
  end if;
  if p_fix = p_pattern.fix_strategy then
    return p_pattern.id;
  end if;
  return (public.upsert_healing_pattern(jsonb_build_object('pattern_name', left(p_pattern.pattern_name || ', tried: ' || (p_fix ->> 'kind'), 200),
    'error_signature', p_pattern.error_signature, 'fix_strategy', p_fix, 'category', p_pattern.category,
    'origin', 'learned', 'project_id', p_pattern.project_id)) ->> 'id')::uuid;
end;
$$;
revoke all on function healing_private.variant_pattern(public.universal_error_patterns, jsonb) from public, anon, authenticated;
comment on function healing_private.variant_pattern(public.universal_error_patterns, jsonb) is
  'The pattern of a variant, found or stored; refuses a fix whose kind is not of the closed set.';

-- Before any pattern is locked: an experiment that is ending holds its row and waits for those patterns, so whoever
-- holds them must not wait for its row. One creation at a time, so that none begins between this look and the insert.
create or replace function healing_private.hold_signature(p_error_signature text, p_project_id text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform pg_catalog.pg_advisory_xact_lock(hashtextextended('healing:experiments_of:' || p_project_id || ':' || p_error_signature, 0));
  if exists (select from public.fix_experiments
    where md5(error_signature) = md5(p_error_signature) and project_id = p_project_id and experiment_status = 'running') then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = 'An experiment is already running for this error',
      hint = 'Read public.running_experiments; cancel it with cancel_fix_experiment';
  end if;
end;
$$;
revoke all on function healing_private.hold_signature(text, text) from public, anon, authenticated;
comment on function healing_private.hold_signature(text, text) is
  'Makes creations of experiments for one error take turns, and raises PT409 when one runs.';

create or replace function public.create_fix_experiment(p_experiment jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_pattern public.universal_error_patterns;
  v_experiment public.fix_experiments;
  v_a uuid;
  v_b uuid;
  v_lost jsonb;
  v_share double precision := coalesce((p_experiment ->> 'share_of_b')::double precision, 0.5);
  v_max_n integer := (p_experiment ->> 'max_n')::integer;
  -- By default as long as a fix is watched at most, and a day in which an engine that was down can judge it.
  v_maturity integer := coalesce((p_experiment ->> 'maturity_seconds')::integer,
    least(2592000, (healing_private.setting('validation_max_seconds') #>> '{}')::bigint + 86400)::integer);
begin
  select * into v_pattern from public.universal_error_patterns where id = (p_experiment ->> 'pattern_id')::uuid and status = 'active';
  if v_pattern.id is null then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = 'The pattern of the experiment is not known, or is retired',
      hint = 'Read public.healing_patterns';
  end if;
  if p_experiment -> 'fix_variant_a' = p_experiment -> 'fix_variant_b' or not v_share between 0.05 and 0.95
    or not coalesce(v_max_n between 10 and 1000000, false) or not v_maturity between 0 and 2592000 then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'An experiment needs two different fixes and sensible limits',
      hint = 'share_of_b 0.05..0.95, max_n 10..1000000, maturity_seconds 0..2592000';
  end if;
  perform healing_private.hold_signature(v_pattern.error_signature, v_pattern.project_id);
  -- In one order, or two experiments with the same fixes crosswise would wait for each other's patterns.
  if md5((p_experiment -> 'fix_variant_a')::text) < md5((p_experiment -> 'fix_variant_b')::text) then
    v_a := healing_private.variant_pattern(v_pattern, p_experiment -> 'fix_variant_a');
    v_b := healing_private.variant_pattern(v_pattern, p_experiment -> 'fix_variant_b');
  else
    v_b := healing_private.variant_pattern(v_pattern, p_experiment -> 'fix_variant_b');
    v_a := healing_private.variant_pattern(v_pattern, p_experiment -> 'fix_variant_a');
  end if;
  v_lost := healing_private.lost_variant(v_a, v_b);
  if v_lost is not null then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('A variant of the experiment is a %s pattern', v_lost ->> 'what'),
      hint = 'What was retired for doing harm, or demoted by a person, is not tried again';
  end if;
  insert into public.fix_experiments (error_signature, project_id, pattern_id, variant_a_pattern_id, variant_b_pattern_id,
    first_choice_pattern_id, fix_variant_a, fix_variant_b, share_of_b, max_n, maturity_seconds)
  values (v_pattern.error_signature, v_pattern.project_id, v_pattern.id, v_a, v_b, v_a, p_experiment -> 'fix_variant_a',
    p_experiment -> 'fix_variant_b', v_share, v_max_n, v_maturity)
  returning * into v_experiment;
  return healing_private.experiment_view(v_experiment);
end;
$$;
revoke all on function public.create_fix_experiment(jsonb) from public, anon, authenticated;
grant execute on function public.create_fix_experiment(jsonb) to service_role;
comment on function public.create_fix_experiment(jsonb) is
  'Starts an experiment {pattern_id, fix_variant_a, fix_variant_b, share_of_b, max_n, maturity_seconds}; a is the incumbent. PT409 when one runs for this error. Returns it.';

-- The one place where a unit gets its variant or its outcome. It answers instead of raising, because a fix reports
-- here from inside its own move, which must not fail for the experiment's sake.
create or replace function healing_private.note_variant_result(
  p_experiment_id uuid, p_unit text, p_variant text, p_succeeded boolean, p_elapsed_ms double precision, p_auto_fix_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_experiment public.fix_experiments := healing_private.hold_experiment(p_experiment_id, false);
  v_now timestamptz := clock_timestamp();
  v_result public.experiment_results;
  v_problem text;
begin
  select * into v_result from public.experiment_results where experiment_id = p_experiment_id and unit = p_unit for update;
  if v_result.id is null then
    v_problem := case
      when v_experiment.id is null then 'unknown'
      when v_experiment.experiment_status <> 'running' then 'ended'
      when p_unit is not null and healing_private.route_unit(p_experiment_id, p_unit, v_experiment.share_of_b) <> p_variant then 'misrouted'
      when p_elapsed_ms > 1000.0 * v_experiment.maturity_seconds then 'late' end;
    if v_problem is not null then
      return jsonb_build_object('status', v_problem);
    end if;
    insert into public.experiment_results (experiment_id, unit, variant, is_routed, succeeded, assigned_at, matures_at, recorded_at,
      auto_fix_id, is_from_fix)
    values (p_experiment_id, coalesce(p_unit, gen_random_uuid()::text), p_variant, p_unit is not null, p_succeeded,
      v_now - make_interval(secs => p_elapsed_ms / 1000),
      v_now - make_interval(secs => p_elapsed_ms / 1000) + make_interval(secs => v_experiment.maturity_seconds),
      case when p_succeeded is not null then v_now end, p_auto_fix_id, p_auto_fix_id is not null)
    on conflict (experiment_id, unit) do nothing returning * into v_result;
    if found then
      return jsonb_build_object('status', 'recorded', 'unit', v_result.unit, 'matures_at', v_result.matures_at);
    end if;
    -- Somebody else was first with this very unit.
    select * into strict v_result from public.experiment_results where experiment_id = p_experiment_id and unit = p_unit for update;
  end if;
  v_problem := case
    when v_result.variant <> p_variant then 'misrouted'
    when p_succeeded is null or v_result.succeeded = p_succeeded then 'repeated'
    when v_result.succeeded <> p_succeeded then 'other_outcome'
    when v_experiment.experiment_status <> 'running' then 'ended'
    -- Also when the clock went back meanwhile: what was counted is counted.
    when v_result.counted_at is not null or v_result.matures_at <= v_now then 'late' end;
  if v_problem is null then
    update public.experiment_results
    set succeeded = p_succeeded, recorded_at = v_now, auto_fix_id = coalesce(p_auto_fix_id, auto_fix_id),
      is_from_fix = is_from_fix or p_auto_fix_id is not null
    where id = v_result.id;
  end if;
  return jsonb_build_object('status', coalesce(v_problem, 'recorded'), 'unit', v_result.unit, 'matures_at', v_result.matures_at);
end;
$$;
revoke all on function healing_private.note_variant_result(uuid, text, text, boolean, double precision, uuid) from public, anon, authenticated;
comment on function healing_private.note_variant_result(uuid, text, text, boolean, double precision, uuid) is
  'Assigns a unit (no outcome) or records its one outcome. Returns {status: recorded | repeated | unknown | ended | misrouted | late | other_outcome, unit, matures_at}.';

create or replace function healing_private.raise_variant_problem(p_experiment_id uuid, p_unit text, p_answer jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_unit text := left(p_unit, 100);
begin
  case p_answer ->> 'status'
    when 'unknown' then raise exception using errcode = 'PT404', detail = 'NOT_FOUND',
      message = format('There is no experiment %s', p_experiment_id), hint = 'Read public.fix_experiments';
    when 'ended' then raise exception using errcode = 'PT409', detail = 'CONFLICT',
      message = format('Experiment %s has ended', p_experiment_id), hint = 'Stop routing units to it; read its decision in public.fix_experiments';
    when 'misrouted' then raise exception using errcode = 'PT409', detail = 'CONFLICT',
      message = format('Unit %s belongs to the other variant', v_unit), hint = 'Route it with routeToVariant and the experiment''s own share';
    when 'late' then raise exception using errcode = 'PT409', detail = 'CONFLICT',
      message = format('Unit %s had matured before its outcome came, and counts as a failure', v_unit),
      hint = 'Record outcomes within maturity_seconds of the assignment, or give the experiment a longer one';
    when 'other_outcome' then raise exception using errcode = 'PT409', detail = 'CONFLICT',
      message = format('Unit %s was already recorded with the other outcome', v_unit), hint = 'One unit has one outcome';
    else return jsonb_build_object('recorded', p_answer ->> 'status' = 'recorded', 'unit', p_answer ->> 'unit', 'matures_at', p_answer -> 'matures_at');
  end case;
end;
$$;
revoke all on function healing_private.raise_variant_problem(uuid, text, jsonb) from public, anon, authenticated;
comment on function healing_private.raise_variant_problem(uuid, text, jsonb) is
  'Turns the answer of note_variant_result into {recorded, unit, matures_at}, or raises what was wrong.';

create or replace function public.record_variant_assignment(p_experiment_id uuid, p_variant text, p_unit text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  if p_experiment_id is null or not coalesce(p_variant in ('a', 'b'), false) or not coalesce(length(p_unit) between 1 and 300, false) then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'An assignment needs an experiment, the variant a or b, and a unit',
      hint = 'The unit has 1 to 300 characters';
  end if;
  return healing_private.raise_variant_problem(p_experiment_id, p_unit,
    healing_private.note_variant_result(p_experiment_id, p_unit, p_variant, null, 0, null));
end;
$$;
revoke all on function public.record_variant_assignment(uuid, text, text) from public, anon, authenticated;
grant execute on function public.record_variant_assignment(uuid, text, text) to service_role;
comment on function public.record_variant_assignment(uuid, text, text) is
  'Says that a unit has begun with its variant, so that it counts as a failure when no outcome comes before it matures. Returns {recorded, unit, matures_at}.';

create or replace function public.record_variant_result(
  p_experiment_id uuid, p_variant text, p_succeeded boolean, p_unit text default null, p_elapsed_ms double precision default 0)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  if p_experiment_id is null or not coalesce(p_variant in ('a', 'b'), false) or p_succeeded is null
    or not coalesce(length(p_unit) between 1 and 300, true) or not coalesce(p_elapsed_ms between 0 and 2592000000, false) then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A result needs an experiment, the variant a or b, and an outcome',
      hint = 'A unit has 1 to 300 characters; p_elapsed_ms is the time since it was routed, at least 0';
  end if;
  return healing_private.raise_variant_problem(p_experiment_id, p_unit,
    healing_private.note_variant_result(p_experiment_id, p_unit, p_variant, p_succeeded, p_elapsed_ms, null));
end;
$$;
revoke all on function public.record_variant_result(uuid, text, boolean, text, double precision) from public, anon, authenticated;
grant execute on function public.record_variant_result(uuid, text, boolean, text, double precision) to service_role;
comment on function public.record_variant_result(uuid, text, boolean, text, double precision) is
  'Records the one outcome of a unit; without a unit the call is its own. The other outcome, a late one, the other variant''s unit and an ended experiment raise PT409. Returns {recorded, unit, matures_at}.';

-- A fix that an experiment chose reports by its own moves, in the very transaction that makes them: nothing can be lost
-- between the verdict and its record. Its unit begins when the fix has been applied, and not when it was proposed: what
-- nobody approved was not tried. A fix that died while it was being applied ends as failed, and what nobody could judge
-- stays open and matures as a failure.
create or replace function healing_private.note_fix_for_experiment()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_id text := new.evidence -> 'experiment' ->> 'id';
  v_variant text := new.evidence -> 'experiment' ->> 'variant';
begin
  -- One that ended as failed without having been tried says nothing.
  if v_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' and v_variant in ('a', 'b')
    and (new.status <> 'failed' or new.applying_at is not null or new.verdict ? 'measured') then
    perform healing_private.note_variant_result(v_id::uuid, new.detected_error_id::text, v_variant,
      case new.status when 'kept' then true when 'reverted' then false when 'failed' then false end,
      greatest(0, 1000 * extract(epoch from clock_timestamp() - coalesce(new.applying_at, clock_timestamp())))::double precision, new.id);
  end if;
  return null;
end;
$$;
revoke all on function healing_private.note_fix_for_experiment() from public, anon, authenticated;
comment on function healing_private.note_fix_for_experiment() is
  'Records an applied fix of an experiment as an assignment, and its keeping, revert or failure as the outcome.';
create or replace trigger b_note_fix_outcome after update of status on public.auto_fixes
  for each row when (new.evidence ? 'experiment' and new.status is distinct from old.status
    and new.status in ('validating', 'kept', 'reverted', 'failed') and coalesce((new.verdict ->> 'is_evidence')::boolean, true))
  execute function healing_private.note_fix_for_experiment();
