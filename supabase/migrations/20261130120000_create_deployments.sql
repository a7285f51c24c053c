-- Adds the deployments family: deployment_targets (where a project is deployed to), deployment_logs with its guarded state machine,
-- deployment_triggers (why), deployment_rollbacks, healing_private.deployment_bodies (what stood there before), the view
-- vercel_deployments, and deployments in rollback_history and auto_rollback_logs.
-- What follows on ready (live, kept, rolled_back) is moved by the watch over a release; its figures are in tables of its own.
-- Locks: ACCESS EXCLUSIVE on rollback_history and auto_rollback_logs for two columns without a default.
-- Undo: drop view public.vercel_deployments; alter table public.rollback_history drop column deployment_id, alter column auto_fix_id
--       set not null; alter table public.auto_rollback_logs drop column deployment_id; drop table public.deployment_rollbacks,
--       public.deployment_triggers, healing_private.deployment_bodies, public.deployment_logs, public.deployment_targets;
--       drop function healing_private.guard_deployment_lifecycle, healing_private.deployment_moves.

create table if not exists public.deployment_targets (
  id uuid primary key default gen_random_uuid(),
  project_id text not null,
  provider text not null,
  config jsonb not null,
  vault_entry text not null,
  is_default boolean not null default true,
  paused_at timestamptz,
  paused_by text,
  pause_reason text,
  updated_by text not null,
  update_reason text not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint deployment_targets_project_id_provider_key unique (project_id, provider),
  constraint deployment_targets_projects_are_plain check (project_id ~ '^[\w.-]{1,200}$'),
  constraint deployment_targets_provider_is_known check (provider in ('vercel', 'github', 'supabase', 'hook')),
  constraint deployment_targets_config_is_an_object check (jsonb_typeof(config) = 'object' and pg_column_size(config) < 65536),
  -- The name of the entry, never what is in it.
  constraint deployment_targets_secrets_are_names check (vault_entry ~ '^deploy_[a-z0-9_]{1,80}$'),
  constraint deployment_targets_pauses_say_who_and_why check (num_nulls(paused_at, paused_by, pause_reason) in (0, 3))
);
create unique index if not exists deployment_targets_one_default_idx on public.deployment_targets (project_id) where is_default;
comment on table public.deployment_targets is 'Where a project is deployed to, one row for each of its providers. Change it with set_deployment_target.';
comment on column public.deployment_targets.config is 'What the provider has to know: names, ids and branches, never a secret.';
comment on column public.deployment_targets.vault_entry is 'The environment variable (in capitals) or the entry of Vault that holds the token.';

create table if not exists public.deployment_logs (
  id uuid primary key default gen_random_uuid(),
  project_id text not null,
  target_id uuid not null references public.deployment_targets (id) on delete cascade,
  provider text not null,
  environment text not null default 'production',
  action text not null default 'deploy',
  trigger_kind text not null,
  trigger_reason text not null,
  changes jsonb not null default '{}',
  status text not null default 'pending',
  status_reason text not null default 'waits for its turn',
  subject_id uuid references public.deployment_logs (id) on delete cascade,
  requested_by text not null,
  approved_by text,
  approval_reason text,
  cancel_requested_by text,
  cancel_reason text,
  intent jsonb,
  progress jsonb not null default '{}',
  rollback_point jsonb,
  provider_deployment_id text,
  provider_state text,
  url text,
  error jsonb,
  send_count integer not null default 0,
  look_count integer not null default 0,
  absent_count integer not null default 0,
  absent_since timestamptz,
  claimed_by text,
  claim_number bigint,
  lease_expires_at timestamptz,
  next_check_at timestamptz not null default clock_timestamp(),
  created_at timestamptz not null default clock_timestamp(),
  intent_at timestamptz,
  deployed_at timestamptz,
  finished_at timestamptz,
  settled_at timestamptz,
  constraint deployment_logs_status_is_known check (status in
    ('pending', 'deploying', 'building', 'unknown', 'ready', 'failed', 'cancelled', 'blocked', 'live', 'kept', 'rolled_back')),
  constraint deployment_logs_action_is_known check (action in ('deploy', 'promote', 'rollback')),
  constraint deployment_logs_environment_is_known check (environment in ('production', 'preview')),
  constraint deployment_logs_trigger_is_known check (trigger_kind in ('fix', 'experiment_winner', 'rollback', 'promote', 'person', 'other')),
  constraint deployment_logs_changes_are_bounded check (jsonb_typeof(changes) = 'object' and pg_column_size(changes) < 4194304),
  constraint deployment_logs_promote_and_rollback_have_a_subject check ((action = 'deploy') = (subject_id is null)),
  constraint deployment_logs_what_is_sent_was_intended_first
    check (status in ('pending', 'cancelled', 'failed') or (intent is not null and intent_at is not null)),
  constraint deployment_logs_deployed_rows_say_when
    check ((status in ('ready', 'live', 'kept', 'rolled_back')) = (deployed_at is not null)),
  constraint deployment_logs_ended_rows_have_an_end
    check ((status in ('pending', 'deploying', 'building', 'unknown')) = (finished_at is null)),
  constraint deployment_logs_settled_rows_say_when check ((status in ('kept', 'rolled_back')) = (settled_at is not null)),
  constraint deployment_logs_approvals_say_who_and_why check ((approved_by is null) = (approval_reason is null)),
  constraint deployment_logs_cancellations_say_who_and_why check ((cancel_requested_by is null) = (cancel_reason is null))
);
create unique index if not exists deployment_logs_one_in_flight_per_target_idx
  on public.deployment_logs (target_id) where status in ('deploying', 'building', 'unknown');
