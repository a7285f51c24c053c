-- Adds the self-audit: schema healing_sandbox with its cells, self_audits, the functions that inject and judge, and the view
-- self_audit_rates. The fixes of an audit act on cells only, are left out of figures and never become evidence of a pattern.
-- Locks: SHARE ROW EXCLUSIVE on auto_fixes while its trigger is made.
-- Undo: drop view public.self_audit_rates; drop function public.inject_self_audits, public.settle_self_audits,
--       healing_private.inject_audit, healing_private.keep_audit_from_patterns (with its trigger); drop table public.self_audits;
--       drop schema healing_sandbox cascade; delete from healing_private.fix_kinds where kind = 'set_sandbox_cell';
--       delete the setting self_audit_hours.

create schema if not exists healing_sandbox;
revoke all on schema healing_sandbox from public;
comment on schema healing_sandbox is 'Where the healing system tries itself: nothing here means anything.';
create table if not exists healing_sandbox.cells (
  name text primary key,
  value text not null,
  refuses boolean not null default false,
  constraint cells_refuse_what_is_bad check (not (refuses and value = 'mended'))
);
alter table healing_sandbox.cells enable row level security;
revoke all on healing_sandbox.cells from public, anon, authenticated, service_role;
drop policy if exists nobody_directly on healing_sandbox.cells;
create policy nobody_directly on healing_sandbox.cells for select to service_role using (false);
comment on table healing_sandbox.cells is 'One cell for each audit: broken, and mended by the fix of the audit, unless it refuses.';

insert into healing_private.fix_kinds (kind, action_group, least_risk, least_risk_at_runtime)
values ('set_sandbox_cell', 'call', 'low', 'low')
on conflict (kind) do nothing;
insert into public.healing_settings (key, wanted, actual, description)
values ('self_audit_hours', '24', '24', 'Hours between two audits of the system by itself, in schema healing_sandbox. 0: never.')
on conflict (key) do nothing;

create table if not exists public.self_audits (
  id uuid primary key default gen_random_uuid(),
  kind text not null,
  detected_error_id uuid not null,
  injected_at timestamptz not null default now(),
  outcome text,
  is_right boolean,
  judged_at timestamptz,
  constraint self_audits_kind_is_known check (kind in ('good', 'useless', 'refused')),
  constraint self_audits_outcome_is_known check (outcome in ('kept', 'reverted', 'not_applied', 'inconclusive', 'lost')),
  constraint self_audits_judged_rows_have_an_outcome check ((outcome is null) = (judged_at is null))
);
create index if not exists self_audits_injected_at_idx on public.self_audits (injected_at desc);
create index if not exists self_audits_unjudged_idx on public.self_audits (injected_at) where judged_at is null;
comment on table public.self_audits is
  'Fixes whose right end is known: good has to be kept, useless (the error comes back) to be reverted, refused (its dry run fails) not to be applied.';
select healing_private.secure_table('public.self_audits'::regclass);

-- An audit proves nothing about anybody's errors.
create or replace function healing_private.keep_audit_from_patterns()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
  new.pattern := null;
  new.pattern_id := null;
  return new;
end;
$$;
revoke all on function healing_private.keep_audit_from_patterns() from public, anon, authenticated;
comment on function healing_private.keep_audit_from_patterns() is 'Takes the pattern from the fix of an audit, so that its outcome is nobody''s evidence.';
create or replace trigger b_keep_audit_from_patterns before insert on public.auto_fixes
  for each row when (new.action_kind = 'set_sandbox_cell') execute function healing_private.keep_audit_from_patterns();

create or replace function healing_private.inject_audit(p_kind text)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_cell text := 'audit_' || replace(gen_random_uuid()::text, '-', '');
  v_error_id uuid;
begin
  insert into healing_sandbox.cells (name, value, refuses) values (v_cell, 'broken', p_kind = 'refused');
  insert into public.detected_errors (fingerprint, error_signature, error_template, slots, error_type, error_code, error_message, category,
    severity, source, function_name, context, occurrence_count, first_seen_at)
  values ('audit:' || v_cell, 'HSBOX: sandbox cell $1 is broken', format('HSBOX: sandbox cell %s is broken', v_cell), jsonb_build_array(v_cell),
    'self_audit', 'HSBOX', format('sandbox cell %s is broken', v_cell), 'runtime', 'low', 'self_audit', 'self-audit', '{"transient": false}',
    -- As if it had come once a minute: then its window of validation is the shortest one.
    100, now() - interval '100 minutes')
  returning id into v_error_id;
  insert into public.self_audits (kind, detected_error_id) values (p_kind, v_error_id);
  return v_error_id;
end;
$$;
revoke all on function healing_private.inject_audit(text) from public, anon, authenticated;
comment on function healing_private.inject_audit(text) is 'Breaks a new cell of the sandbox and captures that as an error. Returns the error''s id.';

