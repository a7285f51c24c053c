-- Adds capture and claim: capture_errors, claim_errors, renew_claim, release_error, and the queue of operations.
-- Locks: none.
-- Undo: drop function public.capture_errors, public.claim_errors, public.renew_claim, public.release_error,
--       public.claim_operations, public.finish_operation, public.decide_operation, healing_private.decide_on_operation,
--       healing_private.require_claim, healing_private.queue_operations, healing_private.escalate_exhausted.

create or replace function healing_private.queue_operations(p_operations jsonb)
returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_queued integer;
begin
  insert into public.queued_operations
    (operation_kind, target, payload, idempotency_key, caller_role, caller_claims, subject, detected_error_id, last_error)
  select o ->> 'kind', o ->> 'target', coalesce(o -> 'payload', '{}'), o ->> 'idempotency_key', o ->> 'caller_role',
    coalesce(o -> 'caller_claims', '{}'), coalesce(o ->> 'subject', ''), (o ->> 'detected_error_id')::uuid, left(o ->> 'last_error', 2000)
  from jsonb_array_elements(p_operations) as o
  -- One subject may not fill the queue for the others.
  where length(o ->> 'idempotency_key') between 1 and 200 and length(o ->> 'target') between 1 and 200
    and (select count(*) from public.queued_operations as q
    where q.subject = coalesce(o ->> 'subject', '') and q.target = o ->> 'target' and q.status in ('queued', 'running')) < 1000
  on conflict (operation_kind, target, caller_role, subject, idempotency_key) do nothing;
  get diagnostics v_queued = row_count;
  return v_queued;
end;
$$;
revoke all on function healing_private.queue_operations(jsonb) from public, anon, authenticated;
grant execute on function healing_private.queue_operations(jsonb) to service_role;
comment on function healing_private.queue_operations(jsonb) is
  'Queues failed operations for replay, each once by its idempotency key and at most 1,000 waiting per subject and target.';

create or replace function public.capture_errors(p_errors jsonb)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_groups jsonb;
  v_queued integer := 0;
begin
  if jsonb_typeof(p_errors) is distinct from 'array' or jsonb_array_length(p_errors) > 500 then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'capture_errors takes a list of at most 500 errors',
      hint = 'Send the rest in a further call';
  end if;
  -- Groups are written in the order of their fingerprints: batches that meet cannot deadlock.
  with input as (
    select distinct on (e ->> 'fingerprint', coalesce(e ->> 'project_id', '')) e,
      sum(greatest(1, least(coalesce((e ->> 'occurrences')::integer, 1), 10000)))
        over (partition by e ->> 'fingerprint', coalesce(e ->> 'project_id', '')) as occurrences
    from jsonb_array_elements(p_errors) with ordinality as list (e, position)
    where length(e ->> 'fingerprint') between 1 and 200 and e ->> 'error_message' is not null
    order by e ->> 'fingerprint', coalesce(e ->> 'project_id', ''), position desc
  ), stored as (
    insert into public.detected_errors as d (fingerprint, error_signature, error_template, slots, project_id, error_type, error_code,
      error_message, stack_trace, category, severity, source, function_name, context, occurrence_count)
    select e ->> 'fingerprint', left(coalesce(e ->> 'error_signature', e ->> 'fingerprint'), 1000),
      left(coalesce(e ->> 'error_template', e ->> 'fingerprint'), 4200), coalesce(e -> 'slots', '[]'),
      coalesce(e ->> 'project_id', ''), left(coalesce(e ->> 'error_type', 'unknown'), 100), left(e ->> 'error_code', 100),
      left(e ->> 'error_message', 8000), left(e ->> 'stack_trace', 16000), coalesce(e ->> 'category', 'unknown'),
      coalesce(e ->> 'severity', 'medium'), left(coalesce(e ->> 'source', 'edge_function'), 100), left(e ->> 'function_name', 200),
      coalesce(e -> 'context', '{}'), occurrences
    from input
    order by e ->> 'fingerprint', coalesce(e ->> 'project_id', '')
    on conflict (fingerprint, project_id) where status <> 'healed' do update
    set occurrence_count = d.occurrence_count + excluded.occurrence_count,
      occurrences_since_fix = d.occurrences_since_fix + case when d.status = 'validating' then excluded.occurrence_count else 0 end,
      last_seen_at = clock_timestamp(), error_message = excluded.error_message, context = excluded.context,
      stack_trace = coalesce(excluded.stack_trace, d.stack_trace)
    returning d.*, (xmax = 0) as is_new
  ), recorded as (
    insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id,
      fingerprint, detected_error_id, occurrences, request_id, details)
    select 'occurrence', s.category, s.severity, 'pending', left(s.error_message, 1000), s.function_name, s.project_id,
      s.fingerprint, s.id, i.occurrences, i.e ->> 'request_id', coalesce(i.e -> 'context', '{}')
    from stored as s join input as i on i.e ->> 'fingerprint' = s.fingerprint and coalesce(i.e ->> 'project_id', '') = s.project_id
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', id, 'fingerprint', fingerprint, 'project_id', project_id,
    'status', status, 'occurrence_count', occurrence_count, 'is_new', is_new, 'source', source) order by fingerprint), '[]')
  into v_groups from stored;

  v_queued := healing_private.queue_operations((
    select coalesce(jsonb_agg(e -> 'operation' || jsonb_build_object('detected_error_id', g -> 'id', 'last_error', e -> 'error_message')), '[]')
    from jsonb_array_elements(p_errors) as e
    join jsonb_array_elements(v_groups) as g
      on g ->> 'fingerprint' = e ->> 'fingerprint' and g ->> 'project_id' = coalesce(e ->> 'project_id', '')
    where e ->> 'operation' is not null));

  if jsonb_path_exists(v_groups, '$[*] ? (@.is_new == true && @.source != "migration")') then
    begin
      perform healing_private.kick_engine('capture');
    exception when others then
      -- The dispatcher is a convenience here, cron is the safety net: its trouble must not lose the capture.
      raise warning 'the engine could not be called: % (%)', sqlerrm, sqlstate;
    end;
  end if;
  return jsonb_build_object('errors', v_groups, 'queued', v_queued,
    'rejected', jsonb_array_length(p_errors) - (select count(*) from jsonb_array_elements(p_errors) as e
      where length(e ->> 'fingerprint') between 1 and 200 and e ->> 'error_message' is not null));