-- What machines ask for while one waits joins it; once a worker has taken it or a person has approved it, the next waits beside it.
create unique index if not exists deployment_logs_one_open_per_target_idx on public.deployment_logs (target_id, environment)
  where status = 'pending' and action = 'deploy' and claim_number is null and approved_by is null;
create index if not exists deployment_logs_due_idx
  on public.deployment_logs (next_check_at) where status in ('pending', 'deploying', 'building', 'unknown');
create index if not exists deployment_logs_project_id_created_at_idx on public.deployment_logs (project_id, created_at desc);
create index if not exists deployment_logs_target_id_deployed_at_idx on public.deployment_logs (target_id, deployed_at desc);
create index if not exists deployment_logs_subject_id_idx on public.deployment_logs (subject_id);
comment on table public.deployment_logs is
  'One row per deployment, promotion and rollback with its whole life; only update_deployment_status moves it, and nothing is sent before its intent is recorded.';
comment on column public.deployment_logs.subject_id is 'The deployment that is promoted, or that is rolled back.';
comment on column public.deployment_logs.changes is 'What is deployed: files, functions or a place in git, and which fixes and experiments it carries.';
comment on column public.deployment_logs.intent is 'What was about to be sent, recorded before it was: under this the provider is asked what became of it.';
comment on column public.deployment_logs.progress is 'The steps that are proved to be done, for providers that need several.';
comment on column public.deployment_logs.rollback_point is 'What stood there before, as far as the provider needs it to go back.';
comment on column public.deployment_logs.absent_count is 'How often in a row the provider was asked and did not have what had been sent.';
comment on column public.deployment_logs.finished_at is 'When the deployment reached its one final state: ready, failed, cancelled or blocked.';
comment on column public.deployment_logs.settled_at is 'When a ready deployment was judged: kept or rolled back.';

create table if not exists public.deployment_triggers (
  id uuid primary key default gen_random_uuid(),
  project_id text not null,
  dedupe_key text not null,
  deployment_id uuid not null references public.deployment_logs (id) on delete cascade,
  kind text not null,
  reason text not null,
  changes jsonb not null default '{}',
  auto_fix_id uuid references public.auto_fixes (id) on delete set null,
  fix_experiment_id uuid references public.fix_experiments (id) on delete set null,
  requested_by text not null,
  requested_at timestamptz not null default clock_timestamp(),
  constraint deployment_triggers_project_id_dedupe_key_key unique (project_id, dedupe_key),
  constraint deployment_triggers_kind_is_known check (kind in ('fix', 'experiment_winner', 'rollback', 'promote', 'person', 'other')),
  constraint deployment_triggers_keys_are_bounded check (length(dedupe_key) between 1 and 200)
);
create index if not exists deployment_triggers_deployment_id_idx on public.deployment_triggers (deployment_id);
create index if not exists deployment_triggers_auto_fix_id_idx on public.deployment_triggers (auto_fix_id);
create index if not exists deployment_triggers_fix_experiment_id_idx on public.deployment_triggers (fix_experiment_id);
comment on table public.deployment_triggers is
  'Why a deployment was asked for, each asking once by its key; those that come while one waits are carried by the same deployment.';

create table if not exists public.deployment_rollbacks (
  id uuid primary key default gen_random_uuid(),
  deployment_id uuid not null references public.deployment_logs (id) on delete cascade,
  carried_out_by uuid references public.deployment_logs (id) on delete cascade,
  automatic boolean not null,
  status text not null default 'pending',
  reason text not null,
  measured jsonb not null default '{}',
  proof jsonb,
  outcome text,
  requested_by text not null,
  requested_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  constraint deployment_rollbacks_status_is_known check (status in ('pending', 'done', 'failed', 'refused')),
  constraint deployment_rollbacks_only_ended_rows_have_an_end check ((status = 'pending') = (finished_at is null)),
  constraint deployment_rollbacks_done_rows_have_a_proof check (status <> 'done' or proof is not null),
  constraint deployment_rollbacks_ended_rows_explain_themselves check (status = 'pending' or outcome is not null),
  constraint deployment_rollbacks_carried_out_rows_say_by_what check (status = 'refused' or carried_out_by is not null)
);
-- Rule 8: one automatic rollback for a release, then a person.
create unique index if not exists deployment_rollbacks_one_automatic_idx
  on public.deployment_rollbacks (deployment_id) where automatic and status <> 'refused';
