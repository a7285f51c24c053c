-- Adds captures: public.capture_errors and what it is made of, healing_private.group_errors, .store_errors,
-- .kept_fingerprint and .merge_hops. They find their group through merges.
-- Locks: none.
-- Undo: drop function public.capture_errors, healing_private.store_errors, healing_private.group_errors,
--       healing_private.merge_hops, healing_private.kept_fingerprint.

create or replace function healing_private.kept_fingerprint(p_fingerprint text, p_project_id text)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_fingerprint text := p_fingerprint;
  v_kept text;
begin
  -- A merge of merged groups is a chain; it has no ring, because a merged group cannot be kept.
  for step in 1..100 loop
    select kept_fingerprint into v_kept from healing_private.fingerprint_aliases where fingerprint = v_fingerprint and project_id = p_project_id;
    exit when v_kept is null;
    v_fingerprint := v_kept;
  end loop;
  return v_fingerprint;
end;
$$;
revoke all on function healing_private.kept_fingerprint(text, text) from public, anon, authenticated;
comment on function healing_private.kept_fingerprint(text, text) is 'The fingerprint under which this one is captured now: itself, unless a merge took it over.';

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
  from hops as h;
$$;
revoke all on function healing_private.merge_hops(text, text) from public, anon, authenticated;
comment on function healing_private.merge_hops(text, text) is
  'The merges through which a fingerprint is captured, each with the group that it went into; null for the one that is open now.';

-- The path of every failure, so each error is read once and no function is called for it: one with settings of its own
-- cannot be inlined, and a call cost more than the row.
create or replace function healing_private.group_errors(p_errors jsonb)
returns table (error_groups jsonb, usable integer, woken_by text)
language plpgsql
security definer
set search_path = ''
-- How many errors a batch holds is not known to the planner, which takes it for one or two: loops over loops.
set enable_nestloop = off
as $$
declare
  v_trace_id text := healing_private.current_trace_id();
  v_given_up_before timestamptz := now() - interval '1 hour';
  v_errors jsonb := p_errors;
