-- Adds rollouts (a release on its way to everybody, one row with its whole state) and rollout_verdicts (every look, and what it rested on).
-- Locks: none on existing tables.
-- Undo: drop table public.rollout_verdicts, public.rollouts; drop function healing_private.are_rollout_steps.

create or replace function healing_private.are_rollout_steps(p_steps integer[])
returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
  select cardinality(p_steps) between 1 and 20 and p_steps[cardinality(p_steps)] = 100 and array_position(p_steps, null) is null
    and 1 <= all (p_steps) and p_steps = array(select distinct s from unnest(p_steps) as s order by s);
$$;
revoke all on function healing_private.are_rollout_steps(integer[]) from public, anon, authenticated;
comment on function healing_private.are_rollout_steps(integer[]) is 'Whether shares in percent rise step by step to 100.';

create table if not exists public.rollouts (
  id uuid primary key default gen_random_uuid(),
  deployment_id uuid not null unique references public.deployment_logs (id) on delete cascade,
  project_id text not null,
  mode text not null,
  function_names text[] not null default '{}',
  steps integer[] not null default '{10,25,50,75,100}',
  step integer not null default 1,
  share integer not null,
  status text not null default 'running',
  pause_rule text,
  reason text not null default 'begun',
  plan jsonb not null default '{}',
  baseline jsonb not null default '{}',
  verdict jsonb,
  rollback_id uuid references public.deployment_rollbacks (id) on delete set null,
  claimed_by text,
  claim_number bigint,
  lease_expires_at timestamptz,
  next_look_at timestamptz not null default clock_timestamp(),
  requested_by text not null,
  started_at timestamptz not null default clock_timestamp(),
  step_started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  constraint rollouts_mode_is_known check (mode in ('feature', 'provider')),
  constraint rollouts_status_is_known check (status in ('running', 'paused', 'rolling_back', 'rolled_back', 'promoted', 'superseded')),
  constraint rollouts_steps_rise_to_everybody check (healing_private.are_rollout_steps(steps)),
  constraint rollouts_step_is_one_of_them check (step between 1 and cardinality(steps)),
  constraint rollouts_share_is_that_of_the_step check (share = steps[step] or (share = 0 and status in ('paused', 'rolling_back', 'rolled_back'))),
  constraint rollouts_only_paused_rows_have_a_rule check ((status = 'paused') = (pause_rule is not null)),
  constraint rollouts_only_ended_rows_have_an_end check ((status in ('rolled_back', 'promoted', 'superseded')) = (finished_at is not null)),
  constraint rollouts_plan_and_baseline_are_objects check (jsonb_typeof(plan) = 'object' and jsonb_typeof(baseline) = 'object')
);
create index if not exists rollouts_next_look_at_idx on public.rollouts (next_look_at) where finished_at is null;
create index if not exists rollouts_project_id_idx on public.rollouts (project_id, started_at desc);
create index if not exists rollouts_rollback_id_idx on public.rollouts (rollback_id);
comment on table public.rollouts is
  'A release on its way to everybody: its share of the traffic, and what the last look at it said. Moved only by record_rollout_verdict and by admins.';
comment on column public.rollouts.mode is 'feature: isInRollout lets a share of the units in. provider: everybody has it at once, and it is only watched.';
comment on column public.rollouts.function_names is 'The functions whose requests are counted; without names only requests that isInRollout has marked.';
comment on column public.rollouts.share is 'Percent of the units that get it now; 0 as soon as it is taken back.';
comment on column public.rollouts.plan is 'What a step needs: minRequests, minMinutes, maxMinutes, minBaseline, tolerance.';
comment on column public.rollouts.baseline is 'What was measured before it began, kept as it was: {bucket_minutes, buckets: [[requests, errors, slow]], slow_cell, slow_ms}.';

create table if not exists public.rollout_verdicts (
  id bigint generated always as identity primary key,
  rollout_id uuid not null references public.rollouts (id) on delete cascade,
  looked_at timestamptz not null default clock_timestamp(),
  kind text not null,
  rule text not null,
  reason text not null,
  share integer not null,
  share_after integer not null,
  status_after text not null,
  measured double precision,
  baseline double precision,
  n bigint,
  bound double precision,
  threshold double precision,
  figures jsonb not null default '[]',
  actor text not null,
  constraint rollout_verdicts_kind_is_known check (kind in ('wait', 'promote', 'pause', 'rollback', 'person', 'settled'))
);
create index if not exists rollout_verdicts_rollout_id_idx on public.rollout_verdicts (rollout_id, id);
comment on table public.rollout_verdicts is 'Every look at a release and every move by a person: what was measured, against what, by which bound, and what followed.';
comment on column public.rollout_verdicts.measured is 'The error rate of the release, 0..1.';
comment on column public.rollout_verdicts.baseline is 'The error rate that it was compared with: its control at the same time, or what was before.';
comment on column public.rollout_verdicts.bound is 'What its error rate exceeds with a chance of 5 percent.';
comment on column public.rollout_verdicts.threshold is 'The error rate up to which it may go on.';

select healing_private.secure_table(name::regclass) from unnest(array['public.rollouts', 'public.rollout_verdicts']) as name;
revoke all on sequence public.rollout_verdicts_id_seq from public, anon, authenticated, service_role;

notify pgrst, 'reload schema';
