-- Adds the retention of what healed: healed detected_errors, ended auto_fixes and build_events, and its nightly job.
-- Locks: none.
-- Undo: select cron.unschedule('healing_history'); drop function public.purge_healed_history; delete the setting history_days.

insert into public.healing_settings (key, wanted, actual, description)
values ('history_days', '180', '180', 'Days that healed errors, their fixes and the events of builds are kept; what is evidence of a pattern in force, can still be taken back, or waits for a person stays whatever its age.')
on conflict (key) do nothing;
create index if not exists admin_approval_queue_detected_error_id_idx on public.admin_approval_queue (detected_error_id);

create or replace function public.purge_healed_history(p_limit integer default 5000)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_before timestamptz := clock_timestamp() - make_interval(days => (healing_private.setting('history_days') #>> '{}')::integer);
  v_limit integer := least(greatest(p_limit, 1), 50000);
  v_fixes bigint;
  v_errors bigint;
  v_events bigint;
begin
  delete from public.auto_fixes where id in (
    select f.id from public.auto_fixes as f
    where f.finished_at < v_before
      and not exists (select from healing_private.pattern_evidence as v join public.universal_error_patterns as p on p.id = v.pattern_id
        where p.status = 'active' and v.unit = 'fix:' || f.id and p.id = f.pattern_id)
      -- What is in force can still be taken back by its rollback point; a call that was made cannot, and need not stay.
      and not exists (select from public.applied_improvements as i
        where i.auto_fix_id = f.id and i.status = 'in_force' and f.action_group not in ('payload', 'call'))
      and not exists (select from public.admin_approval_queue as q where q.detected_error_id = f.detected_error_id and q.status = 'pending')
    order by f.finished_at limit v_limit for update of f skip locked);
  get diagnostics v_fixes = row_count;
  -- An error goes after the last of its fixes, and never with one: the rest of its history would go unseen.
  delete from public.detected_errors where id in (
    select e.id from public.detected_errors as e
    where e.resolved_at < v_before and e.status = 'healed'
      and not exists (select from public.auto_fixes as f where f.detected_error_id = e.id)
      and not exists (select from public.admin_approval_queue as q where q.detected_error_id = e.id and q.status = 'pending')
      and not exists (select from public.queued_operations as q where q.detected_error_id = e.id and q.status in ('queued', 'running', 'needs_person'))
      and not exists (select from public.error_group_merges as m where m.kept_error_id = e.id)
      and not exists (select from public.detected_errors as m where m.merged_into = e.id) and e.merged_into is null
    order by e.resolved_at limit v_limit for update of e skip locked);
  get diagnostics v_errors = row_count;
  delete from public.build_events where id in (
    select b.id from public.build_events as b where b.created_at < v_before
      and not exists (select from public.auto_fixes as f where f.id = b.auto_fix_id)
    order by b.created_at limit v_limit for update of b skip locked);
  get diagnostics v_events = row_count;
  delete from public.self_audits where judged_at < v_before;
  return jsonb_build_object('auto_fixes', v_fixes, 'detected_errors', v_errors, 'build_events', v_events);
end;
$$;
revoke all on function public.purge_healed_history(integer) from public, anon, authenticated;
grant execute on function public.purge_healed_history(integer) to service_role;
comment on function public.purge_healed_history(integer) is
  'Deletes healed errors, ended fixes and events of builds past history_days, at most p_limit of each, and nothing that is still needed. Returns how many of each.';

do $$
begin
  if to_regclass('cron.job') is not null then
    perform cron.schedule('healing_history', '47 3 * * *', 'select public.purge_healed_history(50000)');
  end if;
end;
$$;

notify pgrst, 'reload schema';
