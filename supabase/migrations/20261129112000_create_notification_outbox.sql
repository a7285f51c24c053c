-- Adds what notifications need to leave the database: notification_channels (who can be told, and how each is doing),
-- notification_deliveries (one row per message that goes, waits, is held back or failed), notification_mutes, the
-- settings notification_*, and when a notification was told, escalated and read by whom.
-- Locks: ACCESS EXCLUSIVE on public.notifications for an instant (three columns without a default).
-- Undo: drop table public.notification_mutes, public.notification_deliveries, public.notification_channels cascade; drop trigger
--       notification_settings_make_sense, notification_recipients_are_channels on public.healing_settings; drop function
--       healing_private.check_notification_setting, healing_private.follow_notification_recipients, healing_private.setting_number; delete from
--       public.healing_settings where key like 'notification\_%'; alter table public.notifications drop column told_at, drop column escalated_at, drop column read_by.

alter table public.notifications
  add column if not exists told_at timestamptz,
  add column if not exists escalated_at timestamptz,
  add column if not exists read_by text;
create index if not exists notifications_dedupe_key_told_at_idx on public.notifications (dedupe_key, told_at desc);
create index if not exists notifications_unread_critical_idx
  on public.notifications (created_at) where severity = 'critical' and read_at is null and escalated_at is null;

create table if not exists public.notification_channels (
  name text primary key,
  kind text not null,
  recipient text not null default '',
  only_escalations boolean not null default false,
  status text not null default 'unreported',
  reason text not null default 'no deliverer has reported it yet',
  key_id text,
  paused_until timestamptz,
  failure_count integer not null default 0,
  last_error text,
  last_failed_at timestamptz,
  last_sent_at timestamptz,
  digested_at timestamptz,
  changed_by text not null default 'migration',
  changed_at timestamptz not null default now(),
  constraint notification_channels_kind_is_known check (kind in ('in_app', 'slack', 'webhook', 'email', 'sms')),
  constraint notification_channels_status_is_known check (status in ('unreported', 'enabled', 'not_configured', 'disabled')),
  constraint notification_channels_names_say_whom check (name = kind || case recipient when '' then '' else ':' || recipient end),
  constraint notification_channels_only_mail_and_sms_have_recipients check (recipient = '' or kind in ('email', 'sms'))
);
comment on table public.notification_channels is
  'Who can be told: one row per way, and per recipient of e-mail and SMS, with whether it works and why not.';

create table if not exists public.notification_deliveries (
  id uuid primary key default gen_random_uuid(),
  notification_id uuid references public.notifications (id) on delete cascade,
  channel text not null references public.notification_channels (name),
  kind text not null default 'alert',
  severity text not null,
  severity_rank smallint not null
    generated always as (case severity when 'critical' then 4 when 'high' then 3 when 'medium' then 2 else 1 end) stored,
  status text not null default 'pending',
  held_because text,
  reason text not null default 'waits for a deliverer',
  content jsonb not null default '{}',
  due_at timestamptz not null default now(),
  attempt_count integer not null default 0,
  unknown_count integer not null default 0,
  claim_number bigint not null default 0,
  claimed_by text,
  tried_since timestamptz,
  claimed_at timestamptz,
  lease_expires_at timestamptz,
  provider_id text,
  digest_id uuid references public.notification_deliveries (id) on delete set null,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  constraint notification_deliveries_kind_is_known check (kind in ('alert', 'reminder', 'escalation', 'digest')),
  constraint notification_deliveries_severity_is_known check (severity in ('low', 'medium', 'high', 'critical')),
  constraint notification_deliveries_status_is_known
    check (status in ('pending', 'held', 'digested', 'sending', 'sent', 'failed', 'skipped')),
  constraint notification_deliveries_held_rows_say_why
    check (status <> 'held' or held_because in ('muted', 'quiet_hours', 'limit', 'repeated')),
  constraint notification_deliveries_only_digests_have_no_notification check ((kind = 'digest') = (notification_id is null)),
  constraint notification_deliveries_only_sending_rows_have_a_lease check ((status = 'sending') = (lease_expires_at is not null)),
  constraint notification_deliveries_only_ended_rows_have_an_end
    check ((status in ('sent', 'failed', 'skipped', 'digested')) = (ended_at is not null))
);
create index if not exists notification_deliveries_next_idx
  on public.notification_deliveries (channel, severity_rank desc, created_at) where status in ('pending', 'sending');