begin
  -- A row that is no error must not lose the others of its batch.
  if jsonb_path_exists(p_errors, 'strict $[*] ? (@.type() != "object")') then
    v_errors := jsonb_path_query_array(p_errors, 'strict $[*] ? (@.type() == "object")');
  end if;
  return query
  with sent as (
    select e.fingerprint, coalesce(e.project_id, '') as project_id, e.place, left(coalesce(e.error_signature, e.fingerprint), 1000) as error_signature,
      left(coalesce(e.error_template, e.fingerprint), 4200) as error_template,
      case when jsonb_typeof(e.slots) = 'array' then e.slots else '[]' end as slots, left(coalesce(e.error_type, 'unknown'), 100) as error_type,
      left(e.error_code, 100) as error_code, left(e.error_message, 8000) as error_message, left(e.stack_trace, 16000) as stack_trace,
      -- An odd word must not lose an error.
      case when e.category in ('database', 'migration', 'payload', 'auth', 'storage', 'network', 'ai', 'runtime', 'deployment')
        then e.category else 'unknown' end as category,
      case when e.severity in ('low', 'high', 'critical') then e.severity else 'medium' end as severity,
      left(coalesce(e.source, 'edge_function'), 100) as source, left(e.function_name, 200) as function_name, left(e.request_id, 200) as request_id,
      coalesce(e.context, '{}') || jsonb_build_object('request_id', left(e.request_id, 200)) as context,
      substring(e.context ->> 'traceparent' from '^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$') as trace_id,
      case when jsonb_typeof(e.further_traceparents) = 'array' then (
        select string_agg(split_part(t, '-', 2), ' ') from jsonb_array_elements_text(e.further_traceparents) as t
        where t ~ '^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$') end as further_traces,
      case when e.occurrences ~ '^[0-9]{1,4}$' then greatest(e.occurrences::integer, 1) else 1 end as occurrences,
      -- Ages are measured by one clock, the sender's; the time of an occurrence by ours.
      clock_timestamp() - make_interval(secs => case when e.age_ms ~ '^[0-9]{1,7}(\.[0-9]+)?$' then e.age_ms::double precision / 1000 else 0 end) as seen_at
    from rows from (jsonb_to_recordset(v_errors) as (fingerprint text, project_id text, error_signature text, error_template text, slots jsonb,
      error_type text, error_code text, error_message text, stack_trace text, category text, severity text, source text, function_name text,
      request_id text, context jsonb, further_traceparents jsonb, occurrences text, age_ms text)) with ordinality as e (fingerprint, project_id, error_signature, error_template,
      slots, error_type, error_code, error_message, stack_trace, category, severity, source, function_name, request_id, context,
      further_traceparents, occurrences, age_ms, place)
    where length(e.fingerprint) between 1 and 200 and length(coalesce(e.project_id, '')) <= 200 and e.error_message is not null
  ), latest as (
    -- The last of each fingerprint stands for it, with the sum of its occurrences.
    select distinct on (s.fingerprint, s.project_id) s.*, sum(s.occurrences) over w as all_occurrences, count(*) over w as rows_sent,
      string_to_array(string_agg(nullif(concat_ws(' ', s.trace_id, s.further_traces), ''), ' ') over w, ' ') as traces
    from sent as s
    window w as (partition by s.fingerprint, s.project_id order by s.place desc rows between unbounded preceding and unbounded following)
    order by s.fingerprint, s.project_id, s.place desc
  ), input as materialized (
    select l.*, a.fingerprint is not null as has_alias,
      case when a.fingerprint is null then l.fingerprint else healing_private.kept_fingerprint(l.fingerprint, l.project_id) end as kept_fingerprint
    from latest as l
    left join healing_private.fingerprint_aliases as a on a.fingerprint = l.fingerprint and a.project_id = l.project_id
  ), grouped as (
    select distinct on (i.kept_fingerprint, i.project_id) i.*, sum(i.all_occurrences) over w as group_occurrences, max(i.seen_at) over w as group_seen_at
    from input as i window w as (partition by i.kept_fingerprint, i.project_id)
    order by i.kept_fingerprint, i.project_id, i.seen_at desc
  ), stored as (
    -- Groups are written in the order of their fingerprints: batches that meet cannot deadlock.
    insert into public.detected_errors as d (fingerprint, error_signature, error_template, slots, project_id, error_type, error_code,
      error_message, stack_trace, category, severity, source, function_name, context, occurrence_count, first_seen_at, last_seen_at)
    select g.kept_fingerprint, g.error_signature, g.error_template, g.slots, g.project_id, g.error_type, g.error_code, g.error_message,
      g.stack_trace, g.category, g.severity, g.source, g.function_name, g.context, g.group_occurrences, g.group_seen_at, g.group_seen_at
    from grouped as g order by g.kept_fingerprint, g.project_id
    on conflict (fingerprint, project_id) where status <> 'healed' do update
    set occurrence_count = d.occurrence_count + excluded.occurrence_count,
      -- A report that was under way when the fix came says nothing about the fix.
      occurrences_since_fix = d.occurrences_since_fix + case when d.status = 'validating' and excluded.last_seen_at > (
        select f.applied_at from public.auto_fixes as f where f.detected_error_id = d.id and f.status = 'validating')
        then excluded.occurrence_count else 0 end,
      last_seen_at = greatest(d.last_seen_at, excluded.last_seen_at), error_message = excluded.error_message, context = excluded.context,
      stack_trace = coalesce(excluded.stack_trace, d.stack_trace),
      -- An error that was given up and is still there after an hour gets another chance.
      status = case when d.status = 'escalated' and d.resolved_at < v_given_up_before then 'open' else d.status end,
      attempt_count = case when d.status = 'escalated' and d.resolved_at < v_given_up_before then 0 else d.attempt_count end,
      next_attempt_at = case when d.status = 'escalated' and d.resolved_at < v_given_up_before then clock_timestamp() else d.next_attempt_at end,
      resolution = case when d.status = 'escalated' and d.resolved_at < v_given_up_before then null else d.resolution end,
      resolved_at = case when d.status = 'escalated' and d.resolved_at < v_given_up_before then null else d.resolved_at end
    returning d.id, d.fingerprint, d.project_id, d.status, d.occurrence_count, d.source, (xmax = 0) as is_new
  ), joined as materialized (
    select i.*, s.id, s.status, s.occurrence_count, s.source as group_source, s.is_new
    from input as i join stored as s on s.fingerprint = i.kept_fingerprint and s.project_id = i.project_id
  ), recorded as (
    insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id,
      fingerprint, detected_error_id, occurrences, request_id, details, trace_id, further_trace_ids)
    select 'occurrence', j.category, j.severity, 'pending', left(j.error_message, 1000), j.function_name, j.project_id, j.fingerprint, j.id,
      j.all_occurrences, j.request_id, j.context,
      -- An occurrence without a trace still stands in one row with those that have one.
      coalesce(j.trace_id, j.traces[1], v_trace_id),
      case when cardinality(j.traces) > 1 then nullif(array(
        select distinct t from unnest(j.traces) as t where t <> coalesce(j.trace_id, j.traces[1])), '{}') end
    from joined as j
  ), counted as (
    -- Whoever counts here holds the lock of the group, so two batches cannot wait for each other.
    insert into healing_private.merged_occurrences as m (merge_id, fingerprint, error_id, occurrence_count, last_seen_at)
    select h.merge_id, h.fingerprint, coalesce(h.error_id, j.id), sum(j.all_occurrences), max(j.seen_at)
    from joined as j cross join lateral healing_private.merge_hops(j.fingerprint, j.project_id) as h
    where j.has_alias
    group by h.merge_id, h.fingerprint, coalesce(h.error_id, j.id) order by 1, 2, 3
    on conflict (merge_id, fingerprint, error_id) do update
    set occurrence_count = m.occurrence_count + excluded.occurrence_count, last_seen_at = greatest(m.last_seen_at, excluded.last_seen_at)
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', j.id, 'fingerprint', j.fingerprint, 'project_id', j.project_id, 'status', j.status,
    'occurrence_count', j.occurrence_count, 'is_new', j.is_new, 'source', j.group_source) order by j.fingerprint), '[]'),
    coalesce(sum(j.rows_sent), 0)::integer,
    (array_agg(j.context ->> 'traceparent' order by j.seen_at)
      filter (where j.is_new and j.group_source <> 'migration' and j.context ->> 'traceparent' is not null))[1]
  from joined as j;
