-- Adds what changes the files of a generated project: the kinds add_file and patch_files, the functions that their steps rest on
-- (project_revision, change_generated_files, remove_generated_files), and what reads and saves a project for others
-- (read_project_files, save_corrected_project).
-- Locks: none on existing tables.
-- Undo: drop function public.read_project_files, public.save_corrected_project, healing_private.change_generated_files,
--       healing_private.remove_generated_files, healing_private.count_generated_files, healing_private.project_revision; delete from
--       healing_private.fix_kinds where kind in ('add_file', 'patch_files').

insert into healing_private.fix_kinds (kind, action_group, least_risk, least_risk_at_runtime)
values ('add_file', 'code', 'low', 'low'), ('patch_files', 'code', 'high', 'high')
on conflict (kind) do nothing;

-- What a project holds, in one word: measuring it, or asking for it, changes nothing of that.
create or replace function healing_private.project_revision(p_project_id uuid)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select pg_catalog.md5(coalesce(string_agg(path || E'\n' || pg_catalog.md5(content), E'\n' order by path), ''))
  from public.generated_files where project_id = p_project_id;
$$;
revoke all on function healing_private.project_revision(uuid) from public, anon, authenticated;
comment on function healing_private.project_revision(uuid) is 'Changes when a file of the project comes, goes or is changed, and never otherwise.';

create or replace function healing_private.count_generated_files(p_project_id uuid)
returns void
language sql
security definer
set search_path = ''
as $$
  update public.generated_projects as p set file_count = f.files, total_bytes = f.bytes, updated_at = clock_timestamp()
  from (select count(*)::integer as files, coalesce(sum(octet_length(content)), 0)::integer as bytes
    from public.generated_files where project_id = p_project_id) as f
  where p.id = p_project_id;
$$;
revoke all on function healing_private.count_generated_files(uuid) from public, anon, authenticated;
comment on function healing_private.count_generated_files(uuid) is 'Brings the counts of a project up to date.';

-- A file is changed only as long as it is as whoever changes it has seen it; its first text stays beside it.
create or replace function healing_private.change_generated_files(p_project_id uuid, p_files jsonb)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_changed integer;
begin
  perform from public.generated_projects where id = p_project_id for update;
  update public.generated_files as f set content = c ->> 'content', updated_at = clock_timestamp(),
    original_content = nullif(coalesce(f.original_content, f.content), c ->> 'content')
  from jsonb_array_elements(p_files) as c
  where f.project_id = p_project_id and f.path = c ->> 'path' and f.content = c ->> 'before';
  get diagnostics v_changed = row_count;
  if v_changed < jsonb_array_length(p_files) then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = 'A file of the project has been changed since it was read, or is gone',
      hint = 'Read the project again';
  end if;
  perform healing_private.count_generated_files(p_project_id);
  return v_changed;
end;
$$;
revoke all on function healing_private.change_generated_files(uuid, jsonb) from public, anon, authenticated;
comment on function healing_private.change_generated_files(uuid, jsonb) is
  'Changes files {path, before, content}, all or none, and keeps the first text of each. Raises PT409 when one is not as it was seen.';

-- What somebody has changed since stays.
create or replace function healing_private.remove_generated_files(p_project_id uuid, p_files jsonb)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_removed integer;
begin
  perform from public.generated_projects where id = p_project_id for update;
  delete from public.generated_files as f using jsonb_array_elements(p_files) as c
  where f.project_id = p_project_id and f.path = c ->> 'path' and f.content = c ->> 'content' and f.origin = 'healed';
  get diagnostics v_removed = row_count;
  perform healing_private.count_generated_files(p_project_id);
  return v_removed;
end;
$$;
revoke all on function healing_private.remove_generated_files(uuid, jsonb) from public, anon, authenticated;
comment on function healing_private.remove_generated_files(uuid, jsonb) is 'Removes files {path, content} that were added by healing and are as they were added. Returns how many.';

create or replace function public.read_project_files(p_project_id uuid)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_build_object('id', p.id, 'title', p.title, 'framework', p.framework, 'revision', healing_private.project_revision(p.id),
    'quality_score', p.quality_score, 'files', (select coalesce(jsonb_agg(jsonb_build_object('path', f.path, 'content', f.content) order by f.path), '[]')
      from public.generated_files as f where f.project_id = p.id))
  from public.generated_projects as p where p.id = p_project_id;
$$;
revoke all on function public.read_project_files(uuid) from public, anon, authenticated;
grant execute on function public.read_project_files(uuid) to service_role;
comment on function public.read_project_files(uuid) is 'A generated project as code is read: {id, title, framework, revision, quality_score, files: [{path, content}]}, or null.';

create or replace function public.save_corrected_project(p_project_id uuid, p_revision text, p_files jsonb, p_metrics jsonb default null, p_actor text default 'system')
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_changed integer;
begin
  -- One at a time; who comes second finds another revision.
  perform from public.generated_projects where id = p_project_id for update;
  if not found then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no generated project %s', p_project_id);
  elsif healing_private.project_revision(p_project_id) is distinct from p_revision then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = 'The project has been changed since it was read',
      hint = 'Read it again, and correct what it is now';
  elsif jsonb_typeof(p_files) is distinct from 'array' or jsonb_array_length(p_files) = 0 then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'There are no files to save';
  end if;
  update public.generated_files as f set content = c ->> 'content', updated_at = clock_timestamp(),
    original_content = nullif(coalesce(f.original_content, f.content), c ->> 'content')
  from jsonb_array_elements(p_files) as c where f.project_id = p_project_id and f.path = c ->> 'path';
  get diagnostics v_changed = row_count;
  if v_changed <> jsonb_array_length(p_files) then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A corrected file is not in the project, or is named twice',
      hint = 'Correction changes files; it adds none';
  end if;
  perform healing_private.count_generated_files(p_project_id);
  if p_metrics is not null then
    perform healing_private.insert_generation_metrics(p_project_id, p_metrics);
  end if;
  insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id, details)
  values ('project_corrected', 'runtime', 'low', 'success', format('%s files were corrected', v_changed), 'autonomous-corrector', p_project_id::text,
    jsonb_build_object('actor', left(p_actor, 200), 'paths', (select jsonb_agg(c -> 'path') from jsonb_array_elements(p_files) as c)));
  return jsonb_build_object('changed', v_changed, 'revision', healing_private.project_revision(p_project_id));
exception when check_violation or not_null_violation or untranslatable_character then
  raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = format('A corrected file cannot be saved: %s', sqlerrm), hint = 'Nothing was saved';
end;
$$;
revoke all on function public.save_corrected_project(uuid, text, jsonb, jsonb, text) from public, anon, authenticated;
grant execute on function public.save_corrected_project(uuid, text, jsonb, jsonb, text) to service_role;
comment on function public.save_corrected_project(uuid, text, jsonb, jsonb, text) is
  'Saves corrected files {path, content} of a project in one transaction, with the first text of each kept, only when the project still has the revision that was read. Returns {changed, revision}; raises PT404, PT409 CONFLICT, PT400.';

notify pgrst, 'reload schema';
