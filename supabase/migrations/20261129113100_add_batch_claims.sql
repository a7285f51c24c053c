-- Adds claims of one project and in batches, releases in batches, and what a dry run of the engine reads: claim_due_errors,
-- claim_project_fixes, release_errors, exchange_claims, get_due_errors. Replaces claim_errors (20261121110250) and
-- claim_fixes_to_judge (20261121110450) with the same signatures: they are the same for all projects.
-- Locks: ACCESS EXCLUSIVE on detected_errors for the moment in which an index that no query uses is dropped.
-- Undo: run 20261121110250 and 20261121110450 again, then drop function public.claim_due_errors, public.claim_project_fixes,
--       public.release_errors, public.exchange_claims, public.get_due_errors, healing_private.claim_due, healing_private.claim_one,
--       healing_private.describe_claimed, healing_private.claim_fixes.

-- Each claim and each release writes a row anew, and with it an entry in every index. No query looks an error up by its
-- signature.
drop index if exists public.detected_errors_error_signature_idx;

-- What a worker needs to know of errors, in one pass over the few that have it and not once for each. Text, because a
-- jsonb would be built, copied and taken apart again for each of them.
create or replace function healing_private.describe_claimed(p_ids uuid[])
returns json
language plpgsql
security definer
set search_path = ''
set enable_seqscan = off
as $$
begin
  return (with claimed as materialized (
    select * from public.detected_errors where id = any (p_ids)
  ), fixes as materialized (
    select f.* from public.auto_fixes as f where f.detected_error_id = any (p_ids)
  ), waiting as materialized (
    select q.detected_error_id, count(*) as n from public.queued_operations as q
    where q.detected_error_id = any (p_ids) and q.status in ('queued', 'running') group by 1
  ), known as materialized (
    select p.* from public.universal_error_patterns as p
    where p.status = 'active' and p.error_signature = any (array(select error_signature from claimed union select error_template from claimed))
  ), told as (
    select c.*, extract(epoch from clock_timestamp() - c.last_seen_at) as seconds_since_seen,
      (select to_json(f) from fixes as f where f.detected_error_id = c.id and f.status in ('proposed', 'applying')) as live_fix,
      -- A call that failed again may succeed later; any other fix that failed is answered, unless it was no fault of its own.
      (select coalesce(json_agg(d.action), '[]') from (select distinct f.action from fixes as f
        where f.detected_error_id = c.id and f.verdict ->> 'is_evidence' is distinct from 'false'
          and (f.status in ('reverted', 'rejected') or (f.status = 'failed' and f.action_group <> 'call'))) as d) as refused_actions,
      (select coalesce(json_agg(p order by p.confidence_score desc, p.id), '[]') from known as p
        where p.error_signature in (c.error_signature, c.error_template) and p.project_id in ('', c.project_id)) as patterns,
      coalesce((select w.n from waiting as w where w.detected_error_id = c.id), 0) as queued_operations
    from claimed as c)
  select coalesce(json_agg(t order by t.next_attempt_at, t.id), '[]') from told as t);
end;
$$;
revoke all on function healing_private.describe_claimed(uuid[]) from public, anon, authenticated;
comment on function healing_private.describe_claimed(uuid[]) is
  'Errors as a worker gets them: each with its live fix, the actions that were refused, the patterns that know it, and how many operations wait.';

create or replace function healing_private.claim_due(p_worker text, p_limit integer, p_lease_seconds integer, p_project_id text)
returns uuid[]
language plpgsql
security definer
set search_path = ''
-- The index has them in their order; sorting all that is open to take a few would cost more than the few.
set enable_sort = off
set enable_bitmapscan = off
set enable_seqscan = off
as $$
declare
  -- Read once: as conditions of the query they would be asked again for each row.
  v_now timestamptz := clock_timestamp();
  v_until timestamptz := v_now + make_interval(secs => least(greatest(p_lease_seconds, 1), 900));
  v_most integer := healing_private.max_attempts();
  v_claimed uuid[];
