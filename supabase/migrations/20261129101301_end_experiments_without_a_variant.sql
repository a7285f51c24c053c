-- Adds the end of experiments that have lost a variant: when the pattern of one is retired, or demoted by a person, nothing is
-- left to be compared. And what experiments say about an error: get_experiment_for_error.
-- Locks: none.
-- Undo: drop function public.get_experiment_for_error, healing_private.end_without_variant, healing_private.lost_variant.

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

notify pgrst, 'reload schema';
