-- Adds healing_private.queue_operations: the queue that failed operations go into.
-- Locks: none.
-- Undo: drop function healing_private.queue_operations.

create or replace function healing_private.queue_operations(p_operations jsonb)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_kept integer;
begin
  insert into public.queued_operations
    (operation_kind, target, payload, idempotency_key, caller_role, caller_claims, subject, detected_error_id, last_error)
  select o ->> 'kind', o ->> 'target', coalesce(o -> 'payload', '{}'), o ->> 'idempotency_key', o ->> 'caller_role',
    coalesce(o -> 'caller_claims', '{}'), coalesce(o ->> 'subject', ''), (o ->> 'detected_error_id')::uuid, left(o ->> 'last_error', 2000)
  from jsonb_array_elements(p_operations) with ordinality as list (o, place)
  where o ->> 'kind' = 'invoke_function' and o ->> 'caller_role' in ('anon', 'authenticated', 'service_role')
    and length(o ->> 'idempotency_key') between 1 and 200 and length(o ->> 'target') between 1 and 200
    and length(coalesce(o ->> 'subject', '')) <= 200
    -- One kind of caller may not fill the queue of a function for the others, nor may writes into a table of its name.
    and (select count(*) from public.queued_operations as q
      where q.operation_kind = 'invoke_function' and q.target = o ->> 'target' and q.caller_role = o ->> 'caller_role' and q.status in ('queued', 'running')) < 1000
  order by place
  on conflict (operation_kind, target, caller_role, subject, idempotency_key) do nothing;
  select count(*) into v_kept from jsonb_array_elements(p_operations) as o
  where exists (select from public.queued_operations as q
    where q.operation_kind = o ->> 'kind' and q.target = o ->> 'target' and q.caller_role = o ->> 'caller_role'
      and q.subject = coalesce(o ->> 'subject', '') and q.idempotency_key = o ->> 'idempotency_key'
      -- A key that was used for something else, or for what is done, keeps nothing.
      and q.status in ('queued', 'running') and q.payload = coalesce(o -> 'payload', '{}'));
  return v_kept;
end;
$$;
revoke all on function healing_private.queue_operations(jsonb) from public, anon, authenticated;
comment on function healing_private.queue_operations(jsonb) is
  'Queues failed operations for replay, each once by its idempotency key and at most 1,000 waiting per function and role. Returns how many of them wait in the queue as they were sent.';
