-- Adds the experiments family: fix_experiments, experiment_results, and the view running_experiments; and lets
-- applied_improvements hold what an experiment put in force.
-- Locks: ACCESS EXCLUSIVE on applied_improvements, for a moment: no row is rewritten, its rows are checked once.
-- Undo: drop view public.running_experiments; delete from public.applied_improvements where auto_fix_id is null; alter table
--       public.applied_improvements drop column fix_experiment_id, alter column auto_fix_id set not null; drop table
--       public.experiment_results, public.fix_experiments.

create table if not exists public.fix_experiments (
  id uuid primary key default gen_random_uuid(),
  error_signature text not null,
  project_id text not null default '',
  pattern_id uuid not null references public.universal_error_patterns (id) on delete cascade,
  variant_a_pattern_id uuid not null references public.universal_error_patterns (id) on delete cascade,
  variant_b_pattern_id uuid not null references public.universal_error_patterns (id) on delete cascade,
  first_choice_pattern_id uuid not null references public.universal_error_patterns (id) on delete cascade,
  fix_variant_a jsonb not null,
  fix_variant_b jsonb not null,
  share_of_b double precision not null default 0.5,
  max_n integer not null,
  maturity_seconds integer not null,
  experiment_status text not null default 'running',
  version bigint not null default 1,
  e_process jsonb not null default
    '{"a": {"successes": 0, "n": 0}, "b": {"successes": 0, "n": 0}, "logA": 0, "logB": 0, "open": {"a": {"successes": 0, "n": 0}, "b": {"successes": 0, "n": 0}}}',
  variant_a_success_rate double precision,
  variant_b_success_rate double precision,
  sample_size integer not null default 0,
  decision jsonb,
  winning_variant text,
  ended_by text,
  started_at timestamptz not null default now(),
  judged_at timestamptz,
  concluded_at timestamptz,
  chosen_at timestamptz,
  deployment_request jsonb,
  deployment_lease_expires_at timestamptz,
  deployment_requested_at timestamptz,
  constraint fix_experiments_status_is_known check (experiment_status in ('running', 'completed', 'cancelled')),
  constraint fix_experiments_variants_differ check (fix_variant_a <> fix_variant_b and variant_a_pattern_id <> variant_b_pattern_id),
  constraint fix_experiments_variants_name_a_kind
    check (jsonb_typeof(fix_variant_a -> 'kind') = 'string' and jsonb_typeof(fix_variant_b -> 'kind') = 'string'),
  constraint fix_experiments_both_variants_get_units check (share_of_b between 0.05 and 0.95),
  constraint fix_experiments_size_is_sensible check (max_n between 10 and 1000000 and sample_size >= 0),
  constraint fix_experiments_maturity_is_sensible check (maturity_seconds between 0 and 2592000),
  constraint fix_experiments_rates_are_shares
    check (variant_a_success_rate between 0 and 1 and variant_b_success_rate between 0 and 1),
  constraint fix_experiments_only_completed_rows_have_a_winner
    check (winning_variant is null or (winning_variant in ('a', 'b') and experiment_status = 'completed')),
  constraint fix_experiments_first_choice_is_a_variant check (first_choice_pattern_id in (variant_a_pattern_id, variant_b_pattern_id)),
  constraint fix_experiments_ended_rows_say_when_who_and_why
    check ((experiment_status = 'running') = (concluded_at is null)
      and (experiment_status = 'running' or (ended_by is not null and decision ->> 'reason' is not null)))
);
create unique index if not exists fix_experiments_one_running_per_signature_idx
  on public.fix_experiments (md5(error_signature), project_id) where experiment_status = 'running';
create index if not exists fix_experiments_error_signature_idx on public.fix_experiments using hash (error_signature);
create index if not exists fix_experiments_pattern_id_idx on public.fix_experiments (pattern_id);
create index if not exists fix_experiments_variant_a_pattern_id_idx on public.fix_experiments (variant_a_pattern_id);
create index if not exists fix_experiments_variant_b_pattern_id_idx on public.fix_experiments (variant_b_pattern_id);
create index if not exists fix_experiments_first_choice_pattern_id_idx on public.fix_experiments (first_choice_pattern_id);
create index if not exists fix_experiments_judged_at_idx on public.fix_experiments (judged_at nulls first) where experiment_status = 'running';
comment on table public.fix_experiments is
  'Two fixes for one error, tried against each other: a is in force, b challenges it. At most one runs for an error signature.';
comment on column public.fix_experiments.e_process is
  'The e-process over matured outcomes, as statistics.ts reads it; advanced by increments, never recounted.';
comment on column public.fix_experiments.maturity_seconds is
  'So long after its assignment a unit counts, as a failure when no outcome is known: outcomes of both variants mature alike.';
comment on column public.fix_experiments.first_choice_pattern_id is
  'The pattern that is asked first for this error: variant a until b has won, and again when b''s promotion is taken back.';
