-- Adds the learning network: which patterns may be shared, and the import of what others share, with a row for every
-- document and for every pattern of it. Signatures are checked by importPatterns before; here the issuer's key, the
-- time, the sizes and the closed set are checked once more.
-- Locks: none.
-- Undo: drop function public.get_shareable_patterns, public.import_patterns, healing_private.check_pattern_import,
--       healing_private.check_shared_pattern; drop table public.imported_patterns, public.pattern_imports; delete the setting trusted_pattern_keys.

insert into public.healing_settings (key, wanted, actual, description)
values ('trusted_pattern_keys', '[]', '[]',
  'Whose signed patterns may be imported: a list of "<algorithm>:<public key, base64url>", as createPatternKey gives it.')
on conflict (key) do nothing;

create table if not exists public.pattern_imports (
  id uuid primary key default gen_random_uuid(),
  issuer_key text not null,
  document_id uuid not null,
  document_sha256 text not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  pattern_count integer not null,
  new_count integer not null default 0,
  imported_by text not null,
  imported_at timestamptz not null default now(),
  constraint pattern_imports_end_after_they_begin check (expires_at > issued_at),
  constraint pattern_imports_hashes_are_whole check (document_sha256 ~ '^[0-9a-f]{64}$')
);
create unique index if not exists pattern_imports_issuer_key_document_id_idx on public.pattern_imports (issuer_key, document_id);
comment on table public.pattern_imports is 'Every document of shared patterns that was imported: from whose key, when, and how many of its patterns were new.';

create table if not exists public.imported_patterns (
  import_id uuid not null references public.pattern_imports (id) on delete cascade,
  pattern_id uuid not null references public.universal_error_patterns (id) on delete cascade,
  was_new boolean not null,
  primary key (import_id, pattern_id)
);
create index if not exists imported_patterns_pattern_id_idx on public.imported_patterns (pattern_id);
comment on table public.imported_patterns is 'Which pattern came with which document; a pattern that was known before is named and stays as it was.';
select healing_private.secure_table(name::regclass) from unnest(array['public.pattern_imports', 'public.imported_patterns']) as name;

create or replace function public.get_shareable_patterns()
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'error_signature', p.error_signature, 'fix_strategy', p.fix_strategy, 'category', p.category)), '[]')
  from (select * from public.universal_error_patterns
    where project_id = '' and status = 'active' and auto_fixable and trust_decision is null
    order by confidence_score desc, id limit 1000) as p;
$$;
revoke all on function public.get_shareable_patterns() from public, anon, authenticated;
grant execute on function public.get_shareable_patterns() to authenticated, service_role;
comment on function public.get_shareable_patterns() is
  'The shared patterns that their own evidence has made trusted, the best 1,000; exportPatterns withholds those that name anything.';

create or replace function healing_private.check_shared_pattern(p_pattern jsonb)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if not exists (select from healing_private.fix_kinds where kind = p_pattern -> 'fix_strategy' ->> 'kind') then
    raise exception using errcode = 'PT400', detail = 'FIX_REFUSED', message = 'A pattern of the document is of no known kind',
      hint = 'Read healing_private.fix_kinds';
  end if;
  if length(coalesce(p_pattern ->> 'error_signature', '')) not between 1 and 500
    or coalesce(p_pattern ->> 'category', '') not in ('database', 'migration', 'payload', 'auth', 'storage', 'network', 'ai', 'runtime', 'deployment', 'unknown')
    or (select count(*) from jsonb_object_keys(p_pattern -> 'fix_strategy')) > 10
    -- A slot, or one plain word: nothing that could hold a sentence, a path or a statement.
    or jsonb_path_exists(p_pattern -> 'fix_strategy', '$.* ? (@.type() != "string" || !(@ like_regex "^([$][1-9][0-9]?|[A-Za-z][A-Za-z0-9_-]{0,62})$"))') then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A pattern of the document does not have the form of a shared pattern',
      hint = 'Send {error_signature, fix_strategy, category}; every parameter is a slot or one known word';
  end if;
end;
$$;
revoke all on function healing_private.check_shared_pattern(jsonb) from public, anon, authenticated;
comment on function healing_private.check_shared_pattern(jsonb) is 'Raises PT400 unless a pattern is of a known kind and holds nothing but slots and single words.';

create or replace function healing_private.check_pattern_import(p_import jsonb)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_issued timestamptz := (p_import ->> 'issued_at')::timestamptz;
  v_expires timestamptz := (p_import ->> 'expires_at')::timestamptz;
