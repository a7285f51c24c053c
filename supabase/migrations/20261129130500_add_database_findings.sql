-- Adds what the look at the database itself finds: database_findings with record_findings and take_finding_turn. A finding
-- that a known kind of fix mends becomes a proposal that waits for a person; each finding is told of once and closed when gone.
-- Locks: none.
-- Undo: drop function public.record_findings, public.take_finding_turn, healing_private.propose_finding, healing_private.close_findings,
--       healing_private.finding_fingerprint; drop table public.database_findings, healing_private.finding_turns.

create table if not exists public.database_findings (
  id uuid primary key default gen_random_uuid(),
  scope text not null,
  fingerprint text not null,
  code text not null,
  severity text not null,
  object text not null,
  message text not null,
  advice text not null,
  sql_text text,
  probe text,
  place text,
  fix jsonb,
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  closed_at timestamptz,
  detected_error_id uuid references public.detected_errors (id) on delete set null,
  constraint database_findings_severity_is_known check (severity in ('low', 'medium', 'high')),
  constraint database_findings_scope_is_known check (scope in ('advice', 'needs'))
);
create unique index if not exists database_findings_fingerprint_idx on public.database_findings (scope, fingerprint);
create index if not exists database_findings_detected_error_id_idx on public.database_findings (detected_error_id);
create index if not exists database_findings_closed_at_idx on public.database_findings (closed_at) where closed_at is not null;
comment on table public.database_findings is
  'What is open, slow or about to break in the database: each thing once, with what mends it, a query that shows it is gone, and when it was.';
select healing_private.secure_table('public.database_findings'::regclass);

create table if not exists healing_private.finding_turns (
  scope text primary key,
  taken_at timestamptz not null
);
alter table healing_private.finding_turns enable row level security;
revoke all on healing_private.finding_turns from public, anon, authenticated, service_role;
drop policy if exists nobody_directly on healing_private.finding_turns;
create policy nobody_directly on healing_private.finding_turns for select to service_role using (false);
comment on table healing_private.finding_turns is 'When the database was last looked at.';

create or replace function public.take_finding_turn(p_scope text, p_hours integer default 20)
returns boolean
language sql
security definer
set search_path = ''
as $$
  with taken as (
    insert into healing_private.finding_turns as t (scope, taken_at) values (p_scope, clock_timestamp())
    on conflict (scope) do update set taken_at = excluded.taken_at
    where t.taken_at <= clock_timestamp() - make_interval(hours => p_hours) or t.taken_at > clock_timestamp()
    returning 1)
  select count(*) > 0 from taken;
$$;
revoke all on function public.take_finding_turn(text, integer) from public, anon, authenticated;
grant execute on function public.take_finding_turn(text, integer) to service_role;
comment on function public.take_finding_turn(text, integer) is
  'True for the one caller that may look at the database now; false for everybody else until the hours have passed.';

create or replace function healing_private.finding_fingerprint(p_finding jsonb)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select left(p_finding ->> 'code', 100) || ':' || md5(p_finding ->> 'object');
$$;
revoke all on function healing_private.finding_fingerprint(jsonb) from public, anon, authenticated;
comment on function healing_private.finding_fingerprint(jsonb) is 'The key of a finding: its rule and its object.';

-- A finding takes the road of every fix: an error group, a proposal, a person, a probe, a validation. It is claimed here, so
-- that no engine meets the error without its proposal.
create or replace function healing_private.propose_finding(p_id uuid, p_proposal jsonb)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_finding public.database_findings;
  v_error public.detected_errors;
  v_group jsonb;
  v_template text;
  v_answer jsonb;
