-- Adds acknowledge_security_burst: whoever can send refused requests without end could keep healing stopped without end.
-- A person who has looked at a burst lets healing go on beside it, for a while, and as long as it does not double.
-- Replaces healing_private.security_burst (same signature); the clock is read once for a statement, since no index serves
-- a comparison with one that moves: with a million events the old one took seconds, before every fix.
-- Locks: none.
-- Undo: run security_burst of 20261129100510 again, then drop function public.acknowledge_security_burst,
--       healing_private.acknowledge_burst; drop table public.security_acknowledgements.

create table if not exists public.security_acknowledgements (
  id uuid primary key default gen_random_uuid(),
  targets bigint not null,
  subjects bigint not null,
  signatures bigint not null,
  reason text not null,
  acknowledged_by text not null,
  acknowledged_at timestamptz not null default now(),
  ends_at timestamptz not null,
  constraint security_acknowledgements_end_within_a_day check (ends_at <= acknowledged_at + interval '1 day' + interval '1 minute'),
  constraint security_acknowledgements_say_why check (btrim(reason) <> '')
);
create index if not exists security_acknowledgements_ends_at_idx on public.security_acknowledgements (ends_at);
comment on table public.security_acknowledgements is
  'Bursts of refusals that a person has looked at: how large they were then, who said why, and until when healing goes on beside them.';
select healing_private.secure_table('public.security_acknowledgements'::regclass);

create or replace function healing_private.security_burst()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  with wanted as (
    select (healing_private.setting('security_burst_minutes') #>> '{}')::integer as minutes,
      (healing_private.setting('security_burst_targets') #>> '{}')::integer as targets,
      (healing_private.setting('security_burst_subjects') #>> '{}')::integer as subjects,
      (healing_private.setting('security_burst_signatures') #>> '{}')::integer as signatures
  ), refused as (
    select d.id, d.error_type, coalesce(d.slots ->> 0, d.function_name, d.fingerprint) as target
    from public.detected_errors as d cross join wanted as w
    where w.minutes > 0 and d.last_seen_at > statement_timestamp() - make_interval(mins => w.minutes)
      and d.error_type in ('permission_denied', 'row_level_security', 'auth_failed', 'auth_refused', 'signature_invalid', 'schema_not_exposed')
    order by d.last_seen_at desc limit 500
  ), happened as (
    select r.error_type, e.occurrences, e.details -> 'details' ->> 'subject' as subject
    from refused as r cross join wanted as w join public.healing_events as e on e.detected_error_id = r.id
    where e.event_type = 'occurrence' and e.created_at > statement_timestamp() - make_interval(mins => w.minutes)
    limit 5000
  ), measured as (
    select (select count(distinct target) from refused where error_type <> 'signature_invalid') as targets,
      (select count(distinct subject) from happened) as subjects,
      (select coalesce(sum(occurrences), 0) from happened where error_type = 'signature_invalid') as signatures
  ), seen as (
    select a.targets, a.subjects, a.signatures from public.security_acknowledgements as a
    where a.ends_at > statement_timestamp() order by a.acknowledged_at desc limit 1
  )
  select jsonb_build_object('hold', coalesce(m.targets >= nullif(w.targets, 0) or m.subjects >= nullif(w.subjects, 0)
      or m.signatures >= nullif(w.signatures, 0), false)
      -- A person has looked at this one; at twice its size it is another.
      and not exists (select from seen as s where m.targets <= 2 * s.targets and m.subjects <= 2 * s.subjects and m.signatures <= 2 * s.signatures),
    'targets', m.targets, 'subjects', m.subjects, 'signatures', m.signatures, 'minutes', w.minutes,
    'reason', format('within %s minutes %s targets and %s subjects were refused, and %s signatures were bad', w.minutes, m.targets, m.subjects, m.signatures))
  from measured as m cross join wanted as w;
$$;
revoke all on function healing_private.security_burst() from public, anon, authenticated;
comment on function healing_private.security_burst() is
  'Whether permission and authentication failures come in a burst now: {hold, targets, subjects, signatures, minutes, reason}.';

create or replace function healing_private.acknowledge_burst(p_minutes integer, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_burst jsonb := healing_private.security_burst();
  v_seen public.security_acknowledgements;
begin
  perform healing_private.require_person('acknowledge a burst of refusals');
  if not coalesce(p_minutes between 1 and 1440, false) or coalesce(btrim(p_reason), '') = '' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A burst is acknowledged for 1 to 1440 minutes, with a reason',
      hint = 'Say in p_reason what you have found out about it';
  end if;
  insert into public.security_acknowledgements (targets, subjects, signatures, reason, acknowledged_by, acknowledged_at, ends_at)
  values ((v_burst ->> 'targets')::bigint, (v_burst ->> 'subjects')::bigint, (v_burst ->> 'signatures')::bigint, left(p_reason, 1000),
    healing_private.actor(), clock_timestamp(), clock_timestamp() + make_interval(mins => p_minutes)) returning * into v_seen;
  insert into public.healing_events (event_type, category, severity, result, message, details)
  values ('security_burst_acknowledged', 'auth', 'high', 'success', left(p_reason, 1000), v_burst || jsonb_build_object('by', v_seen.acknowledged_by,
    'ends_at', v_seen.ends_at));
  return to_jsonb(v_seen);
end;
$$;
revoke all on function healing_private.acknowledge_burst(integer, text) from public, anon, authenticated;
grant execute on function healing_private.acknowledge_burst(integer, text) to authenticated, service_role;
comment on function healing_private.acknowledge_burst(integer, text) is 'The rights behind acknowledge_security_burst; checks that a person acts.';

create or replace function public.acknowledge_security_burst(p_minutes integer, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.acknowledge_burst(p_minutes, p_reason);
$$;
revoke all on function public.acknowledge_security_burst(integer, text) from public, anon, authenticated;
grant execute on function public.acknowledge_security_burst(integer, text) to authenticated, service_role;
comment on function public.acknowledge_security_burst(integer, text) is
  'An admin who has looked at a burst of refusals lets healing go on beside it for 1 to 1440 minutes, with a reason; at twice its size it holds again. Returns the acknowledgement.';

notify pgrst, 'reload schema';
