-- Adds the private schema, the access rule that every table of the healing system shares, and the control
-- family: healing_settings (switches, budgets), healing_runs (the truth about each run), notifications.
-- Locks: none on existing tables.
-- Undo: drop table public.notifications, public.healing_runs, public.healing_settings; drop schema healing_private cascade.

create schema if not exists healing_private;
revoke all on schema healing_private from public;
grant usage on schema healing_private to service_role, authenticated;
comment on schema healing_private is
  'Internals of the healing system: partitions, ledgers and definer functions. Never exposed through the API.';

create or replace function healing_private.is_admin()
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(((select auth.jwt()) -> 'app_metadata' ->> 'role') = 'admin', false);
$$;
revoke all on function healing_private.is_admin() from public, anon, authenticated;
grant execute on function healing_private.is_admin() to authenticated, service_role;
comment on function healing_private.is_admin() is
  'True when the caller''s verified token carries app_metadata.role = admin; user_metadata never counts.';

-- Who acts, for the rows that say who and why. A person who connects directly is named by the session's own
-- role, because `current_user` inside a definer function would name its owner instead.
create or replace function healing_private.actor()
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(
    (select auth.jwt()) ->> 'email', (select auth.jwt()) ->> 'sub', (select auth.jwt()) ->> 'role', session_user::text);
$$;
revoke all on function healing_private.actor() from public, anon, authenticated;
grant execute on function healing_private.actor() to authenticated, service_role;
comment on function healing_private.actor() is
  'The person or role behind the call: e-mail, subject or role of the token, else the session role.';

-- A person may steer: an admin by token, or whoever connects with the rights of the database's owner.
create or replace function healing_private.require_person(p_what text)
returns void
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  if healing_private.is_admin() then
    return;
  end if;
  -- Through the API the session belongs to the authenticator and a token is always set.
  if (select auth.jwt()) is null and pg_catalog.pg_has_role(session_user, 'postgres', 'member') then
    return;
  end if;
  raise exception using errcode = 'PT403', message = format('Cannot %s: an admin has to do it', p_what),
    hint = 'Sign in as a user whose app_metadata.role is admin, or connect as the database owner', detail = 'FORBIDDEN';
end;
$$;
revoke all on function healing_private.require_person(text) from public, anon, authenticated;
grant execute on function healing_private.require_person(text) to authenticated, service_role;
comment on function healing_private.require_person(text) is
  'Raises PT403 unless an admin or the database owner acts; the service role is a machine and may not steer itself.';

create or replace function healing_private.require_decision(p_what text, p_decision text, p_known text[], p_reason text)
returns void
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform healing_private.require_person(p_what);
  if not coalesce(p_decision = any (p_known), false) or coalesce(btrim(p_reason), '') = '' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = format('Cannot %s without a known decision and a reason', p_what),
      hint = format('The decision is one of %s; say in p_reason why', array_to_string(p_known, ', '));
  end if;
end;
$$;
revoke all on function healing_private.require_decision(text, text, text[], text) from public, anon, authenticated;
comment on function healing_private.require_decision(text, text, text[], text) is
  'Raises PT403 unless a person acts, and PT400 unless the decision is a known one with a reason.';

-- One rule of access for every table: machines and admins read, functions change, nobody else sees a row. A leaked
-- secret key can therefore neither forge evidence or approvals nor turn the system on.
create or replace function healing_private.secure_table(p_table regclass)
returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_policy text;
begin
  execute format('alter table %s enable row level security', p_table);
  execute format('revoke all on %s from public, anon, authenticated, service_role', p_table);
  execute format('grant select on %s to service_role, authenticated', p_table);
  foreach v_policy in array array['service_role_reads', 'admins_read'] loop
    execute format('drop policy if exists %I on %s', v_policy, p_table);
  end loop;
  execute format(
    'create policy service_role_reads on %s for select to service_role using (true)', p_table);
  execute format(
    'create policy admins_read on %s for select to authenticated using ((select healing_private.is_admin()))', p_table);
end;
$$;
revoke all on function healing_private.secure_table(regclass) from public, anon, authenticated;
comment on function healing_private.secure_table(regclass) is
  'Applies the access matrix to a table: service_role and admins select; only functions change rows.';

