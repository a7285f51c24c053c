-- Adds the fixes family: auto_fixes with its guarded lifecycle, applied_improvements, rollback_history,
-- auto_rollback_logs and admin_approval_queue.
-- Locks: none on existing tables.
-- Undo: drop table public.admin_approval_queue, public.auto_rollback_logs, public.rollback_history,
--       public.applied_improvements, public.auto_fixes.

create table if not exists public.auto_fixes (
  id uuid primary key default gen_random_uuid(),
  detected_error_id uuid not null references public.detected_errors (id) on delete cascade,
  pattern_id uuid references public.universal_error_patterns (id) on delete set null,
  action_kind text not null,
  action_group text not null,
  action jsonb not null,
  target text not null,
  tier text not null,
  confidence double precision not null,
  risk text not null,
  status text not null default 'proposed',
  reason text not null,
  what_will_happen text not null,
  preview jsonb,
  evidence jsonb not null default '{}',
  pattern jsonb,
  approved_by text,
  claim_number bigint,
  lease_expires_at timestamptz,
  rollback_point jsonb,
  probe jsonb,
  proof jsonb,
  verdict jsonb,
  aftermath jsonb,
  created_at timestamptz not null default now(),
  applying_at timestamptz,
  applied_at timestamptz,
  validate_until timestamptz,
  finished_at timestamptz,
  duration_ms double precision,
  constraint auto_fixes_status_is_known check (status in
    ('proposed', 'awaiting_approval', 'applying', 'validating', 'kept', 'reverted', 'inconclusive', 'rejected', 'expired', 'failed')),
  constraint auto_fixes_group_is_known check (action_group in ('payload', 'call', 'database', 'runtime', 'code', 'deployment')),
  constraint auto_fixes_risk_is_known check (risk in ('low', 'medium', 'high')),
  constraint auto_fixes_tier_is_known check (tier in ('deterministic', 'learned', 'ai', 'context', 'person')),
  constraint auto_fixes_confidence_is_a_share check (confidence between 0 and 1),
  constraint auto_fixes_action_has_its_kind check (action ->> 'kind' = action_kind),
  constraint auto_fixes_applied_rows_have_a_rollback_point_and_a_probe
    check (status not in ('validating', 'kept', 'reverted', 'inconclusive') or (rollback_point is not null and probe is not null)),
  constraint auto_fixes_judged_rows_explain_themselves
    check (status not in ('kept', 'reverted', 'inconclusive', 'rejected', 'expired', 'failed') or verdict ->> 'reason' is not null),
  constraint auto_fixes_ended_rows_have_an_end
    check ((status in ('kept', 'reverted', 'inconclusive', 'rejected', 'expired', 'failed')) = (finished_at is not null))
);
create unique index if not exists auto_fixes_one_live_fix_per_error_idx
  on public.auto_fixes (detected_error_id) where status in ('proposed', 'awaiting_approval', 'applying', 'validating');
create index if not exists auto_fixes_target_applying_at_idx on public.auto_fixes (target, applying_at desc);
create index if not exists auto_fixes_validate_until_idx on public.auto_fixes (validate_until) where status = 'validating';
create index if not exists auto_fixes_applying_at_idx on public.auto_fixes (applying_at) where applying_at is not null;
create index if not exists auto_fixes_detected_error_id_idx on public.auto_fixes (detected_error_id, created_at desc);
create index if not exists auto_fixes_created_at_idx on public.auto_fixes (created_at);
create index if not exists auto_fixes_pattern_id_idx on public.auto_fixes (pattern_id);
comment on table public.auto_fixes is 'One row per attempt at a fix, with its whole lifecycle, its rollback point, its probe and its verdict.';
comment on column public.auto_fixes.preview is
  'What exactly it changes, as its rolled-back rehearsal showed: objects with the lines that go and come, and rows. Sanitised and bounded.';
comment on column public.auto_fixes.aftermath is 'What followed on a kept fix: regression tests, redeployment, each with its outcome or "not installed".';

-- What a kind is, whatever a proposal says of itself.
create table if not exists healing_private.fix_kinds (
  kind text primary key,
  action_group text not null,
  least_risk text not null,
  least_risk_at_runtime text not null,
  constraint fix_kinds_risk_is_known
    check (least_risk in ('low', 'medium', 'high') and least_risk_at_runtime in ('low', 'medium', 'high'))
);
alter table healing_private.fix_kinds enable row level security;
revoke all on healing_private.fix_kinds from public, anon, authenticated, service_role;
drop policy if exists nobody_directly on healing_private.fix_kinds;
create policy nobody_directly on healing_private.fix_kinds for select to service_role using (false);
comment on table healing_private.fix_kinds is
  'The closed set of fixes as the database knows it: the group and the least risk of each kind. An unknown kind is refused.';
insert into healing_private.fix_kinds (kind, action_group, least_risk, least_risk_at_runtime)
values ('create_extension', 'database', 'low', 'low'), ('create_schema', 'database', 'low', 'medium'),
  ('rename_column', 'payload', 'low', 'low'), ('retry', 'call', 'low', 'low')
on conflict (kind) do nothing;

