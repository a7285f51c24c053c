-- Adds what people decide about experiments, with who and why: conclude_fix_experiment, cancel_fix_experiment,
-- promote_experiment_variant.
-- Locks: none.
-- Undo: drop the three functions of public and, in healing_private, conclude_experiment_by_person,
--       cancel_experiment_by_person, promote_variant_by_person, require_running_experiment.

create or replace function healing_private.require_running_experiment(p_what text, p_experiment_id uuid, p_reason text)
returns public.fix_experiments
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_experiment public.fix_experiments := healing_private.hold_experiment(p_experiment_id, true);
begin
  if coalesce(btrim(p_reason), '') = '' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = format('Cannot %s without a reason', p_what),
      hint = 'Say in p_reason why';
  end if;
  if v_experiment.id is null then
    perform healing_private.raise_variant_problem(p_experiment_id, null, '{"status": "unknown"}');
  elsif v_experiment.experiment_status <> 'running' then
    perform healing_private.raise_variant_problem(p_experiment_id, null, '{"status": "ended"}');
  end if;
  return v_experiment;
end;
$$;
revoke all on function healing_private.require_running_experiment(text, uuid, text) from public, anon, authenticated;
comment on function healing_private.require_running_experiment(text, uuid, text) is
  'The running experiment, held alone; raises PT400 without a reason, PT404 or PT409 when there is none to end.';

create or replace function healing_private.conclude_experiment_by_person(p_experiment_id uuid, p_winner text, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_by text := healing_private.actor();
begin
  perform healing_private.require_decision('conclude an experiment', coalesce(p_winner, 'none'), array['a', 'b', 'none'], p_reason);
  return healing_private.experiment_view(healing_private.finish_experiment(
    healing_private.require_running_experiment('conclude an experiment', p_experiment_id, p_reason),
    jsonb_build_object('kind', 'person', 'rule', 'person', 'reason', format('concluded by %s: %s', v_by, left(p_reason, 1000))),
    nullif(p_winner, 'none'), v_by));
end;
$$;
revoke all on function healing_private.conclude_experiment_by_person(uuid, text, text) from public, anon, authenticated;
grant execute on function healing_private.conclude_experiment_by_person(uuid, text, text) to authenticated, service_role;
comment on function healing_private.conclude_experiment_by_person(uuid, text, text) is
  'The rights behind conclude_fix_experiment; checks that a person acts.';

create or replace function public.conclude_fix_experiment(p_experiment_id uuid, p_winner text, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.conclude_experiment_by_person(p_experiment_id, p_winner, p_reason);
$$;
revoke all on function public.conclude_fix_experiment(uuid, text, text) from public, anon, authenticated;
grant execute on function public.conclude_fix_experiment(uuid, text, text) to authenticated, service_role;
comment on function public.conclude_fix_experiment(uuid, text, text) is
  'An admin ends an experiment before the evidence does: winner a, b or none (the incumbent stays), with a reason. Returns it.';

create or replace function healing_private.cancel_experiment_by_person(p_experiment_id uuid, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_by text := healing_private.actor();
  v_experiment public.fix_experiments;
begin
  perform healing_private.require_person('cancel an experiment');
  perform healing_private.require_running_experiment('cancel an experiment', p_experiment_id, p_reason);
  update public.fix_experiments
  set experiment_status = 'cancelled', ended_by = v_by, version = version + 1, concluded_at = clock_timestamp(),
    decision = jsonb_build_object('kind', 'cancelled', 'rule', 'person', 'reason', format('cancelled by %s: %s', v_by, left(p_reason, 1000)))
  where id = p_experiment_id returning * into v_experiment;
  insert into public.healing_events (event_type, category, severity, result, message, project_id, details)
  values ('experiment_cancelled', 'runtime', 'low', 'success', left(v_experiment.decision ->> 'reason', 1000), v_experiment.project_id,
    jsonb_build_object('experiment_id', p_experiment_id, 'by', v_by));
  return healing_private.experiment_view(v_experiment);
end;
$$;
revoke all on function healing_private.cancel_experiment_by_person(uuid, text) from public, anon, authenticated;
grant execute on function healing_private.cancel_experiment_by_person(uuid, text) to authenticated, service_role;
comment on function healing_private.cancel_experiment_by_person(uuid, text) is 'The rights behind cancel_fix_experiment; checks that a person acts.';

create or replace function public.cancel_fix_experiment(p_experiment_id uuid, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.cancel_experiment_by_person(p_experiment_id, p_reason);
$$;
revoke all on function public.cancel_fix_experiment(uuid, text) from public, anon, authenticated;
grant execute on function public.cancel_fix_experiment(uuid, text) to authenticated, service_role;
comment on function public.cancel_fix_experiment(uuid, text) is
  'An admin ends an experiment as if it had never been: no winner, no evidence, nothing promoted; with a reason. Returns it.';

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

create or replace function public.promote_experiment_variant(p_experiment_id uuid, p_variant text, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.promote_variant_by_person(p_experiment_id, p_variant, p_reason);
$$;
revoke all on function public.promote_experiment_variant(uuid, text, text) from public, anon, authenticated;
grant execute on function public.promote_experiment_variant(uuid, text, text) to authenticated, service_role;
comment on function public.promote_experiment_variant(uuid, text, text) is
  'An admin makes b of a completed experiment first choice, or takes that back with a; with a reason. Returns the experiment.';

notify pgrst, 'reload schema';
