-- Adds what keeps a person's yes tied to what the person saw: list_approvals, refresh_approval (new changes in the place of old ones),
-- ask_again (an approved fix that would do something else comes back), withdraw_approval and withdraw_fix (what nobody has to answer).
-- Locks: none.
-- Undo: drop function public.list_approvals, public.refresh_approval, public.withdraw_approval, public.ask_again, public.withdraw_fix,
--       healing_private.refuse_preview.

-- The row is read by people: what does not fit in it is refused, and not cut.
create or replace function healing_private.refuse_preview(p_preview jsonb)
returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if jsonb_typeof(p_preview) is distinct from 'object' or jsonb_typeof(p_preview -> 'objects') is distinct from 'array'
    or jsonb_typeof(p_preview -> 'rows') is distinct from 'array' or pg_column_size(p_preview) > 2000000 then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'The preview of a fix does not have its form',
      hint = 'It is {"objects": [...], "rows": [...]}, of at most 2 MB';
  end if;
end;
$$;
revoke all on function healing_private.refuse_preview(jsonb) from public, anon, authenticated;
comment on function healing_private.refuse_preview(jsonb) is 'Raises PT400 for a preview that is none, or is too large.';

-- The rights of the caller count: admins and the functions see the rows, nobody else does.
create or replace function public.list_approvals(p_status text default null, p_limit integer default 50, p_approval_id uuid default null)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(q) || jsonb_build_object(
    'fix', (select jsonb_build_object('action', f.action, 'action_kind', f.action_kind, 'target', f.target, 'risk', f.risk, 'tier', f.tier,
        'confidence', f.confidence, 'reason', f.reason, 'status', f.status, 'evidence', f.evidence)
      from public.auto_fixes as f where f.id = q.auto_fix_id),
    'error', (select jsonb_build_object('error_type', e.error_type, 'error_message', e.error_message, 'function_name', e.function_name,
        'occurrence_count', e.occurrence_count, 'last_seen_at', e.last_seen_at, 'status', e.status)
      from public.detected_errors as e where e.id = q.detected_error_id))
    order by q.expires_at, q.id), '[]')
  from (select * from public.admin_approval_queue
    where (p_status is null or status = p_status) and (p_approval_id is null or id = p_approval_id)
    order by expires_at, id limit least(greatest(coalesce(p_limit, 50), 1), 500)) as q;
$$;
revoke all on function public.list_approvals(text, integer, uuid) from public, anon, authenticated;
grant execute on function public.list_approvals(text, integer, uuid) to authenticated, service_role;
comment on function public.list_approvals(text, integer, uuid) is
  'Questions to people, each with its fix, its error and what exactly would change; those that end first at the front.';

create or replace function public.refresh_approval(p_approval_id uuid, p_preview jsonb, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_approval public.admin_approval_queue;
begin
  perform healing_private.refuse_preview(p_preview);
  update public.admin_approval_queue
  set preview = p_preview, reason = case when preview is null then reason else left(format('what would happen has changed: %s', p_reason), 2000) end
  where id = p_approval_id and status = 'pending' and expires_at > clock_timestamp() returning * into v_approval;
  if not found then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Approval %s is not pending any more', p_approval_id),
      hint = 'Read its state in public.admin_approval_queue';
  end if;
  update public.auto_fixes set preview = p_preview where id = v_approval.auto_fix_id;
  return to_jsonb(v_approval);
end;
$$;
revoke all on function public.refresh_approval(uuid, jsonb, text) from public, anon, authenticated;
grant execute on function public.refresh_approval(uuid, jsonb, text) to service_role;
comment on function public.refresh_approval(uuid, jsonb, text) is
  'Puts what a pending fix would change now into its question; a yes to the older preview is refused from then on. Returns the approval.';

create or replace function public.withdraw_approval(p_approval_id uuid, p_reason text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_approval public.admin_approval_queue;
begin
  select * into v_approval from public.admin_approval_queue where id = p_approval_id and status = 'pending' for update;
  if not found then
    return;
  end if;
  perform healing_private.withdraw(v_approval.auto_fix_id, p_reason);
  -- The error may still be there for another reason: it is looked at once more.
  perform healing_private.finish_error(id, 'open', p_reason) from public.detected_errors
  where id = v_approval.detected_error_id and status = 'awaiting_approval';
  perform healing_private.kick_engine('approval', true);
end;
$$;
revoke all on function public.withdraw_approval(uuid, text) from public, anon, authenticated;
grant execute on function public.withdraw_approval(uuid, text) to service_role;
comment on function public.withdraw_approval(uuid, text) is 'Takes a pending question back, because what it asks for is there already, and has its error looked at again.';

create or replace function public.ask_again(p_fix_id uuid, p_claim_number bigint, p_preview jsonb, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_fix public.auto_fixes;
  v_alternatives jsonb;
begin
  perform healing_private.refuse_preview(p_preview);
  select * into v_fix from public.auto_fixes where id = p_fix_id for update;
  perform healing_private.require_claim(v_fix.detected_error_id, p_claim_number);
  if v_fix.status is distinct from 'proposed' or v_fix.approved_by is null then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Fix %s was not approved, or has started', p_fix_id),
      hint = 'Only an approved fix that has not started comes back';
  end if;
  select q.alternatives into v_alternatives from public.admin_approval_queue as q
  where q.auto_fix_id = p_fix_id order by q.requested_at desc limit 1;
  update public.auto_fixes set preview = p_preview, approved_by = null,
    evidence = evidence || jsonb_build_object('asked_again', jsonb_build_object('because', p_reason, 'approved_by', v_fix.approved_by))
  where id = p_fix_id returning * into v_fix;
  return jsonb_build_object('approval_id', healing_private.ask_person(v_fix,
    left(format('what would happen has changed since it was approved: %s', p_reason), 2000), v_alternatives));
end;
$$;
revoke all on function public.ask_again(uuid, bigint, jsonb, text) from public, anon, authenticated;
grant execute on function public.ask_again(uuid, bigint, jsonb, text) to service_role;
comment on function public.ask_again(uuid, bigint, jsonb, text) is
  'Takes the approval of a claimed fix back, because it would do something else than what was seen, and asks about that. Returns {approval_id}.';

create or replace function public.withdraw_fix(p_fix_id uuid, p_claim_number bigint, p_reason text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_fix public.auto_fixes;
begin
  select * into v_fix from public.auto_fixes where id = p_fix_id for update;
  perform healing_private.require_claim(v_fix.detected_error_id, p_claim_number);
  perform healing_private.withdraw(v_fix.id, p_reason);
end;
$$;
revoke all on function public.withdraw_fix(uuid, bigint, text) from public, anon, authenticated;
grant execute on function public.withdraw_fix(uuid, bigint, text) to service_role;
comment on function public.withdraw_fix(uuid, bigint, text) is 'Ends a claimed error''s fix that is not needed any more; the claim goes on, and its pattern learns nothing.';