comment on column public.fix_experiments.chosen_at is 'When first_choice_pattern_id was last decided on; of several experiments for one error the latest choice counts.';
comment on column public.fix_experiments.version is 'Counts up with the state; a decision on an older version has no effect.';

create table if not exists public.experiment_results (
  id bigint generated always as identity primary key,
  experiment_id uuid not null references public.fix_experiments (id) on delete cascade,
  unit text not null,
  variant text not null,
  is_routed boolean not null,
  succeeded boolean,
  assigned_at timestamptz not null default now(),
  matures_at timestamptz not null,
  recorded_at timestamptz,
  counted_at timestamptz,
  auto_fix_id uuid references public.auto_fixes (id) on delete set null,
  is_from_fix boolean not null default false,
  constraint experiment_results_variant_is_known check (variant in ('a', 'b')),
  constraint experiment_results_units_are_short check (length(unit) between 1 and 300),
  constraint experiment_results_outcomes_have_a_time check ((succeeded is null) = (recorded_at is null))
);
create unique index if not exists experiment_results_experiment_id_unit_idx on public.experiment_results (experiment_id, unit);
create index if not exists experiment_results_uncounted_idx
  on public.experiment_results (experiment_id, matures_at, id) where counted_at is null;
create index if not exists experiment_results_counted_idx
  on public.experiment_results (experiment_id, variant, matures_at desc, id desc) where counted_at is not null;
create index if not exists experiment_results_auto_fix_id_idx on public.experiment_results (auto_fix_id);
comment on table public.experiment_results is
  'One row per unit of an experiment: its variant, its one outcome, and when it matures and was counted.';
comment on column public.experiment_results.is_routed is
  'Whether the variant follows from the hash of experiment and unit; false for a unit that its caller did not name.';
comment on column public.experiment_results.is_from_fix is
  'True for a unit that a fix of the engine reported: the fix has told its pattern itself.';

select healing_private.secure_table(name::regclass)
from unnest(array['public.fix_experiments', 'public.experiment_results']) as name;
revoke all on sequence public.experiment_results_id_seq from public, anon, authenticated, service_role;

-- What an experiment puts in force has no attempt of its own; what it changes is the order in which fixes are asked.
alter table public.applied_improvements alter column auto_fix_id drop not null;
alter table public.applied_improvements
  add column if not exists fix_experiment_id uuid references public.fix_experiments (id) on delete cascade;
alter table public.applied_improvements drop constraint if exists applied_improvements_come_from_a_fix_or_an_experiment;
alter table public.applied_improvements add constraint applied_improvements_come_from_a_fix_or_an_experiment
  check (num_nonnulls(auto_fix_id, fix_experiment_id) = 1);
create index if not exists applied_improvements_fix_experiment_id_idx on public.applied_improvements (fix_experiment_id);

-- The largest finite number instead of an overflow.
create or replace function healing_private.finite_exp(p_x double precision)
returns double precision
language sql
immutable
security invoker
set search_path = ''
as $$
  select case when p_x > 709.78 then 1.7976931348623157e308 when p_x < -700 then 0 else exp(p_x) end;
$$;
revoke all on function healing_private.finite_exp(double precision) from public, anon, authenticated;
grant execute on function healing_private.finite_exp(double precision) to authenticated, service_role;
comment on function healing_private.finite_exp(double precision) is 'e^x, at most the largest finite number and 0 where it would underflow.';

create or replace view public.running_experiments with (security_invoker = on) as
select e.id, p.pattern_name, e.error_signature, e.project_id, e.fix_variant_a, e.fix_variant_b, e.share_of_b, e.sample_size, e.max_n,
  (e.e_process #>> '{a,n}')::integer + (e.e_process #>> '{open,a,n}')::integer as variant_a_n,
  (e.e_process #>> '{b,n}')::integer + (e.e_process #>> '{open,b,n}')::integer as variant_b_n,
  e.variant_a_success_rate, e.variant_b_success_rate,
  healing_private.finite_exp((e.e_process ->> 'logA')::double precision + (e.e_process ->> 'logB')::double precision) as e_value,
  healing_private.finite_exp((e.e_process ->> 'logA')::double precision) as e_value_a,
  healing_private.finite_exp((e.e_process ->> 'logB')::double precision) as e_value_b,
  coalesce(e.decision ->> 'kind', 'continue') as decision, coalesce(e.decision ->> 'reason', 'not judged yet') as reason,
  e.started_at, e.judged_at
from public.fix_experiments as e join public.universal_error_patterns as p on p.id = e.pattern_id
where e.experiment_status = 'running';
revoke all on public.running_experiments from public, anon, authenticated, service_role;
grant select on public.running_experiments to service_role, authenticated;
comment on view public.running_experiments is
  'The running experiments as an admin reads them: outcomes and rates of both fixes, the e-values, and the decision so far with its reason.';
