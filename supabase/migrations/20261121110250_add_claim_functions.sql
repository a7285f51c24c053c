-- Adds claims: claim_errors, renew_claim, release_error, and what a person decides about an error: decide_error.
-- Locks: none.
-- Undo: drop function public.claim_errors, public.renew_claim, public.release_error, public.decide_error,
--       healing_private.decide_on_error, healing_private.escalate_exhausted, healing_private.ask_about_error, healing_private.require_claim,
--       healing_private.end_live_fixes, healing_private.max_attempts.

create or replace function healing_private.max_attempts()
returns integer
language sql
stable
security invoker
set search_path = ''
as $$
  select (healing_private.setting('max_attempts') #>> '{}')::integer;
$$;
revoke all on function healing_private.max_attempts() from public, anon, authenticated;
comment on function healing_private.max_attempts() is 'How often one error is claimed before a person is asked.';

-- A fix whose error is handed to a person must not stay half-way: nobody would ever move it again.
create or replace function healing_private.end_live_fixes(p_error_id uuid, p_reason text)
returns void
language sql
security definer
set search_path = ''
as $$
  update public.auto_fixes
  set status = 'failed', finished_at = clock_timestamp(), verdict = jsonb_build_object('reason', p_reason)
  where detected_error_id = p_error_id and status in ('proposed', 'applying');
$$;
revoke all on function healing_private.end_live_fixes(uuid, text) from public, anon, authenticated;
comment on function healing_private.end_live_fixes(uuid, text) is 'Ends the fixes of an error that were proposed or being applied, as failed.';

create or replace function healing_private.ask_about_error(p_error public.detected_errors, p_reason text)
returns void
language sql
security definer
set search_path = ''
as $$
  select healing_private.notify('high', format('%s: %s', coalesce(p_error.function_name, p_error.source), left(p_error.error_message, 150)),
    p_reason, 'escalated:' || p_error.id, jsonb_build_object('error_id', p_error.id, 'error_type', p_error.error_type,
      'occurrences', p_error.occurrence_count, 'next', format('select decide_error(%L, ''reopen'', ''why'') -- or resolve, ignore', p_error.id)));
$$;
revoke all on function healing_private.ask_about_error(public.detected_errors, text) from public, anon, authenticated;
comment on function healing_private.ask_about_error(public.detected_errors, text) is 'Tells people that an error needs one of them: what broke, why nothing was done, and what to type.';

create or replace function healing_private.escalate_exhausted()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_error public.detected_errors;
  v_escalated integer := 0;
begin
  for v_error in
    update public.detected_errors
    set status = 'escalated', claimed_by = null, lease_expires_at = null, resolved_at = clock_timestamp(),
      resolution = format('%s attempts ended without a healed error', attempt_count)
    where id in (
      select id from public.detected_errors
      where status in ('open', 'healing') and next_attempt_at <= clock_timestamp() and source <> 'migration'
        and (status = 'open' or lease_expires_at < clock_timestamp()) and attempt_count >= healing_private.max_attempts()
        -- An approved fix is a new reason to try.
        and not exists (select from public.auto_fixes as f
          where f.detected_error_id = detected_errors.id and f.status = 'proposed' and f.approved_by is not null)
      for update skip locked)
    returning * loop
    v_escalated := v_escalated + 1;
    perform healing_private.end_live_fixes(v_error.id, v_error.resolution);
    perform healing_private.ask_about_error(v_error, v_error.resolution);
  end loop;
  return v_escalated;
end;
$$;
revoke all on function healing_private.escalate_exhausted() from public, anon, authenticated;
comment on function healing_private.escalate_exhausted() is
  'Hands errors that used up their attempts to a person, also those that killed every worker that took them. Returns how many.';

create or replace function public.claim_errors(
  p_worker text, p_limit integer default 1, p_lease_seconds integer default 120, p_error_id uuid default null)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  with due as (
    select id from public.detected_errors as d
    where (d.status in ('open', 'healing') and d.source <> 'migration' and d.next_attempt_at <= clock_timestamp()
        -- With the kill switch thrown an error is not even looked at: nothing that is found could be done.
        and healing_private.setting('enabled') = 'true'
        and (d.status = 'open' or d.lease_expires_at < clock_timestamp())
        and (p_error_id is null or d.id = p_error_id)
        and (d.attempt_count < healing_private.max_attempts() or exists (select from public.auto_fixes as f
          where f.detected_error_id = d.id and f.status = 'proposed' and f.approved_by is not null)))
      -- A migration's error is mended where the migration is run again: only by its author, by id, and whenever that is.
      or (d.id = p_error_id and d.source = 'migration' and (d.status in ('open', 'escalated')
        or (d.status = 'healing' and d.lease_expires_at < clock_timestamp())))
    order by next_attempt_at limit least(greatest(p_limit, 1), 100)
    for update skip locked
  ), claimed as (
    update public.detected_errors as d
    set status = 'healing', claimed_by = p_worker, claim_number = nextval('healing_private.fencing_numbers'),
      lease_expires_at = clock_timestamp() + make_interval(secs => least(greatest(p_lease_seconds, 1), 900)),
      attempt_count = attempt_count + 1, resolved_at = null
    from due where d.id = due.id
    returning d.*
  )
  select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object(
    'seconds_since_seen', extract(epoch from clock_timestamp() - c.last_seen_at),
    'live_fix', (select to_jsonb(f) from public.auto_fixes as f
      where f.detected_error_id = c.id and f.status in ('proposed', 'applying')),
    'refused_actions', (select coalesce(jsonb_agg(distinct f.action), '[]') from public.auto_fixes as f
      -- A call that failed again may succeed later; any other fix that failed is answered, unless it was no fault of its own.
      where f.detected_error_id = c.id and f.verdict ->> 'is_evidence' is distinct from 'false'
        and (f.status in ('reverted', 'rejected') or (f.status = 'failed' and f.action_group <> 'call'))),
    'patterns', (select coalesce(jsonb_agg(to_jsonb(p) order by p.confidence_score desc, p.id), '[]')
      from public.universal_error_patterns as p
      where p.error_signature in (c.error_signature, c.error_template) and p.status = 'active' and p.project_id in ('', c.project_id)),
    'queued_operations', (select count(*) from public.queued_operations as q
      where q.detected_error_id = c.id and q.status in ('queued', 'running')))
    order by c.next_attempt_at), '[]')
  from claimed as c;
