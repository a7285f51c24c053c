-- Adds merges of error groups and their undo: merge_error_groups, undo_error_group_merge.
-- Locks: none.
-- Undo: undo every merge, then drop function public.merge_error_groups, public.undo_error_group_merge,
--       healing_private.merge_groups, healing_private.undo_merge, healing_private.merge_member,
--       healing_private.return_member, healing_private.is_on_trial, healing_private.lock_groups.

-- Rows that a worker holds are not waited for: it may be waiting for something of ours.
create or replace function healing_private.lock_groups(p_ids uuid[])
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform pg_catalog.pg_advisory_xact_lock(hashtextextended('healing:error_groups', 0));
  perform from public.detected_errors where id = any (p_ids) order by id for update nowait;
exception when lock_not_available then
  raise exception using errcode = 'PT409', detail = 'CONFLICT', message = 'One of these error groups is being worked on at this moment',
    hint = 'Try again';
end;
$$;
revoke all on function healing_private.lock_groups(uuid[]) from public, anon, authenticated;
comment on function healing_private.lock_groups(uuid[]) is
  'Keeps captures out and locks the groups until the transaction ends; raises PT409 CONFLICT instead of waiting for a worker.';

create or replace function healing_private.is_on_trial(p_error_id uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (select from public.auto_fixes where detected_error_id = p_error_id and status in ('applying', 'validating'));
$$;
revoke all on function healing_private.is_on_trial(uuid) from public, anon, authenticated;
comment on function healing_private.is_on_trial(uuid) is 'Whether a fix of the error is being applied or watched at this moment.';

create or replace function healing_private.merge_member(p_merge public.error_group_merges, p_member public.detected_errors)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_fixes uuid[];
  v_operations uuid[];
begin
  if p_member.status not in ('open', 'escalated', 'ignored') or p_member.project_id <> p_merge.project_id or exists (
    select from public.auto_fixes where detected_error_id = p_member.id and status in ('proposed', 'awaiting_approval', 'applying', 'validating'))
    or healing_private.is_on_trial(p_merge.kept_error_id) then
    raise exception using errcode = 'PT409', detail = 'CONFLICT',
      message = format('Error %s cannot be merged: it is %s, of project "%s"', p_member.id, p_member.status, p_member.project_id),
      hint = 'Merge groups of one project that are open, escalated or ignored, and have no fix under way; into a group whose fix is on trial when that is over';
  end if;
  with moved as (update public.auto_fixes set detected_error_id = p_merge.kept_error_id where detected_error_id = p_member.id returning id)
  select coalesce(array_agg(id), '{}') into v_fixes from moved;
  with moved as (update public.queued_operations set detected_error_id = p_merge.kept_error_id where detected_error_id = p_member.id returning id)
  select coalesce(array_agg(id), '{}') into v_operations from moved;
  insert into healing_private.merged_error_groups (merge_id, error_id, fingerprint, status, resolution, resolved_at, fix_ids, operation_ids)
  values (p_merge.id, p_member.id, p_member.fingerprint, p_member.status, p_member.resolution, p_member.resolved_at, v_fixes, v_operations);
  insert into healing_private.merged_occurrences (merge_id, fingerprint, error_id, occurrence_count, last_seen_at)
  values (p_merge.id, p_member.fingerprint, p_merge.kept_error_id, p_member.occurrence_count, p_member.last_seen_at);
  insert into healing_private.fingerprint_aliases (fingerprint, project_id, kept_fingerprint, merge_id)
  values (p_member.fingerprint, p_member.project_id, p_merge.kept_fingerprint, p_merge.id)
  on conflict (fingerprint, project_id) do update set kept_fingerprint = excluded.kept_fingerprint, merge_id = excluded.merge_id;
  update public.detected_errors set occurrence_count = occurrence_count + p_member.occurrence_count,
    first_seen_at = least(first_seen_at, p_member.first_seen_at), last_seen_at = greatest(last_seen_at, p_member.last_seen_at)
  where id = p_merge.kept_error_id;
  update public.detected_errors set occurrence_count = 0, status = 'merged', merged_into = p_merge.kept_error_id, resolved_at = p_merge.merged_at,
    resolution = left(format('merged into %s by %s: %s', p_merge.kept_error_id, p_merge.merged_by, p_merge.reason), 2000)
  where id = p_member.id;
end;
$$;
revoke all on function healing_private.merge_member(public.error_group_merges, public.detected_errors) from public, anon, authenticated;
comment on function healing_private.merge_member(public.error_group_merges, public.detected_errors) is
  'Moves one group''s count, fixes and operations into the kept group, and captures of its fingerprint from now on.';

create or replace function healing_private.merge_groups(p_ids uuid[], p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
set lock_timeout = '3s'
as $$
declare
  v_kept public.detected_errors;
  v_merge public.error_group_merges;
  v_member public.detected_errors;
begin
  perform healing_private.require_person('merge error groups');
  if coalesce(btrim(p_reason), '') = '' or coalesce(cardinality(p_ids), 0) not between 2 and 100 or array_position(p_ids, null) is not null
    or (select count(distinct id) from unnest(p_ids) as id) <> cardinality(p_ids) then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A merge needs from 2 to 100 different groups and a reason',
      hint = 'Give the id of the group that is kept first, and say in p_reason why they are one';
  end if;
  perform healing_private.lock_groups(p_ids);
  select * into v_kept from public.detected_errors where id = p_ids[1];
  if (select count(*) from public.detected_errors where id = any (p_ids)) <> cardinality(p_ids) then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = 'One of these error groups does not exist',
      hint = 'Read the ids in public.detected_errors';
  elsif v_kept.status in ('healed', 'merged') then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Error %s cannot be kept: it is %s', v_kept.id, v_kept.status),
      hint = 'Keep a group that is neither healed nor merged';
  end if;
  insert into public.error_group_merges (project_id, kept_error_id, kept_fingerprint, kept_first_seen_at, reason, merged_by)
  values (v_kept.project_id, v_kept.id, v_kept.fingerprint, v_kept.first_seen_at, left(p_reason, 1000), healing_private.actor()) returning * into v_merge;
  for v_member in select * from public.detected_errors where id = any (p_ids[2:]) order by id loop
    perform healing_private.merge_member(v_merge, v_member);
  end loop;
  insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id, fingerprint, detected_error_id, details)
  values ('error_groups_merged', v_kept.category, v_kept.severity, 'success', left(p_reason, 1000), v_kept.function_name, v_kept.project_id,
    v_kept.fingerprint, v_kept.id, jsonb_build_object('merge_id', v_merge.id, 'merged_ids', to_jsonb(p_ids[2:]), 'by', v_merge.merged_by));
  return jsonb_build_object('merge_id', v_merge.id, 'kept_id', v_kept.id, 'merged_ids', to_jsonb(p_ids[2:]),
    'occurrence_count', (select occurrence_count from public.detected_errors where id = v_kept.id));
end;
$$;
revoke all on function healing_private.merge_groups(uuid[], text) from public, anon, authenticated;
grant execute on function healing_private.merge_groups(uuid[], text) to authenticated, service_role;
comment on function healing_private.merge_groups(uuid[], text) is 'The rights behind merge_error_groups; checks that a person acts.';

create or replace function public.merge_error_groups(p_ids uuid[], p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.merge_groups(p_ids, p_reason);
$$;
revoke all on function public.merge_error_groups(uuid[], text) from public, anon, authenticated;
grant execute on function public.merge_error_groups(uuid[], text) to authenticated, service_role;
comment on function public.merge_error_groups(uuid[], text) is
  'Admins say that groups have one cause: the first is kept and takes over the others, also what is captured later. Returns {merge_id, kept_id, merged_ids, occurrence_count}.';

create or replace function healing_private.return_member(p_merge public.error_group_merges, p_member healing_private.merged_error_groups)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_held healing_private.merged_occurrences;
begin
  if healing_private.is_on_trial(p_merge.kept_error_id) then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('A fix of error %s is on trial: its verdict would rest on other counts', p_merge.kept_error_id),
      hint = 'Undo the merge when the verdict is there; read public.auto_fixes';
  end if;
  update public.detected_errors set status = p_member.status, merged_into = null, resolution = p_member.resolution, resolved_at = p_member.resolved_at,
    occurrence_count = occurrence_count + coalesce((select sum(o.occurrence_count) from healing_private.merged_occurrences as o
      where o.merge_id = p_merge.id and o.fingerprint = p_member.fingerprint), 0),
    last_seen_at = greatest(last_seen_at, (select max(o.last_seen_at) from healing_private.merged_occurrences as o
      where o.merge_id = p_merge.id and o.fingerprint = p_member.fingerprint))
  where id = p_member.error_id;
  for v_held in select * from healing_private.merged_occurrences where merge_id = p_merge.id and fingerprint = p_member.fingerprint loop
    update public.detected_errors set occurrence_count = occurrence_count - v_held.occurrence_count,
      -- A group in which nothing of its own was ever counted is left as one that nobody has to look at.
      status = case when occurrence_count = v_held.occurrence_count and status in ('open', 'escalated') then 'ignored' else status end,
      resolution = case when occurrence_count = v_held.occurrence_count and status in ('open', 'escalated')
        then 'all it held was given back when a merge was undone' else resolution end
    where id = v_held.error_id;
  end loop;
  delete from healing_private.merged_occurrences where merge_id = p_merge.id and fingerprint = p_member.fingerprint;
  delete from healing_private.fingerprint_aliases where merge_id = p_merge.id and fingerprint = p_member.fingerprint;
  update public.auto_fixes set detected_error_id = p_member.error_id where id = any (p_member.fix_ids);
  update public.queued_operations set detected_error_id = p_member.error_id where id = any (p_member.operation_ids);
end;
$$;
revoke all on function healing_private.return_member(public.error_group_merges, healing_private.merged_error_groups) from public, anon, authenticated;
comment on function healing_private.return_member(public.error_group_merges, healing_private.merged_error_groups) is
  'Gives a merged group back: its state, its fixes and operations, and every occurrence of its fingerprint, moved or captured since.';

create or replace function healing_private.undo_merge(p_merge_id uuid, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
set lock_timeout = '3s'
as $$
declare
  v_merge public.error_group_merges;
  v_next public.error_group_merges;
  v_member healing_private.merged_error_groups;
begin
  perform healing_private.require_person('undo a merge of error groups');
  if coalesce(btrim(p_reason), '') = '' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'The undo of a merge needs a reason', hint = 'Say in p_reason why';
  end if;
  perform healing_private.lock_groups('{}');
  select * into v_merge from public.error_group_merges where id = p_merge_id for update;
  if v_merge.id is null then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no merge %s', p_merge_id),
      hint = 'Read the ids in public.error_group_merges';
  elsif v_merge.undone_at is not null then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('The merge %s was undone by %s already', p_merge_id, v_merge.undone_by),
      hint = 'Nothing is left to do';
  elsif exists (select from healing_private.fingerprint_aliases where fingerprint = v_merge.kept_fingerprint and project_id = v_merge.project_id) then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = 'The group that was kept has been merged into another one since',
      hint = 'Undo that merge first';
  end if;
  perform healing_private.lock_groups((select array_agg(error_id) from (
    select error_id from healing_private.merged_occurrences where merge_id = v_merge.id
    union select error_id from healing_private.merged_error_groups where merge_id = v_merge.id) as touched));
  for v_member in select * from healing_private.merged_error_groups where merge_id = v_merge.id order by error_id loop
    perform healing_private.return_member(v_merge, v_member);
  end loop;
  update public.error_group_merges set undo_reason = left(p_reason, 1000), undone_by = healing_private.actor(), undone_at = clock_timestamp()
  where id = v_merge.id returning * into v_merge;
  -- When the kept group was first seen by itself is known to the oldest of its merges.
  select * into v_next from public.error_group_merges where kept_error_id = v_merge.kept_error_id and undone_at is null order by merged_at limit 1;
  if v_next.merged_at > v_merge.merged_at then
    update public.error_group_merges set kept_first_seen_at = v_merge.kept_first_seen_at where id = v_next.id returning * into v_next;
  end if;
  update public.detected_errors set first_seen_at = least(coalesce(v_next.kept_first_seen_at, v_merge.kept_first_seen_at),
    (select min(first_seen_at) from public.detected_errors as m where m.merged_into = v_merge.kept_error_id))
  where id = v_merge.kept_error_id;
  insert into public.healing_events (event_type, category, severity, result, message, project_id, fingerprint, detected_error_id, details)
  select 'error_groups_unmerged', category, severity, 'success', left(p_reason, 1000), project_id, fingerprint, id,
    jsonb_build_object('merge_id', v_merge.id, 'by', v_merge.undone_by) from public.detected_errors where id = v_merge.kept_error_id;
  return to_jsonb(v_merge);
end;
$$;
revoke all on function healing_private.undo_merge(uuid, text) from public, anon, authenticated;
grant execute on function healing_private.undo_merge(uuid, text) to authenticated, service_role;
comment on function healing_private.undo_merge(uuid, text) is 'The rights behind undo_error_group_merge; checks that a person acts.';

create or replace function public.undo_error_group_merge(p_merge_id uuid, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.undo_merge(p_merge_id, p_reason);
$$;
revoke all on function public.undo_error_group_merge(uuid, text) from public, anon, authenticated;
grant execute on function public.undo_error_group_merge(uuid, text) to authenticated, service_role;
comment on function public.undo_error_group_merge(uuid, text) is
  'Admins take a merge back: each group gets its state and every occurrence of its fingerprint again, also those captured since. Returns the merge.';

notify pgrst, 'reload schema';
