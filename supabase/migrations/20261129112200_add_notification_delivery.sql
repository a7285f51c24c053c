-- Adds the way out of the outbox: report_notification_channels (which channels there are), claim_notification and
-- finish_notification (lease and fencing number), what is held back and why, the digest of it, and the escalation of what stays unread.
-- Locks: none on existing tables. Whoever claims or finishes holds the row of its channel until the end of the call.
-- Undo: drop function public.report_notification_channels, public.claim_notification, public.finish_notification, healing_private.tend_notifications,
--       healing_private.escalate_notifications, healing_private.quiet_until, healing_private.hold_notifications, healing_private.make_notification_digest,
--       healing_private.notification_room, healing_private.notification_content, healing_private.end_notification, healing_private.pause_notification_channel.

create or replace function healing_private.escalate_notifications()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_minutes integer := healing_private.setting_number('notification_escalation_minutes');
  v_row public.notifications;
  v_count integer := 0;
begin
  if v_minutes = 0 then
    return 0;
  end if;
  for v_row in
    update public.notifications set escalated_at = clock_timestamp()
    where severity = 'critical' and read_at is null and escalated_at is null
      and created_at < clock_timestamp() - make_interval(mins => v_minutes)
    returning * loop
    perform healing_private.fan_out_notification(v_row, 'escalation', null);
    perform healing_private.broadcast_notification(v_row, 'escalation');
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;
revoke all on function healing_private.escalate_notifications() from public, anon, authenticated;
comment on function healing_private.escalate_notifications() is
  'Tells everybody once more, escalation recipients too, of critical notifications that nobody has read in time. Returns how many.';

create or replace function healing_private.tend_notifications()
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_give_up interval := make_interval(hours => healing_private.setting_number('notification_give_up_hours'));
begin
  perform healing_private.escalate_notifications();
  update public.notification_deliveries as d
  set status = 'skipped', ended_at = clock_timestamp(), held_because = null, lease_expires_at = null,
    reason = c.reason || case d.status when 'sending' then '; it may have been sent before' else '' end
  from public.notification_channels as c
  where c.name = d.channel and c.status = 'not_configured'
    and (d.status in ('pending', 'held') or d.status = 'sending' and d.lease_expires_at < clock_timestamp());
  update public.notification_deliveries as d
  set status = 'failed', ended_at = clock_timestamp(),
    reason = format('given up after %s; the channel is %s: %s', v_give_up, c.status, coalesce(c.last_error, c.reason))
  from public.notification_channels as c
  where c.name = d.channel and d.status = 'pending' and coalesce(d.tried_since, d.due_at) < clock_timestamp() - v_give_up;
  delete from public.notification_deliveries where id in (
    select id from public.notification_deliveries
    where kind = 'digest' and ended_at < clock_timestamp() - make_interval(days => healing_private.setting_number('retention_days')) limit 500);
end;
$$;
revoke all on function healing_private.tend_notifications() from public, anon, authenticated;
comment on function healing_private.tend_notifications() is
  'What is due whoever delivers: escalation, giving up what is too old, skipping what has no channel, and old digests.';

