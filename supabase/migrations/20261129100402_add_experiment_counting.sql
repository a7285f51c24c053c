-- Adds the counting of experiments: advance_fix_experiment with the e-process.
-- Locks: none.
-- Undo: drop function public.advance_fix_experiment, healing_private.add_experiment_outcomes.

-- The e-process of statistics.ts, step for step; a test feeds both the same outcomes.
create or replace function healing_private.add_experiment_outcomes(p_state jsonb, p_sa integer, p_na integer, p_sb integer, p_nb integer)
returns jsonb
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  sa double precision := (p_state #>> '{open,a,successes}')::double precision + p_sa;
  na double precision := (p_state #>> '{open,a,n}')::double precision + p_na;
  sb double precision := (p_state #>> '{open,b,successes}')::double precision + p_sb;
  nb double precision := (p_state #>> '{open,b,n}')::double precision + p_nb;
  v_sa double precision := (p_state #>> '{a,successes}')::double precision;
  v_na double precision := (p_state #>> '{a,n}')::double precision;
  v_sb double precision := (p_state #>> '{b,successes}')::double precision;
  v_nb double precision := (p_state #>> '{b,n}')::double precision;
  a double precision := (2 + v_sa) / (4 + v_na);
  b double precision := (2 + v_sb) / (4 + v_nb);
  v_success double precision;
  v_failure double precision;
  v_won double precision;
begin
  if not coalesce(least(p_sa, p_sb) >= 0 and p_sa <= p_na and p_sb <= p_nb and sa <= na and sb <= nb, false) then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'An arm has at most as many successes as outcomes, and none are negative',
      hint = format('Given: %s of %s, %s of %s', p_sa, p_na, p_sb, p_nb);
  end if;
  if na + nb < 10 or na < 1 or nb < 1 then
    return p_state || jsonb_build_object('open', jsonb_build_object(
      'a', jsonb_build_object('successes', sa, 'n', na), 'b', jsonb_build_object('successes', sb, 'n', nb)));
  end if;
  -- Only earlier blocks shape the bet.
  v_success := (na * a + nb * b) / (na + nb);
  v_failure := (na * ((2 + v_na - v_sa) / (4 + v_na)) + nb * ((2 + v_nb - v_sb) / (4 + v_nb))) / (na + nb);
  v_won := sa * ln(a / v_success) + (na - sa) * ln((2 + v_na - v_sa) / (4 + v_na) / v_failure)
    + (sb * ln(b / v_success) + (nb - sb) * ln((2 + v_nb - v_sb) / (4 + v_nb) / v_failure));
  return jsonb_build_object(
    'a', jsonb_build_object('successes', v_sa + sa, 'n', v_na + na), 'b', jsonb_build_object('successes', v_sb + sb, 'n', v_nb + nb),
    'logA', (p_state ->> 'logA')::double precision + case when a > b then v_won else 0 end,
    'logB', (p_state ->> 'logB')::double precision + case when b > a then v_won else 0 end,
    'open', '{"a": {"successes": 0, "n": 0}, "b": {"successes": 0, "n": 0}}'::jsonb);
end;
$$;
revoke all on function healing_private.add_experiment_outcomes(jsonb, integer, integer, integer, integer) from public, anon, authenticated;
comment on function healing_private.add_experiment_outcomes(jsonb, integer, integer, integer, integer) is
  'The state of an e-process after matured outcomes: a block closes at ten, once both variants have one, whatever the outcomes are.';

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
