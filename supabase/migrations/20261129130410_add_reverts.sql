-- Adds taking a fix back on a person's word: fix_revert_requests (who, why, what came of it), request_revert, get_pending_reverts,
-- begin_revert and finish_revert, list_rollback_points, and what the history of the schema has against it.
-- Locks: none on existing tables.
-- Undo: drop function public.request_revert, public.get_pending_reverts, public.begin_revert, public.finish_revert,
--       public.list_rollback_points, healing_private.request_revert, healing_private.destroyed_since, healing_private.revert_refusal;
--       drop table public.fix_revert_requests.

create table if not exists public.fix_revert_requests (
  id uuid primary key default gen_random_uuid(),
  auto_fix_id uuid not null references public.auto_fixes (id) on delete cascade,
  status text not null default 'pending',
  requested_by text not null,
  reason text not null,
  outcome text,
  requested_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint fix_revert_requests_status_is_known check (status in ('pending', 'done', 'refused')),
  constraint fix_revert_requests_only_ended_rows_have_an_end check ((status = 'pending') = (finished_at is null)),
  constraint fix_revert_requests_refusals_have_a_reason check (status <> 'refused' or outcome is not null)
);
create unique index if not exists fix_revert_requests_pending_auto_fix_id_idx
  on public.fix_revert_requests (auto_fix_id) where status = 'pending';
create index if not exists fix_revert_requests_auto_fix_id_idx on public.fix_revert_requests (auto_fix_id);
comment on table public.fix_revert_requests is 'What people asked to be taken back: who, why, and what came of it.';
select healing_private.secure_table('public.fix_revert_requests'::regclass);

-- Renames count: what stood on the old name is gone. The history of the schema says nothing of rows.
create or replace function healing_private.destroyed_since(p_at timestamptz, p_objects text[])
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select format('%s of %s at %s', lower(v.command_tag), v.object_identity, v.changed_at)
  from public.schema_versions as v
  where v.changed_at > p_at
    and (v.command_tag in ('DROP TABLE', 'DROP SCHEMA', 'DROP VIEW', 'DROP MATERIALIZED VIEW', 'DROP TYPE', 'DROP SEQUENCE', 'DROP EXTENSION',
        'DROP FUNCTION')
      or (v.command_tag = 'ALTER TABLE' and v.object_type = 'table column'))
    and (p_objects is null or exists (select from unnest(p_objects) as o
      where v.object_identity = o or starts_with(v.object_identity, o || '.') or starts_with(v.object_identity, o || '(')))
  order by v.changed_at limit 1;
$$;
revoke all on function healing_private.destroyed_since(timestamptz, text[]) from public, anon, authenticated;
comment on function healing_private.destroyed_since(timestamptz, text[]) is
  'The first change since a moment that destroyed something: of these objects, or with null of any; null when there is none.';

create or replace function healing_private.revert_refusal(p_fix public.auto_fixes)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_destroyed text;
begin
  if p_fix.status not in ('kept', 'validating') then
    return format('fix %s is %s: there is nothing to take back', p_fix.id, p_fix.status);
  elsif p_fix.action_group in ('payload', 'call') and p_fix.preview is null then
    return format('%s has made calls, and a call cannot be unmade', p_fix.action_kind);
  elsif not exists (select from public.applied_improvements as i where i.auto_fix_id = p_fix.id and i.status = 'in_force') then
    return 'it is not in force any more';
  end if;
  -- Code and deployments stand on the whole schema, a fix of the database on what it changed.
  v_destroyed := healing_private.destroyed_since(p_fix.applied_at, case when p_fix.action_group in ('code', 'deployment') then null
    else array(select o ->> 'name' from jsonb_array_elements(coalesce(p_fix.preview -> 'objects', '[]')) as o) end);
  return case when v_destroyed is not null
    then format('something it stands on was destroyed since: %s. It is never taken back across that', v_destroyed) end;
end;
$$;
revoke all on function healing_private.revert_refusal(public.auto_fixes) from public, anon, authenticated;
grant execute on function healing_private.revert_refusal(public.auto_fixes) to authenticated, service_role;
comment on function healing_private.revert_refusal(public.auto_fixes) is 'Why a fix cannot be taken back, as far as rows tell; null when nothing speaks against it.';

create or replace function public.list_rollback_points(p_status text default null, p_limit integer default 50)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('fix_id', i.auto_fix_id, 'action_kind', i.action_kind, 'target', i.target,
    'description', i.description, 'status', i.status, 'applied_at', i.applied_at, 'rolled_back_at', i.rolled_back_at,
    'preview', f.preview, 'refusal', healing_private.revert_refusal(f)) order by i.applied_at desc, i.id), '[]')
  from (select * from public.applied_improvements
    where p_status is null or status = p_status
    order by applied_at desc, id limit least(greatest(coalesce(p_limit, 50), 1), 500)) as i
  join public.auto_fixes as f on f.id = i.auto_fix_id;
$$;
revoke all on function public.list_rollback_points(text, integer) from public, anon, authenticated;
grant execute on function public.list_rollback_points(text, integer) to authenticated, service_role;
comment on function public.list_rollback_points(text, integer) is
  'What is in force, newest first, each with what it changed and why it cannot be taken back (null: it can, while nobody has changed the same object).';

