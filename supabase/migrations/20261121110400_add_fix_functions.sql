-- Adds the lifecycle of a fix up to its application: propose, begin, record, fail.
-- Locks: none.
-- Undo: drop function public.propose_fix, public.begin_fix, public.record_fix_applied, public.record_fix_proof, public.fail_fix,
--       healing_private.permitted_level, healing_private.risk_of, healing_private.ask_person, healing_private.next_step, healing_private.budget_refusal,
--       healing_private.finish_error,
--       healing_private.validation_window, healing_private.count_evidence.

-- The referee of rule 4: whatever a worker wants, this is what it may do. Group and least risk come from the closed
-- set, and trust from a pattern of this very failure and kind, so that a proposal cannot speak for itself.
create or replace function healing_private.permitted_level(p_fix public.auto_fixes)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_mode text := healing_private.setting('mode_' || p_fix.action_group) #>> '{}';
  v_trusted boolean := exists (
    select from public.universal_error_patterns as p join public.detected_errors as e on e.id = p_fix.detected_error_id
    where p.id = p_fix.pattern_id and p.status = 'active' and p.auto_fixable and p.action_kind = p_fix.action_kind
      and p.error_signature in (e.error_signature, e.error_template));
begin
  return case
    when v_mode = 'off' then '{"level": "off", "reason": "fixes of this group are switched off"}'
    when healing_private.setting('dry_run') = 'true' then '{"level": "suggest", "reason": "dry run: nothing is applied"}'
    when v_mode = 'suggest' then '{"level": "suggest", "reason": "fixes of this group are only suggested until an admin turns them on"}'
    when healing_private.setting('protected_areas') ? split_part(split_part(p_fix.target, ':', 2), '.', 1)
      then '{"level": "suggest", "reason": "the target is a protected area"}'
    when p_fix.risk = 'high' then '{"level": "suggest", "reason": "a fix of high risk always needs a person"}'
    when p_fix.risk = 'medium' and not v_trusted
      then '{"level": "suggest", "reason": "a fix of medium risk needs a trusted pattern (score >= 0.75 and P(ineffective) <= 0.01)"}'
    else '{"level": "auto", "reason": "permitted by mode, risk and evidence"}'
  end::jsonb;
end;
$$;
revoke all on function healing_private.permitted_level(public.auto_fixes) from public, anon, authenticated;
comment on function healing_private.permitted_level(public.auto_fixes) is
  'What settings, risk and evidence permit for a fix: {level: auto | suggest | off, reason}.';

-- The higher of the risk that a proposal names and the least that its kind has in its place.
create or replace function healing_private.risk_of(p_kind healing_private.fix_kinds, p_source text, p_named text)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select risk from unnest(array['high', 'medium', 'low']) with ordinality as list (risk, place)
  where risk in (p_named, case when p_source = 'migration' then p_kind.least_risk else p_kind.least_risk_at_runtime end)
  order by place limit 1;
$$;
revoke all on function healing_private.risk_of(healing_private.fix_kinds, text, text) from public, anon, authenticated;
comment on function healing_private.risk_of(healing_private.fix_kinds, text, text) is 'The risk that counts for a proposal: never below that of its kind.';