begin
  if not coalesce(healing_private.setting('trusted_pattern_keys') ? (p_import ->> 'issuer_key'), false) then
    raise exception using errcode = 'PT403', detail = 'FORBIDDEN', message = 'The key of this document is not trusted here',
      hint = 'An admin adds it: select change_healing_setting(''trusted_pattern_keys'', ...)';
  end if;
  if not coalesce(v_issued <= clock_timestamp() + interval '5 minutes' and v_expires > clock_timestamp()
    and v_expires <= v_issued + interval '90 days', false) then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'The document has expired, or its times cannot be',
      hint = 'Ask for a new one; a document holds for at most 90 days';
  end if;
  if jsonb_typeof(p_import -> 'patterns') is distinct from 'array' or jsonb_array_length(p_import -> 'patterns') not between 1 and 200 then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A document holds 1 to 200 patterns', hint = 'Split it';
  end if;
  perform healing_private.check_shared_pattern(pattern) from jsonb_array_elements(p_import -> 'patterns') as pattern;
end;
$$;
revoke all on function healing_private.check_pattern_import(jsonb) from public, anon, authenticated;
comment on function healing_private.check_pattern_import(jsonb) is 'Raises unless a document''s key is trusted, its time is now, and its patterns are few and well-formed.';

create or replace function public.import_patterns(p_import jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_import public.pattern_imports;
  v_pattern jsonb;
  v_stored public.universal_error_patterns;
  v_new integer := 0;
begin
  perform healing_private.check_pattern_import(p_import);
  insert into public.pattern_imports (issuer_key, document_id, document_sha256, issued_at, expires_at, pattern_count, imported_by)
  values (p_import ->> 'issuer_key', (p_import ->> 'document_id')::uuid, p_import ->> 'document_sha256', (p_import ->> 'issued_at')::timestamptz,
    (p_import ->> 'expires_at')::timestamptz, jsonb_array_length(p_import -> 'patterns'), healing_private.actor())
  on conflict (issuer_key, document_id) do nothing returning * into v_import;
  if v_import.id is null then
    select * into strict v_import from public.pattern_imports
    where issuer_key = p_import ->> 'issuer_key' and document_id = (p_import ->> 'document_id')::uuid;
    if v_import.document_sha256 <> p_import ->> 'document_sha256' then
      raise exception using errcode = 'PT409', detail = 'CONFLICT', message = 'Another document with this id has been imported',
        hint = 'A document is never changed; ask its issuer for a new one';
    end if;
    return to_jsonb(v_import) || '{"replayed": true}';
  end if;
  -- In one order, so that imports that meet cannot wait for each other in a circle.
  for v_pattern in select distinct p from jsonb_array_elements(p_import -> 'patterns') as p order by p loop
    insert into public.universal_error_patterns (pattern_name, error_signature, fix_strategy, category, origin)
    values (format('imported: %s', v_pattern -> 'fix_strategy' ->> 'kind'), v_pattern ->> 'error_signature', v_pattern -> 'fix_strategy',
      v_pattern ->> 'category', 'imported')
    on conflict (md5(error_signature), md5(fix_strategy::text), project_id) do nothing returning * into v_stored;
    if v_stored.id is not null then
      v_new := v_new + 1;
      perform healing_private.note_pattern_change(v_stored, 'imported', healing_private.actor(), 'from the key ' || v_import.issuer_key);
      insert into public.imported_patterns (import_id, pattern_id, was_new) values (v_import.id, v_stored.id, true);
    else
      insert into public.imported_patterns (import_id, pattern_id, was_new)
      select v_import.id, p.id, false from public.universal_error_patterns as p
      where md5(p.error_signature) = md5(v_pattern ->> 'error_signature') and md5(p.fix_strategy::text) = md5((v_pattern -> 'fix_strategy')::text)
        and p.project_id = ''
      on conflict (import_id, pattern_id) do nothing;
    end if;
  end loop;
  update public.pattern_imports set new_count = v_new where id = v_import.id returning * into v_import;
  return to_jsonb(v_import) || '{"replayed": false}';
end;
$$;
revoke all on function public.import_patterns(jsonb) from public, anon, authenticated;
grant execute on function public.import_patterns(jsonb) to service_role;
comment on function public.import_patterns(jsonb) is
  'Stores the patterns of a verified document of a trusted key at score 0.5 without evidence; known ones stay as they are, a document counts once. Returns the import with {replayed}.';