-- A channel that its provider refused stays disabled until its key or address is another one: key_id says which it was,
-- and is the beginning of a hash. Locks in the order of names, so that two reports cannot wait for each other.
create or replace function public.report_notification_channels(p_channels jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_channel public.notification_channels;
  v_report jsonb;
  v_status text;
begin
  for v_channel in select * from public.notification_channels where kind <> 'in_app' order by name loop
    v_report := (select value from jsonb_array_elements(p_channels) where value ->> 'kind' = v_channel.kind);
    continue when v_report is null or v_channel.reason = 'no longer among the recipients';
    v_status := case when not (v_report ->> 'configured')::boolean then 'not_configured'
      when v_channel.status = 'disabled' and v_channel.key_id is not distinct from v_report ->> 'key_id' then 'disabled' else 'enabled' end;
    continue when v_status = v_channel.status
      and (v_status = 'disabled' or v_channel.key_id is not distinct from v_report ->> 'key_id') and v_status <> 'not_configured';
    update public.notification_channels
    set status = v_status, key_id = v_report ->> 'key_id', changed_by = 'deliverer', changed_at = clock_timestamp(),
      reason = case v_status when 'enabled' then 'set up' else left(v_report ->> 'reason', 500) end,
      failure_count = 0, paused_until = null
    where name = v_channel.name and (status, reason, key_id) is distinct from
      (v_status, case v_status when 'enabled' then 'set up' else left(v_report ->> 'reason', 500) end, v_report ->> 'key_id');
  end loop;
  perform healing_private.tend_notifications();
  return (select coalesce(jsonb_agg(jsonb_build_object('name', name, 'kind', kind, 'recipient', recipient) order by name), '[]')
    from public.notification_channels
    where status = 'enabled' and kind <> 'in_app' and (recipient <> '' or kind not in ('email', 'sms')));
end;
$$;
revoke all on function public.report_notification_channels(jsonb) from public, anon, authenticated;
grant execute on function public.report_notification_channels(jsonb) to service_role;
comment on function public.report_notification_channels(jsonb) is
  'A deliverer says which kinds of channels its environment sets up; escalates and tidies. Returns the channels to deliver on.';

create or replace function healing_private.quiet_until()
returns timestamptz
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_hours text := healing_private.setting('notification_quiet_hours') #>> '{}';
  v_zone text := healing_private.setting('notification_time_zone') #>> '{}';
  v_now timestamp := clock_timestamp() at time zone v_zone;
  v_from time;
  v_to time;
begin
  if v_hours = '' then
    return null;
  end if;
  v_from := split_part(v_hours, '-', 1)::time;
  v_to := split_part(v_hours, '-', 2)::time;
  if v_from < v_to and v_now::time >= v_from and v_now::time < v_to or v_from > v_to and v_now::time < v_to then
    return (v_now::date + v_to) at time zone v_zone;
  elsif v_from > v_to and v_now::time >= v_from then
    return (v_now::date + 1 + v_to) at time zone v_zone;
  end if;
  return null;
end;
$$;
revoke all on function healing_private.quiet_until() from public, anon, authenticated;
comment on function healing_private.quiet_until() is 'The end of the quiet hours that are now; null outside of them.';

create or replace function healing_private.notification_room(p_channel public.notification_channels, p_is_critical boolean)
returns integer
language sql
stable
security invoker
set search_path = ''
as $$
  select greatest(0, healing_private.setting_number(case when p_channel.kind = 'sms' then 'notification_sms_max_per_hour'
      when p_is_critical then 'notification_critical_max_per_hour' else 'notification_max_per_hour' end)
    - (select count(*)::integer from public.notification_deliveries
      where channel = p_channel.name and status in ('sending', 'sent') and claimed_at > clock_timestamp() - interval '1 hour'
        and kind <> 'digest' and (severity = 'critical') = p_is_critical));
$$;
revoke all on function healing_private.notification_room(public.notification_channels, boolean) from public, anon, authenticated;
comment on function healing_private.notification_room(public.notification_channels, boolean) is
  'How many more messages, critical or not, the channel may get in this hour.';

-- What may have been sent is not held back: only the same message under the same key can be recognised as the same.
create or replace function healing_private.hold_notifications(p_channel public.notification_channels)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_quiet_until timestamptz := healing_private.quiet_until();
  v_is_critical boolean;
begin
  update public.notification_deliveries as d
  set status = 'held', held_because = 'muted', due_at = longest.muted_until, reason = format('muted by %s: %s', longest.muted_by, longest.reason)
  from public.notification_deliveries as waiting join public.notifications as n on n.id = waiting.notification_id
  cross join lateral (
    select m.muted_until, m.muted_by, m.reason from public.notification_mutes as m
    where m.ended_at is null and m.muted_until > clock_timestamp()
      and (m.scope = 'channel' and m.target in (p_channel.name, p_channel.kind)
        or m.scope = 'subject' and (m.target = n.dedupe_key
          or right(m.target, 1) = '*' and starts_with(n.dedupe_key, left(m.target, -1))))
    order by m.muted_until desc limit 1) as longest
  where waiting.channel = p_channel.name and waiting.status = 'pending' and waiting.unknown_count = 0 and d.id = waiting.id
    and exists (select from public.notification_mutes where ended_at is null and muted_until > clock_timestamp());
  if v_quiet_until is not null then
    update public.notification_deliveries
    set status = 'held', held_because = 'quiet_hours', due_at = v_quiet_until, reason = format('quiet until %s', v_quiet_until)
    where channel = p_channel.name and status = 'pending' and unknown_count = 0 and severity <> 'critical';
  end if;
  foreach v_is_critical in array array[true, false] loop
    update public.notification_deliveries as d
    set status = 'held', held_because = 'limit', reason = 'more messages than the channel gets in an hour',
      due_at = clock_timestamp() + make_interval(mins => healing_private.setting_number('notification_digest_minutes'))
    from (select id from public.notification_deliveries
      where channel = p_channel.name and status = 'pending' and unknown_count = 0 and kind <> 'digest' and (severity = 'critical') = v_is_critical
      order by severity_rank desc, created_at offset healing_private.notification_room(p_channel, v_is_critical)) as beyond
    where d.id = beyond.id;
  end loop;
end;
$$;
revoke all on function healing_private.hold_notifications(public.notification_channels) from public, anon, authenticated;
comment on function healing_private.hold_notifications(public.notification_channels) is
  'Holds back what is muted, what falls into quiet hours and what exceeds the hour''s limit. The caller holds the channel.';

-- One message for all that was held, the worst first; what was read in the meantime needs no message.
create or replace function healing_private.make_notification_digest(p_channel public.notification_channels)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_digest_id uuid := gen_random_uuid();
  v_ids uuid[];
begin
  if p_channel.digested_at > v_now - make_interval(mins => healing_private.setting_number('notification_digest_minutes'))
    or not exists (select from public.notification_deliveries
      where channel = p_channel.name and status = 'held' and due_at <= v_now
        and (severity = 'critical' or healing_private.quiet_until() is null)) then
    return;
  end if;
  update public.notification_deliveries as d
  set status = 'skipped', held_because = null, ended_at = v_now, reason = 'read before it was sent'
  from public.notifications as n
  where d.channel = p_channel.name and d.status = 'held' and n.id = d.notification_id and n.read_at is not null;
  select array_agg(id) into v_ids from public.notification_deliveries
  where channel = p_channel.name and status = 'held' and (due_at <= v_now or held_because = 'limit');
  if v_ids is null then
    return;
  end if;
  insert into public.notification_deliveries (id, channel, kind, severity, content)
  select v_digest_id, p_channel.name, 'digest', (array_agg(d.severity order by d.severity_rank desc))[1],
    jsonb_build_object('count', count(*), 'by_severity', (select jsonb_object_agg(severity, n) from (
        select severity, count(*) as n from public.notification_deliveries where id = any (v_ids) group by severity) as counted),
      'lines', (select jsonb_agg(jsonb_build_object('severity', severity, 'title', title, 'occurrence_count', occurrence_count)) from (
        select d2.severity, n.title, n.occurrence_count from public.notification_deliveries as d2 join public.notifications as n on n.id = d2.notification_id
        where d2.id = any (v_ids) order by d2.severity_rank desc, d2.created_at limit 20) as worst))
  from public.notification_deliveries as d where d.id = any (v_ids);
  update public.notification_deliveries
  set status = 'digested', digest_id = v_digest_id, ended_at = v_now, reason = format('in a digest; held before: %s', reason)
  where id = any (v_ids);
  update public.notification_channels set digested_at = v_now where name = p_channel.name;
end;
$$;
revoke all on function healing_private.make_notification_digest(public.notification_channels) from public, anon, authenticated;
comment on function healing_private.make_notification_digest(public.notification_channels) is
  'Joins what was held back into one message, at most one in notification_digest_minutes. The caller holds the channel.';

create or replace function healing_private.notification_content(p_delivery public.notification_deliveries)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object('title', n.title, 'body', n.body, 'dedupe_key', n.dedupe_key, 'occurrence_count', n.occurrence_count,
    'first_seen_at', n.created_at, 'last_seen_at', n.last_seen_at)
  from public.notifications as n where n.id = p_delivery.notification_id;
$$;
revoke all on function healing_private.notification_content(public.notification_deliveries) from public, anon, authenticated;
comment on function healing_private.notification_content(public.notification_deliveries) is 'What a message says of its notification at this moment.';

-- Holding the channel's row makes the limits exact: two deliverers cannot both take the last message of the hour.
create or replace function public.claim_notification(p_channel text, p_worker text, p_lease_seconds integer default 60)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_channel public.notification_channels;
  v_row public.notification_deliveries;
begin
  select * into v_channel from public.notification_channels where name = p_channel for no key update;
  if v_channel.status is distinct from 'enabled' or v_channel.kind = 'in_app' or v_channel.paused_until > clock_timestamp() then
    return null;
  end if;
  perform healing_private.hold_notifications(v_channel);
  perform healing_private.make_notification_digest(v_channel);
  if (select count(*) from public.notification_deliveries
    where channel = p_channel and status in ('sending', 'sent') and claimed_at > clock_timestamp() - interval '1 minute')
    >= healing_private.setting_number('notification_max_per_minute') then
    return null;
  end if;
  select * into v_row from public.notification_deliveries
  where channel = p_channel and (status = 'pending' and due_at <= clock_timestamp() or status = 'sending' and lease_expires_at < clock_timestamp())
  order by severity_rank desc, created_at limit 1 for update;
  if not found then
    return null;
  end if;
  -- The text is fixed at the first claim: a key of idempotency belongs to one text.
  update public.notification_deliveries
  set status = 'sending', claimed_by = left(p_worker, 100), claimed_at = clock_timestamp(), claim_number = claim_number + 1,
    lease_expires_at = clock_timestamp() + make_interval(secs => least(600, greatest(1, p_lease_seconds))), attempt_count = attempt_count + 1,
    tried_since = coalesce(tried_since, clock_timestamp()),
    unknown_count = unknown_count + case v_row.status when 'sending' then 1 else 0 end,
    content = case when content = '{}' then healing_private.notification_content(v_row) else content end, reason = 'is being sent'
  where id = v_row.id returning * into v_row;
  return jsonb_build_object('id', v_row.id, 'claim_number', v_row.claim_number, 'kind', v_row.kind, 'severity', v_row.severity,
    'channel', v_channel.name, 'channel_kind', v_channel.kind, 'recipient', v_channel.recipient, 'content', v_row.content,
    'unknown_count', v_row.unknown_count);
end;
$$;
revoke all on function public.claim_notification(text, text, integer) from public, anon, authenticated;
grant execute on function public.claim_notification(text, text, integer) to service_role;
comment on function public.claim_notification(text, text, integer) is
  'Leases the worst due message of a channel, within its limits; null when there is none, the channel pauses or its minute is full.';

create or replace function healing_private.end_notification(p_row public.notification_deliveries, p_status text, p_reason text, p_provider_id text)
returns void
language sql
security definer
set search_path = ''
as $$
  update public.notification_deliveries
  set status = p_status, reason = left(p_reason, 500), provider_id = left(p_provider_id, 200), ended_at = clock_timestamp(), lease_expires_at = null
  where id = p_row.id;
$$;
revoke all on function healing_private.end_notification(public.notification_deliveries, text, text, text) from public, anon, authenticated;
comment on function healing_private.end_notification(public.notification_deliveries, text, text, text) is 'Ends a message as sent or failed.';

-- The channel waits, and not the message alone: the next one would fail in the same way.
create or replace function healing_private.pause_notification_channel(p_row public.notification_deliveries, p_outcome jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_until timestamptz;
begin
  update public.notification_channels
  set failure_count = failure_count + 1, last_error = left(p_outcome ->> 'reason', 500), last_failed_at = clock_timestamp(),
    paused_until = greatest(paused_until, clock_timestamp() + make_interval(secs => greatest(
      least(86400, coalesce((p_outcome ->> 'after_ms')::numeric, 0) / 1000.0), least(900, 15 * 2 ^ least(failure_count, 10)))::double precision))
  where name = p_row.channel returning paused_until into v_until;
  update public.notification_deliveries
  set status = 'pending', lease_expires_at = null, due_at = v_until, reason = left(format('waits after: %s', p_outcome ->> 'reason'), 500),
    unknown_count = unknown_count + case p_outcome ->> 'kind' when 'unknown' then 1 else 0 end
  where id = p_row.id;
end;
$$;
revoke all on function healing_private.pause_notification_channel(public.notification_deliveries, jsonb) from public, anon, authenticated;
comment on function healing_private.pause_notification_channel(public.notification_deliveries, jsonb) is
  'Puts a message back and lets its channel wait: 15 s, doubled with each failure in a row up to 15 min, or longer where the provider says so.';

create or replace function public.finish_notification(p_delivery_id uuid, p_claim_number bigint, p_outcome jsonb)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_row public.notification_deliveries;
begin
  perform from public.notification_channels
  where name = (select channel from public.notification_deliveries where id = p_delivery_id) for no key update;
  select * into v_row from public.notification_deliveries
  where id = p_delivery_id and claim_number = p_claim_number and status = 'sending' for update;
  if not found then
    return false;
  end if;
  case p_outcome ->> 'kind'
    when 'sent' then
      perform healing_private.end_notification(v_row, 'sent', 'sent', p_outcome ->> 'provider_id');
      update public.notification_channels
      set failure_count = 0, paused_until = null, last_sent_at = clock_timestamp(), last_error = null where name = v_row.channel;
    when 'retry', 'unknown' then
      perform healing_private.pause_notification_channel(v_row, p_outcome);
    when 'message_refused' then
      perform healing_private.end_notification(v_row, 'failed', p_outcome ->> 'reason', null);
    when 'channel_refused' then
      perform healing_private.pause_notification_channel(v_row, p_outcome);
      update public.notification_channels
      set status = 'disabled', reason = left(p_outcome ->> 'reason', 500), changed_by = 'deliverer', changed_at = clock_timestamp() where name = v_row.channel;
      perform healing_private.notify('high', 'A channel of notifications is disabled: ' || split_part(v_row.channel, ':', 1),
        p_outcome ->> 'reason', 'notification_channel:' || v_row.channel);
    else
      raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = format('There is no outcome "%s"', p_outcome ->> 'kind'),
        hint = 'It is sent, retry, unknown, message_refused or channel_refused';
  end case;
  return true;
end;
$$;
revoke all on function public.finish_notification(uuid, bigint, jsonb) from public, anon, authenticated;
grant execute on function public.finish_notification(uuid, bigint, jsonb) to service_role;
comment on function public.finish_notification(uuid, bigint, jsonb) is
  'Ends or puts back a claimed message; a refusal of the channel disables it, and says so to people. Returns false when the claim is lost.';
