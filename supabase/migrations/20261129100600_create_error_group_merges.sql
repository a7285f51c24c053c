-- Adds what makes a change of the fingerprint's rules harmless and a wrong grouping mendable: an occurrence may carry
-- the key of the rules before, and admins merge error groups and take a merge back, with every counter exact.
-- New: public.error_group_merges, healing_private.merged_error_groups, .merged_occurrences, .fingerprint_aliases, the
-- view public.error_group_members; detected_errors gets previous_fingerprint, merged_into and the status 'merged'.
-- Replaces: healing_private.read_errors (reads the second key), healing_private.store_errors (finds the group by
-- either key and through merges), public.capture_errors (keeps merges and captures apart); all with their signatures.
-- Locks: access exclusive on public.detected_errors for as long as it takes to read it once, for its two constraints.
-- Undo: undo every merge, run 20261121110200 again, then drop function public.merge_error_groups,
--       public.undo_error_group_merge, healing_private.merge_groups, healing_private.undo_merge,
--       healing_private.lock_groups, healing_private.merge_member, healing_private.return_member,
--       healing_private.note_keys, healing_private.merge_hops, healing_private.kept_fingerprint; drop view
--       public.error_group_members; drop table healing_private.fingerprint_aliases,
--       healing_private.merged_occurrences, healing_private.merged_error_groups, public.error_group_merges.

alter table public.detected_errors add column if not exists previous_fingerprint text;
alter table public.detected_errors add column if not exists merged_into uuid references public.detected_errors (id) on delete cascade;
comment on column public.detected_errors.previous_fingerprint is
  'The key that the rules before gave the first occurrence: by it instances that were not upgraded yet find the group.';
comment on column public.detected_errors.merged_into is 'The group that took this one over; undo_error_group_merge gives it back.';
create index if not exists detected_errors_previous_fingerprint_idx
  on public.detected_errors (previous_fingerprint, project_id) where previous_fingerprint is not null and status <> 'healed';
create index if not exists detected_errors_merged_into_idx on public.detected_errors (merged_into) where merged_into is not null;
alter table public.detected_errors
  drop constraint if exists detected_errors_status_is_known,
  add constraint detected_errors_status_is_known check
    (status in ('open', 'healing', 'awaiting_approval', 'validating', 'healed', 'escalated', 'ignored', 'merged')),
  -- The count of a merged group is with the group that took it over, and a merge that is undone may leave none behind.
  drop constraint if exists detected_errors_are_seen_at_least_once,
  drop constraint if exists detected_errors_counts_are_not_negative,
  add constraint detected_errors_counts_are_not_negative check (occurrence_count >= 0),
  drop constraint if exists detected_errors_only_merged_rows_have_a_target,
  add constraint detected_errors_only_merged_rows_have_a_target check ((status = 'merged') = (merged_into is not null));

create table if not exists public.error_group_merges (
  id uuid primary key default gen_random_uuid(),
  project_id text not null,
  kept_error_id uuid not null references public.detected_errors (id) on delete cascade,
  kept_fingerprint text not null,
  kept_first_seen_at timestamptz not null,
  reason text not null,
  merged_by text not null,
  merged_at timestamptz not null default clock_timestamp(),
  undo_reason text,
  undone_by text,
  undone_at timestamptz,
  constraint error_group_merges_undone_rows_say_who_and_why
    check ((undone_at is null) = (undone_by is null) and (undone_at is null) = (undo_reason is null))
);
create index if not exists error_group_merges_kept_error_id_idx on public.error_group_merges (kept_error_id);
comment on table public.error_group_merges is 'Every merge of error groups: what was kept, who merged and why, and who took it back.';

