-- Adds what patterns earn by: the posterior in SQL, evidence counted once, and the pattern functions of the library.
-- Locks: none.
-- Undo: drop function public.record_pattern_evidence, public.upsert_healing_pattern, public.get_healing_pattern,
--       healing_private.log_gamma, healing_private.probability_below_half.

-- Lanczos approximation with g = 7 and nine coefficients; good to 1e-13 for the arguments that occur here (>= 1).
create or replace function healing_private.log_gamma(p_x double precision)
returns double precision
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_coefficients constant double precision[] := array[0.99999999999980993, 676.5203681218851, -1259.1392167224028,
    771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7];
  v_sum double precision := v_coefficients[1];
  v_t double precision := p_x + 6.5;
begin
  for i in 1..8 loop
    v_sum := v_sum + v_coefficients[i + 1] / (p_x - 1 + i);
  end loop;
  return 0.5 * ln(2 * pi()) + (p_x - 0.5) * ln(v_t) - v_t + ln(v_sum);
end;
$$;
revoke all on function healing_private.log_gamma(double precision) from public, anon, authenticated;
comment on function healing_private.log_gamma(double precision) is 'Natural logarithm of the gamma function for x >= 1 (Postgres 15 has none of its own).';

-- P(rate < 0.5) for the posterior Beta(S+1, F+1): the regularised incomplete beta function at one half, by the
-- continued fraction of Lentz. At one half it converges fast when a >= b; otherwise the mirror image is used.
create or replace function healing_private.probability_below_half(p_successes double precision, p_failures double precision)
returns double precision
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  a double precision := greatest(p_successes, p_failures) + 1;
  b double precision := least(p_successes, p_failures) + 1;
  v_c double precision := 1;
  v_d double precision := 1 / (1 - (a + b) * 0.5 / (a + 1));
  v_h double precision := v_d;
  v_term double precision;
  v_step double precision;
  v_share double precision;
begin
  for m in 1..500 loop
    v_term := m * (b - m) * 0.5 / ((a + 2 * m - 1) * (a + 2 * m));
    v_d := 1 / (1 + v_term * v_d);
    v_c := 1 + v_term / v_c;
    v_h := v_h * v_d * v_c;
    v_term := -(a + m) * (a + b + m) * 0.5 / ((a + 2 * m) * (a + 2 * m + 1));
    v_d := 1 / (1 + v_term * v_d);
    v_c := 1 + v_term / v_c;
    v_step := v_d * v_c;
    v_h := v_h * v_step;
    exit when abs(v_step - 1) < 1e-14;
  end loop;
  v_share := exp(healing_private.log_gamma(a + b) - healing_private.log_gamma(a) - healing_private.log_gamma(b)
    + (a + b) * ln(0.5::double precision)) * v_h / a;
  return case when p_successes >= p_failures then v_share else 1 - v_share end;
end;
$$;
revoke all on function healing_private.probability_below_half(double precision, double precision) from public, anon, authenticated;
comment on function healing_private.probability_below_half(double precision, double precision) is
  'Probability that a fix with this evidence works in less than half of the cases, with a uniform prior.';

create or replace function public.upsert_healing_pattern(p_pattern jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_pattern public.universal_error_patterns;
begin
  if coalesce(p_pattern ->> 'error_signature', '') = '' or jsonb_typeof(p_pattern -> 'fix_strategy' -> 'kind') is distinct from 'string' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A pattern needs an error_signature and a fix_strategy with a kind',
      hint = 'Send {"error_signature": "...", "fix_strategy": {"kind": "..."}}';
  end if;
  insert into public.universal_error_patterns as p (pattern_name, error_signature, fix_strategy, category, origin, project_id)
  values (left(coalesce(p_pattern ->> 'pattern_name', p_pattern -> 'fix_strategy' ->> 'kind'), 200), left(p_pattern ->> 'error_signature', 4200),
    p_pattern -> 'fix_strategy', coalesce(p_pattern ->> 'category', 'unknown'), coalesce(p_pattern ->> 'origin', 'learned'),
    coalesce(p_pattern ->> 'project_id', ''))
  on conflict (md5(error_signature), md5(fix_strategy::text), project_id) do update set last_used_at = clock_timestamp()
  returning * into v_pattern;
  return to_jsonb(v_pattern);
end;
$$;
revoke all on function public.upsert_healing_pattern(jsonb) from public, anon, authenticated;
grant execute on function public.upsert_healing_pattern(jsonb) to service_role;
comment on function public.upsert_healing_pattern(jsonb) is
  'Stores a pattern or finds the stored one by signature, strategy and project; evidence is never set here. Returns the row.';

create or replace function public.get_healing_pattern(p_error_signature text, p_project_id text default '')
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(p) order by p.confidence_score desc, p.id), '[]')
  from public.universal_error_patterns as p
  where p.error_signature = p_error_signature and p.status = 'active' and p.project_id in ('', p_project_id);
