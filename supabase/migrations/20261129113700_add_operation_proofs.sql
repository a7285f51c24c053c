-- Adds the proof that an operation gives by its end: what was accepted after a fix proves it in the same transaction, so that
-- a worker that dies before it has reported leaves no fix without its proof.
-- Locks: SHARE ROW EXCLUSIVE on queued_operations while its trigger is made.
-- Undo: drop trigger b_prove_fix_by_operation on public.queued_operations; drop function healing_private.prove_fix_by_operation.

create or replace function healing_private.prove_fix_by_operation()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Whoever made all of them reports more; its report takes the place of this.
  perform public.record_fix_proof(f.id, '{"succeeded": true, "measured": "an operation that had failed was accepted"}')
  from public.auto_fixes as f
  where f.detected_error_id = new.detected_error_id and f.status = 'validating' and f.proof is null;
  return null;
end;
$$;
revoke all on function healing_private.prove_fix_by_operation() from public, anon, authenticated;
comment on function healing_private.prove_fix_by_operation() is 'Proves the watched fix of an operation''s error when the operation is done, unless a proof is known.';
create or replace trigger b_prove_fix_by_operation after update of status on public.queued_operations
  for each row when (new.status = 'done' and old.status is distinct from 'done' and new.detected_error_id is not null)
  execute function healing_private.prove_fix_by_operation();
