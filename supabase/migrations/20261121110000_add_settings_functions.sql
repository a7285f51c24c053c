-- Adds the functions that read and change the switches, and the notification outbox.
-- Locks: none. change_healing_setting waits, at run time, for moves of fixes that hold the settings row.
-- Undo: drop function public.change_healing_setting, public.get_healing_settings, healing_private.change_setting,
--       healing_private.setting, healing_private.refresh_settings, healing_private.notify, healing_private.hold_switch,
--       healing_private.may_heal, healing_private.check_setting_value.

create or replace function healing_private.setting(p_key text)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_value jsonb;
begin
  select wanted into v_value from public.healing_settings where key = p_key;
  if not found then
    raise exception using errcode = 'PT404', message = format('There is no setting "%s"', p_key),
      hint = 'Read the keys in public.healing_settings', detail = 'NOT_FOUND';
  end if;
  return v_value;
end;
$$;
revoke all on function healing_private.setting(text) from public, anon, authenticated;
comment on function healing_private.setting(text) is 'The wanted value of one setting; raises PT404 for an unknown key.';

create or replace function healing_private.notify(
  p_severity text, p_title text, p_body text, p_dedupe_key text, p_details jsonb default '{}')
returns void
language sql
security definer
set search_path = ''
as $$
  insert into public.notifications as n (severity, title, body, dedupe_key, details)
  values (p_severity, left(p_title, 200), left(p_body, 4000), left(p_dedupe_key, 300), p_details)
  on conflict (channel, dedupe_key) where read_at is null
  do update set occurrence_count = n.occurrence_count + 1, last_seen_at = now(), body = excluded.body, details = excluded.details;
$$;
revoke all on function healing_private.notify(text, text, text, text, jsonb) from public, anon, authenticated;
comment on function healing_private.notify(text, text, text, text, jsonb) is
  'Adds a notification, or raises the count of the unread one about the same subject.';

-- What is in force can differ from what is wanted: moves in flight finish first, and a schedule that does not
-- run enforces nothing. Saying so is the point of the two columns.
create or replace function healing_private.refresh_settings()
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_in_flight integer;
  v_last_run timestamptz;
begin
  select count(*) into v_in_flight from public.auto_fixes where status = 'applying';
  select max(finished_at) into v_last_run from public.healing_runs where status = 'finished';
  update public.healing_settings as s
  set actual = state.actual, reason = state.reason
  from (
    select key,
      case
        when key = 'enabled' and wanted = 'false' and v_in_flight > 0 then 'true'::jsonb
        when key = 'enabled' and wanted = 'true' and coalesce(v_last_run, '-infinity') < now() - interval '15 minutes' then 'false'
        else wanted
      end as actual,
      case
        when key = 'enabled' and wanted = 'false' and v_in_flight > 0 then format('%s fixes in flight finish first', v_in_flight)
        when key = 'enabled' and wanted = 'true' and v_last_run is null then 'no run has finished yet'
        when key = 'enabled' and wanted = 'true' and v_last_run < now() - interval '15 minutes'
          then format('no run has finished since %s', v_last_run)
        else 'in force'
      end as reason
    from public.healing_settings order by key for update skip locked
  ) as state
  where s.key = state.key and (s.actual, s.reason) is distinct from (state.actual, state.reason);
end;
$$;
revoke all on function healing_private.refresh_settings() from public, anon, authenticated;
comment on function healing_private.refresh_settings() is 'Brings the actual state of each setting, and its reason, up to date.';

-- Every move of a fix holds the switch shared, a change of a setting holds it alone: the change waits for moves in
-- flight, and moves that come after it wait behind it. Row locks would let new moves pass a waiting change for ever.
create or replace function healing_private.hold_switch(p_alone boolean)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if p_alone then
    perform pg_catalog.pg_advisory_xact_lock(hashtext('healing:switch'));
  else
    perform pg_catalog.pg_advisory_xact_lock_shared(hashtext('healing:switch'));
  end if;
end;
$$;
revoke all on function healing_private.hold_switch(boolean) from public, anon, authenticated;
comment on function healing_private.hold_switch(boolean) is 'Holds the settings until the end of the transaction: shared for a move, alone for a change.';

-- What may be done at this moment to a payload or a call, outside the lifecycle of a fix.
create or replace function healing_private.may_heal(p_group text)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select healing_private.setting('enabled') = 'true' and healing_private.setting('dry_run') = 'false'
    and healing_private.setting('mode_' || p_group) = '"auto"';
$$;
revoke all on function healing_private.may_heal(text) from public, anon, authenticated;
grant execute on function healing_private.may_heal(text) to anon, authenticated, service_role;
comment on function healing_private.may_heal(text) is 'Whether switch, dry run and mode let a fix of this group be applied without a person now.';