-- Where a person goes on: the dashboard when its address is known, and in any case what to type.
create or replace function healing_private.next_step(p_what text, p_id uuid, p_seen text)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce('Decide: ' || rtrim(s.url, '/') || '/' || p_what || 's/' || p_id || E'\n', '')
    || format(E'Look: select list_approvals(p_approval_id => %L)\nDecide: select decide_approval(%L, ''approve'', ''why'', %L) -- or reject', p_id, p_id, p_seen)
  from (select nullif((select wanted #>> '{}' from public.healing_settings where key = 'dashboard_url'), '') as url) as s;
$$;
revoke all on function healing_private.next_step(text, uuid, text) from public, anon, authenticated;
comment on function healing_private.next_step(text, uuid, text) is 'How a person answers a question: the link into the dashboard when dashboard_url is set, and the SQL.';

create or replace function healing_private.ask_person(p_fix public.auto_fixes, p_reason text, p_alternatives jsonb)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_approval_id uuid;
  v_seen text;
begin
  update public.auto_fixes set status = 'awaiting_approval' where id = p_fix.id;
  update public.detected_errors
  set status = 'awaiting_approval', claimed_by = null, lease_expires_at = null, attempt_count = greatest(attempt_count - 1, 0)
  where id = p_fix.detected_error_id;
  insert into public.admin_approval_queue (auto_fix_id, detected_error_id, reason, what_will_happen, alternatives, preview, expires_at)
  values (p_fix.id, p_fix.detected_error_id, p_reason, p_fix.what_will_happen, coalesce(p_alternatives, '[]'), p_fix.preview,
    clock_timestamp() + make_interval(hours => (healing_private.setting('approval_hours') #>> '{}')::integer))
  returning id, preview_key into v_approval_id, v_seen;
  perform healing_private.notify('medium', 'A fix waits for approval: ' || p_fix.action_kind,
    format(E'%s\nWhy a person is asked: %s\n%s', p_fix.what_will_happen, p_reason, healing_private.next_step('approval', v_approval_id, v_seen)),
    'approval:' || v_approval_id, jsonb_build_object('approval_id', v_approval_id, 'fix_id', p_fix.id));
  return v_approval_id;
end;
$$;
revoke all on function healing_private.ask_person(public.auto_fixes, text, jsonb) from public, anon, authenticated;
comment on function healing_private.ask_person(public.auto_fixes, text, jsonb) is 'Moves a proposed fix and its error to awaiting_approval, and queues the question.';

create or replace function public.propose_fix(p_fix jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_error public.detected_errors := healing_private.require_claim((p_fix ->> 'detected_error_id')::uuid, (p_fix ->> 'claim_number')::bigint);
  v_kind healing_private.fix_kinds;
  v_fix public.auto_fixes;
  v_permitted jsonb;
  v_reason text := p_fix ->> 'reason';
begin
  select * into v_kind from healing_private.fix_kinds where kind = p_fix -> 'action' ->> 'kind';
  if not found then
    raise exception using errcode = 'PT400', detail = 'FIX_REFUSED', message = 'The proposed fix is of no known kind',
      hint = 'Read healing_private.fix_kinds';
  end if;
  insert into public.auto_fixes (detected_error_id, pattern_id, action_kind, action_group, action, target, tier, confidence, risk,
    reason, evidence, pattern, what_will_happen, preview, claim_number)
  values (v_error.id, (p_fix ->> 'pattern_id')::uuid, v_kind.kind, v_kind.action_group, p_fix -> 'action', p_fix ->> 'target',
    p_fix ->> 'tier', (p_fix ->> 'confidence')::double precision, healing_private.risk_of(v_kind, v_error.source, p_fix ->> 'risk'), v_reason,
    coalesce(p_fix -> 'evidence', '{}'), p_fix -> 'pattern', coalesce(p_fix ->> 'what_will_happen', p_fix ->> 'action'), nullif(p_fix -> 'preview', 'null'), v_error.claim_number)
  returning * into v_fix;
  v_permitted := healing_private.permitted_level(v_fix);
  update public.auto_fixes set evidence = evidence || jsonb_build_object('permitted', v_permitted) where id = v_fix.id;
  if v_permitted ->> 'level' = 'off' then
    update public.auto_fixes set status = 'rejected', finished_at = clock_timestamp(), verdict = v_permitted where id = v_fix.id;
    return jsonb_build_object('decision', 'off', 'fix_id', v_fix.id, 'reason', v_permitted ->> 'reason');
  end if;
  if v_permitted ->> 'level' = 'auto' and p_fix ->> 'wanted' = 'auto' then
    return jsonb_build_object('decision', 'auto', 'fix_id', v_fix.id, 'reason', v_permitted ->> 'reason');
  end if;
  v_reason := case when v_permitted ->> 'level' = 'auto' then coalesce(p_fix ->> 'wanted_because', v_reason) else v_permitted ->> 'reason' end;
  return jsonb_build_object('decision', 'suggest', 'fix_id', v_fix.id, 'reason', v_reason, 'approval_id',
    healing_private.ask_person(v_fix, v_reason, p_fix -> 'alternatives'));
end;
$$;
revoke all on function public.propose_fix(jsonb) from public, anon, authenticated;
grant execute on function public.propose_fix(jsonb) to service_role;
comment on function public.propose_fix(jsonb) is
  'Records a proposal for a claimed error and decides what it may do: auto (go on with begin_fix), suggest (a person is asked) or off. Returns {decision, fix_id, approval_id, reason}.';

-- Why a budget does not let a fix start now, or null.
create or replace function healing_private.budget_refusal(p_fix public.auto_fixes)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_recent integer;
begin
  if p_fix.action_group in ('payload', 'call') then
    return null;
  end if;
  -- Workers take turns here, so that the second sees the first one's count.
  perform pg_catalog.pg_advisory_xact_lock(hashtext('healing:budget'));
  select count(*) into v_recent from public.auto_fixes
  where target = p_fix.target and applying_at > clock_timestamp() - interval '1 hour' and id <> p_fix.id
    -- One that was taken back for another error's sake left nothing behind.
    and verdict ->> 'is_evidence' is distinct from 'false';
  if v_recent >= (healing_private.setting('max_fixes_per_target_hour') #>> '{}')::integer then
    return format('the target had %s fixes in the last hour', v_recent);
  end if;
  select count(*) into v_recent from public.auto_fixes
  where applying_at > clock_timestamp() - interval '1 day' and action_group not in ('payload', 'call') and id <> p_fix.id;
  if v_recent >= (healing_private.setting('max_fixes_per_day') #>> '{}')::integer then
    return format('the budget of the day is used up: %s fixes', v_recent);
  end if;
  return null;
end;
$$;
revoke all on function healing_private.budget_refusal(public.auto_fixes) from public, anon, authenticated;
comment on function healing_private.budget_refusal(public.auto_fixes) is 'The budget that keeps a fix from starting now, as a sentence, or null.';

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
  if v_fix.approved_by is null and v_permitted ->> 'level' <> 'auto' then
    if v_fix.status = 'proposed' then
      return jsonb_build_object('moved', false, 'reason', v_permitted ->> 'reason',
        'approval_id', healing_private.ask_person(v_fix, v_permitted ->> 'reason', '[]'));
    end if;
    return jsonb_build_object('moved', false, 'retry_seconds', 3600, 'reason', v_permitted ->> 'reason');
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
  'The only door to applying: checks claim, switches, mode, evidence and budgets in one transaction. Returns {moved, reason}, with approval_id when a person is asked instead.';

create or replace function healing_private.finish_error(p_error_id uuid, p_status text, p_resolution text, p_retry_seconds integer default 0)
returns void
language sql
security definer
set search_path = ''
as $$
  update public.detected_errors
  set status = p_status, resolution = left(p_resolution, 2000), claimed_by = null, lease_expires_at = null,
    resolved_at = case when p_status in ('healed', 'escalated') then clock_timestamp() end,
    next_attempt_at = clock_timestamp() + make_interval(secs => p_retry_seconds)
  where id = p_error_id;
$$;
revoke all on function healing_private.finish_error(uuid, text, text, integer) from public, anon, authenticated;
comment on function healing_private.finish_error(uuid, text, text, integer) is 'Moves an error to a state without a claim, with its resolution.';

-- The window grows with the silence between two occurrences: three expected occurrences must have had the chance to come.
create or replace function healing_private.validation_window(p_error public.detected_errors)
returns interval
language sql
stable
security invoker
set search_path = ''
as $$
  select make_interval(secs => greatest(
    (healing_private.setting('validation_min_seconds') #>> '{}')::double precision,
    least((healing_private.setting('validation_max_seconds') #>> '{}')::double precision,
      coalesce(3 * extract(epoch from p_error.last_seen_at - p_error.first_seen_at) / nullif(p_error.occurrence_count - 1, 0), 'infinity'))));
$$;
revoke all on function healing_private.validation_window(public.detected_errors) from public, anon, authenticated;
comment on function healing_private.validation_window(public.detected_errors) is
  'How long a fix of this error is watched: three mean intervals between occurrences, within the two settings.';

create or replace function public.record_fix_applied(p_fix_id uuid, p_claim_number bigint, p_result jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_fix public.auto_fixes;
  v_error public.detected_errors;
begin
  select * into v_fix from public.auto_fixes where id = p_fix_id;
  v_error := healing_private.require_claim(v_fix.detected_error_id, p_claim_number);
  update public.auto_fixes
  set status = 'validating', applied_at = clock_timestamp(), rollback_point = p_result -> 'rollback_point', probe = p_result -> 'probe',
    duration_ms = (p_result ->> 'duration_ms')::double precision, claim_number = null,
    -- What can happen only once, like a migration, needs no watching: whoever ran it judges the fix, by its id.
    validate_until = clock_timestamp() + case when p_result ->> 'one_off' = 'true' then interval '10 minutes'
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
  'After apply and probe: moves the fix to validating with its rollback point, sets the window, lists what is in force. Returns the fix.';

create or replace function public.record_fix_proof(p_fix_id uuid, p_proof jsonb)
returns void
language sql
security definer
set search_path = ''
as $$
  update public.auto_fixes
  set proof = p_proof,
    -- The very operation that failed has now succeeded: the shortest window is enough.
    validate_until = case when p_proof ->> 'succeeded' = 'true'
      then least(validate_until, clock_timestamp() + make_interval(secs => (healing_private.setting('validation_min_seconds') #>> '{}')::double precision))
      else validate_until end
  where id = p_fix_id and status = 'validating';
$$;
revoke all on function public.record_fix_proof(uuid, jsonb) from public, anon, authenticated;
grant execute on function public.record_fix_proof(uuid, jsonb) to service_role;
comment on function public.record_fix_proof(uuid, jsonb) is 'Adds the direct proof to a fix under validation: the failed operation was made again, with {succeeded, ...}.';

create or replace function healing_private.count_evidence(p_fix public.auto_fixes, p_succeeded boolean)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_pattern_id uuid := p_fix.pattern_id;
begin
  if v_pattern_id is null and p_fix.pattern is not null then
    v_pattern_id := (public.upsert_healing_pattern(p_fix.pattern) ->> 'id')::uuid;
    update public.auto_fixes set pattern_id = v_pattern_id where id = p_fix.id;
  end if;
  if v_pattern_id is not null then
    perform public.record_pattern_evidence(v_pattern_id, 'fix:' || p_fix.id, p_succeeded);
  end if;
end;
$$;
revoke all on function healing_private.count_evidence(public.auto_fixes, boolean) from public, anon, authenticated;
comment on function healing_private.count_evidence(public.auto_fixes, boolean) is 'Counts the outcome of a fix for its pattern, and stores the pattern when it is new.';

create or replace function public.fail_fix(p_fix_id uuid, p_claim_number bigint, p_reason text, p_measured jsonb default '{}')
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_fix public.auto_fixes;
  v_error public.detected_errors;
begin
  select * into v_fix from public.auto_fixes where id = p_fix_id;
  v_error := healing_private.require_claim(v_fix.detected_error_id, p_claim_number);
  update public.auto_fixes
  set status = 'failed', finished_at = clock_timestamp(), verdict = jsonb_build_object('reason', p_reason, 'measured', p_measured)
  where id = p_fix_id;
  perform healing_private.count_evidence(v_fix, false);
  -- Each failure doubles the pause before the next attempt: 1, 2, 4 … minutes, an hour at most.
  perform healing_private.finish_error(v_error.id, 'open', p_reason, least(60 * 2 ^ least(greatest(v_error.attempt_count - 1, 0), 6), 3600)::integer);
  insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id, fingerprint,
    detected_error_id, auto_fix_id, strategy, tier, details)
  values ('fix_failed', v_error.category, v_error.severity, 'failure', left(p_reason, 1000), v_error.function_name, v_error.project_id,
    v_error.fingerprint, v_error.id, v_fix.id, v_fix.action_kind, v_fix.tier, p_measured);
end;
$$;
revoke all on function public.fail_fix(uuid, bigint, text, jsonb) from public, anon, authenticated;
grant execute on function public.fail_fix(uuid, bigint, text, jsonb) to service_role;
comment on function public.fail_fix(uuid, bigint, text, jsonb) is 'Ends a fix whose precondition, apply or probe failed, counts it against its pattern, and gives the error back with a pause.';
