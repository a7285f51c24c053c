-- Adds the audit of direct transactions: healing_private.record_transaction.
-- Locks: none.
-- Undo: drop function healing_private.record_transaction.

-- Called as the last statement of a transaction, still as its caller, so that deferred checks run with the caller's
-- rights and not with ours. It tells under whose name the transaction would be committed: role and claims are
-- settings, and a statement of the transaction may have changed them.
create or replace function healing_private.record_transaction(p_audit jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_claims text := nullif(current_setting('request.jwt.claims', true), '');
  v_xid text := pg_current_xact_id_if_assigned()::text;
begin
  -- What has written nothing leaves no trace: a row about it would make it write.
  if v_xid is not null and p_audit is not null then
    insert into public.healing_events (event_type, category, severity, result, message, function_name, duration_ms, request_id, details)
    values ('transaction', 'database', 'low', 'success', left(coalesce(p_audit ->> 'name', 'transaction'), 200),
      left(p_audit ->> 'function_name', 200), (p_audit ->> 'duration_ms')::double precision, left(p_audit ->> 'request_id', 200),
      jsonb_build_object('role', current_setting('role'), 'subject', v_claims::jsonb ->> 'sub', 'xid', v_xid,
        'statements', p_audit -> 'statements', 'attempt', p_audit -> 'attempt'));
  end if;
  return jsonb_build_object('role', current_setting('role'), 'claims', v_claims, 'xid', v_xid);
end;
$$;
revoke all on function healing_private.record_transaction(jsonb) from public, anon, authenticated;
grant execute on function healing_private.record_transaction(jsonb) to anon, authenticated, service_role;
comment on function healing_private.record_transaction(jsonb) is
  'Writes the audit row of the direct transaction that calls it, if it has written anything. Returns {role, claims, xid}: under whose name it would be committed.';
