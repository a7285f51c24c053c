-- Adds the judgement of experiments by the engine: judge_fix_experiment, get_due_experiments, the deployment that a winner
-- asks for (claim_experiment_deployments, finish_experiment_deployment), and get_experiment_metrics.
-- Locks: none.
-- Undo: drop the five functions of public and, in healing_private, may_conclude, carry_experiment_evidence, choose_variant,
--       finish_experiment.

-- The referee: what a worker concludes has to follow from the state that is stored. Keeping the incumbent for want of a
-- difference changes nothing, so its figures are taken as they come.
create or replace function healing_private.may_conclude(p_experiment public.fix_experiments, p_decision jsonb)
returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
  select case p_decision ->> 'kind'
    when 'winner' then least((state ->> 'logA')::double precision + (state ->> 'logB')::double precision - ln(20::double precision),
        case p_decision ->> 'winner' when 'a' then (state ->> 'logA')::double precision - (state ->> 'logB')::double precision
          when 'b' then (state ->> 'logB')::double precision - (state ->> 'logA')::double precision else -1 end) >= -1e-9
      and least((state #>> '{a,n}')::integer, (state #>> '{b,n}')::integer) >= 30
    when 'stopB' then (state ->> 'logA')::double precision >= ln(10::double precision) - 1e-9
    when 'inconclusive' then p_experiment.sample_size >= p_experiment.max_n
    when 'keepA' then least((state #>> '{a,n}')::integer, (state #>> '{b,n}')::integer) >= 100
    else false end
  from (select p_experiment.e_process as state) as stored;
$$;
revoke all on function healing_private.may_conclude(public.fix_experiments, jsonb) from public, anon, authenticated;
comment on function healing_private.may_conclude(public.fix_experiments, jsonb) is
  'Whether the stored state of an experiment bears the decision that would end it.';

-- Each variant's pattern gets the outcomes of its own arm, once each and in their order; fixes of the engine have reported
-- theirs already. With a half-life of thirty, what is older than the last three hundred weighs less than a thousandth.
create or replace function healing_private.carry_experiment_evidence(p_experiment public.fix_experiments)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_arm record;
  v_result record;
begin
  -- The lower id first: two experiments that end at once must not wait for each other's patterns.
  for v_arm in select variant, pattern_id
    from (values ('a', p_experiment.variant_a_pattern_id), ('b', p_experiment.variant_b_pattern_id)) as arm (variant, pattern_id)
    order by pattern_id loop
    for v_result in select * from (
        select r.id, r.matures_at, r.unit, coalesce(r.succeeded, false) as succeeded from public.experiment_results as r
        where r.experiment_id = p_experiment.id and r.variant = v_arm.variant and r.counted_at is not null and not r.is_from_fix
        order by r.matures_at desc, r.id desc limit 300) as latest
      order by latest.matures_at, latest.id loop
      perform healing_private.add_evidence(v_arm.pattern_id, 'experiment:' || p_experiment.id || ':' || md5(v_result.unit), v_result.succeeded);
    end loop;
  end loop;
end;
$$;
revoke all on function healing_private.carry_experiment_evidence(public.fix_experiments) from public, anon, authenticated;
comment on function healing_private.carry_experiment_evidence(public.fix_experiments) is
  'Counts the outcomes of each arm for the pattern of its variant, once per unit.';

-- A promotion changes the order in which fixes are asked, never what they may do: trust still comes from evidence, risk
-- and mode alone.
create or replace function healing_private.choose_variant(p_experiment public.fix_experiments, p_variant text, p_reason text, p_actor text)
returns public.fix_experiments
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_experiment public.fix_experiments;
  v_wins boolean := p_variant = 'b';
  v_choice uuid := case when v_wins then p_experiment.variant_b_pattern_id else p_experiment.variant_a_pattern_id end;
begin
  -- What an earlier experiment put in force stays so only while it is still the first choice.
  update public.applied_improvements as i set status = 'rolled_back', rolled_back_at = clock_timestamp()
  from public.fix_experiments as e
  where i.fix_experiment_id = e.id and i.status = 'in_force' and e.error_signature = p_experiment.error_signature
    and e.project_id = p_experiment.project_id and e.variant_b_pattern_id <> v_choice;
  if v_wins then
    insert into public.applied_improvements (fix_experiment_id, action_kind, target, description, rollback_point)
    select p_experiment.id, p_experiment.fix_variant_b ->> 'kind', 'pattern:' || p_experiment.pattern_id,
      left(format('%s is asked first instead of %s: %s', p_experiment.fix_variant_b, p_experiment.fix_variant_a, p_reason), 2000),
      jsonb_build_object('first_choice_pattern_id', p_experiment.first_choice_pattern_id)
    where not exists (select from public.applied_improvements where fix_experiment_id = p_experiment.id and status = 'in_force');
  end if;
  update public.fix_experiments
  set first_choice_pattern_id = v_choice, chosen_at = clock_timestamp(),
    deployment_request = case when v_wins then jsonb_build_object('project_id', project_id, 'reason', left(p_reason, 1000), 'by', p_actor,
      'changes', jsonb_build_object('error_signature', error_signature, 'from', fix_variant_a, 'to', fix_variant_b)) end,
    deployment_lease_expires_at = null,
    deployment_requested_at = case when v_wins then null else deployment_requested_at end
  where id = p_experiment.id returning * into v_experiment;
  if v_wins then
    insert into public.healing_events (event_type, category, severity, result, message, project_id, details)
    values ('deployment_wanted', 'deployment', 'low', 'pending', left(p_reason, 1000), p_experiment.project_id,
      v_experiment.deployment_request || jsonb_build_object('experiment_id', p_experiment.id));
  end if;
  return v_experiment;
end;
$$;
revoke all on function healing_private.choose_variant(public.fix_experiments, text, text, text) from public, anon, authenticated;
comment on function healing_private.choose_variant(public.fix_experiments, text, text, text) is
  'Makes one variant of an experiment first choice: b as an improvement in force with a wanted deployment, a as the return to what was.';

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

create or replace function public.get_due_experiments(p_limit integer default 1000)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(jsonb_agg(id order by judged_at nulls first, id), '[]')
  from (select id, judged_at from public.fix_experiments where experiment_status = 'running'
    order by judged_at nulls first, id limit least(greatest(p_limit, 1), 1000)) as due;
$$;
revoke all on function public.get_due_experiments(integer) from public, anon, authenticated;
grant execute on function public.get_due_experiments(integer) to service_role;
comment on function public.get_due_experiments(integer) is 'The ids of running experiments, those that were judged longest ago first.';

create or replace function public.claim_experiment_deployments(p_limit integer default 10, p_lease_seconds integer default 120)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  with due as (
    select id from public.fix_experiments
    where deployment_request is not null and deployment_requested_at is null and healing_private.may_heal('deployment')
      and (deployment_lease_expires_at is null or deployment_lease_expires_at < clock_timestamp())
    order by concluded_at limit least(greatest(p_limit, 1), 100) for update skip locked
  ), claimed as (
    update public.fix_experiments as e
    set deployment_lease_expires_at = clock_timestamp() + make_interval(secs => least(greatest(p_lease_seconds, 1), 900))
    from due where e.id = due.id returning e.id, e.deployment_request)
  select coalesce(jsonb_agg(jsonb_build_object('experiment_id', id, 'request', deployment_request) order by id), '[]') from claimed;
$$;
revoke all on function public.claim_experiment_deployments(integer, integer) from public, anon, authenticated;
grant execute on function public.claim_experiment_deployments(integer, integer) to service_role;
comment on function public.claim_experiment_deployments(integer, integer) is
  'Leases deployments that winners want and nobody has asked for yet, where switch and mode permit: [{experiment_id, request}]. A crash gives them back.';

create or replace function public.finish_experiment_deployment(p_experiment_id uuid)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.fix_experiments set deployment_requested_at = clock_timestamp(), deployment_lease_expires_at = null
  where id = p_experiment_id and deployment_request is not null and deployment_requested_at is null;
  return found;
end;
$$;
revoke all on function public.finish_experiment_deployment(uuid) from public, anon, authenticated;
grant execute on function public.finish_experiment_deployment(uuid) to service_role;
comment on function public.finish_experiment_deployment(uuid) is
  'Says that the deployment which a winner wants has been asked for. Returns whether this call was the first to say so.';

create or replace function public.get_experiment_metrics()
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object(
    'experiments_running', count(*) filter (where experiment_status = 'running'),
    'winning_variant_deployments', count(*) filter (where experiment_status = 'completed' and first_choice_pattern_id = variant_b_pattern_id),
    -- 1 - 1/E of the surest experiment that runs or has a winner: valid at whatever time one looks.
    'statistical_confidence', coalesce(max(1 - exp(-greatest(0, (e_process ->> 'logA')::double precision + (e_process ->> 'logB')::double precision)))
      filter (where experiment_status = 'running' or winning_variant is not null), 0),
    'auto_redeploys_triggered', count(*) filter (where deployment_requested_at is not null))
  from public.fix_experiments;
$$;
revoke all on function public.get_experiment_metrics() from public, anon, authenticated;
grant execute on function public.get_experiment_metrics() to authenticated, service_role;
comment on function public.get_experiment_metrics() is
  'The experiments in four figures: running, variants b in force, the surest confidence (1 - 1/E), and deployments asked for.';
