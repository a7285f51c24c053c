-- Adds what follows on a kept fix: claim_redeploy and record_redeploy, by which the engine asks for the redeploy that a change of
-- code needs, at least once and under the fix's id.
-- Locks: SHARE on auto_fixes while the index is built.
-- Undo: drop function public.claim_redeploy, public.record_redeploy; drop index public.auto_fixes_redeploy_wanted_idx.

create index if not exists auto_fixes_redeploy_wanted_idx on public.auto_fixes (finished_at)
  where status = 'kept' and (aftermath #>> '{redeploy,status}') = 'wanted';

create or replace function public.claim_redeploy(p_lease_seconds integer default 120)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  with due as (
    select f.id from public.auto_fixes as f
    where f.status = 'kept' and (f.aftermath #>> '{redeploy,status}') = 'wanted'
      and coalesce((f.aftermath #>> '{redeploy,asked_until}')::timestamptz, '-infinity') < clock_timestamp()
      -- With the kill switch thrown nothing is started.
      and healing_private.setting('enabled') = 'true'
    order by f.finished_at limit 1 for update skip locked
  ), claimed as (
    update public.auto_fixes as f
    set aftermath = jsonb_set(f.aftermath, '{redeploy,asked_until}',
      to_jsonb(clock_timestamp() + make_interval(secs => least(greatest(p_lease_seconds, 1), 900))))
    from due where f.id = due.id returning f.*)
  select jsonb_build_object('fixId', c.id, 'projectId', e.project_id, 'functionName', e.function_name, 'reason', c.what_will_happen,
    'action', c.action)
  from claimed as c join public.detected_errors as e on e.id = c.detected_error_id;
$$;
revoke all on function public.claim_redeploy(integer) from public, anon, authenticated;
grant execute on function public.claim_redeploy(integer) to service_role;
comment on function public.claim_redeploy(integer) is 'Leases one kept fix that wants a redeploy: {fixId, projectId, functionName, reason, action}, or null.';

create or replace function public.record_redeploy(p_fix_id uuid, p_outcome jsonb)
returns void
language sql
security definer
set search_path = ''
as $$
  update public.auto_fixes set aftermath = jsonb_set(aftermath, '{redeploy}', p_outcome || jsonb_build_object('at', clock_timestamp()))
  where id = p_fix_id and (aftermath #>> '{redeploy,status}') = 'wanted';
$$;
revoke all on function public.record_redeploy(uuid, jsonb) from public, anon, authenticated;
grant execute on function public.record_redeploy(uuid, jsonb) to service_role;
comment on function public.record_redeploy(uuid, jsonb) is 'Writes what came of a wanted redeploy into the fix''s row; a second answer is ignored.';