begin
  -- With the kill switch thrown an error is not even looked at: nothing that is found could be done.
  if healing_private.setting('enabled') <> 'true' then
    return array[]::uuid[];
  end if;
  with due as materialized (
    select d.id from public.detected_errors as d
    where d.status in ('open', 'healing') and d.source <> 'migration' and d.next_attempt_at <= v_now
      and (d.status = 'open' or d.lease_expires_at < v_now) and (p_project_id is null or d.project_id = p_project_id)
      and (d.attempt_count < v_most or exists (select from public.auto_fixes as f
        where f.detected_error_id = d.id and f.status = 'proposed' and f.approved_by is not null))
    order by d.next_attempt_at limit least(greatest(p_limit, 1), 500)
    for update of d skip locked
  ), claimed as (
    update public.detected_errors as d
    set status = 'healing', claimed_by = p_worker, claim_number = nextval('healing_private.fencing_numbers'), lease_expires_at = v_until,
      attempt_count = d.attempt_count + 1, resolved_at = null
    from due where d.id = due.id returning d.id)
  select array_agg(c.id) into v_claimed from claimed as c;
  return coalesce(v_claimed, array[]::uuid[]);
end;
$$;
revoke all on function healing_private.claim_due(text, integer, integer, text) from public, anon, authenticated;
comment on function healing_private.claim_due(text, integer, integer, text) is
  'Leases due errors to one worker, of one project or with null of all, each with a fencing number of its own; crashed claims come back here.';

create or replace function healing_private.claim_one(p_worker text, p_lease_seconds integer, p_error_id uuid)
returns uuid[]
language sql
security definer
set search_path = ''
as $$
  with due as (
    select id from public.detected_errors as d
    where d.id = p_error_id and (
      (d.status in ('open', 'healing') and d.source <> 'migration' and d.next_attempt_at <= clock_timestamp()
        and healing_private.setting('enabled') = 'true'
        and (d.status = 'open' or d.lease_expires_at < clock_timestamp())
        and (d.attempt_count < healing_private.max_attempts() or exists (select from public.auto_fixes as f
          where f.detected_error_id = d.id and f.status = 'proposed' and f.approved_by is not null)))
      -- A migration's error is mended where the migration is run again: only by its author, by id, and whenever that is.
      or (d.source = 'migration' and (d.status in ('open', 'escalated')
        or (d.status = 'healing' and d.lease_expires_at < clock_timestamp()))))
    for update skip locked
  ), claimed as (
    update public.detected_errors as d
    set status = 'healing', claimed_by = p_worker, claim_number = nextval('healing_private.fencing_numbers'),
      lease_expires_at = clock_timestamp() + make_interval(secs => least(greatest(p_lease_seconds, 1), 900)),
      attempt_count = attempt_count + 1, resolved_at = null
    from due where d.id = due.id returning d.id)
  select coalesce(array_agg(c.id), array[]::uuid[]) from claimed as c;
$$;
revoke all on function healing_private.claim_one(text, integer, uuid) from public, anon, authenticated;
comment on function healing_private.claim_one(text, integer, uuid) is 'Leases one given error to a worker, if it is due, or if it is a migration''s.';