begin
  select * into v_finding from public.database_findings where id = p_id;
  v_template := left('ADVICE: ' || v_finding.code || ' ' || v_finding.object, 4000);
  v_group := healing_private.store_errors(jsonb_build_array(jsonb_build_object(
    'fingerprint', 'finding:' || v_finding.scope || ':' || v_finding.fingerprint, 'error_signature', left(v_template, 1000),
    'error_template', v_template, 'error_type', v_finding.code, 'error_code', 'ADVICE', 'error_message', v_finding.message,
    'category', 'database', 'severity', v_finding.severity, 'source', 'advisor',
    'context', jsonb_build_object('finding_id', v_finding.id, 'probe', v_finding.probe)))) -> 0;
  update public.detected_errors
  set status = 'healing', claimed_by = 'advisor', claim_number = nextval('healing_private.fencing_numbers'),
    lease_expires_at = clock_timestamp() + interval '1 minute', attempt_count = attempt_count + 1, resolved_at = null
  where id = (v_group ->> 'id')::uuid and status = 'open'
  returning * into v_error;
  update public.database_findings set detected_error_id = (v_group ->> 'id')::uuid where id = p_id;
  if v_error.id is null then
    return false;
  end if;
  v_answer := public.propose_fix(jsonb_build_object(
    'detected_error_id', v_error.id, 'claim_number', v_error.claim_number, 'action', p_proposal -> 'action',
    'target', p_proposal ->> 'target', 'tier', 'deterministic', 'confidence', 0.8, 'risk', p_proposal ->> 'risk',
    'reason', v_finding.message, 'evidence', jsonb_build_object('finding', v_finding.id, 'probe', v_finding.probe),
    'pattern', jsonb_build_object('pattern_name', v_finding.code || ': ' || (p_proposal -> 'action' ->> 'kind'), 'error_signature', v_template,
      'fix_strategy', p_proposal -> 'action', 'category', 'database', 'origin', 'deterministic'),
    -- Nothing has failed yet, so nothing is in a hurry: a person decides.
    'wanted', 'suggest', 'wanted_because', 'nothing has failed yet: ' || v_finding.message,
    'what_will_happen', p_proposal ->> 'what_will_happen', 'preview', p_proposal -> 'preview', 'alternatives', '[]'::jsonb));
  if v_answer ->> 'decision' <> 'suggest' then
    perform healing_private.finish_error(v_error.id, 'escalated', 'no fix, because ' || (v_answer ->> 'reason'));
    return false;
  end if;
  return true;
end;
$$;
revoke all on function healing_private.propose_finding(uuid, jsonb) from public, anon, authenticated;
comment on function healing_private.propose_finding(uuid, jsonb) is
  'Makes a finding an error group with a proposal that waits for a person. True when one waits now.';

create or replace function healing_private.close_findings(p_scope text, p_seen text[])
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_closed integer := 0;
  v_finding public.database_findings;
begin
  for v_finding in
    update public.database_findings set closed_at = clock_timestamp()
    where scope = p_scope and closed_at is null and fingerprint <> all (p_seen) returning * loop
    v_closed := v_closed + 1;
    update public.admin_approval_queue set status = 'expired', decided_at = clock_timestamp()
    where detected_error_id = v_finding.detected_error_id and status = 'pending';
    update public.auto_fixes set status = 'expired', finished_at = clock_timestamp(), verdict = '{"reason": "the finding is gone"}'
    where detected_error_id = v_finding.detected_error_id and status = 'awaiting_approval';
    -- A fix that is being applied or watched ends by its own verdict.
    perform healing_private.finish_error(e.id, 'healed', 'the finding is gone') from public.detected_errors as e
    where e.id = v_finding.detected_error_id and e.status in ('open', 'awaiting_approval', 'escalated', 'ignored');
  end loop;
  return v_closed;
end;
$$;
revoke all on function healing_private.close_findings(text, text[]) from public, anon, authenticated;
comment on function healing_private.close_findings(text, text[]) is
  'Closes the findings of a scope that were not seen this time, with the proposals that waited for them. Returns how many.';