create or replace function public.inject_self_audits()
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_hours integer := (healing_private.setting('self_audit_hours') #>> '{}')::integer;
begin
  -- An audit that a switch holds back would measure the switch.
  if v_hours = 0 or not healing_private.may_heal('call') or healing_private.quiet_until('call') is not null then
    return '[]'::jsonb;
  end if;
  -- By itself, so that the look that follows sees what the one before has committed.
  perform pg_catalog.pg_advisory_xact_lock(hashtext('healing:self_audit'));
  -- Not in the first hours of an installation, while people look at their own first errors.
  if not exists (select from public.healing_runs where dispatched_at < clock_timestamp() - make_interval(hours => v_hours))
    or exists (select from public.self_audits where injected_at > clock_timestamp() - make_interval(hours => v_hours)) then
    return '[]'::jsonb;
  end if;
  return (select jsonb_agg(healing_private.inject_audit(kind)) from unnest(array['good', 'useless', 'refused']) as kind);
end;
$$;
revoke all on function public.inject_self_audits() from public, anon, authenticated;
grant execute on function public.inject_self_audits() to service_role;
comment on function public.inject_self_audits() is
  'Injects one audit of each kind into the sandbox when self_audit_hours have passed and calls may be healed. Returns the ids of their errors.';

create or replace function public.settle_self_audits()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_judged integer;
begin
  -- A useless fix shows itself by the error's return.
  update public.detected_errors as e
  set occurrences_since_fix = greatest(e.occurrences_since_fix, 20), occurrence_count = e.occurrence_count + 20, last_seen_at = clock_timestamp()
  from public.self_audits as a
  where a.detected_error_id = e.id and a.kind = 'useless' and a.judged_at is null and e.status = 'validating' and e.occurrences_since_fix = 0;
  with ended as (
    select a.id, a.kind, case
      when f.status in ('kept', 'reverted', 'inconclusive') then f.status
      when e.id is null then 'lost'
      when f.applied_at is null and (f.status = 'failed' or e.status in ('escalated', 'ignored', 'healed')) then 'not_applied' end as outcome
    from public.self_audits as a left join public.detected_errors as e on e.id = a.detected_error_id
    left join lateral (select * from public.auto_fixes as f where f.detected_error_id = a.detected_error_id order by f.created_at limit 1) as f on true
    where a.judged_at is null
  ), judged as (
    update public.self_audits as a
    set outcome = e.outcome, judged_at = clock_timestamp(),
      is_right = case when e.outcome in ('inconclusive', 'lost') then null
        else e.outcome = case a.kind when 'good' then 'kept' when 'useless' then 'reverted' else 'not_applied' end end
    from ended as e where a.id = e.id and e.outcome is not null returning a.detected_error_id)
  select count(*) into v_judged from judged;
  -- What has shown what it had to show is put away, so that no person is asked about it.
  update public.detected_errors as e
  set status = 'healed', resolution = 'the audit has ended', resolved_at = clock_timestamp(), claimed_by = null, lease_expires_at = null
  from public.self_audits as a
  where a.detected_error_id = e.id and a.judged_at is not null and e.status not in ('healed', 'validating');
  delete from healing_sandbox.cells as c where not exists (
    select from public.self_audits as a join public.detected_errors as e on e.id = a.detected_error_id
    where a.judged_at is null and e.slots ->> 0 = c.name);
  update public.notifications set read_at = clock_timestamp()
  where read_at is null and dedupe_key = any (select 'escalated:' || detected_error_id from public.self_audits where judged_at > clock_timestamp() - interval '1 day');
  return v_judged;
end;
$$;
revoke all on function public.settle_self_audits() from public, anon, authenticated;
grant execute on function public.settle_self_audits() to service_role;
comment on function public.settle_self_audits() is 'Lets the errors of useless fixes come back, judges the audits that have ended, and clears the sandbox. Returns how many were judged.';

create or replace view public.self_audit_rates with (security_invoker = on) as
select rate.name as rate, count(a.id) filter (where a.is_right is not null)::integer as n,
  count(a.id) filter (where not a.is_right)::integer as wrong,
  avg((not a.is_right)::integer)::double precision as share, max(a.judged_at) as last_judged_at,
  count(a.id) filter (where a.judged_at is null)::integer as under_way
from (values ('false_apply', 'refused'), ('false_revert', 'good'), ('missed_revert', 'useless')) as rate (name, kind)
left join public.self_audits as a on a.kind = rate.kind and a.injected_at > now() - interval '90 days'
group by rate.name;
revoke all on public.self_audit_rates from public, anon, authenticated, service_role;
grant select on public.self_audit_rates to service_role, authenticated;
comment on view public.self_audit_rates is
  'How often the system misjudged fixes whose right end was known, in 90 days: false_apply (applied although its dry run fails), false_revert (good, not kept), missed_revert (useless, not reverted).';