create index if not exists notification_deliveries_held_idx
  on public.notification_deliveries (channel, due_at) where status = 'held';
create index if not exists notification_deliveries_channel_claimed_at_idx
  on public.notification_deliveries (channel, claimed_at desc);
create index if not exists notification_deliveries_notification_id_idx on public.notification_deliveries (notification_id);
create index if not exists notification_deliveries_digest_id_idx
  on public.notification_deliveries (digest_id);
comment on table public.notification_deliveries is
  'The outbox: one row per message and channel, with what became of it and why; a message is sent at least once.';

create table if not exists public.notification_mutes (
  id uuid primary key default gen_random_uuid(),
  scope text not null,
  target text not null,
  muted_until timestamptz not null,
  reason text not null,
  muted_by text not null,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  ended_by text,
  ended_reason text,
  constraint notification_mutes_scope_is_known check (scope in ('subject', 'channel')),
  constraint notification_mutes_targets_are_short check (length(target) between 1 and 300),
  constraint notification_mutes_have_a_reason check (btrim(reason) <> ''),
  constraint notification_mutes_ended_rows_say_by_whom check ((ended_at is null) = (ended_by is null))
);
create unique index if not exists notification_mutes_one_at_a_time_idx
  on public.notification_mutes (scope, target) where ended_at is null;
comment on table public.notification_mutes is 'What nobody wants to be told for a time: a subject or a channel, by whom and why.';

select healing_private.secure_table(name::regclass)
from unnest(array['public.notification_channels', 'public.notification_deliveries', 'public.notification_mutes']) as name;

insert into public.notification_channels (name, kind, status, reason)
select kind, kind, case kind when 'in_app' then 'enabled' else 'unreported' end,
  case kind when 'in_app' then 'always there' else 'no deliverer has reported it yet' end
from unnest(array['in_app', 'slack', 'webhook', 'email', 'sms']) as kind
on conflict (name) do nothing;

insert into public.healing_settings (key, wanted, actual, description)
select key, value, value, description
from (values
  ('notification_min_severity_slack', '"medium"'::jsonb, 'What Slack is told of: low, medium, high or critical and above.'),
  ('notification_min_severity_webhook', '"low"', 'What the webhook is told of: low, medium, high or critical and above.'),
  ('notification_min_severity_email', '"high"', 'What e-mail is sent about: low, medium, high or critical and above. SMS is for critical alone.'),
  ('notification_emails', '[]', 'Addresses that e-mail goes to, at most 20.'),
  ('notification_phones', '[]', 'Numbers that SMS goes to, such as +4915112345678, at most 20.'),
  ('notification_escalation_emails', '[]', 'Addresses that are written to only when a critical notification stays unread.'),
  ('notification_escalation_phones', '[]', 'Numbers that are written to only when a critical notification stays unread.'),
  ('notification_repeat_minutes', '240', 'Shortest time between two messages about one subject, while it goes on.'),
  ('notification_critical_repeat_minutes', '30', 'The same for critical subjects.'),
  ('notification_max_per_minute', '5', 'Messages that one channel gets in a minute; the others wait.'),
  ('notification_max_per_hour', '20', 'Messages below critical that one channel gets in an hour; the others are held for the digest.'),
  ('notification_critical_max_per_hour', '30', 'Critical messages that one channel gets in an hour; the others are held for the digest.'),
  ('notification_sms_max_per_hour', '5', 'Messages that one number gets in an hour; the others are held for the digest.'),
  ('notification_digest_minutes', '60', 'Shortest time between two digests of what was held back.'),
  ('notification_quiet_hours', '""', 'Hours in which only critical messages go, such as 22:00-07:00; empty for none.'),
  ('notification_time_zone', '"UTC"', 'The time zone of the quiet hours, such as Europe/Berlin.'),
  ('notification_escalation_minutes', '30', 'Minutes after which an unread critical notification goes to everybody once more; 0 for never.'),
  ('notification_give_up_hours', '72', 'Hours after which a message that could not be sent is given up.')
) as setting (key, value, description)
on conflict (key) do nothing;

