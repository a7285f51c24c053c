-- Changes merges of error groups: they wait for the verdict on a fix. Replaces healing_private.merge_member and
-- healing_private.return_member (same signatures): what was captured of a group that joined, or had left, while a fix of
-- the kept group was on trial counted as the fix's failure, and took it back.
-- Locks: none.
-- Undo: run both functions of 20261129100620 again, then drop function healing_private.is_on_trial.

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