create unique index if not exists deployment_rollbacks_one_pending_idx on public.deployment_rollbacks (deployment_id) where status = 'pending';
create index if not exists deployment_rollbacks_deployment_id_idx on public.deployment_rollbacks (deployment_id, requested_at desc);
create index if not exists deployment_rollbacks_carried_out_by_idx on public.deployment_rollbacks (carried_out_by);
comment on table public.deployment_rollbacks is 'Every rollback of a deployment: why, by what measurement, by which deployment it was carried out, and what proved it.';

create table if not exists healing_private.deployment_bodies (
  deployment_id uuid not null references public.deployment_logs (id) on delete cascade,
  function_slug text not null,
  metadata jsonb not null,
  body jsonb,
  saved_at timestamptz not null default clock_timestamp(),
  primary key (deployment_id, function_slug)
);
comment on table healing_private.deployment_bodies is
  'The source of a function as it stood before a deployment changed it; body is null where there was none. Sources are nobody''s business outside.';
select healing_private.secure_table(name::regclass)
from unnest(array['public.deployment_targets', 'public.deployment_logs', 'public.deployment_triggers', 'public.deployment_rollbacks']) as name;
alter table healing_private.deployment_bodies enable row level security;
revoke all on healing_private.deployment_bodies from public, anon, authenticated, service_role;
drop policy if exists nobody_directly on healing_private.deployment_bodies;
create policy nobody_directly on healing_private.deployment_bodies for select to service_role using (false);

alter table public.rollback_history alter column auto_fix_id drop not null,
  add column if not exists deployment_id uuid references public.deployment_logs (id) on delete cascade;
alter table public.rollback_history drop constraint if exists rollback_history_is_about_one_thing;
alter table public.rollback_history add constraint rollback_history_is_about_one_thing check (num_nonnulls(auto_fix_id, deployment_id) = 1);
create index if not exists rollback_history_deployment_id_idx on public.rollback_history (deployment_id);
comment on table public.rollback_history is 'Every rollback of a fix or a deployment, by the system or by a person, with the reason.';
alter table public.auto_rollback_logs add column if not exists deployment_id uuid references public.deployment_logs (id) on delete cascade;
create index if not exists auto_rollback_logs_deployment_id_idx on public.auto_rollback_logs (deployment_id);

create or replace function healing_private.deployment_moves(p_status text)
returns text[]
language sql
immutable
security invoker
set search_path = ''
as $$
  select case p_status
    when 'pending' then array['deploying', 'failed', 'cancelled']
    when 'deploying' then array['building', 'unknown', 'ready', 'failed', 'cancelled', 'blocked']
    when 'building' then array['unknown', 'ready', 'failed', 'cancelled', 'blocked']
    -- Back to deploying only after the provider has said for long enough that it has nothing: see begin_deployment.
    when 'unknown' then array['deploying', 'building', 'ready', 'failed', 'cancelled', 'blocked']
    when 'ready' then array['live', 'kept', 'rolled_back']
    when 'live' then array['kept', 'rolled_back']
    when 'kept' then array['rolled_back']
    else array[]::text[]
  end;
$$;
revoke all on function healing_private.deployment_moves(text) from public, anon, authenticated;
comment on function healing_private.deployment_moves(text) is 'Where a deployment can go from a state. failed, cancelled and blocked are ends; after ready comes the judgement.';

-- The guard holds for every writer: a deployment has one final state, and it is never taken back.
create or replace function healing_private.guard_deployment_lifecycle()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
  if new.status is distinct from old.status and not new.status = any (healing_private.deployment_moves(old.status)) then
    raise exception using errcode = 'PT409', detail = 'CONFLICT',
      message = format('Cannot move deployment %s from %s to %s', old.id, old.status, new.status),
      hint = format('From %s a deployment can go to: %s', old.status,
        coalesce(nullif(array_to_string(healing_private.deployment_moves(old.status), ', '), ''), 'nowhere'));
  end if;
  return new;
end;
$$;
revoke all on function healing_private.guard_deployment_lifecycle() from public, anon, authenticated;
comment on function healing_private.guard_deployment_lifecycle() is 'Refuses a move of a deployment that its state machine does not know.';
create or replace trigger a_guard_deployment_lifecycle before update of status on public.deployment_logs
  for each row execute function healing_private.guard_deployment_lifecycle();

create or replace view public.vercel_deployments with (security_invoker = on) as
select id, project_id, target_id, environment, action, trigger_kind, trigger_reason, status, status_reason,
  provider_deployment_id as vercel_deployment_id, provider_state as ready_state, url, error, created_at, deployed_at, finished_at, settled_at
from public.deployment_logs where provider = 'vercel';
revoke all on public.vercel_deployments from public, anon, authenticated, service_role;
grant select on public.vercel_deployments to service_role, authenticated;
comment on view public.vercel_deployments is 'The deployments that Vercel carries out, with its own names and ids.';
