-- Adds what holds a fix back besides switches and budgets: quiet hours, the budget of a fingerprint, and the two forms of a loop
-- (a target that is healed again and again, and fixes that undo each other). Replaces begin_fix and record_fix_applied
-- (20261121110400) and healing_private.refresh_settings (20261121110000) with the same signatures, and adds preview_fix.
-- Locks: ACCESS EXCLUSIVE on auto_fixes for the moment in which its two columns are added; healing_settings while its new
--        constraint is checked against its rows.
-- Undo: run the three functions of the older files again; drop function public.preview_fix, healing_private.restraint_on,
--       healing_private.quiet_until, healing_private.loop_on, healing_private.fix_undone_by, healing_private.group_state,
--       healing_private.ai_limit_state; drop the constraint healing_settings_quiet_hours_are_clear and
--       healing_private.are_quiet_hours; drop table healing_private.inverse_kinds; drop the columns state_before and state_after
--       of auto_fixes; delete the settings quiet_hours, max_fixes_per_fingerprint_hour, loop_fixes and loop_hours.

alter table public.auto_fixes add column if not exists state_before jsonb, add column if not exists state_after jsonb;
comment on column public.auto_fixes.state_before is 'What the fix changed, as it was before; null for kinds that cannot say. With state_after it shows when fixes undo each other.';

create or replace function healing_private.are_quiet_hours(p_key text, p_value jsonb)
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  if p_key <> 'quiet_hours' or p_value = '{}' then
    return true;
  end if;
  perform now() at time zone (p_value ->> 'timezone');
  return coalesce(p_value ->> 'timezone' <> '' and p_value ->> 'from' ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'
    and p_value ->> 'to' ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' and p_value ->> 'from' <> p_value ->> 'to'
    and coalesce(p_value -> 'groups', '["database"]') <@ '["payload", "call", "database", "runtime", "code", "deployment"]'
    and coalesce(p_value -> 'days', '["mon"]') <@ '["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'
    and p_value - array['timezone', 'from', 'to', 'groups', 'days'] = '{}', false);
exception when invalid_parameter_value then
  return false;
end;
$$;
revoke all on function healing_private.are_quiet_hours(text, jsonb) from public, anon, authenticated;
comment on function healing_private.are_quiet_hours(text, jsonb) is
  'Whether the value of quiet_hours is {} or {from, to, timezone, groups?, days?} with known words; true for every other setting.';
alter table public.healing_settings drop constraint if exists healing_settings_quiet_hours_are_clear;
alter table public.healing_settings add constraint healing_settings_quiet_hours_are_clear check (healing_private.are_quiet_hours(key, wanted));

insert into public.healing_settings (key, wanted, actual, description)
select key, value, value, description
from (values
  ('quiet_hours', '{}'::jsonb, 'When fixes wait unless a person approved them: {"from": "22:00", "to": "07:00", "timezone": "Europe/Berlin", "groups": ["database", "runtime", "code", "deployment"], "days": ["mon", ...]}. Groups and days may be left out: those that change state, and every day on which it begins. {}: never.'),
  ('max_fixes_per_fingerprint_hour', '1', 'State-changing fixes that one error may get in an hour, whatever their targets.'),
  ('loop_fixes', '3', 'State-changing fixes of one target within loop_hours after which a person is asked instead. 0: never.'),
  ('loop_hours', '24', 'Hours that count for loop_fixes, and in which fixes must not undo each other.')
) as setting (key, value, description)
on conflict (key) do nothing;

create table if not exists healing_private.inverse_kinds (
  kind text primary key,
  inverse text not null
);
alter table healing_private.inverse_kinds enable row level security;
revoke all on healing_private.inverse_kinds from public, anon, authenticated, service_role;
drop policy if exists nobody_directly on healing_private.inverse_kinds;
create policy nobody_directly on healing_private.inverse_kinds for select to service_role using (false);
comment on table healing_private.inverse_kinds is 'Kinds of fixes that undo each other on the same target, whatever their parameters.';
insert into healing_private.inverse_kinds (kind, inverse)
values ('create_index', 'drop_index'), ('drop_index', 'create_index'), ('promote', 'rollback_deployment'),
  ('rollback_deployment', 'promote')
on conflict (kind) do nothing;