end;
$$;
revoke all on function healing_private.group_errors(jsonb) from public, anon, authenticated;
comment on function healing_private.group_errors(jsonb) is
  'Groups a batch into detected_errors and appends its occurrences; odd values become defaults. Returns the group of each fingerprint that was sent, how many errors were usable, and the trace of the failure that was new first.';

create or replace function healing_private.store_errors(p_errors jsonb)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  select error_groups from healing_private.group_errors(p_errors);
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
  v_queued integer := 0;
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
  select g.error_groups, g.usable, g.woken_by into v_groups, v_usable, v_woken_by from healing_private.group_errors(p_errors) as g;
  if jsonb_path_exists(p_errors, '$[*].operation ? (@.type() == "object")') then
    v_queued := healing_private.queue_operations((
      select coalesce(jsonb_agg(e -> 'operation' || jsonb_build_object('detected_error_id', g -> 'id', 'last_error', e -> 'error_message') order by place), '[]')
      from jsonb_array_elements(p_errors) with ordinality as list (e, place)
      join jsonb_array_elements(v_groups) as g
        on g ->> 'fingerprint' = e ->> 'fingerprint' and g ->> 'project_id' = coalesce(e ->> 'project_id', '')
      where jsonb_typeof(e -> 'operation') = 'object'));
  end if;
  if jsonb_path_exists(v_groups, '$[*] ? (@.is_new == true && @.source != "migration")') then
    begin
      -- A batch is sent in the trace of whoever came first; the run belongs to a failure that is new.
      perform pg_catalog.set_config('healing.traceparent', coalesce(v_woken_by, v_own_trace), true);
      perform healing_private.kick_engine('capture');
    exception when others then
      -- The dispatcher is a convenience here, cron is the safety net: its trouble must not lose the capture.
      raise warning 'the engine could not be called: % (%)', sqlerrm, sqlstate;
    end;
    perform pg_catalog.set_config('healing.traceparent', v_own_trace, true);
  end if;
  return jsonb_build_object('errors', v_groups, 'queued', v_queued, 'rejected', jsonb_array_length(p_errors) - v_usable);
end;
$$;
revoke all on function public.capture_errors(jsonb) from public, anon, authenticated;
grant execute on function public.capture_errors(jsonb) to service_role;
comment on function public.capture_errors(jsonb) is
  'Takes up to 500 errors: groups them by fingerprint, records the occurrences, queues their operations, and calls the engine for new ones. Returns {errors, queued, rejected}.';

notify pgrst, 'reload schema';
