-- Adds the kinds of fixes of the runtime: reset_breaker, requeue_operations and change_setting, and the functions that
-- the last two are made with. A machine tightens what it may do, and never starts the system or widens its own rights.
-- Locks: none.
-- Undo: drop function healing_private.tune_setting, healing_private.requeue_exhausted, healing_private.park_requeued;
--       delete from healing_private.fix_kinds where kind in ('reset_breaker', 'requeue_operations', 'change_setting').

insert into healing_private.fix_kinds (kind, action_group, least_risk, least_risk_at_runtime)
values ('reset_breaker', 'runtime', 'low', 'low'), ('requeue_operations', 'runtime', 'medium', 'medium'),
  ('change_setting', 'runtime', 'medium', 'medium')
on conflict (kind) do nothing;

create or replace function healing_private.tune_setting(p_key text, p_before jsonb, p_value jsonb, p_reason text)
returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
begin
  -- Switches, modes and protected areas are a person's, whoever asks.
  if p_key is null or p_key not in ('max_fixes_per_day', 'max_attempts', 'validation_min_seconds', 'ai_cached_replies', 'ai_daily_tokens') then
    raise exception using errcode = 'PT403', detail = 'FIX_REFUSED', message = format('No fix changes the setting "%s"', left(p_key, 100)),
      hint = 'A person changes it with change_healing_setting';
  end if;
  perform healing_private.check_setting_value(p_key, p_before, p_value);
  update public.healing_settings set wanted = p_value, updated_by = healing_private.actor(), updated_at = clock_timestamp()
  where key = p_key and wanted = p_before;
  if not found then
    return false;
  end if;
  perform healing_private.refresh_settings();
  insert into public.healing_events (event_type, category, severity, result, message, details)
  values ('setting_changed', 'runtime', 'medium', 'success', format('%s: %s -> %s', p_key, p_before, p_value),
    jsonb_build_object('key', p_key, 'old', p_before, 'new', p_value, 'reason', p_reason, 'by', 'fix'));
  return true;
end;
$$;
revoke all on function healing_private.tune_setting(text, jsonb, jsonb, text) from public, anon, authenticated;
comment on function healing_private.tune_setting(text, jsonb, jsonb, text) is
  'Changes one of the few settings that a fix may change, from the value that it was decided on. False when it has another value by now.';

-- What was tried ten times waits for a person. Where the same target has accepted an operation since, the outage is over.
create or replace function healing_private.requeue_exhausted(p_target text, p_limit integer)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  with due as (
    select q.id, q.attempt_count, q.last_error from public.queued_operations as q
    where q.target = p_target and q.status = 'needs_person' and q.attempt_count >= 10
      and exists (select from public.queued_operations as d
        -- The pause after the last attempt was an hour.
        where d.target = q.target and d.operation_kind = q.operation_kind and d.status = 'done' and d.finished_at > q.next_attempt_at - interval '1 hour')
    order by q.position limit p_limit
    for update of q skip locked
  ), moved as (
    update public.queued_operations as q
    set status = 'queued', attempt_count = 0, next_attempt_at = clock_timestamp(), sent_back = true
    from due where q.id = due.id returning q.id)
  select coalesce(jsonb_agg(to_jsonb(due)), '[]'::jsonb) from due join moved using (id);
$$;
revoke all on function healing_private.requeue_exhausted(text, integer) from public, anon, authenticated;
comment on function healing_private.requeue_exhausted(text, integer) is
  'Queues again, under their keys, operations of a target that were tried too often and wait for a person, once the target works again. Returns them as they were.';

create or replace function healing_private.park_requeued(p_before jsonb)
returns integer
language sql
security invoker
set search_path = ''
as $$
  with parked as (
    update public.queued_operations as q
    set status = 'needs_person', attempt_count = b.attempt_count, last_error = b.last_error, sent_back = false
    from jsonb_to_recordset(p_before) as b (id uuid, attempt_count integer, last_error text)
    where q.id = b.id and q.status = 'queued' and q.sent_back returning q.id)
  select count(*)::integer from parked;
$$;
revoke all on function healing_private.park_requeued(jsonb) from public, anon, authenticated;
comment on function healing_private.park_requeued(jsonb) is
  'Takes requeue_exhausted back for what has not been made since. Returns how many wait for a person again.';