create or replace function public.claim_errors(
  p_worker text, p_limit integer default 1, p_lease_seconds integer default 120, p_error_id uuid default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_ids uuid[];
begin
  if p_error_id is null then
    v_ids := healing_private.claim_due(p_worker, p_limit, p_lease_seconds, null);
  else
    v_ids := healing_private.claim_one(p_worker, p_lease_seconds, p_error_id);
  end if;
  return healing_private.describe_claimed(v_ids)::jsonb;
end;
$$;
revoke all on function public.claim_errors(text, integer, integer, uuid) from public, anon, authenticated;
grant execute on function public.claim_errors(text, integer, integer, uuid) to service_role;
comment on function public.claim_errors(text, integer, integer, uuid) is
  'Leases due errors to one worker, each with a fencing number, its live fix, and the patterns that know it; crashed claims come back here.';

create or replace function public.claim_due_errors(p_worker text, p_limit integer, p_lease_seconds integer, p_project_id text default null)
returns json
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_ids uuid[] := healing_private.claim_due(p_worker, p_limit, p_lease_seconds, p_project_id);
begin
  -- A function that is asked in the statement that claims would see the rows as they were before.
  return healing_private.describe_claimed(v_ids);
end;
$$;
revoke all on function public.claim_due_errors(text, integer, integer, text) from public, anon, authenticated;
grant execute on function public.claim_due_errors(text, integer, integer, text) to service_role;
comment on function public.claim_due_errors(text, integer, integer, text) is 'Leases due errors to one worker, of one project or with null of all, as claim_errors does; for batches.';

-- Several claims given back at once: each is checked by its own fencing number, and one that is lost stops no other.
create or replace function public.release_errors(p_releases jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
-- A batch is looked up one by one by its ids, in their order, however few rows the statistics believe in.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_trace text := healing_private.current_trace_id();
  v_released jsonb;
begin
  if jsonb_typeof(p_releases) is distinct from 'array' or jsonb_array_length(p_releases) > 500
    or jsonb_path_exists(p_releases, '$[*] ? (!(@.status == "open" || @.status == "escalated" || @.status == "ignored" || @.status == "healed"))') then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'release_errors takes at most 500 releases of known status',
      hint = 'Each is {id, claim_number, status, reason, retry_seconds?, counts?}; status is open, escalated, ignored or healed';
  end if;
  with wanted as materialized (
    -- In the order of their ids, in which the loop below locks them: batches that meet cannot deadlock.
    select * from jsonb_to_recordset(p_releases)
      as r (id uuid, claim_number bigint, status text, reason text, retry_seconds integer, counts boolean) order by id
  ), released as (
    update public.detected_errors as d
    set status = w.status, claimed_by = null, lease_expires_at = null, resolution = left(w.reason, 2000),
      attempt_count = d.attempt_count - case when coalesce(w.counts, true) then 0 else 1 end,
      next_attempt_at = v_now + make_interval(secs => greatest(coalesce(w.retry_seconds, 60), 0)),
      resolved_at = case when w.status = 'open' then null else v_now end
    from wanted as w
    where d.id = w.id and d.status = 'healing' and d.claim_number = w.claim_number and d.lease_expires_at >= v_now
    returning d.id, d.status, d.resolution, d.category, d.severity, d.function_name, d.project_id, d.fingerprint
  ), told as (
    insert into public.healing_events (event_type, category, severity, result, message, function_name, project_id, fingerprint,
      detected_error_id, trace_id)
    -- Its default would be asked for each row.
    select 'no_fix', category, severity, 'skipped', left(resolution, 1000), function_name, project_id, fingerprint, id, v_trace from released
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', id, 'status', status)), '[]') into v_released from released;
  if jsonb_path_exists(v_released, '$[*] ? (@.status != "open")') then
    update public.auto_fixes as f
    set status = 'failed', finished_at = v_now, verdict = jsonb_build_object('reason', d.resolution)
    from jsonb_array_elements(v_released) as r join public.detected_errors as d on d.id = (r ->> 'id')::uuid
    where r ->> 'status' <> 'open' and f.detected_error_id = d.id and f.status in ('proposed', 'applying');
  end if;
  if jsonb_path_exists(v_released, '$[*] ? (@.status == "escalated")') then
    perform healing_private.ask_about_error(d, d.resolution)
    from jsonb_array_elements(v_released) as r join public.detected_errors as d on d.id = (r ->> 'id')::uuid
    where r ->> 'status' = 'escalated';
  end if;
  return jsonb_path_query_array(v_released, '$[*].id');
end;
$$;
revoke all on function public.release_errors(jsonb) from public, anon, authenticated;
grant execute on function public.release_errors(jsonb) to service_role;
comment on function public.release_errors(jsonb) is
  'Gives up to 500 claimed errors back without a fix, as release_error does. Returns the ids that were released; a claim that is lost is left out.';

create or replace function public.exchange_claims(
  p_releases jsonb, p_worker text, p_limit integer, p_lease_seconds integer default 120, p_project_id text default null)
returns json
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_released jsonb := public.release_errors(p_releases);
begin
  return json_build_object('released', v_released, 'claimed', public.claim_due_errors(p_worker, p_limit, p_lease_seconds, p_project_id));
end;
$$;
revoke all on function public.exchange_claims(jsonb, text, integer, integer, text) from public, anon, authenticated;
grant execute on function public.exchange_claims(jsonb, text, integer, integer, text) to service_role;
comment on function public.exchange_claims(jsonb, text, integer, integer, text) is
  'Gives a batch of claims back and leases the next one, in one transaction and one round trip. Returns {released, claimed}.';

create or replace function public.get_due_errors(p_project_id text default null, p_limit integer default 50)
returns json
language sql
security definer
set search_path = ''
as $$
  select healing_private.describe_claimed(array(
    select d.id from public.detected_errors as d
    where d.status in ('open', 'healing') and d.source <> 'migration' and d.next_attempt_at <= now()
      and (d.status = 'open' or d.lease_expires_at < now()) and (p_project_id is null or d.project_id = p_project_id)
    order by d.next_attempt_at limit least(greatest(p_limit, 1), 500)));
$$;
revoke all on function public.get_due_errors(text, integer) from public, anon, authenticated;
grant execute on function public.get_due_errors(text, integer) to service_role;
comment on function public.get_due_errors(text, integer) is 'The errors that claim_errors would lease, as it would give them; nothing is claimed.';

create or replace function healing_private.claim_fixes(p_limit integer, p_lease_seconds integer, p_fix_id uuid, p_project_id text)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  with due as (
    select f.id from public.auto_fixes as f join public.detected_errors as e on e.id = f.detected_error_id
    where f.status = 'validating' and (f.id = p_fix_id or f.validate_until <= clock_timestamp() or e.occurrences_since_fix > 0)
      and (f.lease_expires_at is null or f.lease_expires_at < clock_timestamp())
      and (p_fix_id is null or f.id = p_fix_id) and (p_project_id is null or e.project_id = p_project_id)
    order by f.validate_until limit least(greatest(p_limit, 1), 100)
    for update of f skip locked
  ), claimed as (
    update public.auto_fixes as f
    set claim_number = nextval('healing_private.fencing_numbers'),
      lease_expires_at = clock_timestamp() + make_interval(secs => least(greatest(p_lease_seconds, 1), 900))
    from due where f.id = due.id returning f.*)
  select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object(
    'error', to_jsonb(e),
    'window_is_over', c.id is not distinct from p_fix_id or c.validate_until <= clock_timestamp(),
    'seconds_watched', extract(epoch from clock_timestamp() - c.applied_at),
    'seconds_before', extract(epoch from least(e.last_seen_at, c.applied_at) - e.first_seen_at))), '[]')
  from claimed as c join public.detected_errors as e on e.id = c.detected_error_id;
$$;
revoke all on function healing_private.claim_fixes(integer, integer, uuid, text) from public, anon, authenticated;
comment on function healing_private.claim_fixes(integer, integer, uuid, text) is 'Leases fixes to judge: of one project or with null of all, or one by its id.';

create or replace function public.claim_fixes_to_judge(p_limit integer default 20, p_lease_seconds integer default 120, p_fix_id uuid default null)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  select healing_private.claim_fixes(p_limit, p_lease_seconds, p_fix_id, null);
$$;
revoke all on function public.claim_fixes_to_judge(integer, integer, uuid) from public, anon, authenticated;
grant execute on function public.claim_fixes_to_judge(integer, integer, uuid) to service_role;
comment on function public.claim_fixes_to_judge(integer, integer, uuid) is
  'Leases fixes whose window is over or whose error came back, or the one fix that its applier judges now, each with its error and what was measured.';

create or replace function public.claim_project_fixes(p_limit integer, p_lease_seconds integer, p_project_id text)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  select healing_private.claim_fixes(p_limit, p_lease_seconds, null, p_project_id);
$$;
revoke all on function public.claim_project_fixes(integer, integer, text) from public, anon, authenticated;
grant execute on function public.claim_project_fixes(integer, integer, text) to service_role;
comment on function public.claim_project_fixes(integer, integer, text) is 'Leases fixes of one project that are due for judgement, as claim_fixes_to_judge does for all projects.';