-- The window belongs to the day on which it begins, by the clock on that wall: a night of Friday ends on Saturday.
create or replace function healing_private.quiet_until(p_group text, p_at timestamptz default clock_timestamp())
returns timestamptz
language sql
stable
security definer
set search_path = ''
as $$
  with quiet as (
    select value, value ->> 'timezone' as zone, (value ->> 'from')::time as starts, (value ->> 'to')::time as ends
    from (select healing_private.setting('quiet_hours') as value) as s
    where value <> '{}' and coalesce(value -> 'groups', '["database", "runtime", "code", "deployment"]') ? p_group
  )
  select max(day.ends_at) from quiet as q
  cross join lateral (
    select ((p_at at time zone q.zone)::date + shift + q.starts) at time zone q.zone as starts_at,
      ((p_at at time zone q.zone)::date + shift + case when q.ends > q.starts then 0 else 1 end + q.ends) at time zone q.zone as ends_at,
      to_char((p_at at time zone q.zone)::date + shift, 'dy') as name
    from generate_series(-1, 0) as shift) as day
  where p_at >= day.starts_at and p_at < day.ends_at and (q.value -> 'days' is null or q.value -> 'days' ? day.name);
$$;
revoke all on function healing_private.quiet_until(text, timestamptz) from public, anon, authenticated;
comment on function healing_private.quiet_until(text, timestamptz) is 'When the quiet hours end that hold fixes of a group at a moment; null when none do.';