create table if not exists public.healing_settings (
  key text primary key,
  wanted jsonb not null,
  actual jsonb not null,
  reason text not null default 'in force',
  description text not null,
  updated_by text not null default 'migration',
  updated_at timestamptz not null default now()
);
comment on table public.healing_settings is
  'Every switch and limit: what is wanted, what is in force, and why they differ. Change it with change_healing_setting.';

create table if not exists public.healing_runs (
  id uuid primary key default gen_random_uuid(),
  function_name text not null,
  trigger text not null default 'cron',
  status text not null default 'dispatched',
  net_request_id bigint,
  instance_id text,
  dispatched_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  deadline_at timestamptz not null default now() + interval '5 minutes',
  counters jsonb not null default '{}',
  reason text,
  constraint healing_runs_status_is_known check (status in ('dispatched', 'started', 'finished', 'failed', 'lost')),
  constraint healing_runs_only_ended_rows_have_an_end
    check ((status in ('finished', 'failed', 'lost')) = (finished_at is not null)),
  constraint healing_runs_failures_have_a_reason check (status not in ('failed', 'lost') or reason is not null)
);
create index if not exists healing_runs_function_name_dispatched_at_idx
  on public.healing_runs (function_name, dispatched_at desc);
create index if not exists healing_runs_unfinished_idx
  on public.healing_runs (deadline_at) where status in ('dispatched', 'started');
comment on table public.healing_runs is
  'One row per run of a healing function: the truth about the schedule, since pg_cron only knows that a request was queued.';

create table if not exists public.notifications (
  id uuid primary key default gen_random_uuid(),
  channel text not null default 'in_app',
  severity text not null default 'medium',
  title text not null,
  body text not null,
  dedupe_key text not null,
  occurrence_count integer not null default 1,
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  read_at timestamptz,
  constraint notifications_severity_is_known check (severity in ('low', 'medium', 'high', 'critical'))
);
create unique index if not exists notifications_unread_dedupe_key_idx
  on public.notifications (channel, dedupe_key) where read_at is null;
comment on table public.notifications is
  'What people should know, one unread row per subject; repeats raise its count.';

select healing_private.secure_table(name::regclass)
from unnest(array['public.healing_settings', 'public.healing_runs', 'public.notifications']) as name;

insert into public.healing_settings (key, wanted, actual, description)
select key, value, value, description
from (values
  ('enabled', 'true'::jsonb, 'The kill switch. false: no fix starts and no operation is made again; what was applied is still judged, and taken back if it harms.'),
  ('dry_run', 'false', 'true: every fix is planned and shown, none is applied.'),
  ('mode_payload', '"auto"', 'Fixes of a payload in a request: auto, suggest or off.'),
  ('mode_call', '"auto"', 'Fixes of a call (retry, replay): auto, suggest or off.'),
  ('mode_database', '"suggest"', 'Fixes of the database (extension, schema): auto, suggest or off.'),
  ('mode_runtime', '"suggest"', 'Fixes of settings and breakers: auto, suggest or off.'),
  ('mode_code', '"suggest"', 'Fixes of code: auto, suggest or off.'),
  ('mode_deployment', '"suggest"', 'Deployments and their rollback: auto, suggest or off.'),
  ('max_fixes_per_target_hour', '1', 'State-changing fixes that one target may get in an hour.'),
  ('max_fixes_per_day', '200', 'State-changing fixes in 24 hours, over all targets.'),
  ('max_attempts', '4', 'Claims of one error before a person is asked.'),
  ('approval_hours', '72', 'Hours after which an unanswered approval expires.'),
  ('validation_min_seconds', '600', 'Shortest time that a fix is watched before it is kept.'),
  ('validation_max_seconds', '259200', 'Longest time that a fix is watched before it is called inconclusive.'),
  ('dashboard_url', '""', 'Address of the dashboard, with https://, for links in notifications; empty: they say what to type.'),
  ('write_schemas', '["public"]', 'Schemas whose tables the resilient write path may touch.'),
  ('protected_areas', '["auth", "billing", "secrets"]', 'Schemas and areas where every fix needs a person.'),
  ('retention_days', '30', 'Days that events, finished runs and answered notifications are kept.')
) as setting (key, value, description)
on conflict (key) do nothing;
