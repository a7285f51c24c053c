-- Changes settle_write, so that a write inside a savepoint of its caller also stores what came of it: the ledger's row then bears
-- the number of the savepoint, and the foretold result would have stood although rows had failed.
-- Replaces settle_write of 20261129100720 under the same signature.
-- Locks: none.
-- Undo: apply settle_write of 20261129100720 again; drop function healing_private.is_of_this_transaction.

create or replace function healing_private.is_of_this_transaction(p_xmin xid)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  -- A row that is seen while its writer is still at work is one's own, also by a savepoint.
  select case when p_xmin = pg_catalog.pg_current_xact_id()::xid then true
    else pg_catalog.pg_xact_status((((pg_catalog.pg_current_xact_id()::text::bigint >> 32) << 32) + p_xmin::text::bigint)::text::xid8)
      is not distinct from 'in progress' end;
$$;
revoke all on function healing_private.is_of_this_transaction(xid) from public, anon, authenticated;
comment on function healing_private.is_of_this_transaction(xid) is 'Whether a row with this xmin was written by the present transaction or a savepoint of it.';

create or replace function healing_private.settle_write(p_operation text, p_key text, p_result jsonb, p_is_made boolean)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_role text := healing_private.write_role();
  v_subject text := healing_private.write_subject();
begin
  if p_is_made then
    update public.write_ledger
    -- Nobody can tell one anonymous caller from another: what was returned goes to the first one only.
    set result = case when v_subject = '' and v_role = 'anon' or pg_column_size(p_result) > 262144 then p_result - 'returned' else p_result end
    where caller_role = v_role and subject = v_subject and operation = p_operation and idempotency_key = p_key
      -- Only what this very transaction has taken.
      and healing_private.is_of_this_transaction(xmin);
  else
    -- Nothing was written and nothing queued: there is nothing to answer again, and the key may be used once the cause is mended.
    delete from public.write_ledger
    where caller_role = v_role and subject = v_subject and operation = p_operation and idempotency_key = p_key
      and healing_private.is_of_this_transaction(xmin);
  end if;
end;
$$;
revoke all on function healing_private.settle_write(text, text, jsonb, boolean) from public, anon, authenticated;
grant execute on function healing_private.settle_write(text, text, jsonb, boolean) to anon, authenticated, service_role;
comment on function healing_private.settle_write(text, text, jsonb, boolean) is
  'Stores what a claimed write came to, in the transaction that claimed it, or gives the key back when nothing was made.';