-- Why a fix would only go round in a circle, or null.
create or replace function healing_private.loop_on(p_fix public.auto_fixes)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_hours integer := (healing_private.setting('loop_hours') #>> '{}')::integer;
  v_most integer := (healing_private.setting('loop_fixes') #>> '{}')::integer;
  v_count integer;
  v_other public.auto_fixes;
begin
  select f.* into v_other from public.auto_fixes as f join healing_private.inverse_kinds as i on i.inverse = f.action_kind
  where i.kind = p_fix.action_kind and f.target = p_fix.target and f.id <> p_fix.id and f.status in ('validating', 'kept')
    and f.applying_at > clock_timestamp() - make_interval(hours => v_hours)
  order by f.applying_at desc limit 1;
  if found then
    return format('it would undo fix %s (%s of %s): two fixes must not work against each other', v_other.id, v_other.action_kind, v_other.target);
  end if;
  select count(*) into v_count from public.auto_fixes
  where target = p_fix.target and id <> p_fix.id and applied_at is not null
    and applying_at > clock_timestamp() - make_interval(hours => v_hours) and verdict ->> 'is_evidence' is distinct from 'false';
  if v_most > 0 and v_count >= v_most then
    return format('%s was healed %s times in %s hours: the cause lies elsewhere', p_fix.target, v_count, v_hours);
  end if;
  return null;
end;
$$;
revoke all on function healing_private.loop_on(public.auto_fixes) from public, anon, authenticated;
comment on function healing_private.loop_on(public.auto_fixes) is
  'Why a fix would go round in a circle: its target was healed too often within loop_hours, or it is the inverse of a fix in force; else null.';

-- What holds a fix back for now ({reason, retry_seconds}), or until a person has decided ({reason, ask: true}); null: nothing.
create or replace function healing_private.restraint_on(p_fix public.auto_fixes)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_quiet timestamptz := case when p_fix.approved_by is null then healing_private.quiet_until(p_fix.action_group) end;
  v_loop text;
  v_recent integer;
begin
  if v_quiet is not null then
    return jsonb_build_object('reason', format('quiet hours until %s', v_quiet),
      'retry_seconds', ceil(extract(epoch from v_quiet - clock_timestamp()))::integer + 1);
  elsif p_fix.action_group in ('payload', 'call') then
    return null;
  end if;
  -- The same turns as for the budgets, so that the second worker sees the first one's count.
  perform pg_catalog.pg_advisory_xact_lock(hashtext('healing:budget'));
  v_loop := case when p_fix.approved_by is null then healing_private.loop_on(p_fix) end;
  if v_loop is not null then
    return jsonb_build_object('reason', v_loop, 'ask', true);
  end if;
  select count(*) into v_recent from public.auto_fixes as f
  join public.detected_errors as other on other.id = f.detected_error_id
  join public.detected_errors as own on own.id = p_fix.detected_error_id
  -- Unlike clock_timestamp(), which may change from row to row, this lets the index find them.
  where f.applying_at > statement_timestamp() - interval '1 hour' and f.id <> p_fix.id and f.action_group not in ('payload', 'call')
    and f.verdict ->> 'is_evidence' is distinct from 'false'
    -- A migration's author runs it again whenever it suits; its targets keep their budget.
    and own.source <> 'migration' and other.fingerprint = own.fingerprint and other.project_id = own.project_id;
  if v_recent >= (healing_private.setting('max_fixes_per_fingerprint_hour') #>> '{}')::integer then
    return jsonb_build_object('reason', format('this error had %s fixes in the last hour', v_recent), 'retry_seconds', 3600);
  end if;
  return null;
end;
$$;
revoke all on function healing_private.restraint_on(public.auto_fixes) from public, anon, authenticated;
comment on function healing_private.restraint_on(public.auto_fixes) is
  'What holds a fix back besides switches and budgets: quiet hours, a loop, the budget of its fingerprint. {reason, retry_seconds | ask}, or null.';

create or replace function public.begin_fix(p_fix_id uuid, p_claim_number bigint)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_fix public.auto_fixes;
  v_permitted jsonb;
  v_refusal text;
  v_restraint jsonb;
begin
  select * into v_fix from public.auto_fixes where id = p_fix_id for update;
  -- The error stays unlocked while its fix is applied: captures of it must not wait for a migration.
  perform healing_private.require_claim(v_fix.detected_error_id, p_claim_number, false);
  perform healing_private.hold_switch(false);
  if healing_private.setting('enabled') = 'false' then
    return jsonb_build_object('moved', false, 'retry_seconds', 600, 'reason', 'the kill switch is thrown');
  elsif healing_private.setting('dry_run') = 'true' then
    return jsonb_build_object('moved', false, 'retry_seconds', 600, 'reason', 'dry run: nothing is applied');
  end if;
  v_permitted := healing_private.permitted_level(v_fix);
  v_restraint := case when v_fix.approved_by is not null or v_permitted ->> 'level' = 'auto' then healing_private.restraint_on(v_fix) end;
  if (v_fix.approved_by is null and v_permitted ->> 'level' <> 'auto') or (v_restraint ->> 'ask')::boolean then
    v_refusal := coalesce(v_restraint ->> 'reason', v_permitted ->> 'reason');
    if v_fix.status = 'proposed' then
      return jsonb_build_object('moved', false, 'reason', v_refusal, 'approval_id', healing_private.ask_person(v_fix, v_refusal, '[]'));
    end if;
    return jsonb_build_object('moved', false, 'retry_seconds', 3600, 'reason', v_refusal);
  elsif v_restraint is not null then
    return v_restraint || '{"moved": false}';
  end if;
  v_refusal := healing_private.budget_refusal(v_fix);
  if v_refusal is not null then
    return jsonb_build_object('moved', false, 'retry_seconds', 3600, 'reason', v_refusal);
  end if;
  update public.auto_fixes
  set status = 'applying', applying_at = clock_timestamp(), claim_number = p_claim_number where id = p_fix_id;
  return jsonb_build_object('moved', true, 'reason', 'permitted');
end;
$$;
revoke all on function public.begin_fix(uuid, bigint) from public, anon, authenticated;
grant execute on function public.begin_fix(uuid, bigint) to service_role;
comment on function public.begin_fix(uuid, bigint) is
  'The only door to applying: checks claim, switches, mode, evidence, quiet hours, loops and budgets in one transaction. Returns {moved, reason}, with approval_id when a person is asked instead.';

create or replace function public.preview_fix(p_fix jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_kind healing_private.fix_kinds;
  v_error public.detected_errors;
  v_fix public.auto_fixes;
  v_permitted jsonb;
  v_held text;
begin
  select * into v_kind from healing_private.fix_kinds where kind = p_fix -> 'action' ->> 'kind';
  select * into v_error from public.detected_errors where id = (p_fix ->> 'detected_error_id')::uuid;
  if v_kind.kind is null or v_error.id is null then
    raise exception using errcode = 'PT400', detail = 'FIX_REFUSED', message = 'The fix to preview is of no known kind, or its error is not known',
      hint = 'Read healing_private.fix_kinds and public.detected_errors';
  end if;
  v_fix := jsonb_populate_record(null::public.auto_fixes, p_fix || jsonb_build_object('id', gen_random_uuid(), 'status', 'proposed',
    'action_kind', v_kind.kind, 'action_group', v_kind.action_group, 'risk', healing_private.risk_of(v_kind, v_error.source, p_fix ->> 'risk')));
  v_permitted := healing_private.permitted_level(v_fix);
  v_held := case when healing_private.setting('enabled') = 'false' then 'the kill switch is thrown'
    else coalesce(healing_private.restraint_on(v_fix) ->> 'reason', healing_private.budget_refusal(v_fix)) end;
  return case
    when v_permitted ->> 'level' = 'off' then jsonb_build_object('decision', 'off', 'reason', v_permitted ->> 'reason')
    when v_permitted ->> 'level' <> 'auto' then jsonb_build_object('decision', 'suggest', 'reason', v_permitted ->> 'reason')
    when p_fix ->> 'wanted' is distinct from 'auto' then jsonb_build_object('decision', 'suggest', 'reason', p_fix ->> 'wanted_because')
    when v_held is not null then jsonb_build_object('decision', 'hold', 'reason', v_held)
    else jsonb_build_object('decision', 'auto', 'reason', v_permitted ->> 'reason') end;
end;
$$;
revoke all on function public.preview_fix(jsonb) from public, anon, authenticated;
grant execute on function public.preview_fix(jsonb) to service_role;
comment on function public.preview_fix(jsonb) is
  'What propose_fix and begin_fix would answer to a proposal at this moment, without recording it: {decision: auto | suggest | hold | off, reason}.';

-- The fix in force that this one takes back, seen by what both found and left behind, or null.
create or replace function healing_private.fix_undone_by(p_fix public.auto_fixes, p_before jsonb, p_after jsonb)
returns public.auto_fixes
language sql
stable
security definer
set search_path = ''
as $$
  select f from public.auto_fixes as f
  where p_before is distinct from p_after and f.target = p_fix.target and f.id <> p_fix.id and f.status in ('validating', 'kept')
    and f.state_before = p_after and f.state_after = p_before
    and f.applying_at > clock_timestamp() - make_interval(hours => (healing_private.setting('loop_hours') #>> '{}')::integer)
  order by f.applying_at desc limit 1;
$$;
revoke all on function healing_private.fix_undone_by(public.auto_fixes, jsonb, jsonb) from public, anon, authenticated;
comment on function healing_private.fix_undone_by(public.auto_fixes, jsonb, jsonb) is
  'The fix in force of the same target that found what this one leaves, and left what this one found.';

create or replace function public.record_fix_applied(p_fix_id uuid, p_claim_number bigint, p_result jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_fix public.auto_fixes;
  v_undone public.auto_fixes;
  v_error public.detected_errors;
begin
  select * into v_fix from public.auto_fixes where id = p_fix_id;
  v_error := healing_private.require_claim(v_fix.detected_error_id, p_claim_number);
  v_undone := healing_private.fix_undone_by(v_fix, p_result -> 'state_before', p_result -> 'state_after');
  -- Raised in the transaction that applied the fix: it takes the fix back with it. What a person approved may undo.
  if v_undone.id is not null and v_fix.approved_by is null then
    raise exception using errcode = 'PT409', detail = 'CONFLICT',
      message = format('It would undo fix %s (%s of %s): two fixes must not work against each other', v_undone.id, v_undone.action_kind, v_undone.target),
      hint = 'Take that fix back, or approve this one';
  end if;
  update public.auto_fixes
  set status = 'validating', applied_at = clock_timestamp(), rollback_point = p_result -> 'rollback_point', probe = p_result -> 'probe',
    proof = p_result -> 'proof', state_before = p_result -> 'state_before', state_after = p_result -> 'state_after',
    duration_ms = (p_result ->> 'duration_ms')::double precision, claim_number = null,
    -- What can happen only once, like a migration, needs no watching: whoever ran it judges the fix, by its id.
    validate_until = clock_timestamp() + case when p_result ->> 'one_off' = 'true' then interval '10 minutes'
      -- The very operation that failed has now succeeded: the shortest window is enough.
      when p_result -> 'proof' ->> 'succeeded' = 'true'
        then make_interval(secs => (healing_private.setting('validation_min_seconds') #>> '{}')::double precision)
      else healing_private.validation_window(v_error) end
  where id = p_fix_id returning * into v_fix;
  insert into public.applied_improvements (auto_fix_id, action_kind, target, description, rollback_point)
  values (v_fix.id, v_fix.action_kind, v_fix.target, coalesce(p_result ->> 'description', v_fix.reason), v_fix.rollback_point);
  update public.detected_errors set occurrences_since_fix = 0 where id = v_error.id;
  perform healing_private.finish_error(v_error.id, 'validating', null);
  insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id, fingerprint,
    detected_error_id, auto_fix_id, strategy, tier, duration_ms, details)
  values ('fix_applied', v_error.category, v_error.severity, 'success', coalesce(p_result ->> 'description', v_fix.reason), v_error.function_name,
    v_error.project_id, v_error.fingerprint, v_error.id, v_fix.id, v_fix.action_kind, v_fix.tier, v_fix.duration_ms, p_result);
  return to_jsonb(v_fix);
end;
$$;
revoke all on function public.record_fix_applied(uuid, bigint, jsonb) from public, anon, authenticated;
grant execute on function public.record_fix_applied(uuid, bigint, jsonb) to service_role;
comment on function public.record_fix_applied(uuid, bigint, jsonb) is
  'After apply and probe: moves the fix to validating with its rollback point and its proof if there is one, sets the window, lists what is in force. Raises PT409 when it undoes a fix in force. Returns the fix.';

-- What is in force for a group of fixes, and why it differs from what is wanted: {actual, reason}, or null when it does not.
create or replace function healing_private.group_state(p_group text, p_wanted jsonb)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_quiet timestamptz := healing_private.quiet_until(p_group);
  v_burst jsonb := healing_private.security_burst();
begin
  return case
    when p_wanted = '"off"' then null
    when healing_private.setting('enabled') = 'false' then '{"actual": "off", "reason": "the kill switch is thrown"}'
    when p_wanted = '"suggest"' then null
    when healing_private.setting('dry_run') = 'true' then '{"actual": "suggest", "reason": "dry run: nothing is applied"}'
    when (v_burst ->> 'hold')::boolean then jsonb_build_object('actual', 'suggest', 'reason', v_burst ->> 'reason')
    when p_group = 'database' and exists (
      select from (select counters from public.healing_runs where function_name = 'autonomous-healing-engine' and status = 'finished'
        order by dispatched_at desc limit 1) as run where counters ->> 'direct_connection' = 'false')
      then '{"actual": "off", "reason": "the last run had no direct connection: set SUPABASE_DB_URL"}'
    when v_quiet is not null then jsonb_build_object('actual', 'off', 'reason', format('quiet hours until %s', v_quiet))
  end;
end;
$$;
revoke all on function healing_private.group_state(text, jsonb) from public, anon, authenticated;
comment on function healing_private.group_state(text, jsonb) is 'What is in force for fixes of a group when it is not what is wanted, and why: {actual, reason}; else null.';

create or replace function healing_private.ai_limit_state(p_key text, p_wanted jsonb)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_build_object('actual', 0, 'reason', format('used up: %s of %s, until midnight UTC', used, p_wanted))
  from (select case p_key when 'ai_daily_tokens' then committed_tokens::numeric else committed_usd::numeric end as used
    from healing_private.ai_budget_days where day = (now() at time zone 'UTC')::date) as today
  where used >= (p_wanted #>> '{}')::numeric and p_wanted <> '0';
$$;
revoke all on function healing_private.ai_limit_state(text, jsonb) from public, anon, authenticated;
comment on function healing_private.ai_limit_state(text, jsonb) is 'That a limit of AI is used up today: {actual, reason}; else null.';

create or replace function healing_private.refresh_settings()
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_in_flight integer;
  v_last_run timestamptz;
  v_quiet timestamptz := (select max(healing_private.quiet_until(name))
    from unnest(array['payload', 'call', 'database', 'runtime', 'code', 'deployment']) as name);
begin
  select count(*) into v_in_flight from public.auto_fixes where status = 'applying';
  select max(finished_at) into v_last_run from public.healing_runs where status = 'finished';
  update public.healing_settings as s
  set actual = coalesce(state.difference -> 'actual', s.wanted), reason = coalesce(state.difference ->> 'reason', 'in force')
  from (
    select key, case
      when key = 'enabled' and wanted = 'false' and v_in_flight > 0
        then jsonb_build_object('actual', true, 'reason', format('%s fixes in flight finish first', v_in_flight))
      when key = 'enabled' and wanted = 'true' and v_last_run is null then '{"actual": false, "reason": "no run has finished yet"}'
      when key = 'enabled' and wanted = 'true' and v_last_run < now() - interval '15 minutes'
        then jsonb_build_object('actual', false, 'reason', format('no run has finished since %s', v_last_run))
      when key like 'mode\_%' then healing_private.group_state(substr(key, 6), wanted)
      when key in ('ai_daily_tokens', 'ai_daily_usd') then healing_private.ai_limit_state(key, wanted)
      when key = 'quiet_hours' and wanted <> '{}' then jsonb_build_object('actual', wanted || jsonb_build_object('active', v_quiet is not null),
        'reason', coalesce(format('active until %s', v_quiet), 'in force, not active now'))
      end as difference
    from public.healing_settings order by key for update skip locked
  ) as state
  where s.key = state.key
    and (s.actual, s.reason) is distinct from (coalesce(state.difference -> 'actual', s.wanted), coalesce(state.difference ->> 'reason', 'in force'));
end;
$$;
revoke all on function healing_private.refresh_settings() from public, anon, authenticated;
comment on function healing_private.refresh_settings() is 'Brings the actual state of each setting, and its reason, up to date.';