$$;
revoke all on function public.get_healing_pattern(text, text) from public, anon, authenticated;
grant execute on function public.get_healing_pattern(text, text) to authenticated, service_role;
comment on function public.get_healing_pattern(text, text) is 'The active patterns for an error signature, the most trusted first.';

-- Discounted evidence: each outcome first multiplies what is known by 2^(-1/30), so that thirty outcomes halve it.
create or replace function healing_private.apply_outcome(p_pattern_id uuid, p_succeeded boolean)
returns public.universal_error_patterns
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_pattern public.universal_error_patterns;
  v_gamma constant double precision := power(2, -1.0 / 30);
  s double precision;
  f double precision;
begin
  select * into strict v_pattern from public.universal_error_patterns where id = p_pattern_id for update;
  s := v_pattern.weighted_successes * v_gamma + p_succeeded::integer;
  f := v_pattern.weighted_failures * v_gamma + (not p_succeeded)::integer;
  v_pattern.consecutive_failures := case when p_succeeded then 0 else v_pattern.consecutive_failures + 1 end;
  -- Three failures in a row are news that the average hides: half of the old evidence is forgotten.
  if v_pattern.consecutive_failures = 3 then
    s := s / 2;
    f := f / 2;
  end if;
  v_pattern.confidence_score := (s + 1) / (s + f + 2);
  v_pattern.probability_ineffective := healing_private.probability_below_half(s, f);
  v_pattern.auto_fixable := case
    when v_pattern.consecutive_failures >= 3 then false
    when v_pattern.confidence_score >= 0.75 and v_pattern.probability_ineffective <= 0.01 then true
    when v_pattern.confidence_score < 0.70 or v_pattern.probability_ineffective > 0.05 then false
    else v_pattern.auto_fixable end;
  update public.universal_error_patterns
  set weighted_successes = s, weighted_failures = f, consecutive_failures = v_pattern.consecutive_failures,
    success_count = success_count + p_succeeded::integer, failure_count = failure_count + (not p_succeeded)::integer,
    success_rate = (success_count + p_succeeded::integer)::double precision / (success_count + failure_count + 1),
    confidence_score = v_pattern.confidence_score, probability_ineffective = v_pattern.probability_ineffective,
    auto_fixable = v_pattern.auto_fixable, last_used_at = clock_timestamp(), updated_at = clock_timestamp()
  where id = p_pattern_id returning * into v_pattern;
  return v_pattern;
end;
$$;
revoke all on function healing_private.apply_outcome(uuid, boolean) from public, anon, authenticated;
comment on function healing_private.apply_outcome(uuid, boolean) is 'Adds one outcome to a pattern under its row lock: discount, score, bound, promotion, demotion.';

create or replace function public.record_pattern_evidence(p_pattern_id uuid, p_unit text, p_succeeded boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_before boolean;
begin
  if coalesce(p_unit, '') = '' or p_succeeded is null then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'Evidence needs a unit of work and an outcome',
      hint = 'The unit is the idempotency key under which the outcome counts once';
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
  return (select to_jsonb(p) from public.universal_error_patterns as p where id = p_pattern_id);
end;
$$;
revoke all on function public.record_pattern_evidence(uuid, text, boolean) from public, anon, authenticated;
grant execute on function public.record_pattern_evidence(uuid, text, boolean) to service_role;
comment on function public.record_pattern_evidence(uuid, text, boolean) is
  'Counts one outcome of a pattern, once per unit of work whoever reports it; the same unit with the other outcome raises PT409. Returns the pattern.';
