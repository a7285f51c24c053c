-- Adds the judgement of applied fixes and the decisions of people: claim_fixes_to_judge, conclude_fix,
-- decide_approval, expire_approvals.
-- Locks: none.
-- Undo: drop function public.claim_fixes_to_judge, public.conclude_fix, public.decide_approval, public.expire_approvals,
--       healing_private.record_rollback, healing_private.decide, healing_private.withdraw.

create or replace function public.claim_fixes_to_judge(p_limit integer default 20, p_lease_seconds integer default 120, p_fix_id uuid default null)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  with due as (
    select f.id from public.auto_fixes as f join public.detected_errors as e on e.id = f.detected_error_id
    where f.status = 'validating' and (f.id = p_fix_id or f.validate_until <= clock_timestamp() or e.occurrences_since_fix > 0)
      and (f.lease_expires_at is null or f.lease_expires_at < clock_timestamp())
      and (p_fix_id is null or f.id = p_fix_id)
    order by f.validate_until limit least(greatest(p_limit, 1), 100)
    for update of f skip locked
  ), claimed as (
    update public.auto_fixes as f
    set claim_number = nextval('healing_private.fencing_numbers'),
      lease_expires_at = clock_timestamp() + make_interval(secs => least(greatest(p_lease_seconds, 1), 900))
    from due where f.id = due.id returning f.*)
  select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object(
    'error', to_jsonb(e),
    'window_is_over', c.id is not distinct from p_fix_id or c.validate_until <= clock_timestamp(),
    'seconds_watched', extract(epoch from clock_timestamp() - c.applied_at),
    'seconds_before', extract(epoch from least(e.last_seen_at, c.applied_at) - e.first_seen_at))), '[]')
  from claimed as c join public.detected_errors as e on e.id = c.detected_error_id;
$$;
revoke all on function public.claim_fixes_to_judge(integer, integer, uuid) from public, anon, authenticated;
grant execute on function public.claim_fixes_to_judge(integer, integer, uuid) to service_role;
comment on function public.claim_fixes_to_judge(integer, integer, uuid) is
  'Leases fixes whose window is over or whose error came back, or the one fix that its applier judges now, each with its error and what was measured.';

create or replace function public.conclude_fix(p_fix_id uuid, p_claim_number bigint, p_status text, p_verdict jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_fix public.auto_fixes;
  v_error public.detected_errors;
begin
  select * into v_fix from public.auto_fixes where id = p_fix_id for update;
  if v_fix.status is distinct from 'validating' or p_claim_number is null or v_fix.claim_number is distinct from p_claim_number
    or coalesce(v_fix.lease_expires_at < clock_timestamp(), true) then
    raise exception using errcode = 'PT409', detail = 'LEASE_LOST', message = format('The claim %s on fix %s is not valid any more', p_claim_number, p_fix_id),
      hint = 'Another worker may judge it; stop working on it';
  end if;
  update public.auto_fixes
  set status = p_status, verdict = p_verdict - 'aftermath', aftermath = p_verdict -> 'aftermath', finished_at = clock_timestamp(), lease_expires_at = null where id = p_fix_id
  returning * into v_fix;
  select * into strict v_error from public.detected_errors where id = v_fix.detected_error_id for update;
  if p_status = 'reverted' then
    perform healing_private.record_rollback(v_fix, p_verdict, 'system');
    perform healing_private.finish_error(v_error.id, 'open', 'its fix was taken back: ' || (p_verdict ->> 'reason'),
      case when (p_verdict ->> 'is_evidence')::boolean is false then 0 else 3600 end);
  else
    perform healing_private.finish_error(v_error.id,
      -- Nothing is called healed that could not be shown; when it happens again, it is taken up again.
      case when p_status = 'kept' and v_error.occurrences_since_fix = 0 then 'healed' else 'escalated' end,
      p_status || ': ' || (p_verdict ->> 'reason'));
  end if;
  if p_status <> 'reverted' and (p_status <> 'kept' or v_error.occurrences_since_fix > 0) then
    perform healing_private.ask_about_error(v_error, p_status || ': ' || (p_verdict ->> 'reason'));
  end if;
  -- What changed the state of something is told to people; what made a call again is told by the figures.
  if p_status <> 'inconclusive' and v_fix.action_group not in ('payload', 'call') and v_error.source not in ('self_audit', 'migration') then
    perform healing_private.notify(case p_status when 'kept' then 'low' else 'medium' end,
      format('A fix %s: %s', case p_status when 'kept' then 'is kept' else 'was taken back' end, v_fix.action_kind),
      format(E'%s\n%s', v_fix.what_will_happen, p_verdict ->> 'reason'), format('fix_%s:%s', p_status, v_fix.target),
      jsonb_build_object('fix_id', v_fix.id, 'error_id', v_error.id));
  end if;
  -- An inconclusive fix says nothing about its pattern, nor does one that was taken back for another error's sake.
  if p_status <> 'inconclusive' and coalesce((p_verdict ->> 'is_evidence')::boolean, true) then
    perform healing_private.count_evidence(v_fix, p_status = 'kept');
  end if;
  insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id, fingerprint,
    detected_error_id, auto_fix_id, strategy, tier, details)
  values ('verdict', v_error.category, v_error.severity,
    case p_status when 'kept' then 'success' when 'reverted' then 'failure' else 'inconclusive' end, p_verdict ->> 'reason',
    v_error.function_name, v_error.project_id, v_error.fingerprint, v_error.id, v_fix.id, v_fix.action_kind, v_fix.tier, p_verdict);
  return to_jsonb(v_fix) || jsonb_build_object('pattern_is_new', exists (
    select from public.auto_fixes as f join public.universal_error_patterns as p on p.id = f.pattern_id
    where f.id = p_fix_id and p.created_at = now()));