$$;
revoke all on function public.claim_errors(text, integer, integer, uuid) from public, anon, authenticated;
grant execute on function public.claim_errors(text, integer, integer, uuid) to service_role;
comment on function public.claim_errors(text, integer, integer, uuid) is
  'Leases due errors to one worker, each with a fencing number, its live fix, and the patterns that know it; crashed claims come back here.';

create or replace function healing_private.require_claim(p_error_id uuid, p_claim_number bigint, p_lock boolean default true)
returns public.detected_errors
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_error public.detected_errors;
begin
  if p_lock then
    select * into v_error from public.detected_errors where id = p_error_id for update;
  else
    select * into v_error from public.detected_errors where id = p_error_id;
  end if;
  if v_error.id is null or v_error.status <> 'healing' or v_error.claim_number is distinct from p_claim_number
    or v_error.lease_expires_at < clock_timestamp() then
    raise exception using errcode = 'PT409', detail = 'LEASE_LOST',
      message = format('The claim %s on error %s is not valid any more', p_claim_number, p_error_id),
      hint = 'Another worker may have it; stop working on it';
  end if;
  return v_error;
end;
$$;
revoke all on function healing_private.require_claim(uuid, bigint, boolean) from public, anon, authenticated;
comment on function healing_private.require_claim(uuid, bigint, boolean) is
  'The claimed error, locked unless p_lock is false (then captures go on meanwhile); raises PT409 LEASE_LOST when the claim is not the present one.';

create or replace function public.renew_claim(p_error_id uuid, p_claim_number bigint, p_lease_seconds integer default 120)
returns timestamptz
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_until timestamptz := clock_timestamp() + make_interval(secs => least(greatest(p_lease_seconds, 1), 900));
begin
  perform healing_private.require_claim(p_error_id, p_claim_number);
  update public.detected_errors set lease_expires_at = v_until where id = p_error_id;
  return v_until;
