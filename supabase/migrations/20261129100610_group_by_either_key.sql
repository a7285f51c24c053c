-- Changes captures: they find their group by the key of either version of the fingerprint, and through merges.
-- Adds healing_private.kept_fingerprint, .merge_hops and .note_keys. Replaces, with their signatures:
-- healing_private.read_errors (reads the second key), healing_private.store_errors (finds the group), and
-- public.capture_errors (keeps merges and captures apart).
-- Locks: none.
-- Undo: run 20261121110200 again, then drop function healing_private.note_keys, healing_private.merge_hops,
--       healing_private.kept_fingerprint.

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
  -- The record is made once for each error: (…).* would make it anew for each of its columns.
  select r.*
  from (select distinct on (e ->> 'fingerprint', coalesce(e ->> 'project_id', '')) jsonb_build_object(
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
        then (e ->> 'age_ms')::double precision / 1000 else 0 end)) as facts
    from jsonb_array_elements(p_errors) with ordinality as list (e, position)
    where length(e ->> 'fingerprint') between 1 and 200 and length(coalesce(e ->> 'project_id', '')) <= 200 and e ->> 'error_message' is not null
    order by e ->> 'fingerprint', coalesce(e ->> 'project_id', ''), position desc) as q
  cross join lateral jsonb_populate_record(null::public.detected_errors, q.facts) as r
  order by r.fingerprint, r.project_id;
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
  -- Not a lock for each key: 64 senders of 500 new errors each would need more locks than a server has.
  for v_bucket in
    select distinct abs(hashtext(key) % 64) from jsonb_array_elements(v_new) as n
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
  ), traced as (
    select e ->> 'fingerprint' as fingerprint, coalesce(e ->> 'project_id', '') as project_id,
      array_agg(distinct healing_private.trace_of(e -> 'context' ->> 'traceparent')) as all_traces
    from jsonb_array_elements(p_errors) as e where healing_private.trace_of(e -> 'context' ->> 'traceparent') is not null group by 1, 2
  ), recorded as (
    insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id,
      fingerprint, detected_error_id, occurrences, request_id, details, trace_id, further_trace_ids)
    select 'occurrence', (i.error).category, (i.error).severity, 'pending', left((i.error).error_message, 1000), (i.error).function_name,
      i.project_id, i.fingerprint, s.id, i.occurrence_count, (i.error).context ->> 'request_id', (i.error).context,
      coalesce(own.id, healing_private.current_trace_id()), nullif(array_remove(t.all_traces, own.id), '{}')
    from input as i join stored as s on s.fingerprint = i.kept_fingerprint and s.project_id = i.project_id
    left join traced as t on t.fingerprint = i.fingerprint and t.project_id = i.project_id
    -- An occurrence without a trace still stands in one row with those that have one.
    cross join lateral (select coalesce(healing_private.trace_of((i.error).context ->> 'traceparent'), t.all_traces[1]) as id) as own
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
  v_own_trace text := coalesce(pg_catalog.current_setting('healing.traceparent', true), '');
  v_woken_by text;
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
    -- A batch is sent in the trace of whoever came first; the run belongs to a failure that is new.
    select d.context ->> 'traceparent' into v_woken_by
    from jsonb_array_elements(v_groups) as g join public.detected_errors as d on d.id = (g ->> 'id')::uuid
    where (g ->> 'is_new')::boolean and d.source <> 'migration' and d.context ? 'traceparent' order by d.last_seen_at limit 1;
    begin
      perform pg_catalog.set_config('healing.traceparent', coalesce(v_woken_by, v_own_trace), true);
      perform healing_private.kick_engine('capture');
    exception when others then
      -- The dispatcher is a convenience here, cron is the safety net: its trouble must not lose the capture.
      raise warning 'the engine could not be called: % (%)', sqlerrm, sqlstate;
    end;
    perform pg_catalog.set_config('healing.traceparent', v_own_trace, true);
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

notify pgrst, 'reload schema';
