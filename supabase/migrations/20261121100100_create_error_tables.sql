-- Adds the errors family: detected_errors (one row per open fingerprint), healing_events (append-only,
-- partitioned by day in the private schema), generation_failures and build_events.
-- Locks: none on existing tables.
-- Undo: drop table public.build_events, public.generation_failures, public.healing_events, public.detected_errors.

create sequence if not exists healing_private.fencing_numbers;
comment on sequence healing_private.fencing_numbers is 'Numbers every claim, so that a late worker can be told from the present one.';

create table if not exists public.detected_errors (
  id uuid primary key default gen_random_uuid(),
  fingerprint text not null,
  error_signature text not null,
  error_template text not null,
  slots jsonb not null default '[]',
  project_id text not null default '',
  error_type text not null,
  error_code text,
  error_message text not null,
  stack_trace text,
  category text not null default 'unknown',
  severity text not null default 'medium',
  source text not null default 'edge_function',
  function_name text,
  context jsonb not null default '{}',
  status text not null default 'open',
  occurrence_count bigint not null default 1,
  occurrences_since_fix bigint not null default 0,
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  attempt_count integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  claimed_by text,
  claim_number bigint,
  lease_expires_at timestamptz,
  resolved_at timestamptz,
  resolution text,
  constraint detected_errors_status_is_known check
    (status in ('open', 'healing', 'awaiting_approval', 'validating', 'healed', 'escalated', 'ignored')),
  constraint detected_errors_severity_is_known check (severity in ('low', 'medium', 'high', 'critical')),
  constraint detected_errors_category_is_known check (category in
    ('database', 'migration', 'payload', 'auth', 'storage', 'network', 'ai', 'runtime', 'deployment', 'unknown')),
  constraint detected_errors_are_seen_at_least_once check (occurrence_count >= 1),
  constraint detected_errors_only_claimed_rows_have_a_lease
    check ((status = 'healing') = (lease_expires_at is not null and claimed_by is not null)),
  constraint detected_errors_ended_rows_have_a_resolution
    check (status not in ('healed', 'escalated', 'ignored') or resolution is not null)
-- A claim, and each release, writes the row anew: in the room that is left it stays on its page, which makes both faster.
) with (fillfactor = 50);
create unique index if not exists detected_errors_open_fingerprint_idx
  on public.detected_errors (fingerprint, project_id) where status <> 'healed';
create index if not exists detected_errors_claimable_idx
  on public.detected_errors (next_attempt_at) where status in ('open', 'healing') and source <> 'migration';
create index if not exists detected_errors_last_seen_at_idx on public.detected_errors (last_seen_at);
create index if not exists detected_errors_error_signature_idx on public.detected_errors using hash (error_signature);
comment on table public.detected_errors is
  'One row per open fingerprint: an error group with its count, its state and who works on it.';
comment on column public.detected_errors.error_template is
  'The message with values normalised and identifiers kept: by it a pattern with fixed parameters recognises just this failure.';
comment on column public.detected_errors.error_signature is
  'The message with identifiers replaced by numbered slots: by it a learned pattern recognises the failure on another target.';

create table if not exists public.healing_events (
  id uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  event_type text not null,
  category text not null default 'unknown',
  severity text not null default 'medium',
  result text not null default 'pending',
  message text not null default '',
  function_name text,
  project_id text not null default '',
  fingerprint text,
  detected_error_id uuid,
  auto_fix_id uuid,
  strategy text,
  tier text,
  occurrences integer not null default 1,
  duration_ms double precision,
  request_id text,
  details jsonb not null default '{}',
  primary key (id, created_at),
  constraint healing_events_category_is_known check (category in
    ('database', 'migration', 'payload', 'auth', 'storage', 'network', 'ai', 'runtime', 'deployment', 'unknown')),
  constraint healing_events_severity_is_known check (severity in ('low', 'medium', 'high', 'critical')),
  constraint healing_events_result_is_known check (result in ('pending', 'success', 'failure', 'skipped', 'inconclusive'))
) partition by range (created_at);
create table if not exists healing_private.healing_events_default partition of public.healing_events default;
alter table healing_private.healing_events_default enable row level security;
create index if not exists healing_events_created_at_idx on public.healing_events (created_at desc);
create index if not exists healing_events_detected_error_id_idx on public.healing_events (detected_error_id, created_at desc);
comment on table public.healing_events is
  'Append-only: every occurrence, attempt and verdict. Partitioned by day; partitions live in healing_private.';
comment on table healing_private.healing_events_default is
  'Takes events for which no day''s partition exists, so that a capture never fails.';

create table if not exists public.generation_failures (
  id uuid primary key default gen_random_uuid(),
  error_type text not null,
  error_message text not null,
  failure_category text not null default 'unknown',
  severity text not null default 'medium',
  occurrence_count integer not null default 1,
  test_generated boolean not null default false,
  stack_trace text,
  framework text,
  user_request text,
  project_id text not null default '',
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  constraint generation_failures_severity_is_known check (severity in ('low', 'medium', 'high', 'critical'))
);
create index if not exists generation_failures_error_type_created_at_idx
  on public.generation_failures (error_type, framework, created_at desc);
comment on table public.generation_failures is 'Failures of generated plans, replies and files, one row an occurrence; three of a kind make a test.';

create table if not exists public.build_events (
  id uuid primary key default gen_random_uuid(),
  event_type text not null,
  project_id text not null default '',
  title text not null,
  details jsonb not null default '{}',
  detected_error_id uuid references public.detected_errors (id) on delete set null,
  auto_fix_id uuid,
  created_at timestamptz not null default now(),
  constraint build_events_type_is_known check
    (event_type in ('auto_heal_success', 'auto_heal_failed', 'schema_auto_fix'))
);
create index if not exists build_events_created_at_idx on public.build_events (created_at desc);
create index if not exists build_events_detected_error_id_idx on public.build_events (detected_error_id);
comment on table public.build_events is 'What the healer did to a project''s database and build, with the SQL it ran.';

select healing_private.secure_table(name::regclass)
from unnest(array[
  'public.detected_errors', 'public.healing_events', 'public.generation_failures', 'public.build_events']) as name;
-- The default partition is reached through its parent only.
drop policy if exists nobody_directly on healing_private.healing_events_default;
create policy nobody_directly on healing_private.healing_events_default for select to service_role using (false);
