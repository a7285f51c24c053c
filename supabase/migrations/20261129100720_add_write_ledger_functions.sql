-- Adds the two doors through which the write path, which has only its caller's rights, reaches write_ledger: claim_write and
-- settle_write; and the caller as the platform verified it. Nothing in an argument says who is calling.
-- Locks: none.
-- Undo: drop function healing_private.claim_insert, healing_private.write_hash, healing_private.settle_write, healing_private.is_of_this_transaction, healing_private.claim_write, healing_private.write_subject,
--       healing_private.write_role.

-- In plpgsql although they are one expression each: a SQL function would be planned anew by each write.
create or replace function healing_private.write_hash(p_rows jsonb, p_options jsonb)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  return concat_ws(':', jsonb_hash_extended(p_rows, 0), jsonb_hash_extended(p_options - '{key,same_keys,healed,fingerprint,parked,final,queue,seen,unseen,returning}'::text[], 0));
end;
$$;
revoke all on function healing_private.write_hash(jsonb, jsonb) from public, anon, authenticated;
grant execute on function healing_private.write_hash(jsonb, jsonb) to anon, authenticated, service_role;
comment on function healing_private.write_hash(jsonb, jsonb) is
  'Tells one write from another under the same key: by what its author sent, not by how it was healed on the way.';

create or replace function healing_private.write_role()
returns text
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  -- The role that the API chose for the transaction; a definer function changes who is current, not this.
  return coalesce(nullif(pg_catalog.current_setting('role', true), 'none'), session_user::text);
end;
$$;
revoke all on function healing_private.write_role() from public, anon, authenticated;
comment on function healing_private.write_role() is 'The role under which the request runs, as the API set it.';

create or replace function healing_private.write_subject()
returns text
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_subject text := (select auth.jwt()) ->> 'sub';
begin
  -- A subject that is too long to be a key is told by its hash, never cut: two of them must not meet.
  return case when length(v_subject) > 200 then md5(v_subject) else coalesce(v_subject, '') end;
end;
$$;
revoke all on function healing_private.write_subject() from public, anon, authenticated;
comment on function healing_private.write_subject() is 'The subject of the verified token; empty without one.';

create or replace function healing_private.claim_write(p_operation text, p_key text, p_hash text, p_result jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_role text;
  v_subject text;
  v_stored public.write_ledger;
begin
  -- Whoever comes second with the key waits here until the first one has ended.
  insert into public.write_ledger (idempotency_key, operation, caller_role, subject, payload_hash, result)
  values (p_key, p_operation, healing_private.write_role(), healing_private.write_subject(), p_hash, p_result)
  on conflict (caller_role, subject, operation, idempotency_key) do nothing;
  if found then
    return null;
  end if;
  v_role := healing_private.write_role();
  v_subject := healing_private.write_subject();
  select * into strict v_stored from public.write_ledger
  where caller_role = v_role and subject = v_subject and operation = p_operation and idempotency_key = p_key;
  if v_stored.payload_hash <> p_hash then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = 'The idempotency key was used for another payload',
      hint = 'Give each write a key of its own';
  end if;
  return v_stored.result || '{"replayed": true}';
end;
$$;
revoke all on function healing_private.claim_write(text, text, text, jsonb) from public, anon, authenticated;
grant execute on function healing_private.claim_write(text, text, text, jsonb) to anon, authenticated, service_role;
comment on function healing_private.claim_write(text, text, text, jsonb) is
  'Takes an idempotency key of the caller and foretells the result: null when the write has to be made, else what was stored; raises PT409 for another payload.';

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

-- The claim of the common case: one call that reckons the hash and foretells the result itself.
create or replace function healing_private.claim_insert(p_table text, p_rows jsonb, p_options jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  if length(p_options ->> 'key') not between 1 and 200 then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'An idempotency key has 1 to 200 characters', hint = 'Send a UUID';
  end if;
  return healing_private.claim_write('insert ' || p_table, p_options ->> 'key', healing_private.write_hash(p_rows, p_options),
    jsonb_build_object('status', 'saved', 'rows', jsonb_array_length(p_rows)));
end;
$$;
revoke all on function healing_private.claim_insert(text, jsonb, jsonb) from public, anon, authenticated;
grant execute on function healing_private.claim_insert(text, jsonb, jsonb) to anon, authenticated, service_role;
comment on function healing_private.claim_insert(text, jsonb, jsonb) is 'As claim_write, for an insert that has no other option than its key.';