create table if not exists healing_private.merged_error_groups (
  merge_id uuid not null references public.error_group_merges (id) on delete cascade,
  error_id uuid not null references public.detected_errors (id) on delete cascade,
  fingerprint text not null,
  status text not null,
  resolution text,
  resolved_at timestamptz,
  fix_ids uuid[] not null default '{}',
  operation_ids uuid[] not null default '{}',
  primary key (merge_id, error_id)
);
create index if not exists merged_error_groups_error_id_idx on healing_private.merged_error_groups (error_id);
comment on table healing_private.merged_error_groups is 'The groups of a merge that were taken over, as they were, with the fixes and operations that moved.';

create table if not exists healing_private.merged_occurrences (
  merge_id uuid not null references public.error_group_merges (id) on delete cascade,
  fingerprint text not null,
  error_id uuid not null references public.detected_errors (id) on delete cascade,
  occurrence_count bigint not null,
  last_seen_at timestamptz not null,
  primary key (merge_id, fingerprint, error_id)
);
create index if not exists merged_occurrences_error_id_idx on healing_private.merged_occurrences (error_id);
comment on table healing_private.merged_occurrences is
  'How many occurrences a group holds on account of a merged fingerprint, moved and captured since: what an undo gives back.';

create table if not exists healing_private.fingerprint_aliases (
  fingerprint text not null,
  project_id text not null,
  kept_fingerprint text not null,
  merge_id uuid references public.error_group_merges (id) on delete cascade,
  primary key (fingerprint, project_id)
);
create index if not exists fingerprint_aliases_merge_id_idx on healing_private.fingerprint_aliases (merge_id) where merge_id is not null;
comment on table healing_private.fingerprint_aliases is
  'Under which fingerprint another one is captured: for good by a merge, or without one for as long as the group is open that another version''s key opened.';

select healing_private.secure_table('public.error_group_merges'::regclass);
do $$
declare
  v_table text;
begin
  foreach v_table in array array['merged_error_groups', 'merged_occurrences', 'fingerprint_aliases'] loop
    execute format('alter table healing_private.%I enable row level security', v_table);
    execute format('revoke all on healing_private.%I from public, anon, authenticated, service_role', v_table);
    execute format('drop policy if exists nobody_directly on healing_private.%I', v_table);
    execute format('create policy nobody_directly on healing_private.%I for select to service_role using (false)', v_table);
  end loop;
end;
$$;

create or replace function healing_private.kept_fingerprint(p_fingerprint text, p_project_id text)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_fingerprint text := p_fingerprint;
  v_alias healing_private.fingerprint_aliases;
begin
  -- A merge of merged groups is a chain; it has no ring, because a merged group cannot be kept.
  for step in 1..100 loop
    select * into v_alias from healing_private.fingerprint_aliases where fingerprint = v_fingerprint and project_id = p_project_id;
    exit when v_alias.fingerprint is null or (v_alias.merge_id is null and not exists (
      select from public.detected_errors where fingerprint = v_alias.kept_fingerprint and project_id = p_project_id and status <> 'healed'));
    v_fingerprint := v_alias.kept_fingerprint;
  end loop;
  return v_fingerprint;
end;
$$;
revoke all on function healing_private.kept_fingerprint(text, text) from public, anon, authenticated;
comment on function healing_private.kept_fingerprint(text, text) is 'The fingerprint under which this one is captured now: itself, unless a merge or another version''s open group took it over.';

create or replace function healing_private.merge_hops(p_fingerprint text, p_project_id text)
returns table (merge_id uuid, fingerprint text, error_id uuid)
language sql
stable
security definer
set search_path = ''
as $$
  with recursive hops as (
    select a.*, 1 as depth from healing_private.fingerprint_aliases as a where a.fingerprint = p_fingerprint and a.project_id = p_project_id
    union all
    select a.*, h.depth + 1 from hops as h
    join healing_private.fingerprint_aliases as a on a.fingerprint = h.kept_fingerprint and a.project_id = h.project_id
    where h.depth < 100
  )
  select h.merge_id, h.fingerprint, (select m.error_id from hops as further join healing_private.merged_error_groups as m
    on m.merge_id = further.merge_id and m.fingerprint = further.fingerprint where further.fingerprint = h.kept_fingerprint)
  from hops as h where h.merge_id is not null;