end;
$$;
revoke all on function public.capture_errors(jsonb) from public, anon, authenticated;
grant execute on function public.capture_errors(jsonb) to service_role;
comment on function public.capture_errors(jsonb) is
  'Takes up to 500 errors: groups them by fingerprint, records the occurrences, queues their operations, and calls the engine for new ones. Returns {errors, queued, rejected}.';

create or replace function healing_private.escalate_exhausted(p_max_attempts integer)
returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_error public.detected_errors;
begin
  for v_error in
    update public.detected_errors
    set status = 'escalated', claimed_by = null, lease_expires_at = null, resolved_at = clock_timestamp(),
      resolution = format('%s attempts ended without a healed error', attempt_count)
    where id in (
      select id from public.detected_errors
      where status in ('open', 'healing') and next_attempt_at <= clock_timestamp() and source <> 'migration'
        and (status = 'open' or lease_expires_at < clock_timestamp()) and attempt_count >= p_max_attempts
        -- An approved fix is a new reason to try.
        and not exists (select from public.auto_fixes as f
          where f.detected_error_id = detected_errors.id and f.status = 'proposed' and f.approved_by is not null)
      for update skip locked)
    returning * loop
    perform healing_private.notify('high', 'An error needs a person: ' || v_error.error_type, v_error.error_message, 'escalated:' || v_error.id);
  end loop;
end;
$$;
revoke all on function healing_private.escalate_exhausted(integer) from public, anon, authenticated;
grant execute on function healing_private.escalate_exhausted(integer) to service_role;
comment on function healing_private.escalate_exhausted(integer) is 'Hands errors that used up their attempts to a person, also those that killed every worker that took them.';

create or replace function public.claim_errors(
  p_worker text, p_limit integer default 10, p_lease_seconds integer default 120, p_error_id uuid default null)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_claimed jsonb;
