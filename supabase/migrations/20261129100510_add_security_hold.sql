-- Adds the hold that a burst of permission or authentication failures puts on healing, and replaces
-- healing_private.may_heal and healing_private.permitted_level (same signatures): the referee also refuses to act during such a burst, against a
-- person's demotion, by a learned pattern that is not proven, and by a shared pattern where the project's own decides.
-- A person who has looked at a burst lets healing go on beside it (acknowledge_security_burst), for a while and as long as it
-- does not double: whoever can send refused requests without end could keep healing stopped without end.
-- Locks: SHARE on detected_errors while its new index is built.
-- Undo: drop function public.acknowledge_security_burst, healing_private.acknowledge_burst, healing_private.security_burst, healing_private.alert_security_burst, healing_private.pattern_of_fix, healing_private.protected_area_of;
--       drop index public.detected_errors_refused_last_seen_at_idx; drop table public.security_acknowledgements;
--       run permitted_level of 20261121110400 and may_heal of 20261121110000 again; delete the settings security_burst_*.

insert into public.healing_settings (key, wanted, actual, description)
select key, value, value, description
from (values
  ('security_burst_minutes', '10'::jsonb, 'Minutes that count as one burst of permission and authentication failures; healing stops until one has passed quietly. 0: never.'),
  ('security_burst_targets', '5', 'Different targets (tables, functions) refused in a burst from which healing stops and people are alerted.'),
  ('security_burst_subjects', '10', 'Different subjects refused in a burst from which healing stops and people are alerted.'),
  ('security_burst_signatures', '20', 'Bad signatures in a burst from which healing stops and people are alerted.')
) as setting (key, value, description)
on conflict (key) do nothing;

create index if not exists detected_errors_refused_last_seen_at_idx on public.detected_errors (last_seen_at desc)
  where error_type in ('permission_denied', 'row_level_security', 'auth_failed', 'auth_refused', 'signature_invalid', 'schema_not_exposed');

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

-- Such failures are evidence of an attack or of a broken release, and never something to mend. A single user whose
-- token ran out is neither. Counted from the 500 latest groups of that kind and from 5,000 of their occurrences: more
-- would not change the answer, and this is asked before every fix.
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

create or replace function healing_private.alert_security_burst(p_burst jsonb)
returns void
language sql
security definer
set search_path = ''
as $$
  select healing_private.notify('critical', 'Healing has stopped: a burst of permission or authentication failures', p_burst ->> 'reason',
    'security_burst', p_burst || jsonb_build_object('next', 'select * from detected_errors where category = ''auth'' order by last_seen_at desc'))
  where (p_burst ->> 'hold')::boolean;
$$;
revoke all on function healing_private.alert_security_burst(jsonb) from public, anon, authenticated;
comment on function healing_private.alert_security_burst(jsonb) is 'Tells people about a burst that stops healing; one unread notification, whatever its length.';

-- What may be done at this moment to a payload or a call, outside the lifecycle of a fix. Asked only when something has
-- been altered or waits to be made again: the burst is no cost of a call that succeeds.
create or replace function healing_private.may_heal(p_group text)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select healing_private.setting('enabled') = 'true' and healing_private.setting('dry_run') = 'false'
    and healing_private.setting('mode_' || p_group) = '"auto"' and not (healing_private.security_burst() ->> 'hold')::boolean;
$$;
revoke all on function healing_private.may_heal(text) from public, anon, authenticated;
grant execute on function healing_private.may_heal(text) to anon, authenticated, service_role;
comment on function healing_private.may_heal(text) is
  'Whether switch, dry run, mode and the present security let a fix of this group be applied without a person now.';

create or replace function healing_private.pattern_of_fix(p_fix public.auto_fixes)
returns public.universal_error_patterns
language sql
stable
security definer
set search_path = ''
as $$
  select p from public.universal_error_patterns as p join public.detected_errors as e on e.id = p_fix.detected_error_id
  where p.id = p_fix.pattern_id and p.action_kind = p_fix.action_kind and p.error_signature in (e.error_signature, e.error_template)
    and healing_private.pattern_speaks(p, e.project_id);