-- Only these moves exist. The guard holds for every writer, so that a mistake in a function cannot bend a lifecycle.
create or replace function healing_private.guard_fix_lifecycle()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_allowed text[] := case old.status
    when 'proposed' then array['awaiting_approval', 'applying', 'rejected', 'expired', 'failed']
    when 'awaiting_approval' then array['proposed', 'rejected', 'expired']
    when 'applying' then array['validating', 'failed']
    when 'validating' then array['kept', 'reverted', 'inconclusive']
    when 'kept' then array['reverted']
    else array[]::text[]
  end;
begin
  if new.status is distinct from old.status and not new.status = any (v_allowed) then
    raise exception using errcode = 'PT409', detail = 'CONFLICT',
      message = format('Cannot move fix %s from %s to %s', old.id, old.status, new.status),
      hint = format('From %s a fix can go to: %s', old.status, coalesce(nullif(array_to_string(v_allowed, ', '), ''), 'nowhere'));
  end if;
  return new;
end;
$$;
revoke all on function healing_private.guard_fix_lifecycle() from public, anon, authenticated;
comment on function healing_private.guard_fix_lifecycle() is 'Refuses a move of a fix that its lifecycle does not know.';
create or replace trigger a_guard_fix_lifecycle before update of status on public.auto_fixes
  for each row execute function healing_private.guard_fix_lifecycle();

create table if not exists public.applied_improvements (
  id uuid primary key default gen_random_uuid(),
  auto_fix_id uuid not null references public.auto_fixes (id) on delete cascade,
  action_kind text not null,
  target text not null,
  description text not null,
  rollback_point jsonb not null,
  status text not null default 'in_force',
  applied_at timestamptz not null default now(),
  rolled_back_at timestamptz,
  constraint applied_improvements_status_is_known check (status in ('in_force', 'rolled_back')),
  constraint applied_improvements_only_rolled_back_rows_have_an_end
    check ((status = 'rolled_back') = (rolled_back_at is not null))
);
create unique index if not exists applied_improvements_auto_fix_id_idx on public.applied_improvements (auto_fix_id);
comment on table public.applied_improvements is 'What is in force at this moment, each with the point to which it can be rolled back.';

create table if not exists public.rollback_history (
  id uuid primary key default gen_random_uuid(),
  auto_fix_id uuid not null references public.auto_fixes (id) on delete cascade,
  reason text not null,
  actor text not null,
  details jsonb not null default '{}',
  rolled_back_at timestamptz not null default now()
);
create index if not exists rollback_history_auto_fix_id_idx on public.rollback_history (auto_fix_id);
comment on table public.rollback_history is 'Every rollback of a fix, by the system or by a person, with the reason.';

create table if not exists public.auto_rollback_logs (
  id uuid primary key default gen_random_uuid(),
  auto_fix_id uuid references public.auto_fixes (id) on delete cascade,
  trigger_reason text not null,
  measured jsonb not null default '{}',
  succeeded boolean not null,
  created_at timestamptz not null default now()
);
create index if not exists auto_rollback_logs_auto_fix_id_idx on public.auto_rollback_logs (auto_fix_id);
comment on table public.auto_rollback_logs is 'Rollbacks that the system began by itself: the measurement that asked for it, and whether it worked.';

create table if not exists public.admin_approval_queue (
  id uuid primary key default gen_random_uuid(),
  auto_fix_id uuid not null references public.auto_fixes (id) on delete cascade,
  detected_error_id uuid not null references public.detected_errors (id) on delete cascade,
  status text not null default 'pending',
  reason text not null,
  what_will_happen text not null,
  alternatives jsonb not null default '[]',
  preview jsonb,
  preview_key text generated always as (md5(preview::text)) stored,
  requested_at timestamptz not null default now(),
  expires_at timestamptz not null,
  decided_at timestamptz,
  decided_by text,
  decision_reason text,
  constraint admin_approval_queue_status_is_known check (status in ('pending', 'approved', 'rejected', 'expired', 'withdrawn')),
  constraint admin_approval_queue_decisions_say_who_and_why
    check ((status = 'pending') = (decided_at is null)
      and (status not in ('approved', 'rejected') or (decided_by is not null and decision_reason is not null)))
);
create unique index if not exists admin_approval_queue_pending_auto_fix_id_idx
  on public.admin_approval_queue (auto_fix_id) where status = 'pending';
create index if not exists admin_approval_queue_auto_fix_id_idx on public.admin_approval_queue (auto_fix_id);
create index if not exists admin_approval_queue_detected_error_id_idx on public.admin_approval_queue (detected_error_id);
create index if not exists admin_approval_queue_expires_at_idx on public.admin_approval_queue (expires_at) where status = 'pending';
comment on table public.admin_approval_queue is 'Fixes that wait for a person: what exactly will happen, the alternatives, and until when.';
comment on column public.admin_approval_queue.preview is 'What exactly would change, as the person sees it; preview_key names it, so that a yes to an older one is refused.';

select healing_private.secure_table(name::regclass)
from unnest(array['public.auto_fixes', 'public.applied_improvements', 'public.rollback_history',
  'public.auto_rollback_logs', 'public.admin_approval_queue']) as name;
