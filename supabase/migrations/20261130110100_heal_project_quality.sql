-- Adds the healing of recent projects (cycle 5): find_quality_work (the next project to look at), open_quality_fix (its claim),
-- record_project_quality, record_quality_proof, the setting quality_again_hours, and the triggers that let what was refused rest and ask for a
-- redeploy only where the project allows it.
-- Locks: SHARE ROW EXCLUSIVE on detected_errors and auto_fixes while their triggers are made.
-- Undo: drop trigger y_rest_quality on public.detected_errors; drop trigger y_hold_project_redeploys on public.auto_fixes; drop function
--       public.find_quality_work, public.open_quality_fix, public.record_project_quality, public.record_quality_proof,
--       healing_private.hold_project_redeploys; delete from public.healing_settings where key = 'quality_again_hours'.

insert into public.healing_settings (key, wanted, actual, description)
values ('quality_again_hours', '24', '24', 'Hours in which what was refused or taken back for the quality of a project is not proposed again.')
on conflict (key) do nothing;

-- A project is looked at when it is young and below the score, and once for each state of its files; and when a fix of it waits for its proof.
create or replace function public.find_quality_work(p_least_score numeric, p_project_id text default null)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  with candidates as (
    select p.id, false as unproved from public.generated_projects as p
    where not p.is_test and p.created_at > clock_timestamp() - interval '1 hour' and coalesce(p.quality_score, 0) < p_least_score
    union all
    select substr(f.target, 9)::uuid, true from public.auto_fixes as f
    where f.status = 'validating' and f.proof is null and f.action_kind in ('add_file', 'patch_files') and f.target like 'project:%'
  ), due as (
    select p.id, bool_or(c.unproved) as unproved, p.quality_score, p.created_at
    from candidates as c join public.generated_projects as p on p.id = c.id
    left join lateral (select * from public.generation_quality_metrics as o where o.project_id = p.id and o.phase in ('healed', 'checked')
      order by o.created_at desc limit 1) as m on not c.unproved
    where (p_project_id is null or p.id::text = p_project_id)
      -- With the kill switch thrown nothing is started.
      and healing_private.setting('enabled') = 'true'
      and (c.unproved or m.created_at is null
        or m.created_at < (select max(f.updated_at) from public.generated_files as f where f.project_id = p.id)
        -- What a budget held back is looked at again.
        or (m.details ? 'later' and m.created_at < clock_timestamp() - interval '10 minutes'))
    group by p.id)
  select jsonb_build_object('project_id', d.id, 'unproved', d.unproved)
  from due as d order by d.unproved desc, d.quality_score nulls first, d.created_at limit 1;
$$;
revoke all on function public.find_quality_work(numeric, text) from public, anon, authenticated;
grant execute on function public.find_quality_work(numeric, text) to service_role;
comment on function public.find_quality_work(numeric, text) is
  'The next project whose quality is to be looked at: {project_id, unproved}, or null. Projects of the last hour below the score, and those with a fix that waits for its proof.';

create or replace function public.record_project_quality(p_project_id uuid, p_revision text, p_metrics jsonb)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform from public.generated_projects where id = p_project_id for update;
  if not found or healing_private.project_revision(p_project_id) is distinct from p_revision then
    return false;
  end if;
  perform healing_private.insert_generation_metrics(p_project_id, p_metrics);
  return true;
end;
$$;
revoke all on function public.record_project_quality(uuid, text, jsonb) from public, anon, authenticated;
grant execute on function public.record_project_quality(uuid, text, jsonb) to service_role;
comment on function public.record_project_quality(uuid, text, jsonb) is
  'Keeps a measurement of a project (see generation_quality_metrics) when it still has the revision that was measured; false when it has not.';

create or replace function public.record_quality_proof(p_project_id uuid, p_score numeric, p_error_count integer)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_fix record;
  v_proved integer := 0;
begin
  for v_fix in select id, evidence -> 'quality' as before from public.auto_fixes
    where target = 'project:' || p_project_id and status = 'validating' and proof is null for update skip locked loop
    perform public.record_fix_proof(v_fix.id, jsonb_build_object('succeeded', coalesce(p_score > (v_fix.before ->> 'score')::numeric
      or p_error_count < (v_fix.before ->> 'errors')::integer, false), 'score', p_score, 'errors', p_error_count, 'before', v_fix.before));
    v_proved := v_proved + 1;
  end loop;
  return v_proved;
