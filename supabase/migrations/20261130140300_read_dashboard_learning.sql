-- Adds what the dashboard shows of what is learned: list_experiments, get_experiment (with the e-values over time), list_patterns and
-- get_learned_pattern (with the trust over time).
-- Locks: none.
-- Undo: drop function public.list_experiments, public.get_experiment, public.list_patterns, public.get_learned_pattern,
--       healing_private.experiment_series, healing_private.evidence_series, healing_private.experiment_line.

create or replace function healing_private.experiment_line(p_experiment public.fix_experiments)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object('id', p_experiment.id, 'error_signature', p_experiment.error_signature, 'project_id', p_experiment.project_id,
    'pattern_id', p_experiment.pattern_id,
    'pattern_name', (select pattern_name from public.universal_error_patterns where id = p_experiment.pattern_id),
    'fix_variant_a', p_experiment.fix_variant_a, 'fix_variant_b', p_experiment.fix_variant_b, 'share_of_b', p_experiment.share_of_b,
    'experiment_status', p_experiment.experiment_status, 'winning_variant', p_experiment.winning_variant,
    'sample_size', p_experiment.sample_size, 'max_n', p_experiment.max_n,
    'a', jsonb_build_object('rate', p_experiment.variant_a_success_rate,
      'n', (p_experiment.e_process #>> '{a,n}')::double precision + (p_experiment.e_process #>> '{open,a,n}')::double precision),
    'b', jsonb_build_object('rate', p_experiment.variant_b_success_rate,
      'n', (p_experiment.e_process #>> '{b,n}')::double precision + (p_experiment.e_process #>> '{open,b,n}')::double precision),
    'log_a', p_experiment.e_process -> 'logA', 'log_b', p_experiment.e_process -> 'logB',
    'decision', p_experiment.decision ->> 'kind', 'reason', p_experiment.decision ->> 'reason', 'ended_by', p_experiment.ended_by,
    'first_choice', case p_experiment.first_choice_pattern_id when p_experiment.variant_b_pattern_id then 'b' else 'a' end,
    'started_at', p_experiment.started_at, 'judged_at', p_experiment.judged_at, 'concluded_at', p_experiment.concluded_at);
$$;
revoke all on function healing_private.experiment_line(public.fix_experiments) from public, anon, authenticated;
grant execute on function healing_private.experiment_line(public.fix_experiments) to authenticated;
comment on function healing_private.experiment_line(public.fix_experiments) is 'An experiment as people see it: both fixes, outcomes, rates, e-values as logarithms, the decision and its reason.';

-- The state is not kept for every moment, but it follows from the outcomes in the order in which they were counted.
create or replace function healing_private.experiment_series(p_experiment_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_state jsonb := '{"a": {"n": 0, "successes": 0}, "b": {"n": 0, "successes": 0}, "logA": 0, "logB": 0, "open": {"a": {"n": 0, "successes": 0}, "b": {"n": 0, "successes": 0}}}'::jsonb;
  v_result record;
  v_n integer := 0;
  v_points jsonb[] := '{}'::jsonb[];
  v_before jsonb;
begin
  perform healing_private.require_person('read the experiments');
  for v_result in select variant, coalesce(succeeded, false)::integer as won, counted_at from public.experiment_results
    where experiment_id = p_experiment_id and counted_at is not null order by counted_at, matures_at, id limit 10000 loop
    v_before := v_state;
    v_n := v_n + 1;
    v_state := case v_result.variant when 'a' then healing_private.add_experiment_outcomes(v_state, v_result.won, 1, 0, 0)
      else healing_private.add_experiment_outcomes(v_state, 0, 0, v_result.won, 1) end;
    -- The e-values move only when a block closes.
    if v_before -> 'a' is distinct from v_state -> 'a' or v_before -> 'b' is distinct from v_state -> 'b' then
      v_points := v_points || jsonb_build_object('at', v_result.counted_at, 'n', v_n, 'log_a', v_state -> 'logA', 'log_b', v_state -> 'logB');
    end if;
  end loop;
  return to_jsonb(v_points);
end;
$$;
revoke all on function healing_private.experiment_series(uuid) from public, anon, authenticated;
grant execute on function healing_private.experiment_series(uuid) to authenticated;
comment on function healing_private.experiment_series(uuid) is
  'The e-values of an experiment after each block of its first 10,000 outcomes, as far as they are kept: [{at, n, log_a, log_b}].';

create or replace function public.list_experiments(p_filter jsonb default '{}')
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform healing_private.require_person('read the experiments');
  return healing_private.as_page((
    select coalesce(jsonb_agg(healing_private.experiment_line(e) order by e.started_at desc, e.id desc), '[]') from (
      select * from public.fix_experiments
      where (started_at, id) < (healing_private.page_at(p_filter), healing_private.page_id(p_filter))
        and (p_filter ->> 'status' is null or experiment_status = p_filter ->> 'status')
      order by started_at desc, id desc limit healing_private.page_size(p_filter) + 1) as e), p_filter, 'started_at');
end;
$$;
revoke all on function public.list_experiments(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.list_experiments(jsonb) to authenticated;
comment on function public.list_experiments(jsonb) is 'For admins: experiments, started last first; filter status; limit, after. Returns {rows, next}.';

create or replace function public.get_experiment(p_experiment_id uuid)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_experiment public.fix_experiments;
begin
  perform healing_private.require_person('read the experiments');
  select * into v_experiment from public.fix_experiments where id = p_experiment_id;
  if not found then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no experiment %s', p_experiment_id),
      hint = 'Read list_experiments';
  end if;
  return jsonb_build_object('experiment', healing_private.experiment_line(v_experiment) || jsonb_build_object('full_decision', v_experiment.decision),
    'series', healing_private.experiment_series(p_experiment_id));
end;
$$;
revoke all on function public.get_experiment(uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_experiment(uuid) to authenticated;
comment on function public.get_experiment(uuid) is 'For admins: one experiment, and its e-values after each block of outcomes.';

-- The score after each outcome, by the same rule that apply_outcome counts with; what a merge or an import brought shows in the changes only.
create or replace function healing_private.evidence_series(p_pattern_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_gamma constant double precision := power(2, -1.0 / 30);
  s double precision := 0;
  f double precision := 0;
  v_row integer := 0;
  v_outcome record;
  v_points jsonb[] := '{}'::jsonb[];
begin
  perform healing_private.require_person('read the evidence');
  for v_outcome in select succeeded, recorded_at from healing_private.pattern_evidence
    where pattern_id = p_pattern_id order by recorded_at, unit limit 1000 loop
    s := s * v_gamma + v_outcome.succeeded::integer;
    f := f * v_gamma + (not v_outcome.succeeded)::integer;
    v_row := case when v_outcome.succeeded then 0 else v_row + 1 end;
    if v_row = 3 then
      s := s / 2;
      f := f / 2;
    end if;
    v_points := v_points || jsonb_build_object('at', v_outcome.recorded_at, 'succeeded', v_outcome.succeeded, 'score', (s + 1) / (s + f + 2));
  end loop;
  return to_jsonb(v_points);
end;
$$;
revoke all on function healing_private.evidence_series(uuid) from public, anon, authenticated;
grant execute on function healing_private.evidence_series(uuid) to authenticated;
comment on function healing_private.evidence_series(uuid) is 'The first 1,000 outcomes of a pattern in their order, with the score after each: [{at, succeeded, score}].';

create or replace function public.list_patterns(p_filter jsonb default '{}')
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform healing_private.require_person('read the patterns');
  return healing_private.as_page((
    select coalesce(jsonb_agg(to_jsonb(p) order by p.updated_at desc, p.id desc), '[]') from (
      select id, pattern_name, left(error_signature, 300) as error_signature, action_kind, category, origin, project_id, status, success_count,
        failure_count, consecutive_failures, confidence_score, probability_ineffective, auto_fixable, trust_decision, last_used_at, updated_at
      from public.universal_error_patterns
      where (updated_at, id) < (healing_private.page_at(p_filter), healing_private.page_id(p_filter))
        and (p_filter ->> 'status' is null or status = p_filter ->> 'status')
        and (p_filter ->> 'auto_fixable' is null or auto_fixable = (p_filter ->> 'auto_fixable')::boolean)
        and (p_filter ->> 'category' is null or category = p_filter ->> 'category')
        and (p_filter ->> 'search' is null
          or position(lower(p_filter ->> 'search') in lower(concat_ws(' ', pattern_name, error_signature, action_kind))) > 0)
      order by updated_at desc, id desc limit healing_private.page_size(p_filter) + 1) as p), p_filter, 'updated_at');
end;
$$;
revoke all on function public.list_patterns(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.list_patterns(jsonb) to authenticated;
comment on function public.list_patterns(jsonb) is
  'For admins: patterns, changed last first; filters status, auto_fixable, category, search; limit, after. Returns {rows, next}.';

create or replace function public.get_learned_pattern(p_pattern_id uuid)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_pattern public.universal_error_patterns;
begin
  perform healing_private.require_person('read the patterns');
  select * into v_pattern from public.universal_error_patterns where id = p_pattern_id;
  if not found then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no pattern %s', p_pattern_id),
      hint = 'Read list_patterns';
  end if;
  return jsonb_build_object('pattern', to_jsonb(v_pattern),
    'changes', (select coalesce(jsonb_agg(to_jsonb(c) order by c.changed_at), '[]')
      from (select * from public.pattern_changes where pattern_id = p_pattern_id order by changed_at desc limit 200) as c),
    'evidence', healing_private.evidence_series(p_pattern_id),
    'fixes', (select coalesce(jsonb_agg(healing_private.fix_line(f) order by f.created_at desc), '[]')
      from (select * from public.auto_fixes where pattern_id = p_pattern_id order by created_at desc limit 20) as f));
end;
$$;
revoke all on function public.get_learned_pattern(uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_learned_pattern(uuid) to authenticated;
comment on function public.get_learned_pattern(uuid) is 'For admins: one pattern, how its trust went and why, its outcomes with the score after each, and its last fixes.';
