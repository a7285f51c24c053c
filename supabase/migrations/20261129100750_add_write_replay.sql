-- Adds the replay of queued writes: claim_operations also takes those whose missing column or table has been made by hand, and
-- finish_operation may leave one to a person. Both replace the functions of 20261121110270 under the same signatures.
-- Locks: none.
-- Undo: apply 20261121110270 again; drop function healing_private.is_write_mended.

create or replace function healing_private.is_write_mended(p_payload jsonb)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select healing_private.write_target(p_payload ->> 'table') is not null and case
    when p_payload -> 'cause' ? 'missing' then healing_private.missing_columns(p_payload ->> 'table', p_payload -> 'cause' -> 'missing') = '[]'
    else p_payload -> 'cause' ->> 'type' = 'missing_relation' and p_payload -> 'rows' is not null
      and (p_payload -> 'seen' = '{"absent": true}' or p_payload -> 'seen' = 'null') end;
$$;
revoke all on function healing_private.is_write_mended(jsonb) from public, anon, authenticated;
comment on function healing_private.is_write_mended(jsonb) is 'Whether what a queued write was missing, a column or its table, is there now, whoever made it.';

create or replace function public.claim_operations(
  p_worker text, p_error_id uuid default null, p_skip jsonb default '[]', p_lease_seconds integer default 60)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  with due as (
    select q.id from public.queued_operations as q
    where (q.status = 'queued' or (q.status = 'running' and q.lease_expires_at < clock_timestamp()))
      -- A call that a person approved goes on; any other needs the switch, and the mode of calls on auto.
      and (healing_private.may_heal('call') or (healing_private.setting('enabled') = 'true' and exists (
        select from public.auto_fixes as f where f.detected_error_id = p_error_id and f.status = 'applying' and f.approved_by is not null)))
      and (q.detected_error_id = p_error_id
        -- Without an error: what waits although its fault is mended, also when a worker died, and what a person sent back.
        or (p_error_id is null and q.next_attempt_at <= clock_timestamp() and (q.sent_back or exists (
            select from public.detected_errors as e where e.id = q.detected_error_id and e.status in ('validating', 'healed'))
          or (q.operation_kind = 'write_rows' and healing_private.is_write_mended(q.payload)))))
      and not p_skip ? q.id::text
    order by q.attempt_count, q.position limit 1
    for update of q skip locked
  ), claimed as (
    update public.queued_operations as q
    set status = 'running', claimed_by = p_worker, claim_number = nextval('healing_private.fencing_numbers'),
      lease_expires_at = clock_timestamp() + make_interval(secs => least(greatest(p_lease_seconds, 1), 900)),
      attempt_count = attempt_count + 1
    from due where q.id = due.id returning q.*)
  select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object('validating_fix_id', (
    select f.id from public.auto_fixes as f where f.detected_error_id = c.detected_error_id and f.status = 'validating'))
    ), '[]') from claimed as c;
$$;
revoke all on function public.claim_operations(text, uuid, jsonb, integer) from public, anon, authenticated;
grant execute on function public.claim_operations(text, uuid, jsonb, integer) to service_role;
comment on function public.claim_operations(text, uuid, jsonb, integer) is
  'Leases one queued operation to a worker, the least tried and oldest first and none of p_skip: of one error, or without one of those whose fault is mended.';

create or replace function public.finish_operation(
  p_operation_id uuid, p_claim_number bigint, p_status text, p_result jsonb default null, p_error text default null)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_operation public.queued_operations;
begin
  if p_status not in ('done', 'failed', 'queued', 'needs_person') then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = format('An operation cannot end as "%s"', p_status),
      hint = 'Use done, failed, queued or needs_person';
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
  elsif v_operation.status = 'done' and v_operation.operation_kind = 'write_rows' then
    -- Somebody made the column by hand: no fix of ours will ever end the error.
    update public.detected_errors
    set status = 'healed', resolution = 'what the writes were missing is there now', resolved_at = clock_timestamp()
    where id = v_operation.detected_error_id and status in ('open', 'escalated') and healing_private.is_write_mended(v_operation.payload);
  end if;
  return v_operation.id is not null;
end;
$$;
revoke all on function public.finish_operation(uuid, bigint, text, jsonb, text) from public, anon, authenticated;
grant execute on function public.finish_operation(uuid, bigint, text, jsonb, text) to service_role;
comment on function public.finish_operation(uuid, bigint, text, jsonb, text) is
  'Ends or requeues a leased operation, or leaves it to a person, as after ten attempts. False when the lease has gone to another worker.';