create or replace function public.record_findings(p_scope text, p_findings jsonb, p_is_complete boolean default true)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_finding jsonb;
  v_row public.database_findings;
  v_known public.database_findings;
  v_error_status text;
  v_seen text[] := '{}'::text[];
  v_new integer := 0;
  v_proposed integer := 0;
  v_closed integer := 0;
begin
  -- One recorder at a time: the second finds what the first has written.
  perform pg_catalog.pg_advisory_xact_lock(hashtext('healing:findings'));
  for v_finding in select f from jsonb_array_elements(p_findings) as f order by healing_private.finding_fingerprint(f) loop
    v_seen := v_seen || healing_private.finding_fingerprint(v_finding);
    select * into v_known from public.database_findings
    where scope = p_scope and fingerprint = healing_private.finding_fingerprint(v_finding);
    insert into public.database_findings as d (scope, fingerprint, code, severity, object, message, advice, sql_text, probe, place, fix)
    values (p_scope, healing_private.finding_fingerprint(v_finding), left(v_finding ->> 'code', 100), v_finding ->> 'severity',
      left(v_finding ->> 'object', 1000), left(v_finding ->> 'message', 4000), left(v_finding ->> 'advice', 4000),
      left(v_finding ->> 'sql', 4000), left(v_finding ->> 'probe', 16000), left(v_finding ->> 'place', 1000), v_finding -> 'proposal' -> 'action')
    on conflict (scope, fingerprint) do update
    set severity = excluded.severity, message = excluded.message, advice = excluded.advice, sql_text = excluded.sql_text, probe = excluded.probe,
      place = excluded.place, fix = excluded.fix, last_seen_at = clock_timestamp(), closed_at = null,
      first_seen_at = case when d.closed_at is null then d.first_seen_at else clock_timestamp() end
    returning * into v_row;
    select e.status into v_error_status from public.detected_errors as e where e.id = v_row.detected_error_id;
    if v_known.id is null or v_known.closed_at is not null then
      v_new := v_new + 1;
    end if;
    if v_error_status = 'validating' then
      -- The fix is in place and the finding is still there: that is what its validation counts.
      perform healing_private.store_errors(jsonb_build_array(jsonb_build_object('fingerprint', e.fingerprint, 'project_id', e.project_id,
        'error_message', e.error_message, 'category', e.category, 'severity', e.severity, 'source', e.source, 'context', e.context)))
      from public.detected_errors as e where e.id = v_row.detected_error_id;
    -- Ten at a time: what is left gets its turn with the next look.
    elsif jsonb_typeof(v_finding -> 'proposal') = 'object' and coalesce(v_error_status, 'healed') = 'healed' and v_proposed < 10
      and exists (select from healing_private.fix_kinds where kind = v_finding -> 'proposal' -> 'action' ->> 'kind') then
      v_proposed := v_proposed + healing_private.propose_finding(v_row.id, v_finding -> 'proposal')::integer;
    end if;
  end loop;
  if p_is_complete then
    v_closed := healing_private.close_findings(p_scope, v_seen);
  end if;
  delete from public.database_findings where closed_at < clock_timestamp() - interval '90 days';
  if v_new > v_proposed then
    perform healing_private.notify('low', format('%s new findings about the database', v_new),
      'Read them: select code, object, message, advice from database_findings where closed_at is null', 'findings:' || p_scope);
  end if;
  return jsonb_build_object('seen', coalesce(cardinality(v_seen), 0), 'new', v_new, 'proposed', v_proposed, 'closed', v_closed);
end;
$$;
revoke all on function public.record_findings(text, jsonb, boolean) from public, anon, authenticated;
grant execute on function public.record_findings(text, jsonb, boolean) to service_role;
comment on function public.record_findings(text, jsonb, boolean) is
  'Writes down what a look at the database found: each thing once, new ones with a fix as proposals that wait for a person, and closes what a complete look did not find again. Returns {seen, new, proposed, closed}.';