$$;
revoke all on function healing_private.merge_hops(text, text) from public, anon, authenticated;
comment on function healing_private.merge_hops(text, text) is
  'The merges through which a fingerprint is captured, each with the group that it went into; null for the one that is open now.';

-- One row per usable error of the batch: the last of each fingerprint, with the sum of its occurrences.
create or replace function healing_private.read_errors(p_errors jsonb)
returns setof public.detected_errors
language sql
stable
security definer
set search_path = ''
as $$
  select distinct on (e ->> 'fingerprint', coalesce(e ->> 'project_id', ''))
    (jsonb_populate_record(null::public.detected_errors, jsonb_build_object(
      'fingerprint', e ->> 'fingerprint', 'project_id', coalesce(e ->> 'project_id', ''),
      'previous_fingerprint', case when length(e ->> 'previous_fingerprint') between 1 and 200
        then nullif(e ->> 'previous_fingerprint', e ->> 'fingerprint') end,
      'error_signature', left(coalesce(e ->> 'error_signature', e ->> 'fingerprint'), 1000),
      'error_template', left(coalesce(e ->> 'error_template', e ->> 'fingerprint'), 4200),
      'slots', case when jsonb_typeof(e -> 'slots') = 'array' then e -> 'slots' else '[]' end,
      'error_type', left(coalesce(e ->> 'error_type', 'unknown'), 100), 'error_code', left(e ->> 'error_code', 100),
      'error_message', left(e ->> 'error_message', 8000), 'stack_trace', left(e ->> 'stack_trace', 16000),
      'category', healing_private.one_of(e ->> 'category', 'unknown', array['database', 'migration', 'payload', 'auth', 'storage',
        'network', 'ai', 'runtime', 'deployment']),
      'severity', healing_private.one_of(e ->> 'severity', 'medium', array['low', 'high', 'critical']),
      'source', left(coalesce(e ->> 'source', 'edge_function'), 100), 'function_name', left(e ->> 'function_name', 200),
      'context', coalesce(e -> 'context', '{}') || jsonb_build_object('request_id', left(e ->> 'request_id', 200)),
      'occurrence_count', sum(case when e ->> 'occurrences' ~ '^[0-9]{1,4}$' then greatest((e ->> 'occurrences')::integer, 1) else 1 end)
        over (partition by e ->> 'fingerprint', coalesce(e ->> 'project_id', '')),
      -- Ages are measured by one clock, the sender's; the time of an occurrence by ours.
      'last_seen_at', clock_timestamp() - make_interval(secs => case when e ->> 'age_ms' ~ '^[0-9]{1,7}(\.[0-9]+)?$'
        then (e ->> 'age_ms')::double precision / 1000 else 0 end)))).*
  from jsonb_array_elements(p_errors) with ordinality as list (e, position)
  where length(e ->> 'fingerprint') between 1 and 200 and length(coalesce(e ->> 'project_id', '')) <= 200 and e ->> 'error_message' is not null
  order by e ->> 'fingerprint', coalesce(e ->> 'project_id', ''), position desc;
$$;
revoke all on function healing_private.read_errors(jsonb) from public, anon, authenticated;
comment on function healing_private.read_errors(jsonb) is 'The usable errors of a batch as rows, one per fingerprint, in the order of their fingerprints; odd values become defaults.';