begin
  perform healing_private.escalate_exhausted((healing_private.setting('max_attempts') #>> '{}')::integer);
  with due as (
    select id from public.detected_errors
    where status in ('open', 'healing') and next_attempt_at <= clock_timestamp()
      and (status = 'open' or lease_expires_at < clock_timestamp())
      -- A migration's error is mended where the migration is run again: only by its author, by id.
      and (id = p_error_id or (p_error_id is null and source <> 'migration'))
    order by next_attempt_at limit least(greatest(p_limit, 1), 100)
    for update skip locked
  ), claimed as (
    update public.detected_errors as d
    set status = 'healing', claimed_by = p_worker, claim_number = nextval('healing_private.fencing_numbers'),
      lease_expires_at = clock_timestamp() + make_interval(secs => least(greatest(p_lease_seconds, 1), 900)),
      attempt_count = attempt_count + 1
    from due where d.id = due.id
    returning d.*
  )
  select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object(
    'live_fix', (select to_jsonb(f) from public.auto_fixes as f
      where f.detected_error_id = c.id and f.status in ('proposed', 'applying')),
    'refused_actions', (select coalesce(jsonb_agg(distinct f.action), '[]') from public.auto_fixes as f
      -- A call that failed again may succeed later; any other fix that failed is answered.
      where f.detected_error_id = c.id
        and (f.status in ('reverted', 'rejected') or (f.status = 'failed' and f.action_group <> 'call'))),
    'patterns', (select coalesce(jsonb_agg(to_jsonb(p) order by p.confidence_score desc, p.id), '[]')
      from public.universal_error_patterns as p
      where p.error_signature in (c.error_signature, c.error_template) and p.status = 'active' and p.project_id in ('', c.project_id)),
    'queued_operations', (select count(*) from public.queued_operations as q
      where q.detected_error_id = c.id and q.status in ('queued', 'running')))
    order by c.next_attempt_at), '[]')
  into v_claimed from claimed as c;
  return v_claimed;
end;
$$;
revoke all on function public.claim_errors(text, integer, integer, uuid) from public, anon, authenticated;
grant execute on function public.claim_errors(text, integer, integer, uuid) to service_role;
comment on function public.claim_errors(text, integer, integer, uuid) is
  'Leases due errors to one worker, each with a fencing number, its live fix, and the patterns that know it; crashed claims come back here.';

create or replace function healing_private.require_claim(p_error_id uuid, p_claim_number bigint)
returns public.detected_errors
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_error public.detected_errors;
begin
  select * into v_error from public.detected_errors where id = p_error_id for update;
  if v_error.id is null or v_error.status <> 'healing' or v_error.claim_number is distinct from p_claim_number
    or v_error.lease_expires_at < clock_timestamp() then
    raise exception using errcode = 'PT409', detail = 'LEASE_LOST',
      message = format('The claim %s on error %s is not valid any more', p_claim_number, p_error_id),
      hint = 'Another worker may have it; stop working on it';
  end if;
  return v_error;
end;
$$;
revoke all on function healing_private.require_claim(uuid, bigint) from public, anon, authenticated;
grant execute on function healing_private.require_claim(uuid, bigint) to service_role;
comment on function healing_private.require_claim(uuid, bigint) is 'Locks a claimed error, or raises PT409 LEASE_LOST when the claim is not the present one.';

create or replace function public.renew_claim(p_error_id uuid, p_claim_number bigint, p_lease_seconds integer default 120)
returns timestamptz
language plpgsql
security invoker
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
  p_error_id uuid, p_claim_number bigint, p_status text, p_reason text, p_retry_seconds integer default 60)
returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_error public.detected_errors;
begin
  if p_status not in ('open', 'escalated', 'ignored') then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = format('An error cannot be released as "%s"', p_status),
      hint = 'Use open, escalated or ignored';
  end if;
  v_error := healing_private.require_claim(p_error_id, p_claim_number);
  update public.detected_errors
  set status = p_status, claimed_by = null, lease_expires_at = null, resolution = left(p_reason, 2000),
    next_attempt_at = clock_timestamp() + make_interval(secs => greatest(p_retry_seconds, 0)),
    resolved_at = case when p_status = 'open' then null else clock_timestamp() end
  where id = p_error_id;
  insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id, fingerprint, detected_error_id)
  values ('no_fix', v_error.category, v_error.severity, 'skipped', left(p_reason, 1000), v_error.function_name, v_error.project_id,
    v_error.fingerprint, v_error.id);
  if p_status = 'escalated' then
    perform healing_private.notify('high', 'An error needs a person: ' || v_error.error_type, p_reason, 'escalated:' || v_error.id);
  end if;
end;
$$;
revoke all on function public.release_error(uuid, bigint, text, text, integer) from public, anon, authenticated;
grant execute on function public.release_error(uuid, bigint, text, text, integer) to service_role;
comment on function public.release_error(uuid, bigint, text, text, integer) is
  'Gives a claimed error back without a fix, with the reason: open (to be tried again), escalated or ignored.';