end;
$$;
revoke all on function public.renew_claim(uuid, bigint, integer) from public, anon, authenticated;
grant execute on function public.renew_claim(uuid, bigint, integer) to service_role;
comment on function public.renew_claim(uuid, bigint, integer) is 'Extends a lease that is still held; raises PT409 LEASE_LOST otherwise. Returns its new end.';

create or replace function public.release_error(
  p_error_id uuid, p_claim_number bigint, p_status text, p_reason text, p_retry_seconds integer default 60, p_counts boolean default true)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_error public.detected_errors;
begin
  if p_status not in ('open', 'escalated', 'ignored', 'healed') then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = format('An error cannot be released as "%s"', p_status),
      hint = 'Use open, escalated, ignored or healed';
  end if;
  v_error := healing_private.require_claim(p_error_id, p_claim_number);
  update public.detected_errors
  set status = p_status, claimed_by = null, lease_expires_at = null, resolution = left(p_reason, 2000),
    -- What was held back by a switch or a budget was no attempt.
    attempt_count = attempt_count - case when p_counts then 0 else 1 end,
    next_attempt_at = clock_timestamp() + make_interval(secs => greatest(p_retry_seconds, 0)),
    resolved_at = case when p_status = 'open' then null else clock_timestamp() end
  where id = p_error_id;
  insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id, fingerprint, detected_error_id)
  values ('no_fix', v_error.category, v_error.severity, 'skipped', left(p_reason, 1000), v_error.function_name, v_error.project_id,
    v_error.fingerprint, v_error.id);
  if p_status <> 'open' then
    perform healing_private.end_live_fixes(v_error.id, p_reason);
  end if;
  if p_status = 'escalated' then
    perform healing_private.ask_about_error(v_error, p_reason);
  end if;
end;
$$;
revoke all on function public.release_error(uuid, bigint, text, text, integer, boolean) from public, anon, authenticated;
grant execute on function public.release_error(uuid, bigint, text, text, integer, boolean) to service_role;
comment on function public.release_error(uuid, bigint, text, text, integer, boolean) is
  'Gives a claimed error back without a fix, with the reason: open (to be tried again), escalated, ignored, or healed by itself.';

create or replace function healing_private.decide_on_error(p_error_id uuid, p_decision text, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_error public.detected_errors;
  v_by text := healing_private.actor();
begin
  perform healing_private.require_decision('decide on an error', p_decision, array['reopen', 'resolve', 'ignore'], p_reason);
  update public.detected_errors
  set status = case p_decision when 'reopen' then 'open' when 'resolve' then 'healed' else 'ignored' end,
    attempt_count = 0, next_attempt_at = clock_timestamp(), resolution = format('%s by %s: %s', p_decision, v_by, left(p_reason, 1000)),
    resolved_at = case when p_decision = 'reopen' then null else clock_timestamp() end
  -- Who ends an error that waits for an answer has answered.
  where id = p_error_id and (status in ('open', 'escalated', 'ignored') or (status = 'awaiting_approval' and p_decision <> 'reopen'))
  returning * into v_error;
  if not found then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Error %s is being worked on, or has ended', p_error_id),
      hint = 'Read its state in public.detected_errors';
  end if;
  if p_decision <> 'reopen' then
    perform healing_private.withdraw(f.id, v_error.resolution) from public.auto_fixes as f
    where f.detected_error_id = p_error_id and f.status = 'awaiting_approval';
    perform healing_private.end_live_fixes(p_error_id, v_error.resolution);
  end if;
  return to_jsonb(v_error);
end;
$$;
revoke all on function healing_private.decide_on_error(uuid, text, text) from public, anon, authenticated;
grant execute on function healing_private.decide_on_error(uuid, text, text) to authenticated, service_role;
comment on function healing_private.decide_on_error(uuid, text, text) is 'The rights behind decide_error; checks that a person acts.';

create or replace function public.decide_error(p_error_id uuid, p_decision text, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.decide_on_error(p_error_id, p_decision, p_reason);
$$;
revoke all on function public.decide_error(uuid, text, text) from public, anon, authenticated;
grant execute on function public.decide_error(uuid, text, text) to authenticated, service_role;
comment on function public.decide_error(uuid, text, text) is
  'An admin reopens, resolves or ignores an error that nobody works on, with a reason. Returns the error.';
