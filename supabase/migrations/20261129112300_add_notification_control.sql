-- Adds what people do about notifications: mute_notifications, unmute_notifications, mark_notifications_read, enable_notification_channel; the
-- view notification_log (what was sent, held back, and why); and the minute job healing_notifications.
-- Locks: none on existing tables.
-- Undo: select cron.unschedule('healing_notifications'); drop view public.notification_log; drop function public.mute_notifications,
--       public.unmute_notifications, public.mark_notifications_read, public.enable_notification_channel, public.dispatch_notifications,
--       healing_private.mute_subject_or_channel, healing_private.unmute_subject_or_channel, healing_private.read_notifications, healing_private.enable_channel.

create or replace function healing_private.mute_subject_or_channel(p_scope text, p_target text, p_minutes integer, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_mute public.notification_mutes;
begin
  perform healing_private.require_decision('mute notifications', p_scope, array['subject', 'channel'], p_reason);
  if not coalesce(p_minutes between 1 and 43200, false) or coalesce(length(p_target), 0) not between 1 and 300
    or p_scope = 'channel' and not exists (select from public.notification_channels where p_target in (name, kind)) then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'Cannot mute that',
      hint = 'p_minutes is between 1 and 43200; p_target is the key of a subject, its beginning with a *, or the name or kind of a channel';
  end if;
  insert into public.notification_mutes as m (scope, target, muted_until, reason, muted_by)
  values (p_scope, p_target, clock_timestamp() + make_interval(mins => p_minutes), left(p_reason, 500), healing_private.actor())
  on conflict (scope, target) where ended_at is null
  do update set muted_until = excluded.muted_until, reason = excluded.reason, muted_by = excluded.muted_by
  returning * into v_mute;
  return to_jsonb(v_mute);
end;
$$;
revoke all on function healing_private.mute_subject_or_channel(text, text, integer, text) from public, anon, authenticated;
grant execute on function healing_private.mute_subject_or_channel(text, text, integer, text) to authenticated, service_role;
comment on function healing_private.mute_subject_or_channel(text, text, integer, text) is 'The rights behind mute_notifications; checks that a person acts.';

create or replace function public.mute_notifications(p_scope text, p_target text, p_minutes integer, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.mute_subject_or_channel(p_scope, p_target, p_minutes, p_reason);
$$;
revoke all on function public.mute_notifications(text, text, integer, text) from public, anon, authenticated;
grant execute on function public.mute_notifications(text, text, integer, text) to authenticated, service_role;
comment on function public.mute_notifications(text, text, integer, text) is
  'Admins silence a subject (its key, or a beginning with *) or a channel for a time, with a reason; critical too. It stands in the digest afterwards.';

create or replace function healing_private.unmute_subject_or_channel(p_scope text, p_target text, p_reason text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_is_ended boolean;
begin
  perform healing_private.require_decision('unmute notifications', p_scope, array['subject', 'channel'], p_reason);
  update public.notification_mutes
  set ended_at = clock_timestamp(), ended_by = healing_private.actor(), ended_reason = left(p_reason, 500)
  where scope = p_scope and target = p_target and ended_at is null;
  v_is_ended := found;
  -- Whatever was held by it goes on; what another mute covers is held again by the next claim.
  update public.notification_deliveries as d
  set status = 'pending', held_because = null, reason = 'no longer muted', due_at = clock_timestamp()
  from public.notifications as n, public.notification_channels as c
  where v_is_ended and d.status = 'held' and d.held_because = 'muted' and n.id = d.notification_id and c.name = d.channel
    and (p_scope = 'channel' and p_target in (c.name, c.kind)
      or p_scope = 'subject' and (p_target = n.dedupe_key or right(p_target, 1) = '*' and starts_with(n.dedupe_key, left(p_target, -1))));
  return v_is_ended;
end;
$$;
revoke all on function healing_private.unmute_subject_or_channel(text, text, text) from public, anon, authenticated;
grant execute on function healing_private.unmute_subject_or_channel(text, text, text) to authenticated, service_role;
comment on function healing_private.unmute_subject_or_channel(text, text, text) is 'The rights behind unmute_notifications; checks that a person acts.';

create or replace function public.unmute_notifications(p_scope text, p_target text, p_reason text)
returns boolean
language sql
security invoker
set search_path = ''
as $$
  select healing_private.unmute_subject_or_channel(p_scope, p_target, p_reason);
$$;
revoke all on function public.unmute_notifications(text, text, text) from public, anon, authenticated;
grant execute on function public.unmute_notifications(text, text, text) to authenticated, service_role;
comment on function public.unmute_notifications(text, text, text) is 'Admins end a mute, with a reason; what it held goes on. Returns whether there was one.';

create or replace function healing_private.read_notifications(p_ids uuid[])
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_count integer;
begin
  perform healing_private.require_person('mark notifications as read');
  -- In the order of ids, so that two readers cannot wait for each other.
  update public.notifications as n
  set read_at = clock_timestamp(), read_by = healing_private.actor()
  from (select id from public.notifications where id = any (p_ids) and read_at is null order by id for update) as unread
  where n.id = unread.id;
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;
revoke all on function healing_private.read_notifications(uuid[]) from public, anon, authenticated;
grant execute on function healing_private.read_notifications(uuid[]) to authenticated, service_role;
comment on function healing_private.read_notifications(uuid[]) is 'The rights behind mark_notifications_read; checks that a person acts.';

create or replace function public.mark_notifications_read(p_ids uuid[])
returns integer
language sql
security invoker
set search_path = ''
as $$
  select healing_private.read_notifications(p_ids);
$$;
revoke all on function public.mark_notifications_read(uuid[]) from public, anon, authenticated;
grant execute on function public.mark_notifications_read(uuid[]) to authenticated, service_role;
comment on function public.mark_notifications_read(uuid[]) is
  'Admins mark notifications as read, which ends their reminders and keeps them from escalating. Returns how many were unread.';

create or replace function healing_private.enable_channel(p_name text, p_reason text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform healing_private.require_decision('enable a channel', 'enable', array['enable'], p_reason);
  update public.notification_channels
  set status = 'enabled', reason = left('enabled again: ' || p_reason, 500), failure_count = 0, paused_until = null,
    changed_by = healing_private.actor(), changed_at = clock_timestamp()
  where name = p_name and status = 'disabled';
  if found then
    update public.notification_deliveries set due_at = clock_timestamp() where channel = p_name and status = 'pending';
    return true;
  end if;
  return false;
end;
$$;
revoke all on function healing_private.enable_channel(text, text) from public, anon, authenticated;
grant execute on function healing_private.enable_channel(text, text) to authenticated, service_role;
comment on function healing_private.enable_channel(text, text) is 'The rights behind enable_notification_channel; checks that a person acts.';

create or replace function public.enable_notification_channel(p_name text, p_reason text)
returns boolean
language sql
security invoker
set search_path = ''
as $$
  select healing_private.enable_channel(p_name, p_reason);
$$;
revoke all on function public.enable_notification_channel(text, text) from public, anon, authenticated;
grant execute on function public.enable_notification_channel(text, text) to authenticated, service_role;
comment on function public.enable_notification_channel(text, text) is
  'Admins enable a channel that its provider had refused, with a reason; what waits goes on. Returns whether it was disabled.';

create or replace view public.notification_log with (security_invoker = true) as
select d.id, d.channel, d.kind, d.severity, d.status, d.held_because,
  case when digest.id is null then d.reason else format('%s; the digest is %s: %s', d.reason, digest.status, digest.reason) end as reason,
  coalesce(n.title, format('%s notifications were held back', d.content ->> 'count')) as title, n.dedupe_key, n.occurrence_count, n.read_at, n.read_by,
  d.attempt_count, d.unknown_count, d.due_at, d.created_at, d.claimed_at, d.ended_at, d.provider_id, d.notification_id, d.digest_id,
  c.status as channel_status, c.reason as channel_reason, c.paused_until as channel_paused_until
from public.notification_deliveries as d
join public.notification_channels as c on c.name = d.channel
left join public.notifications as n on n.id = d.notification_id
left join public.notification_deliveries as digest on digest.id = d.digest_id;
revoke all on public.notification_log from public, anon, authenticated, service_role;
grant select on public.notification_log to authenticated, service_role;
comment on view public.notification_log is 'What was sent, what waits, what was held back and why: one row per message and channel.';

create or replace function public.dispatch_notifications()
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_minutes integer := healing_private.setting_number('notification_escalation_minutes');
begin
  if exists (
      select from public.notification_deliveries as d join public.notification_channels as c on c.name = d.channel
      where c.status = 'enabled' and c.kind <> 'in_app' and coalesce(c.paused_until, '-infinity') <= clock_timestamp()
        and (d.status in ('pending', 'held') and d.due_at <= clock_timestamp() or d.status = 'sending' and d.lease_expires_at < clock_timestamp()))
    or exists (
      select from public.notifications
      where severity = 'critical' and read_at is null and escalated_at is null and v_minutes > 0
        and created_at < clock_timestamp() - make_interval(mins => v_minutes)) then
    perform healing_private.kick_deliverer();
    return true;
  end if;
  return false;
end;
$$;
revoke all on function public.dispatch_notifications() from public, anon, authenticated;
grant execute on function public.dispatch_notifications() to service_role;
comment on function public.dispatch_notifications() is 'The minute job: dispatches the engine when a message is due on a channel that works. Returns whether one was.';

do $$
begin
  if to_regclass('cron.job') is not null then
    perform cron.schedule('healing_notifications', '* * * * *', 'select public.dispatch_notifications()');
  end if;
end;
$$;

notify pgrst, 'reload schema';