-- Before anything of a batch is stored: what is new waits for others that are storing the same, under either key, and
-- what is known under the other version's key is noted as such. All locks are taken in one order.
create or replace function healing_private.note_keys(p_errors jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_new jsonb;
  v_bucket integer;
begin
  select jsonb_agg(jsonb_build_object('fingerprint', k.fingerprint, 'previous', k.previous, 'project_id', k.project_id)) into v_new
  from (select distinct e ->> 'fingerprint' as fingerprint, e ->> 'previous_fingerprint' as previous, coalesce(e ->> 'project_id', '') as project_id
    from jsonb_array_elements(p_errors) as e where length(e ->> 'fingerprint') between 1 and 200) as k
  where not exists (select from public.detected_errors as d
      where d.fingerprint = k.fingerprint and d.project_id = k.project_id and d.status <> 'healed')
    and not exists (select from healing_private.fingerprint_aliases as a where a.fingerprint = k.fingerprint and a.project_id = k.project_id
      and healing_private.kept_fingerprint(k.fingerprint, k.project_id) <> k.fingerprint);
  if v_new is null then
    return;
  end if;
  for v_bucket in
    select distinct abs(hashtext(key) % 32) from jsonb_array_elements(v_new) as n
    cross join lateral (values (n ->> 'fingerprint'), (n ->> 'previous')) as keys (key) where key is not null order by 1 loop
    perform pg_catalog.pg_advisory_xact_lock(hashtext('healing:new_error_groups'), v_bucket);
  end loop;
  delete from healing_private.fingerprint_aliases as a using jsonb_to_recordset(v_new) as n (fingerprint text, project_id text)
  where a.fingerprint = n.fingerprint and a.project_id = n.project_id and a.merge_id is null;
  insert into healing_private.fingerprint_aliases (fingerprint, project_id, kept_fingerprint)
  select n.fingerprint, n.project_id, d.fingerprint
  from jsonb_to_recordset(v_new) as n (fingerprint text, previous text, project_id text)
  -- The group that the other version opened: by its own key, or, for a sender of the version before, by the key kept beside.
  cross join lateral (
    (select o.fingerprint from public.detected_errors as o
      where o.fingerprint = n.previous and o.project_id = n.project_id and o.status <> 'healed' limit 1)
    union all
    (select o.fingerprint from public.detected_errors as o
      where o.previous_fingerprint = n.fingerprint and o.project_id = n.project_id and o.status <> 'healed' limit 1)
    limit 1) as d
  where d.fingerprint <> n.fingerprint
    -- Another batch may have opened the group of the key itself since we looked.
    and not exists (select from public.detected_errors as o
      where o.fingerprint = n.fingerprint and o.project_id = n.project_id and o.status <> 'healed')
  on conflict (fingerprint, project_id) do nothing;
end;
$$;
revoke all on function healing_private.note_keys(jsonb) from public, anon, authenticated;
comment on function healing_private.note_keys(jsonb) is
  'Prepares what is new in a batch: one at a time for each key, and joined to the open group that another version''s key opened.';

create or replace function healing_private.store_errors(p_errors jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_groups jsonb;
begin
  -- Groups are written in the order of their fingerprints: batches that meet cannot deadlock.
  with input as materialized (
    select i as error, i.fingerprint, i.project_id, i.occurrence_count, i.last_seen_at, a.fingerprint is not null as has_alias,
      case when a.fingerprint is null then i.fingerprint else healing_private.kept_fingerprint(i.fingerprint, i.project_id) end as kept_fingerprint
    from healing_private.read_errors(p_errors) as i
    left join healing_private.fingerprint_aliases as a on a.fingerprint = i.fingerprint and a.project_id = i.project_id
  ), grouped as materialized (
    select distinct on (kept_fingerprint, project_id) kept_fingerprint, error,
      sum(occurrence_count) over w as occurrence_count, max(last_seen_at) over w as last_seen_at
    from input window w as (partition by kept_fingerprint, project_id)
    order by kept_fingerprint, project_id, last_seen_at desc
  ), stored as (
    insert into public.detected_errors as d (fingerprint, previous_fingerprint, error_signature, error_template, slots, project_id, error_type,
      error_code, error_message, stack_trace, category, severity, source, function_name, context, occurrence_count, first_seen_at, last_seen_at)
    select kept_fingerprint, (error).previous_fingerprint, (error).error_signature, (error).error_template, (error).slots, (error).project_id,
      (error).error_type, (error).error_code, (error).error_message, (error).stack_trace, (error).category, (error).severity, (error).source,
      (error).function_name, (error).context, occurrence_count, last_seen_at, last_seen_at
    from grouped order by kept_fingerprint, (error).project_id
    on conflict (fingerprint, project_id) where status <> 'healed' do update
    set occurrence_count = d.occurrence_count + excluded.occurrence_count,
      previous_fingerprint = coalesce(d.previous_fingerprint, excluded.previous_fingerprint),
      -- A report that was under way when the fix came says nothing about the fix.
      occurrences_since_fix = d.occurrences_since_fix + case when d.status = 'validating' and excluded.last_seen_at > (
        select f.applied_at from public.auto_fixes as f where f.detected_error_id = d.id and f.status = 'validating')
        then excluded.occurrence_count else 0 end,
      last_seen_at = greatest(d.last_seen_at, excluded.last_seen_at), error_message = excluded.error_message, context = excluded.context,
      stack_trace = coalesce(excluded.stack_trace, d.stack_trace),
      -- An error that was given up and is still there after an hour gets another chance.
      status = case when healing_private.is_reopened(d) then 'open' else d.status end,
      attempt_count = case when healing_private.is_reopened(d) then 0 else d.attempt_count end,
      next_attempt_at = case when healing_private.is_reopened(d) then clock_timestamp() else d.next_attempt_at end,
      resolution = case when healing_private.is_reopened(d) then null else d.resolution end,
      resolved_at = case when healing_private.is_reopened(d) then null else d.resolved_at end
    returning d.*, (xmax = 0) as is_new
  ), recorded as (
    insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id,
      fingerprint, detected_error_id, occurrences, request_id, details)
    select 'occurrence', (i.error).category, (i.error).severity, 'pending', left((i.error).error_message, 1000), (i.error).function_name,
      i.project_id, i.fingerprint, s.id, i.occurrence_count, (i.error).context ->> 'request_id', (i.error).context
    from input as i join stored as s on s.fingerprint = i.kept_fingerprint and s.project_id = i.project_id
  ), counted as (
    -- Whoever counts here holds the lock of the group, so two batches cannot wait for each other.
    insert into healing_private.merged_occurrences as m (merge_id, fingerprint, error_id, occurrence_count, last_seen_at)
    select h.merge_id, h.fingerprint, coalesce(h.error_id, s.id), sum(i.occurrence_count), max(i.last_seen_at)
    from input as i join stored as s on s.fingerprint = i.kept_fingerprint and s.project_id = i.project_id
    cross join lateral healing_private.merge_hops(i.fingerprint, i.project_id) as h
    where i.has_alias
    group by h.merge_id, h.fingerprint, coalesce(h.error_id, s.id) order by 1, 2, 3
    on conflict (merge_id, fingerprint, error_id) do update
    set occurrence_count = m.occurrence_count + excluded.occurrence_count, last_seen_at = greatest(m.last_seen_at, excluded.last_seen_at)
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'fingerprint', i.fingerprint, 'project_id', s.project_id, 'status', s.status,
    'occurrence_count', s.occurrence_count, 'is_new', s.is_new, 'source', s.source) order by i.fingerprint), '[]') into v_groups
  from input as i join stored as s on s.fingerprint = i.kept_fingerprint and s.project_id = i.project_id;
  return v_groups;