$$;
revoke all on function healing_private.pattern_of_fix(public.auto_fixes) from public, anon, authenticated;
comment on function healing_private.pattern_of_fix(public.auto_fixes) is
  'The pattern by which a fix may claim trust: of this very failure and kind, active, and the one that counts for the project; else null.';

-- The referee of rule 4: whatever a worker wants, this is what it may do. Group and least risk come from the closed
-- set, and trust from a pattern of this very failure and kind, so that a proposal cannot speak for itself.
-- A proposal names its target in its own words ("grants:table billing.invoices"); its rehearsal shows what it really touches.
create or replace function healing_private.protected_area_of(p_fix public.auto_fixes)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select min(area) from jsonb_array_elements_text(healing_private.setting('protected_areas')) as area
  where lower(area) = any (regexp_split_to_array(lower(concat_ws(' ', substr(p_fix.target, strpos(p_fix.target, ':') + 1),
    jsonb_path_query_array(p_fix.preview, '$.objects[*].name')::text, jsonb_path_query_array(p_fix.preview, '$.rows[*].table')::text)),
    '[^[:alnum:]_$]+'));
$$;
revoke all on function healing_private.protected_area_of(public.auto_fixes) from public, anon, authenticated;
comment on function healing_private.protected_area_of(public.auto_fixes) is
  'The protected area that a fix reaches into, by a whole name in its target or in what its rehearsal touched; null when there is none.';

create or replace function healing_private.permitted_level(p_fix public.auto_fixes)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_mode text := healing_private.setting('mode_' || p_fix.action_group) #>> '{}';
  v_pattern public.universal_error_patterns := healing_private.pattern_of_fix(p_fix);
  v_burst jsonb := healing_private.security_burst();
begin
  return case
    when v_mode = 'off' then '{"level": "off", "reason": "fixes of this group are switched off"}'
    when healing_private.setting('dry_run') = 'true' then '{"level": "suggest", "reason": "dry run: nothing is applied"}'
    when (v_burst ->> 'hold')::boolean then jsonb_build_object('level', 'suggest', 'reason', 'healing has stopped: ' || (v_burst ->> 'reason'))
    when v_mode = 'suggest' then '{"level": "suggest", "reason": "fixes of this group are only suggested until an admin turns them on"}'
    when healing_private.protected_area_of(p_fix) is not null
      then jsonb_build_object('level', 'suggest', 'reason', format('the target is a protected area: %s', healing_private.protected_area_of(p_fix)))
    when exists (select from public.universal_error_patterns as p join public.detected_errors as e on e.id = p_fix.detected_error_id
      where p.trust_decision = 'demoted' and p.error_signature in (e.error_signature, e.error_template) and p.project_id in ('', e.project_id)
        and (p.id = p_fix.pattern_id or p.fix_strategy = p_fix.pattern -> 'fix_strategy'))
      then '{"level": "suggest", "reason": "a person has demoted the pattern of this fix"}'
    when p_fix.risk = 'high' then '{"level": "suggest", "reason": "a fix of high risk always needs a person"}'
    when p_fix.risk = 'medium' and not coalesce(v_pattern.auto_fixable, false)
      then '{"level": "suggest", "reason": "a fix of medium risk needs a trusted pattern (score >= 0.75 and P(ineffective) <= 0.01)"}'
    when p_fix.tier = 'ai' and (p_fix.risk <> 'low' or p_fix.evidence -> 'dryRun' -> 'ok' is distinct from 'true' or p_fix.pattern_id is not null)
      then '{"level": "suggest", "reason": "what a model proposes acts alone only with low risk and after a dry run, and claims no pattern"}'
    when p_fix.tier = 'learned' and not coalesce(v_pattern.confidence_score >= 0.70 or v_pattern.auto_fixable, false)
      then '{"level": "suggest", "reason": "a learned fix acts alone only by a pattern of this failure with a score of at least 0.70"}'
    else '{"level": "auto", "reason": "permitted by mode, risk and evidence"}'
  end::jsonb;
end;
$$;
revoke all on function healing_private.permitted_level(public.auto_fixes) from public, anon, authenticated;
comment on function healing_private.permitted_level(public.auto_fixes) is
  'What settings, risk, evidence, people and the present security permit for a fix: {level: auto | suggest | off, reason}.';

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