create or replace function healing_private.check_setting_value(p_key text, p_old jsonb, p_new jsonb)
returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_problem text;
  -- No day of history would forget the keys of writes that were just made, and no hour for an answer is a no to everything.
  v_least integer := case when p_key in ('retention_days', 'history_days', 'approval_hours') then 1 else 0 end;
begin
  if p_new is null or jsonb_typeof(p_new) <> jsonb_typeof(p_old) then
    v_problem := format('it has to be a %s', jsonb_typeof(p_old));
  elsif p_key like 'mode\_%' and not p_new <@ '["auto", "suggest", "off"]' then
    v_problem := 'it has to be auto, suggest or off';
  -- A date has to be left when the days are taken off.
  elsif p_key like '%\_days' and not (p_new #>> '{}')::numeric between v_least and 36500 then
    v_problem := format('it has to be a whole number between %s and 36500', v_least);
  elsif jsonb_typeof(p_new) = 'number' and (not (p_new #>> '{}')::numeric between v_least and 10000000 or (p_new #>> '{}')::numeric % 1 <> 0) then
    v_problem := format('it has to be a whole number between %s and 10000000', v_least);
  elsif p_key = 'dashboard_url' and p_new #>> '{}' !~ '^(https?://[^[:space:]]{1,250})?$' then
    v_problem := 'it has to be an address with https:// or http://, or empty';
  elsif jsonb_typeof(p_new) = 'array'
    and jsonb_path_exists(p_new, '$[*] ? (@.type() != "string")') then
    v_problem := 'it has to be a list of names';
  end if;
  if v_problem is not null then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST',
      message = format('Cannot set "%s" to %s: %s', p_key, coalesce(p_new::text, 'null'), v_problem),
      hint = format('The current value is %s', p_old);
  end if;
end;
$$;
revoke all on function healing_private.check_setting_value(text, jsonb, jsonb) from public, anon, authenticated;
comment on function healing_private.check_setting_value(text, jsonb, jsonb) is 'Raises PT400 when a value does not fit its setting.';

create or replace function healing_private.change_setting(p_key text, p_value jsonb, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_old public.healing_settings;
begin
  -- A machine may stop the system, never start it or widen what it may do.
  if not (p_key = 'enabled' and p_value = 'false' and (select auth.jwt()) ->> 'role' = 'service_role') then
    perform healing_private.require_person(format('change the setting "%s"', p_key));
  end if;
  if coalesce(btrim(p_reason), '') = '' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A change of a setting needs a reason',
      hint = 'Say in p_reason why it changes';
  end if;
  perform healing_private.setting(p_key);
  perform healing_private.hold_switch(true);
  select * into strict v_old from public.healing_settings where key = p_key for update;
  perform healing_private.check_setting_value(p_key, v_old.wanted, p_value);
  update public.healing_settings
  set wanted = p_value, updated_by = healing_private.actor(), updated_at = clock_timestamp() where key = p_key;
  perform healing_private.refresh_settings();
  insert into public.healing_events (event_type, category, severity, result, message, details)
  values ('setting_changed', 'runtime', 'medium', 'success', format('%s: %s -> %s', p_key, v_old.wanted, p_value),
    jsonb_build_object('key', p_key, 'old', v_old.wanted, 'new', p_value, 'reason', p_reason, 'by', healing_private.actor()));
  return (select to_jsonb(s) from public.healing_settings as s where key = p_key);
end;
$$;
revoke all on function healing_private.change_setting(text, jsonb, text) from public, anon, authenticated;
grant execute on function healing_private.change_setting(text, jsonb, text) to authenticated, service_role;
comment on function healing_private.change_setting(text, jsonb, text) is 'The rights behind change_healing_setting; checks that a person acts.';

create or replace function public.change_healing_setting(p_key text, p_value jsonb, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
set statement_timeout = '120s'
as $$
  select healing_private.change_setting(p_key, p_value, p_reason);
$$;
revoke all on function public.change_healing_setting(text, jsonb, text) from public, anon, authenticated;
grant execute on function public.change_healing_setting(text, jsonb, text) to authenticated, service_role;
comment on function public.change_healing_setting(text, jsonb, text) is
  'Admins change a switch or a limit, with a reason; waits for moves in flight, and none follow. Returns the setting.';

create or replace function public.get_healing_settings()
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(jsonb_object_agg(key, to_jsonb(s) - 'key'), '{}') from public.healing_settings as s;
$$;
revoke all on function public.get_healing_settings() from public, anon, authenticated;
grant execute on function public.get_healing_settings() to authenticated, service_role;
comment on function public.get_healing_settings() is 'All settings by key: wanted, actual, reason. Admins and the functions see them; others get {}.';