end;
$$;
revoke all on function healing_private.store_errors(jsonb) from public, anon, authenticated;
comment on function healing_private.store_errors(jsonb) is
  'Groups a batch into detected_errors and appends its occurrences. Returns the group of each fingerprint that was sent.';

create or replace function public.capture_errors(p_errors jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_groups jsonb;
  v_queued integer;
  v_usable integer;
begin
  if jsonb_typeof(p_errors) is distinct from 'array' or jsonb_array_length(p_errors) > 500 then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'capture_errors takes a list of at most 500 errors',
      hint = 'Send the rest in a further call';
  end if;
  -- Captures go on side by side; a merge waits for those under way, and the next ones see it.
  perform pg_catalog.pg_advisory_xact_lock_shared(hashtextextended('healing:error_groups', 0));
  perform healing_private.note_keys(p_errors);
  v_groups := healing_private.store_errors(p_errors);
  v_queued := healing_private.queue_operations((
    select coalesce(jsonb_agg(e -> 'operation' || jsonb_build_object('detected_error_id', g -> 'id', 'last_error', e -> 'error_message') order by place), '[]')
    from jsonb_array_elements(p_errors) with ordinality as list (e, place)
    join jsonb_array_elements(v_groups) as g
      on g ->> 'fingerprint' = e ->> 'fingerprint' and g ->> 'project_id' = coalesce(e ->> 'project_id', '')
    where jsonb_typeof(e -> 'operation') = 'object'));
  if jsonb_path_exists(v_groups, '$[*] ? (@.is_new == true && @.source != "migration")') then
    begin
      perform healing_private.kick_engine('capture');
    exception when others then
      -- The dispatcher is a convenience here, cron is the safety net: its trouble must not lose the capture.
      raise warning 'the engine could not be called: % (%)', sqlerrm, sqlstate;
    end;
  end if;
  select count(*) into v_usable from jsonb_array_elements(p_errors) as e
  join jsonb_array_elements(v_groups) as g
    on g ->> 'fingerprint' = e ->> 'fingerprint' and g ->> 'project_id' = coalesce(e ->> 'project_id', '')
  where e ->> 'error_message' is not null;
  return jsonb_build_object('errors', v_groups, 'queued', v_queued, 'rejected', jsonb_array_length(p_errors) - v_usable);
end;
$$;
revoke all on function public.capture_errors(jsonb) from public, anon, authenticated;
grant execute on function public.capture_errors(jsonb) to service_role;
comment on function public.capture_errors(jsonb) is
  'Takes up to 500 errors: groups them by fingerprint, or the key of the version before, records the occurrences, queues their operations, and calls the engine for new ones. Returns {errors, queued, rejected}.';

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
    select from public.auto_fixes where detected_error_id = p_member.id and status in ('proposed', 'awaiting_approval', 'applying', 'validating')) then
    raise exception using errcode = 'PT409', detail = 'CONFLICT',
      message = format('Error %s cannot be merged: it is %s, of project "%s"', p_member.id, p_member.status, p_member.project_id),
      hint = 'Merge groups of one project that are open, escalated or ignored, and have no fix under way';
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
  if coalesce(btrim(p_reason), '') = '' or cardinality(p_ids) not between 2 and 100 or array_position(p_ids, null) is not null
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
  -- Another version's key must not lead away from the group that is kept.
  delete from healing_private.fingerprint_aliases where fingerprint = v_kept.fingerprint and project_id = v_kept.project_id and merge_id is null;
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
  elsif exists (select from healing_private.fingerprint_aliases where fingerprint = v_merge.kept_fingerprint
    and project_id = v_merge.project_id and merge_id is not null) then
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

create or replace view public.error_group_members with (security_invoker = true) as
  with recursive members as (
    select id as group_id, id as member_id from public.detected_errors where status <> 'merged'
    union all
    select m.group_id, d.id from members as m join public.detected_errors as d on d.merged_into = m.member_id
  )
  select group_id, member_id from members;
revoke all on public.error_group_members from public, anon, authenticated, service_role;
grant select on public.error_group_members to service_role, authenticated;
comment on view public.error_group_members is
  'Each error group with itself and all that was merged into it: join by member_id to reach the events of merged groups.';

notify pgrst, 'reload schema';