end;
$$;
revoke all on function public.conclude_fix(uuid, bigint, text, jsonb) from public, anon, authenticated;
grant execute on function public.conclude_fix(uuid, bigint, text, jsonb) to service_role;
comment on function public.conclude_fix(uuid, bigint, text, jsonb) is
  'Makes the verdict on a fix under validation take effect once: kept, reverted (after the revert itself) or inconclusive. Returns the fix.';

create or replace function healing_private.record_rollback(p_fix public.auto_fixes, p_verdict jsonb, p_actor text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.applied_improvements set status = 'rolled_back', rolled_back_at = clock_timestamp()
  where auto_fix_id = p_fix.id and status = 'in_force';
  insert into public.rollback_history (auto_fix_id, reason, actor, details)
  values (p_fix.id, p_verdict ->> 'reason', p_actor, p_verdict);
  insert into public.auto_rollback_logs (auto_fix_id, trigger_reason, measured, succeeded)
  values (p_fix.id, p_verdict ->> 'reason', p_verdict, true);
end;
$$;
revoke all on function healing_private.record_rollback(public.auto_fixes, jsonb, text) from public, anon, authenticated;
comment on function healing_private.record_rollback(public.auto_fixes, jsonb, text) is 'Writes a rollback that happened into what is in force and into the two histories.';

-- What nobody has to answer any more: it was not wrong, so it says nothing about its pattern and may be proposed again.
create or replace function healing_private.withdraw(p_fix_id uuid, p_reason text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.admin_approval_queue
  set status = 'withdrawn', decided_at = clock_timestamp(), decision_reason = left(p_reason, 2000)
  where auto_fix_id = p_fix_id and status = 'pending';
  update public.auto_fixes
  set status = 'rejected', finished_at = clock_timestamp(),
    verdict = jsonb_build_object('reason', 'withdrawn: ' || left(p_reason, 2000), 'is_evidence', false)
  where id = p_fix_id and status in ('proposed', 'awaiting_approval');
end;
$$;
revoke all on function healing_private.withdraw(uuid, text) from public, anon, authenticated;
comment on function healing_private.withdraw(uuid, text) is 'Takes a fix that waits, and the question about it, back without a decision.';

create or replace function healing_private.decide(p_approval_id uuid, p_decision text, p_reason text, p_seen text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_approval public.admin_approval_queue;
  v_error_status text;
begin
  perform healing_private.require_decision('decide on a fix', p_decision, array['approve', 'reject'], p_reason);
  update public.admin_approval_queue
  set status = case p_decision when 'approve' then 'approved' else 'rejected' end, decided_at = clock_timestamp(),
    decided_by = healing_private.actor(), decision_reason = left(p_reason, 2000)
  where id = p_approval_id and status = 'pending' and expires_at > clock_timestamp() returning * into v_approval;
  if not found then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Approval %s is not pending any more', p_approval_id),
      hint = 'Read its state in public.admin_approval_queue';
  end if;
  if p_decision = 'approve' and p_seen is distinct from v_approval.preview_key and p_seen is not null then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = 'What would happen has changed since it was looked at',
      hint = 'Read the preview of the approval again, and decide on that';
  end if;
  select status into v_error_status from public.detected_errors where id = v_approval.detected_error_id for update;
  if v_error_status is distinct from 'awaiting_approval' then
    update public.admin_approval_queue set status = 'withdrawn', decided_by = null,
      decision_reason = format('its error is %s: nothing is left to decide', v_error_status) where id = p_approval_id returning * into v_approval;
    perform healing_private.withdraw(v_approval.auto_fix_id, v_approval.decision_reason);
    return to_jsonb(v_approval);
  end if;
  if p_decision = 'approve' then
    update public.auto_fixes set status = 'proposed', approved_by = v_approval.decided_by where id = v_approval.auto_fix_id;
    perform healing_private.finish_error(v_approval.detected_error_id, 'open', null);
    perform healing_private.kick_engine('approval', true);
  else
    update public.auto_fixes set status = 'rejected', finished_at = clock_timestamp(),
      verdict = jsonb_build_object('reason', 'rejected by ' || v_approval.decided_by || ': ' || p_reason) where id = v_approval.auto_fix_id;
    perform healing_private.finish_error(v_approval.detected_error_id, 'open', 'its fix was rejected: ' || p_reason);
  end if;
  return to_jsonb(v_approval);
end;
$$;
revoke all on function healing_private.decide(uuid, text, text, text) from public, anon, authenticated;
grant execute on function healing_private.decide(uuid, text, text, text) to authenticated, service_role;
comment on function healing_private.decide(uuid, text, text, text) is 'The rights behind decide_approval; checks that a person acts.';

create or replace function public.decide_approval(p_approval_id uuid, p_decision text, p_reason text, p_seen text default null)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.decide(p_approval_id, p_decision, p_reason, p_seen);
$$;
revoke all on function public.decide_approval(uuid, text, text, text) from public, anon, authenticated;
grant execute on function public.decide_approval(uuid, text, text, text) to authenticated, service_role;
comment on function public.decide_approval(uuid, text, text, text) is
  'An admin approves or rejects a waiting fix, with a reason; p_seen names the preview that the yes is about (preview_key). An approved fix takes the same road as any other; one whose error has ended is withdrawn. Returns the approval.';

create or replace function public.expire_approvals()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_expired integer := 0;
  v_approval public.admin_approval_queue;
begin
  for v_approval in
    update public.admin_approval_queue set status = 'expired', decided_at = clock_timestamp()
    where status = 'pending' and expires_at <= clock_timestamp() returning * loop
    v_expired := v_expired + 1;
    update public.auto_fixes
    set status = 'expired', finished_at = clock_timestamp(), verdict = '{"reason": "nobody decided in time"}'
    where id = v_approval.auto_fix_id and status = 'awaiting_approval';
    perform healing_private.finish_error(v_approval.detected_error_id, 'escalated', 'its fix expired: nobody decided in time')
    from public.detected_errors where id = v_approval.detected_error_id and status = 'awaiting_approval';
  end loop;
  -- An error that has ended otherwise leaves nothing to decide.
  perform healing_private.withdraw(q.auto_fix_id, 'its error is ' || e.status)
  from public.admin_approval_queue as q join public.detected_errors as e on e.id = q.detected_error_id
  where q.status = 'pending' and e.status <> 'awaiting_approval';
  return v_expired;
end;
$$;
revoke all on function public.expire_approvals() from public, anon, authenticated;
grant execute on function public.expire_approvals() to service_role;
comment on function public.expire_approvals() is 'Closes approvals past their time, their fixes as expired and their errors as escalated. Returns how many.';
