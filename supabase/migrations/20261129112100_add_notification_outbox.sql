-- Adds the way into the outbox. Replaces healing_private.notify with the same signature: besides writing the in-app row it
-- broadcasts it, and puts one delivery per channel into the outbox, in the same transaction as what it tells about.
-- Locks: a policy on realtime.messages takes ACCESS EXCLUSIVE on it for an instant.
-- Undo: create healing_private.notify again as 20261121110000 has it; drop function public.notify_admins,
--       healing_private.raise_notification, healing_private.tell_of_notification, healing_private.fan_out_notification, healing_private.broadcast_notification,
--       healing_private.kick_deliverer; drop policy healing_admins_receive on realtime.messages.

-- One delivery for each channel that takes this severity. A channel that is disabled gets it too: it waits there.
create or replace function healing_private.fan_out_notification(p_notification public.notifications, p_kind text, p_told_before timestamptz)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_count integer;
begin
  insert into public.notification_deliveries (notification_id, channel, kind, severity, status, held_because, reason, due_at)
  select p_notification.id, c.name, p_kind, p_notification.severity,
    case when p_told_before is null then 'pending' else 'held' end,
    case when p_told_before is not null then 'repeated' end,
    case when p_told_before is null then 'waits for a deliverer' else format('this subject was told at %s', p_told_before) end,
    clock_timestamp() + case when p_told_before is null then interval '0' else make_interval(mins => healing_private.setting_number('notification_digest_minutes')) end
  from public.notification_channels as c
  where c.kind <> 'in_app' and c.status <> 'not_configured' and (c.recipient <> '' or c.kind not in ('email', 'sms'))
    and (p_kind = 'escalation' or not c.only_escalations)
    and case when c.kind = 'sms' then p_notification.severity = 'critical'
      else array_position(array['low', 'medium', 'high', 'critical'], p_notification.severity)
        >= array_position(array['low', 'medium', 'high', 'critical'], healing_private.setting('notification_min_severity_' || c.kind) #>> '{}') end;
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;
revoke all on function healing_private.fan_out_notification(public.notifications, text, timestamptz) from public, anon, authenticated;
comment on function healing_private.fan_out_notification(public.notifications, text, timestamptz) is
  'Puts a notification into the outbox of every channel that takes it; held when its subject was told at the given time. Returns how many.';

-- realtime.send turns each of its errors into a warning, so only the message itself shows that it was taken. The payload
-- names the row and holds no text of an error: whoever may listen reads the row.
create or replace function healing_private.broadcast_notification(p_notification public.notifications, p_kind text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_id uuid := gen_random_uuid();
  v_problem text;
  v_is_there boolean;
begin
  if to_regprocedure('realtime.send(jsonb, text, text, boolean)') is null then
    v_problem := 'realtime is not installed';
  else
    begin
      execute 'select realtime.send($1, $2, $3, true)'
        using jsonb_build_object('id', v_id, 'notification_id', p_notification.id, 'severity', p_notification.severity,
          'kind', p_kind, 'occurrence_count', p_notification.occurrence_count), 'notification', 'healing:notifications';
      execute 'select exists (select from realtime.messages where inserted_at >= localtimestamp and topic = $1
          and extension = ''broadcast'' and private and payload ->> ''id'' = $2)'
        into v_is_there using 'healing:notifications', v_id::text;
      v_problem := case when not v_is_there then 'realtime did not take the broadcast; its warning in the log says why' end;
    exception when others then
      -- People still read the row; that they were not woken stands beside it.
      v_problem := format('realtime failed: %s (%s)', left(sqlerrm, 300), sqlstate);
    end;
  end if;
  insert into public.notification_deliveries (notification_id, channel, kind, severity, status, reason, attempt_count, ended_at, claimed_at)
  values (p_notification.id, 'in_app', p_kind, p_notification.severity, case when v_problem is null then 'sent' else 'failed' end,
    coalesce(v_problem, 'broadcast'), 1, clock_timestamp(), clock_timestamp());
end;
$$;
revoke all on function healing_private.broadcast_notification(public.notifications, text) from public, anon, authenticated;
comment on function healing_private.broadcast_notification(public.notifications, text) is
  'Broadcasts that a notification is there on the private topic healing:notifications, and records whether realtime took it.';

create or replace function healing_private.kick_deliverer()
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if exists (select from public.notification_channels where status = 'enabled' and kind <> 'in_app') then
    perform healing_private.kick_engine('notification');
  end if;
end;
$$;
revoke all on function healing_private.kick_deliverer() from public, anon, authenticated;
comment on function healing_private.kick_deliverer() is 'Dispatches the engine, which delivers first, when a channel is there; at most once in ten seconds.';

-- The row before may have been read, and the subject may be back sooner than people want to hear of it again.
create or replace function healing_private.tell_of_notification(p_row public.notifications, p_pause interval)
returns timestamptz
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_kind text := case when p_row.occurrence_count = 1 then 'alert' else 'reminder' end;
  v_told_before timestamptz;
begin
  select max(told_at) into v_told_before from public.notifications
  where dedupe_key = p_row.dedupe_key and id <> p_row.id and told_at > p_row.told_at - p_pause
    and array_position(array['low', 'medium', 'high', 'critical'], severity)
      >= array_position(array['low', 'medium', 'high', 'critical'], p_row.severity);
  perform healing_private.fan_out_notification(p_row, v_kind, v_told_before);
  perform healing_private.broadcast_notification(p_row, v_kind);
  if p_row.severity = 'critical' then
    perform healing_private.kick_deliverer();
  end if;
  return v_told_before;
end;
$$;
revoke all on function healing_private.tell_of_notification(public.notifications, interval) from public, anon, authenticated;
comment on function healing_private.tell_of_notification(public.notifications, interval) is
  'Puts a notification into the outbox, broadcasts it, and wakes the deliverer when it is critical. Returns when its subject was told before, if within the pause.';

create or replace function healing_private.raise_notification(
  p_severity text, p_title text, p_body text, p_dedupe_key text, p_details jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_pause interval := make_interval(mins => healing_private.setting_number(
    case p_severity when 'critical' then 'notification_critical_repeat_minutes' else 'notification_repeat_minutes' end));
  v_row public.notifications;
  v_told_before timestamptz;
begin
  insert into public.notifications as n (severity, title, body, dedupe_key, details, told_at)
  values (p_severity, left(p_title, 200), left(p_body, 4000), left(p_dedupe_key, 300), coalesce(p_details, '{}'), v_now)
  on conflict (channel, dedupe_key) where read_at is null
  do update set occurrence_count = n.occurrence_count + 1, last_seen_at = v_now, body = excluded.body, details = excluded.details,
    severity = case when array_position(array['low', 'medium', 'high', 'critical'], excluded.severity)
      > array_position(array['low', 'medium', 'high', 'critical'], n.severity) then excluded.severity else n.severity end,
    told_at = case when coalesce(n.told_at, '-infinity') <= v_now - v_pause
      or array_position(array['low', 'medium', 'high', 'critical'], excluded.severity)
        > array_position(array['low', 'medium', 'high', 'critical'], n.severity) then v_now else n.told_at end
  returning * into v_row;
  if v_row.told_at = v_now then
    begin
      v_told_before := healing_private.tell_of_notification(v_row, v_pause);
    exception when others then
      -- The capture or the fix that this is about counts for more; the next repeat tries again.
      raise warning 'the channels were not told of notification %: % (%)', v_row.id, sqlerrm, sqlstate;
      update public.notifications set told_at = null where id = v_row.id returning * into v_row;
    end;
  end if;
  return jsonb_build_object('id', v_row.id, 'occurrence_count', v_row.occurrence_count, 'told', coalesce(v_row.told_at = v_now, false) and v_told_before is null);
end;
$$;
revoke all on function healing_private.raise_notification(text, text, text, text, jsonb) from public, anon, authenticated;
comment on function healing_private.raise_notification(text, text, text, text, jsonb) is
  'Adds a notification, or counts up the unread one about the same subject; new, worse or long-lasting news goes to the channels. Returns {id, occurrence_count, told}.';

create or replace function healing_private.notify(
  p_severity text, p_title text, p_body text, p_dedupe_key text, p_details jsonb default '{}')
returns void
language sql
security definer
set search_path = ''
as $$
  select healing_private.raise_notification(p_severity, p_title, p_body, p_dedupe_key, p_details);
$$;
revoke all on function healing_private.notify(text, text, text, text, jsonb) from public, anon, authenticated;
comment on function healing_private.notify(text, text, text, text, jsonb) is
  'Adds a notification, or raises the count of the unread one about the same subject, and puts it into the outbox of the channels.';

create or replace function public.notify_admins(p_severity text, p_title text, p_body text, p_dedupe_key text, p_details jsonb default '{}')
returns jsonb
language sql
security definer
set search_path = ''
as $$
  select healing_private.raise_notification(p_severity, p_title, p_body, p_dedupe_key, p_details);
$$;
revoke all on function public.notify_admins(text, text, text, text, jsonb) from public, anon, authenticated;
grant execute on function public.notify_admins(text, text, text, text, jsonb) to service_role;
comment on function public.notify_admins(text, text, text, text, jsonb) is
  'What functions call to tell admins: one unread row per subject, one message per channel. Returns {id, occurrence_count, told}.';

do $$
begin
  if to_regclass('realtime.messages') is null then
    return;
  end if;
  drop policy if exists healing_admins_receive on realtime.messages;
  create policy healing_admins_receive on realtime.messages for select to authenticated
    using (realtime.topic() = 'healing:notifications' and (select healing_private.is_admin()));
exception when insufficient_privilege or undefined_function then
  raise notice 'the policy on realtime.messages has to be made by its owner: %', sqlerrm;
end;
$$;
