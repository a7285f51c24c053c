-- Adds the resilience family: queued_operations, write_ledger, fallback_log_entries and schema_versions.
-- Locks: none on existing tables.
-- Undo: drop table public.schema_versions, public.fallback_log_entries, public.write_ledger, public.queued_operations.

create table if not exists public.queued_operations (
  id uuid primary key default gen_random_uuid(),
  position bigint not null default nextval('healing_private.fencing_numbers'),
  operation_kind text not null,
  target text not null,
  payload jsonb not null,
  idempotency_key text not null,
  caller_role text not null,
  caller_claims jsonb not null default '{}',
  subject text not null default '',
  status text not null default 'queued',
  detected_error_id uuid references public.detected_errors (id) on delete set null,
  attempt_count integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  claimed_by text,
  claim_number bigint,
  lease_expires_at timestamptz,
  sent_back boolean not null default false,
  last_error text,
  result jsonb,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint queued_operations_keys_are_short
    check (length(idempotency_key) between 1 and 200 and length(target) <= 200 and length(subject) <= 200),
  constraint queued_operations_kind_is_known check (operation_kind in ('invoke_function')),
  constraint queued_operations_role_is_known check (caller_role in ('anon', 'authenticated', 'service_role')),
  constraint queued_operations_status_is_known check (status in ('queued', 'running', 'done', 'failed', 'needs_person')),
  constraint queued_operations_only_ended_rows_have_an_end check ((status in ('done', 'failed')) = (finished_at is not null)),
  constraint queued_operations_only_running_rows_have_a_lease check ((status = 'running') = (lease_expires_at is not null))
);
create unique index if not exists queued_operations_idempotency_key_idx
  on public.queued_operations (operation_kind, target, caller_role, subject, idempotency_key);
create index if not exists queued_operations_claimable_idx
  on public.queued_operations (next_attempt_at) where status in ('queued', 'running');
create index if not exists queued_operations_detected_error_id_idx on public.queued_operations (detected_error_id);
comment on column public.queued_operations.sent_back is 'A person sent it back: it is made again whatever the state of its error.';
comment on table public.queued_operations is
  'Operations that failed by a fault of schema or infrastructure and replay, under their caller''s role, when it is mended.';

create table if not exists public.write_ledger (
  idempotency_key text not null,
  operation text not null,
  caller_role text not null,
  subject text not null default '',
  payload_hash text not null,
  result jsonb not null,
  created_at timestamptz not null default now(),
  primary key (caller_role, subject, operation, idempotency_key),
  constraint write_ledger_keys_are_short
    check (length(idempotency_key) between 1 and 200 and length(operation) <= 200 and length(subject) <= 200)
);
create index if not exists write_ledger_created_at_idx on public.write_ledger (created_at);
comment on table public.write_ledger is
  'The stored result of each write with an idempotency key, scoped to role, subject and operation: done once, answered again.';

create table if not exists public.fallback_log_entries (
  id uuid primary key,
  level text not null,
  message text not null,
  context jsonb not null default '{}',
  logged_at timestamptz not null,
  uploaded_at timestamptz not null default now(),
  constraint fallback_log_entries_level_is_known check (level in ('debug', 'info', 'warn', 'error'))
);
create index if not exists fallback_log_entries_logged_at_idx on public.fallback_log_entries (logged_at desc);
comment on table public.fallback_log_entries is 'Log entries that could not be stored when they happened and arrived later, each exactly once by its own id.';

create table if not exists public.schema_versions (
  id uuid primary key default gen_random_uuid(),
  object_schema text,
  object_identity text not null,
  object_type text not null,
  command_tag text not null,
  actor text not null,
  changed_at timestamptz not null default now()
);
create index if not exists schema_versions_object_identity_changed_at_idx
  on public.schema_versions (object_identity, changed_at desc);
comment on table public.schema_versions is 'The history of the schema, one row per changed object, written by track_schema_change.';

select healing_private.secure_table(name::regclass)
from unnest(array['public.queued_operations', 'public.write_ledger', 'public.fallback_log_entries',
  'public.schema_versions']) as name;

-- Runs with its owner's rights, because whoever alters a table need not be allowed to write our history.
create or replace function healing_private.record_schema_change(
  p_schema text, p_identity text, p_type text, p_command text)
returns void
language sql
security definer
set search_path = ''
as $$
  insert into public.schema_versions (object_schema, object_identity, object_type, command_tag, actor)
  values (p_schema, p_identity, p_type, p_command, session_user);
$$;
revoke all on function healing_private.record_schema_change(text, text, text, text) from public, anon, authenticated;
comment on function healing_private.record_schema_change(text, text, text, text) is 'Adds one row to the history of the schema.';

create or replace function healing_private.track_schema_change()
returns event_trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_change record;
begin
  if tg_event = 'sql_drop' then
    for v_change in select * from pg_catalog.pg_event_trigger_dropped_objects() where original and not is_temporary loop
      perform healing_private.record_schema_change(
        v_change.schema_name, v_change.object_identity, v_change.object_type, tg_tag);
    end loop;
  else
    -- Grants have no identity, temporary objects no future.
    for v_change in select * from pg_catalog.pg_event_trigger_ddl_commands()
      where object_identity is not null and schema_name is distinct from 'pg_temp' loop
      perform healing_private.record_schema_change(
        v_change.schema_name, v_change.object_identity, v_change.object_type, tg_tag);
    end loop;
  end if;
exception when others then
  -- A history that cannot be written must not stop a migration.
  raise warning 'track_schema_change could not record %: % (%)', tg_tag, sqlerrm, sqlstate;
end;
$$;
revoke all on function healing_private.track_schema_change() from public, anon, authenticated;
comment on function healing_private.track_schema_change() is 'Event trigger: records what a DDL command changed; a failure warns and never aborts the command.';

do $$
begin
  drop event trigger if exists track_schema_change;
  drop event trigger if exists track_schema_drop;
  create event trigger track_schema_change on ddl_command_end execute function healing_private.track_schema_change();
  create event trigger track_schema_drop on sql_drop execute function healing_private.track_schema_change();
exception when insufficient_privilege then
  raise notice 'No right to create event triggers here: the history of the schema stays empty';
end;
$$;