create or replace function healing_private.request_revert(p_fix_id uuid, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_fix public.auto_fixes;
  v_refusal text;
  v_request public.fix_revert_requests;
begin
  perform healing_private.require_decision('take a fix back', 'revert', array['revert'], p_reason);
  select * into v_fix from public.auto_fixes where id = p_fix_id;
  v_refusal := case when v_fix.id is null then format('there is no fix %s', p_fix_id) else healing_private.revert_refusal(v_fix) end;
  if v_refusal is not null then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Cannot take the fix back: %s', v_refusal),
      hint = 'Read public.applied_improvements for what is in force';
  end if;
  insert into public.fix_revert_requests (auto_fix_id, requested_by, reason)
  values (p_fix_id, healing_private.actor(), left(p_reason, 2000))
  on conflict (auto_fix_id) where status = 'pending' do nothing returning * into v_request;
  if v_request.id is null then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Fix %s is being taken back already', p_fix_id),
      hint = 'Read public.fix_revert_requests';
  end if;
  perform healing_private.kick_engine('revert', true);
  return to_jsonb(v_request);
end;
$$;
revoke all on function healing_private.request_revert(uuid, text) from public, anon, authenticated;
grant execute on function healing_private.request_revert(uuid, text) to authenticated, service_role;
comment on function healing_private.request_revert(uuid, text) is 'The rights behind request_revert; checks that a person acts.';

create or replace function public.request_revert(p_fix_id uuid, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.request_revert(p_fix_id, p_reason);
$$;
revoke all on function public.request_revert(uuid, text) from public, anon, authenticated;
grant execute on function public.request_revert(uuid, text) to authenticated, service_role;
comment on function public.request_revert(uuid, text) is
  'An admin asks for a fix in force to be taken back, with a reason; the engine does it, kill switch or not. Returns the request.';

create or replace function public.get_pending_reverts()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(jsonb_agg(r.id order by r.requested_at, r.id), '[]')
  from (select * from public.fix_revert_requests where status = 'pending' order by requested_at, id limit 50) as r;
$$;
revoke all on function public.get_pending_reverts() from public, anon, authenticated;
grant execute on function public.get_pending_reverts() to service_role;
comment on function public.get_pending_reverts() is 'The ids of up to 50 requests that wait to be carried out, oldest first.';

create or replace function public.begin_revert(p_request_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_request public.fix_revert_requests;
  v_fix public.auto_fixes;
begin
  select * into v_request from public.fix_revert_requests where id = p_request_id and status = 'pending' for update skip locked;
  select * into v_fix from public.auto_fixes where id = v_request.auto_fix_id for update skip locked;
  -- Somebody judges it at this moment: it is looked at again when that has ended.
  if v_fix.id is null or (v_fix.status = 'validating' and v_fix.lease_expires_at > clock_timestamp()) then
    return null;
  end if;
  return jsonb_build_object('id', v_request.id, 'refusal', healing_private.revert_refusal(v_fix), 'fix',
    jsonb_build_object('id', v_fix.id, 'action', v_fix.action, 'rollback_point', v_fix.rollback_point, 'preview', v_fix.preview));
end;
$$;
revoke all on function public.begin_revert(uuid) from public, anon, authenticated;
grant execute on function public.begin_revert(uuid) to service_role;
comment on function public.begin_revert(uuid) is
  'Locks a request and its fix until the transaction ends: {id, refusal, fix}, or null when another worker has one of them.';

create or replace function public.finish_revert(p_request_id uuid, p_status text, p_reason text default null)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_request public.fix_revert_requests;
  v_fix public.auto_fixes;
  v_verdict jsonb;
begin
  update public.fix_revert_requests set status = p_status, outcome = left(p_reason, 2000), finished_at = clock_timestamp()
  where id = p_request_id and status = 'pending' returning * into v_request;
  if not found then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Request %s has ended already', p_request_id),
      hint = 'Read public.fix_revert_requests';
  end if;
  select * into strict v_fix from public.auto_fixes where id = v_request.auto_fix_id;
  if p_status = 'done' then
    v_verdict := jsonb_build_object('reason', format('taken back by %s: %s', v_request.requested_by, v_request.reason),
      'before', v_fix.verdict, 'request_id', p_request_id);
    update public.auto_fixes set status = 'reverted', verdict = v_verdict, finished_at = clock_timestamp(), lease_expires_at = null
    where id = v_fix.id;
    update public.applied_improvements set status = 'rolled_back', rolled_back_at = clock_timestamp()
    where auto_fix_id = v_fix.id and status = 'in_force';
    insert into public.rollback_history (auto_fix_id, reason, actor, details)
    values (v_fix.id, v_request.reason, v_request.requested_by, v_verdict);
    -- What was being watched has no fix any more; what was healed shows itself when it comes back.
    perform healing_private.finish_error(e.id, 'escalated', v_verdict ->> 'reason') from public.detected_errors as e
    where e.id = v_fix.detected_error_id and e.status = 'validating';
  else
    perform healing_private.notify('medium', 'A fix was not taken back: ' || v_fix.action_kind, p_reason, 'revert:' || p_request_id,
      jsonb_build_object('fix_id', v_fix.id, 'request_id', p_request_id));
  end if;
  insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id, fingerprint,
    detected_error_id, auto_fix_id, strategy, tier, details)
  select 'fix_reverted', e.category, e.severity, case p_status when 'done' then 'success' else 'skipped' end,
    left(coalesce(p_reason, v_verdict ->> 'reason'), 1000), e.function_name, e.project_id, e.fingerprint, e.id, v_fix.id, v_fix.action_kind,
    v_fix.tier, jsonb_build_object('request_id', p_request_id, 'requested_by', v_request.requested_by, 'reason', v_request.reason)
  from public.detected_errors as e where e.id = v_fix.detected_error_id;
end;
$$;
revoke all on function public.finish_revert(uuid, text, text) from public, anon, authenticated;
grant execute on function public.finish_revert(uuid, text, text) to service_role;
comment on function public.finish_revert(uuid, text, text) is
  'Ends a request in the transaction that took the fix back (done), or with the reason why it stays (refused).';