end;
$$;
revoke all on function public.record_quality_proof(uuid, numeric, integer) from public, anon, authenticated;
grant execute on function public.record_quality_proof(uuid, numeric, integer) to service_role;
comment on function public.record_quality_proof(uuid, numeric, integer) is
  'Writes into the fixes of a project that wait for it whether the project is better than before them. Returns how many.';

create or replace function public.open_quality_fix(p_project_id uuid, p_fix jsonb, p_worker text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_hours integer := (healing_private.setting('quality_again_hours') #>> '{}')::integer;
  v_error public.detected_errors;
begin
  perform pg_catalog.pg_advisory_xact_lock(hashtext('healing:quality'), hashtext(p_project_id::text));
  select * into v_error from public.detected_errors
  where fingerprint = p_fix ->> 'fingerprint' and project_id = p_project_id::text and status <> 'healed' for update;
  if found and v_error.status in ('awaiting_approval', 'validating', 'healing') then
    return jsonb_build_object('opened', false, 'id', v_error.id, 'reason', 'it is under way: ' || v_error.status);
  elsif found and v_error.resolved_at > clock_timestamp() - make_interval(hours => v_hours) then
    return jsonb_build_object('opened', false, 'id', v_error.id, 'reason', coalesce(v_error.resolution, v_error.status));
  elsif found then
    update public.detected_errors set status = 'healing', claimed_by = p_worker, claim_number = nextval('healing_private.fencing_numbers'),
      lease_expires_at = clock_timestamp() + interval '120 seconds', last_seen_at = clock_timestamp(), resolved_at = null,
      attempt_count = 1, error_message = left(p_fix ->> 'message', 8000)
    where id = v_error.id returning * into v_error;
  else
    insert into public.detected_errors (fingerprint, error_signature, error_template, error_type, error_message, category, severity,
      source, project_id, status, claimed_by, claim_number, lease_expires_at, attempt_count)
    values (p_fix ->> 'fingerprint', 'quality: ' || (p_fix ->> 'type'), p_fix ->> 'fingerprint', p_fix ->> 'type', left(p_fix ->> 'message', 8000),
      'runtime', 'low', 'quality', p_project_id::text, 'healing', p_worker, nextval('healing_private.fencing_numbers'),
      clock_timestamp() + interval '120 seconds', 1)
    returning * into v_error;
  end if;
  return jsonb_build_object('opened', true, 'id', v_error.id, 'claim_number', v_error.claim_number);
end;
$$;
revoke all on function public.open_quality_fix(uuid, jsonb, text) from public, anon, authenticated;
grant execute on function public.open_quality_fix(uuid, jsonb, text) to service_role;
comment on function public.open_quality_fix(uuid, jsonb, text) is
  'Opens a fix {fingerprint, type, message} of a project under a claim, as if it were an error: {opened, id, claim_number}, or {opened: false, reason} when it is under way or was decided lately.';

-- Nobody asks the rules what to do about it: it is made, or left. Only an approved one is taken up.
create or replace trigger y_rest_quality before update of status on public.detected_errors
  for each row when (new.source = 'quality' and new.status = 'open') execute function healing_private.rest_optimisations();

-- Code that is healed goes out by itself only where the project says so.
create or replace function healing_private.hold_project_redeploys()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if not exists (select from public.generated_projects as p where 'project:' || p.id = new.target and p.auto_redeploy) then
    new.aftermath := jsonb_set(new.aftermath, '{redeploy}', '{"status": "not_allowed"}');
  end if;
  return new;
end;
$$;
revoke all on function healing_private.hold_project_redeploys() from public, anon, authenticated;
comment on function healing_private.hold_project_redeploys() is 'Takes the wish for a redeploy out of a kept fix of a project that does not allow it.';
create or replace trigger y_hold_project_redeploys before update of status on public.auto_fixes
  for each row when (new.action_kind in ('add_file', 'patch_files') and new.status = 'kept' and (new.aftermath #>> '{redeploy,status}') = 'wanted')
  execute function healing_private.hold_project_redeploys();

notify pgrst, 'reload schema';