create or replace function public.claim_operations(
  p_worker text, p_error_id uuid default null, p_limit integer default 20, p_lease_seconds integer default 120)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  with due as (
    select q.id from public.queued_operations as q
    where (q.status = 'queued' or (q.status = 'running' and q.lease_expires_at < clock_timestamp()))
      and (q.detected_error_id = p_error_id
        -- Without an error: whatever waits although its fault is mended, also when a worker died before its turn.
        or (p_error_id is null and q.next_attempt_at <= clock_timestamp() and exists (
          select from public.detected_errors as e where e.id = q.detected_error_id and e.status in ('validating', 'healed'))))
    order by q.created_at limit least(greatest(p_limit, 1), 100)
    for update of q skip locked
  ), claimed as (
    update public.queued_operations as q
    set status = 'running', claimed_by = p_worker, claim_number = nextval('healing_private.fencing_numbers'),
      lease_expires_at = clock_timestamp() + make_interval(secs => least(greatest(p_lease_seconds, 1), 900)),
      attempt_count = attempt_count + 1
    from due where q.id = due.id returning q.*)
  select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object('validating_fix_id', (
    select f.id from public.auto_fixes as f where f.detected_error_id = c.detected_error_id and f.status = 'validating'))
    order by c.created_at), '[]') from claimed as c;
$$;
revoke all on function public.claim_operations(text, uuid, integer, integer) from public, anon, authenticated;
grant execute on function public.claim_operations(text, uuid, integer, integer) to service_role;
comment on function public.claim_operations(text, uuid, integer, integer) is
  'Leases queued operations to a worker, oldest first: those of one error, or without one those whose fault is mended.';

create or replace function public.finish_operation(
  p_operation_id uuid, p_claim_number bigint, p_status text, p_result jsonb default null, p_error text default null)
returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_operation public.queued_operations;
begin
  if p_status not in ('done', 'failed', 'queued') then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = format('An operation cannot end as "%s"', p_status),
      hint = 'Use done, failed or queued';
  end if;
  update public.queued_operations
  set status = case when p_status = 'queued' and attempt_count >= 10 then 'needs_person' else p_status end,
    result = p_result, last_error = left(p_error, 2000), claimed_by = null, lease_expires_at = null,
    -- Each refusal doubles the pause: 1, 2, 4 … minutes, an hour at most.
    next_attempt_at = clock_timestamp() + make_interval(mins => least(2 ^ (attempt_count - 1), 60)::integer),
    finished_at = case when p_status in ('done', 'failed') then clock_timestamp() end
  where id = p_operation_id and claim_number = p_claim_number and status = 'running'
  returning * into v_operation;
  if v_operation.status = 'needs_person' then
    perform healing_private.notify('high', 'An operation could not be made again: ' || v_operation.target, p_error, 'operation:' || p_operation_id);
  end if;
  return v_operation.id is not null;
end;
$$;
revoke all on function public.finish_operation(uuid, bigint, text, jsonb, text) from public, anon, authenticated;
grant execute on function public.finish_operation(uuid, bigint, text, jsonb, text) to service_role;
comment on function public.finish_operation(uuid, bigint, text, jsonb, text) is
  'Ends or requeues a leased operation; after ten attempts a person is asked. False when the lease has gone to another worker.';

create or replace function healing_private.decide_on_operation(p_operation_id uuid, p_decision text, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_operation public.queued_operations;
begin
  perform healing_private.require_person('decide on an operation');
  if p_decision not in ('requeue', 'discard') or coalesce(btrim(p_reason), '') = '' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A decision is requeue or discard, with a reason',
      hint = 'select public.decide_operation(id, ''requeue'', ''why'')';
  end if;
  update public.queued_operations
  set status = case p_decision when 'requeue' then 'queued' else 'failed' end, attempt_count = 0, next_attempt_at = clock_timestamp(),
    finished_at = case p_decision when 'discard' then clock_timestamp() end,
    last_error = format('%s by %s: %s', p_decision, healing_private.actor(), left(p_reason, 1000))
  where id = p_operation_id and status in ('queued', 'needs_person') returning * into v_operation;
  if not found then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Operation %s does not wait', p_operation_id),
      hint = 'Read its state in public.queued_operations';
  end if;
  return to_jsonb(v_operation);
end;
$$;
revoke all on function healing_private.decide_on_operation(uuid, text, text) from public, anon, authenticated;
grant execute on function healing_private.decide_on_operation(uuid, text, text) to authenticated, service_role;
comment on function healing_private.decide_on_operation(uuid, text, text) is 'The rights behind decide_operation; checks that a person acts.';

create or replace function public.decide_operation(p_operation_id uuid, p_decision text, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.decide_on_operation(p_operation_id, p_decision, p_reason);
$$;
revoke all on function public.decide_operation(uuid, text, text) from public, anon, authenticated;
grant execute on function public.decide_operation(uuid, text, text) to authenticated, service_role;
comment on function public.decide_operation(uuid, text, text) is
  'An admin sends a waiting operation back to the queue or discards it, with a reason. Returns the operation.';