create or replace function healing_private.setting_number(p_key text)
returns integer
language sql
stable
security invoker
set search_path = ''
as $$
  select (healing_private.setting(p_key) #>> '{}')::integer;
$$;
revoke all on function healing_private.setting_number(text) from public, anon, authenticated;
comment on function healing_private.setting_number(text) is 'The wanted value of a setting that is a number.';

-- Raised before a wrong value is in force: a time zone that does not exist would fail each delivery.
create or replace function healing_private.check_notification_setting()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_text text := new.wanted #>> '{}';
  v_problem text;
begin
  if new.key like 'notification\_min\_severity\_%' and v_text not in ('low', 'medium', 'high', 'critical') then
    v_problem := 'it has to be low, medium, high or critical';
  elsif new.key = 'notification_quiet_hours' and v_text !~ '^$|^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$' then
    v_problem := 'it has to be like 22:00-07:00, or empty';
  elsif new.key = 'notification_time_zone' and not exists (select from pg_catalog.pg_timezone_names where name = v_text) then
    v_problem := 'it has to be the name of a time zone';
  elsif new.key like '%emails' and jsonb_path_exists(new.wanted, '$[*] ? (!(@ like_regex "^[^@<>,;:\"\\s]{1,64}@[a-zA-Z0-9.-]{3,190}$"))') then
    v_problem := 'it has to be a list of addresses';
  elsif new.key like '%phones' and jsonb_path_exists(new.wanted, '$[*] ? (!(@ like_regex "^\\+[1-9][0-9]{6,14}$"))') then
    v_problem := 'it has to be a list of numbers such as +4915112345678';
  elsif jsonb_typeof(new.wanted) = 'array' and jsonb_array_length(new.wanted) > 20 then
    v_problem := 'there may be 20 at most';
  end if;
  if v_problem is not null then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = format('Cannot set "%s": %s', new.key, v_problem),
      hint = format('The current value is %s', old.wanted);
  end if;
  return new;
end;
$$;
revoke all on function healing_private.check_notification_setting() from public, anon, authenticated;
comment on function healing_private.check_notification_setting() is 'Raises PT400 for a value that no delivery could work with.';

create or replace function healing_private.follow_notification_recipients()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  with wanted as (
    select 'email' as kind, 'notification_emails' as plain, 'notification_escalation_emails' as escalated
    union all select 'sms', 'notification_phones', 'notification_escalation_phones'),
  recipients as (
    select w.kind, value as recipient, bool_and(s.key = w.escalated) as only_escalations
    from wanted as w join public.healing_settings as s on s.key in (w.plain, w.escalated), jsonb_array_elements_text(s.wanted)
    group by w.kind, value),
  gone as (
    update public.notification_channels as c
    set status = 'not_configured', reason = 'no longer among the recipients', changed_by = healing_private.actor(), changed_at = clock_timestamp()
    where c.recipient <> '' and not exists (select from recipients as r where r.kind = c.kind and r.recipient = c.recipient))
  insert into public.notification_channels as c (name, kind, recipient, only_escalations, changed_by, status, reason, key_id)
  select r.kind || ':' || r.recipient, r.kind, r.recipient, r.only_escalations, healing_private.actor(), k.status, k.reason, k.key_id
  from recipients as r join public.notification_channels as k on k.name = r.kind
  on conflict (name) do update
  set only_escalations = excluded.only_escalations, changed_at = clock_timestamp(),
    status = case when c.reason = 'no longer among the recipients' then excluded.status else c.status end,
    reason = case when c.reason = 'no longer among the recipients' then excluded.reason else c.reason end;
  return null;
end;
$$;
revoke all on function healing_private.follow_notification_recipients() from public, anon, authenticated;
comment on function healing_private.follow_notification_recipients() is 'Keeps one channel for each recipient that the settings name.';

create or replace trigger notification_settings_make_sense
before update of wanted on public.healing_settings
for each row when (new.key like 'notification\_%')
execute function healing_private.check_notification_setting();

create or replace trigger notification_recipients_are_channels
after update of wanted on public.healing_settings
for each row when (new.key ~ '^notification_.*(emails|phones)$')
execute function healing_private.follow_notification_recipients();
