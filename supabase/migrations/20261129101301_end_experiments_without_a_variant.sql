-- Changes experiments: they end when they have lost a variant. When the pattern of one is retired, or demoted by a person, nothing is left to
-- be compared. Replaces public.create_fix_experiment, public.advance_fix_experiment, public.get_experiment_for_error,
-- public.judge_fix_experiment, healing_private.finish_experiment and healing_private.promote_variant_by_person (same
-- signatures): a retired challenger went on being tried and could win, a creation could deadlock with another one or with the end of an experiment, a stopped
-- challenger left no row in pattern_changes, and a winner that maintenance had put away could not be promoted again.
-- Locks: none.
-- Undo: run those functions of 20261129100401 to 20261129100404 again, then drop function
--       healing_private.end_without_variant, healing_private.lost_variant, healing_private.hold_signature.

create or replace function healing_private.lost_variant(p_a uuid, p_b uuid)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_build_object('variant', case id when p_a then 'a' else 'b' end, 'what', case when status <> 'active' then status else trust_decision end)
  from public.universal_error_patterns
  where id in (p_a, p_b) and (status <> 'active' or trust_decision = 'demoted') order by id <> p_a limit 1;
$$;
revoke all on function healing_private.lost_variant(uuid, uuid) from public, anon, authenticated;
grant execute on function healing_private.lost_variant(uuid, uuid) to service_role;
comment on function healing_private.lost_variant(uuid, uuid) is
  'The variant whose pattern may not be tried any more, as {variant: a | b, what: retired | demoted}; null when both may.';

create or replace function healing_private.end_without_variant(p_experiment public.fix_experiments)
returns public.fix_experiments
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_lost jsonb := healing_private.lost_variant(p_experiment.variant_a_pattern_id, p_experiment.variant_b_pattern_id);
  v_experiment public.fix_experiments;
  v_reason text := format('the pattern of variant %s is %s', v_lost ->> 'variant', v_lost ->> 'what');
begin
  if p_experiment.experiment_status <> 'running' or v_lost is null then
    return p_experiment;
  end if;
  update public.fix_experiments
  set experiment_status = 'cancelled', ended_by = 'system', version = version + 1, concluded_at = clock_timestamp(),
    decision = jsonb_build_object('kind', 'cancelled', 'rule', 'lostVariant', 'reason', v_reason)
  where id = p_experiment.id returning * into v_experiment;
  insert into public.healing_events (event_type, category, severity, result, message, project_id, details)
  values ('experiment_cancelled', 'runtime', 'low', 'success', v_reason, v_experiment.project_id,
    jsonb_build_object('experiment_id', v_experiment.id, 'by', 'system'));
  perform healing_private.notify('low', 'An experiment has ended without a result', v_reason, 'experiment:' || v_experiment.id, v_experiment.decision);
  return v_experiment;
end;
$$;
revoke all on function healing_private.end_without_variant(public.fix_experiments) from public, anon, authenticated;
comment on function healing_private.end_without_variant(public.fix_experiments) is
  'Cancels a running experiment one of whose patterns is retired or demoted by a person; the caller holds it alone. Returns it as it is then.';

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

create or replace function public.advance_fix_experiment(p_experiment_id uuid, p_limit integer default 2000)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_experiment public.fix_experiments := healing_private.hold_experiment(p_experiment_id, true);
  v_now timestamptz := clock_timestamp();
  v_state jsonb := v_experiment.e_process;
  v_result public.experiment_results;
  v_ids bigint[] := '{}'::bigint[];
  v_won integer;
