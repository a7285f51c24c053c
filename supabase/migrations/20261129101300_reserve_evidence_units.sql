-- Changes who may use which unit of evidence: what a fix or an experiment reports has a unit that nobody else can use up. Replaces
-- public.record_pattern_evidence, public.update_pattern_stats, healing_private.count_outcome and
-- healing_private.carry_experiment_evidence (same signatures): whoever knew the id of a fix could record its unit with the
-- other outcome beforehand, and the verdict on the fix failed with a conflict for ever.
-- Locks: none.
-- Undo: run those functions of 20261129100403 and 20261129100500 again, then drop function healing_private.add_evidence,
--       healing_private.require_free_unit.

create or replace function healing_private.require_free_unit(p_unit text)
returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_unit like 'fix:%' or p_unit like 'experiment:%' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'Units that begin with "fix:" or "experiment:" belong to fixes and experiments',
      hint = 'Put the name of what you count in front, such as "request:"';
  end if;
end;
$$;
revoke all on function healing_private.require_free_unit(text) from public, anon, authenticated;
comment on function healing_private.require_free_unit(text) is 'Raises PT400 for a unit of work under which only fixes or experiments report.';

create or replace function healing_private.add_evidence(p_pattern_id uuid, p_unit text, p_succeeded boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_pattern public.universal_error_patterns;
  v_before boolean;
begin
  if coalesce(p_unit, '') = '' or p_succeeded is null then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'Evidence needs a unit of work and an outcome',
      hint = 'The unit is the idempotency key under which the outcome counts once';
  end if;
  -- First of all: the foreign key of the ledger would lock this row shared, and two clients that both go on to count
  -- would wait for each other.
  select * into v_pattern from public.universal_error_patterns where id = p_pattern_id for no key update;
  if not found then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no pattern %s', p_pattern_id),
      hint = 'Read the ids in public.healing_patterns';
  end if;
  insert into healing_private.pattern_evidence (pattern_id, unit, succeeded) values (p_pattern_id, left(p_unit, 300), p_succeeded)
  on conflict (pattern_id, unit) do nothing;
  if found then
    return to_jsonb(healing_private.apply_outcome(p_pattern_id, p_succeeded));
  end if;
  select succeeded into v_before from healing_private.pattern_evidence where pattern_id = p_pattern_id and unit = left(p_unit, 300);
  if v_before is distinct from p_succeeded then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Unit %s was already recorded with the other outcome', p_unit),
      hint = 'One unit of work has one outcome';
  end if;
  return to_jsonb(v_pattern);
end;
$$;
revoke all on function healing_private.add_evidence(uuid, text, boolean) from public, anon, authenticated;
comment on function healing_private.add_evidence(uuid, text, boolean) is
  'Counts one outcome of a pattern, once per unit of work whoever reports it, whatever the unit is called. Returns the pattern.';

create or replace function public.record_pattern_evidence(p_pattern_id uuid, p_unit text, p_succeeded boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform healing_private.require_free_unit(p_unit);
  return healing_private.add_evidence(p_pattern_id, p_unit, p_succeeded);
end;
$$;
revoke all on function public.record_pattern_evidence(uuid, text, boolean) from public, anon, authenticated;
grant execute on function public.record_pattern_evidence(uuid, text, boolean) to service_role;
comment on function public.record_pattern_evidence(uuid, text, boolean) is
  'Counts one outcome of a pattern, once per unit of work whoever reports it; the same unit with the other outcome raises PT409. Returns the pattern.';

create or replace function healing_private.count_outcome(p_draft jsonb, p_project_id text, p_unit text, p_succeeded boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_owner text;
  v_id uuid;
  v_counted jsonb := '{}'::jsonb;
begin
  for v_owner in select distinct owner from unnest(array['', coalesce(p_project_id, '')]) as owner order by owner loop
    v_id := (public.upsert_healing_pattern(p_draft || jsonb_build_object('project_id', v_owner)) ->> 'id')::uuid;
    v_counted := v_counted || jsonb_build_object(v_owner, healing_private.add_evidence(v_id, p_unit, p_succeeded));
  end loop;
  return v_counted;
end;
$$;
revoke all on function healing_private.count_outcome(jsonb, text, text, boolean) from public, anon, authenticated;
comment on function healing_private.count_outcome(jsonb, text, text, boolean) is
  'Counts an outcome for the shared pattern and for the project''s own, and stores them when they are new. Returns both by project.';

create or replace function public.update_pattern_stats(p_pattern_id uuid, p_project_id text, p_unit text, p_succeeded boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_draft jsonb := healing_private.pattern_draft(p_pattern_id, p_project_id);
begin
  perform healing_private.require_free_unit(p_unit);
  if v_draft is null then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no pattern %s for this project', p_pattern_id),
      hint = 'Read the ids in public.healing_patterns';
  end if;
  return healing_private.count_outcome(v_draft, p_project_id, p_unit, p_succeeded) -> coalesce(p_project_id, '');
end;
$$;
revoke all on function public.update_pattern_stats(uuid, text, text, boolean) from public, anon, authenticated;
grant execute on function public.update_pattern_stats(uuid, text, text, boolean) to service_role;
comment on function public.update_pattern_stats(uuid, text, text, boolean) is
  'Counts one outcome of a pattern in a project, once per unit of work, for the shared pattern and for the project''s own. Returns the project''s.';

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