begin
  if v_experiment.id is null then
    return healing_private.raise_variant_problem(p_experiment_id, null, '{"status": "unknown"}');
  end if;
  v_experiment := healing_private.end_without_variant(v_experiment);
  if v_experiment.experiment_status = 'running' then
    -- In the order of assignment, which was fixed before anybody knew an outcome; one at a time, so that neither the
    -- times of ticks nor their number shape a block.
    for v_result in select * from public.experiment_results
      where experiment_id = p_experiment_id and counted_at is null and matures_at <= v_now
      order by matures_at, id limit least(greatest(p_limit, 1), 10000) loop
      v_ids := v_ids || v_result.id;
      v_won := coalesce(v_result.succeeded, false)::integer;
      v_state := case v_result.variant when 'a' then healing_private.add_experiment_outcomes(v_state, v_won, 1, 0, 0)
        else healing_private.add_experiment_outcomes(v_state, 0, 0, v_won, 1) end;
    end loop;
  end if;
  if v_ids <> '{}' then
    update public.experiment_results set counted_at = v_now where id = any (v_ids);
    update public.fix_experiments
    set e_process = v_state, version = version + 1, sample_size = sample_size + cardinality(v_ids),
      variant_a_success_rate = ((v_state #>> '{a,successes}')::double precision + (v_state #>> '{open,a,successes}')::double precision)
        / nullif((v_state #>> '{a,n}')::double precision + (v_state #>> '{open,a,n}')::double precision, 0),
      variant_b_success_rate = ((v_state #>> '{b,successes}')::double precision + (v_state #>> '{open,b,successes}')::double precision)
        / nullif((v_state #>> '{b,n}')::double precision + (v_state #>> '{open,b,n}')::double precision, 0)
    where id = p_experiment_id returning * into v_experiment;
  end if;
  return healing_private.experiment_view(v_experiment) || jsonb_build_object('counted', cardinality(v_ids),
    'has_more', cardinality(v_ids) = least(greatest(p_limit, 1), 10000));
end;
$$;
revoke all on function public.advance_fix_experiment(uuid, integer) from public, anon, authenticated;
grant execute on function public.advance_fix_experiment(uuid, integer) to service_role;
comment on function public.advance_fix_experiment(uuid, integer) is
  'Counts what has matured since, at most p_limit outcomes, each once whoever calls. Returns the experiment with {counted, has_more}.';

create or replace function public.get_experiment_for_error(p_error_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object(
    'running', (select jsonb_build_object('id', e.id, 'share_of_b', e.share_of_b, 'a', to_jsonb(a), 'b', to_jsonb(b))
      from public.fix_experiments as e
        join public.universal_error_patterns as a on a.id = e.variant_a_pattern_id
        join public.universal_error_patterns as b on b.id = e.variant_b_pattern_id
      where e.error_signature in (d.error_signature, d.error_template) and e.project_id in ('', d.project_id)
        and e.experiment_status = 'running' and healing_private.lost_variant(a.id, b.id) is null
      order by e.project_id desc, e.error_signature = d.error_template desc limit 1),
    'first_choice_pattern_id', (select e.first_choice_pattern_id from public.fix_experiments as e
      where e.error_signature in (d.error_signature, d.error_template) and e.project_id in ('', d.project_id)
        and e.experiment_status = 'completed'
      order by e.project_id desc, e.error_signature = d.error_template desc, e.chosen_at desc, e.id limit 1))
  from public.detected_errors as d where d.id = p_error_id;
$$;
revoke all on function public.get_experiment_for_error(uuid) from public, anon, authenticated;
grant execute on function public.get_experiment_for_error(uuid) to service_role;
comment on function public.get_experiment_for_error(uuid) is
  'The experiment that runs for an error, with both patterns, and the pattern that an earlier one made first choice: {running, first_choice_pattern_id}.';

create or replace function public.judge_fix_experiment(p_experiment_id uuid, p_version bigint, p_decision jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_experiment public.fix_experiments := healing_private.hold_experiment(p_experiment_id, true);
  v_kind text := p_decision ->> 'kind';
begin
  if v_kind is null or v_kind not in ('continue', 'hold', 'winner', 'stopB', 'inconclusive', 'keepA') or p_decision ->> 'reason' is null then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A decision on an experiment needs a known kind and a reason',
      hint = 'The kinds are continue, hold, winner, stopB, inconclusive and keepA';
  end if;
  if v_experiment.id is null then
    return healing_private.raise_variant_problem(p_experiment_id, null, '{"status": "unknown"}');
  end if;
  v_experiment := healing_private.end_without_variant(v_experiment);
  -- Somebody else was first, or the state has moved on: the decision is void, and the next tick makes another.
  if v_experiment.experiment_status <> 'running' or v_experiment.version is distinct from p_version then
    return healing_private.experiment_view(v_experiment) || '{"taken": false}';
  end if;
  if v_kind in ('continue', 'hold') then
    if v_kind = 'hold' and v_experiment.decision ->> 'kind' is distinct from 'hold' then
      perform healing_private.notify('high', 'An experiment shares its units out wrongly', p_decision ->> 'reason',
        'experiment:' || p_experiment_id, p_decision);
    end if;
    update public.fix_experiments set decision = p_decision, judged_at = clock_timestamp() where id = p_experiment_id returning * into v_experiment;
  elsif not coalesce(healing_private.may_conclude(v_experiment, p_decision), false) then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('The stored outcomes do not bear the decision "%s"', v_kind),
      hint = 'Decide on the state that advance_fix_experiment returns';
  else
    v_experiment := healing_private.finish_experiment(v_experiment, p_decision,
      case v_kind when 'winner' then p_decision ->> 'winner' end, 'system');
  end if;
  return healing_private.experiment_view(v_experiment) || '{"taken": true}';
end;
$$;
revoke all on function public.judge_fix_experiment(uuid, bigint, jsonb) from public, anon, authenticated;
grant execute on function public.judge_fix_experiment(uuid, bigint, jsonb) to service_role;
comment on function public.judge_fix_experiment(uuid, bigint, jsonb) is
  'Makes a decision on the state of this version take effect, once: notes it while the experiment goes on, or ends it. Returns the experiment with {taken}.';

create or replace function healing_private.finish_experiment(p_experiment public.fix_experiments, p_decision jsonb, p_winner text, p_actor text)
returns public.fix_experiments
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_experiment public.fix_experiments;
  v_pattern public.universal_error_patterns;
  v_harmful boolean := p_winner = 'a' or p_decision ->> 'kind' = 'stopB';
begin
  update public.fix_experiments
  set experiment_status = 'completed', winning_variant = p_winner, decision = p_decision, ended_by = p_actor, version = version + 1,
    judged_at = clock_timestamp(), concluded_at = clock_timestamp()
  where id = p_experiment.id returning * into v_experiment;
  perform healing_private.carry_experiment_evidence(v_experiment);
  v_experiment := healing_private.choose_variant(v_experiment, coalesce(p_winner, 'a'), p_decision ->> 'reason', p_actor);
  if v_harmful then
    -- The pattern of a harmful variant is not even a second choice; what it was stays readable.
    update public.universal_error_patterns set status = 'retired', retired_because = 'bad', auto_fixable = false, updated_at = clock_timestamp()
    where id = v_experiment.variant_b_pattern_id returning * into v_pattern;
    perform healing_private.note_pattern_change(v_pattern, 'retired', p_actor, p_decision ->> 'reason');
  end if;
  insert into public.healing_events (event_type, category, severity, result, message, project_id, details)
  values ('experiment_concluded', 'runtime', case when v_harmful then 'medium' else 'low' end, 'success',
    left(p_decision ->> 'reason', 1000), v_experiment.project_id,
    p_decision || jsonb_build_object('experiment_id', v_experiment.id, 'winning_variant', p_winner, 'by', p_actor));
  perform healing_private.notify(case when v_harmful then 'medium' else 'low' end,
    'An experiment has ended: ' || coalesce('variant ' || p_winner || ' won', 'the incumbent stays'), p_decision ->> 'reason',
    'experiment:' || v_experiment.id, p_decision);
  return v_experiment;
end;
$$;
revoke all on function healing_private.finish_experiment(public.fix_experiments, jsonb, text, text) from public, anon, authenticated;
comment on function healing_private.finish_experiment(public.fix_experiments, jsonb, text, text) is
  'Ends an experiment once: its row, the evidence of both arms, the first choice, and whoever has to know. The caller holds it alone.';

create or replace function healing_private.promote_variant_by_person(p_experiment_id uuid, p_variant text, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_by text := healing_private.actor();
  v_experiment public.fix_experiments;
  v_pattern public.universal_error_patterns;
begin
  perform healing_private.require_decision('promote a variant', p_variant, array['a', 'b'], p_reason);
  v_experiment := healing_private.hold_experiment(p_experiment_id, true);
  if v_experiment.id is null then
    return healing_private.raise_variant_problem(p_experiment_id, null, '{"status": "unknown"}');
  elsif v_experiment.experiment_status <> 'completed' then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Experiment %s is %s', p_experiment_id, v_experiment.experiment_status),
      hint = 'Only a variant of a completed experiment is promoted; conclude it first';
  end if;
  v_experiment := healing_private.choose_variant(v_experiment, p_variant, format('promoted by %s: %s', v_by, p_reason), v_by);
  -- A person who wants it back has the last word; what it may do alone, its evidence says.
  update public.universal_error_patterns set status = 'active', retired_because = null, updated_at = clock_timestamp()
  where id = v_experiment.first_choice_pattern_id and status = 'retired' returning * into v_pattern;
  if found then
    perform healing_private.note_pattern_change(v_pattern, 'revived', v_by, p_reason);
  end if;
  insert into public.healing_events (event_type, category, severity, result, message, project_id, details)
  values ('variant_promoted', 'runtime', 'medium', 'success', left(format('variant %s promoted by %s: %s', p_variant, v_by, p_reason), 1000),
    v_experiment.project_id, jsonb_build_object('experiment_id', p_experiment_id, 'variant', p_variant, 'by', v_by, 'reason', left(p_reason, 1000)));
  return healing_private.experiment_view(v_experiment);
end;
$$;
revoke all on function healing_private.promote_variant_by_person(uuid, text, text) from public, anon, authenticated;
grant execute on function healing_private.promote_variant_by_person(uuid, text, text) to authenticated, service_role;
comment on function healing_private.promote_variant_by_person(uuid, text, text) is 'The rights behind promote_experiment_variant; checks that a person acts.';

notify pgrst, 'reload schema';
