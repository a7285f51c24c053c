-- Adds how trust moves besides outcomes: the columns for what a person decides, a project's own patterns beside the shared
-- ones, units of evidence that only fixes and experiments use, and a row for every change of trust. Replaces healing_private.apply_outcome,
-- healing_private.count_evidence and public.record_pattern_evidence (same signatures): the pattern's row is locked
-- before the ledger's foreign key looks at it, so that many clients cannot wait for each other in a circle.
-- Locks: universal_error_patterns gets columns without a rewrite, under ACCESS EXCLUSIVE for an instant.
-- Undo: drop view public.pattern_trust_history; drop table public.pattern_changes; drop function public.find_healing_patterns,
--       public.update_pattern_stats, healing_private.note_pattern_change, healing_private.own_pattern_decides, healing_private.pattern_speaks,
--       healing_private.count_outcome, healing_private.pattern_draft, healing_private.add_evidence,
--       healing_private.require_free_unit; run the three replaced functions of 20261121110300 and 20261121110400 again;
--       drop the columns trust_* and retired_because.

alter table public.universal_error_patterns
  add column if not exists trust_decision text,
  add column if not exists trust_decided_by text,
  add column if not exists trust_reason text,
  add column if not exists retired_because text;
alter table public.universal_error_patterns drop constraint if exists universal_error_patterns_trust_decisions_say_who_and_why;
alter table public.universal_error_patterns add constraint universal_error_patterns_trust_decisions_say_who_and_why check (
  (trust_decision is null or trust_decision in ('promoted', 'demoted'))
  and (trust_decision is null) = (trust_decided_by is null) and (trust_decision is null) = (trust_reason is null));
alter table public.universal_error_patterns drop constraint if exists universal_error_patterns_retired_rows_say_why;
alter table public.universal_error_patterns add constraint universal_error_patterns_retired_rows_say_why check (
  retired_because is null or (status = 'retired' and retired_because in ('bad', 'unused')));
comment on column public.universal_error_patterns.trust_decision is
  'What a person has decided: promoted (holds while the evidence is thin; three failures in a row end it) or demoted (holds until a person promotes).';

create table if not exists public.pattern_changes (
  id uuid primary key default gen_random_uuid(),
  pattern_id uuid not null references public.universal_error_patterns (id) on delete cascade,
  change text not null,
  actor text not null,
  reason text not null,
  confidence_score double precision not null,
  probability_ineffective double precision not null,
  success_count integer not null,
  failure_count integer not null,
  auto_fixable boolean not null,
  changed_at timestamptz not null default now(),
  constraint pattern_changes_change_is_known
    check (change in ('earned_trust', 'lost_trust', 'promoted', 'demoted', 'retired', 'revived', 'imported'))
);
create index if not exists pattern_changes_pattern_id_changed_at_idx on public.pattern_changes (pattern_id, changed_at);
comment on table public.pattern_changes is
  'Every change of what a pattern may do: by its evidence, by a person, by maintenance or by an import, with the figures of that moment.';
select healing_private.secure_table('public.pattern_changes'::regclass);

create or replace view public.pattern_trust_history with (security_invoker = on) as
select c.pattern_id, p.pattern_name, p.project_id, c.changed_at, c.change, c.actor, c.reason, c.confidence_score,
  c.probability_ineffective, c.success_count, c.failure_count, c.auto_fixable,
  p.auto_fixable as auto_fixable_now, p.status as status_now
from public.pattern_changes as c join public.universal_error_patterns as p on p.id = c.pattern_id;
revoke all on public.pattern_trust_history from public, anon, authenticated, service_role;
grant select on public.pattern_trust_history to service_role, authenticated;
comment on view public.pattern_trust_history is 'How the trust in each pattern went over time: who or what changed it, why, and on which figures.';

create or replace function healing_private.note_pattern_change(
  p_pattern public.universal_error_patterns, p_change text, p_actor text, p_reason text)
returns void
language sql
security definer
set search_path = ''
as $$
  insert into public.pattern_changes (pattern_id, change, actor, reason, confidence_score, probability_ineffective,
    success_count, failure_count, auto_fixable)
  values (p_pattern.id, p_change, p_actor, left(p_reason, 2000), p_pattern.confidence_score, p_pattern.probability_ineffective,
    p_pattern.success_count, p_pattern.failure_count, p_pattern.auto_fixable);
$$;
revoke all on function healing_private.note_pattern_change(public.universal_error_patterns, text, text, text) from public, anon, authenticated;
comment on function healing_private.note_pattern_change(public.universal_error_patterns, text, text, text) is
  'Records a change of what a pattern may do, with the figures that it has now.';

-- Discounted evidence: each outcome first multiplies what is known by 2^(-1/30), so that thirty outcomes halve it.
create or replace function healing_private.apply_outcome(p_pattern_id uuid, p_succeeded boolean)
returns public.universal_error_patterns
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_old public.universal_error_patterns;
  v_new public.universal_error_patterns;
  v_gamma constant double precision := power(2, -1.0 / 30);
  s double precision;
  f double precision;
  v_earned boolean;
begin
  -- Weaker than a lock against deletion, which would have to wait for the ledger's foreign keys.
  select * into strict v_old from public.universal_error_patterns where id = p_pattern_id for no key update;
  v_new := v_old;
  s := v_old.weighted_successes * v_gamma + p_succeeded::integer;
  f := v_old.weighted_failures * v_gamma + (not p_succeeded)::integer;
  v_new.consecutive_failures := case when p_succeeded then 0 else v_old.consecutive_failures + 1 end;
  -- Three failures in a row are news that the average hides: half of the old evidence is forgotten.
  if v_new.consecutive_failures = 3 then
    s := s / 2;
    f := f / 2;
  end if;
  v_new.confidence_score := (s + 1) / (s + f + 2);
  v_new.probability_ineffective := healing_private.probability_below_half(s, f);
  v_earned := v_new.consecutive_failures < 3 and v_new.confidence_score >= 0.75 and v_new.probability_ineffective <= 0.01;
  v_new.auto_fixable := case
    when v_new.consecutive_failures >= 3 or v_old.trust_decision = 'demoted' then false
    when v_earned then true
    -- A person's word counts as long as there are fewer than six outcomes, then as long as it is not more probably wrong than right.
    when v_old.trust_decision = 'promoted' and v_old.auto_fixable then s + f < 5.6 or v_new.probability_ineffective <= 0.5
    when v_new.confidence_score < 0.70 or v_new.probability_ineffective > 0.05 then false
    else v_old.auto_fixable end;
  update public.universal_error_patterns
  set weighted_successes = s, weighted_failures = f, consecutive_failures = v_new.consecutive_failures,
    success_count = success_count + p_succeeded::integer, failure_count = failure_count + (not p_succeeded)::integer,
    success_rate = (success_count + p_succeeded::integer)::double precision / (success_count + failure_count + 1),
    confidence_score = v_new.confidence_score, probability_ineffective = v_new.probability_ineffective,
    auto_fixable = v_new.auto_fixable, last_used_at = clock_timestamp(), updated_at = clock_timestamp(),
    -- From here on the evidence speaks for itself, or has spoken against the person.
    trust_decision = case when trust_decision = 'promoted' and (v_earned or not v_new.auto_fixable) then null else trust_decision end,
    trust_decided_by = case when trust_decision = 'promoted' and (v_earned or not v_new.auto_fixable) then null else trust_decided_by end,
    trust_reason = case when trust_decision = 'promoted' and (v_earned or not v_new.auto_fixable) then null else trust_reason end,
    -- What was only put away because nobody needed it is needed again.
    status = case when retired_because = 'unused' and p_succeeded then 'active' else status end,
    retired_because = case when retired_because = 'unused' and p_succeeded then null else retired_because end
  where id = p_pattern_id returning * into v_new;
  if v_new.auto_fixable <> v_old.auto_fixable then
    perform healing_private.note_pattern_change(v_new, case when v_new.auto_fixable then 'earned_trust' else 'lost_trust' end, 'evidence',
      case when v_new.consecutive_failures >= 3 then format('%s failures in a row', v_new.consecutive_failures)
        else format('score %s and P(ineffective) %s', round(v_new.confidence_score::numeric, 4), round(v_new.probability_ineffective::numeric, 4)) end);
  end if;
  if v_new.status <> v_old.status then
    perform healing_private.note_pattern_change(v_new, 'revived', 'evidence', 'it has helped again');
  end if;
  return v_new;
end;
$$;
revoke all on function healing_private.apply_outcome(uuid, boolean) from public, anon, authenticated;
comment on function healing_private.apply_outcome(uuid, boolean) is 'Adds one outcome to a pattern under its row lock: discount, score, bound, promotion, demotion.';

create or replace function healing_private.require_free_unit(p_unit text)
returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_unit like 'fix:%' or p_unit like 'experiment:%' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'Units that begin with "fix:" or "experiment:" belong to fixes and experiments',
      hint = 'Put the name of what you count in front, such as "request:"';
  end if;
end;
$$;
revoke all on function healing_private.require_free_unit(text) from public, anon, authenticated;
comment on function healing_private.require_free_unit(text) is 'Raises PT400 for a unit of work under which only fixes or experiments report.';

create or replace function healing_private.add_evidence(p_pattern_id uuid, p_unit text, p_succeeded boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_pattern public.universal_error_patterns;
  v_before boolean;
begin
  if coalesce(p_unit, '') = '' or p_succeeded is null then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'Evidence needs a unit of work and an outcome',
      hint = 'The unit is the idempotency key under which the outcome counts once';
  end if;
  -- First of all: the foreign key of the ledger would lock this row shared, and two clients that both go on to count
  -- would wait for each other.
  select * into v_pattern from public.universal_error_patterns where id = p_pattern_id for no key update;
  if not found then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no pattern %s', p_pattern_id),
      hint = 'Read the ids in public.healing_patterns';
  end if;
  insert into healing_private.pattern_evidence (pattern_id, unit, succeeded) values (p_pattern_id, left(p_unit, 300), p_succeeded)
  on conflict (pattern_id, unit) do nothing;
  if found then
    return to_jsonb(healing_private.apply_outcome(p_pattern_id, p_succeeded));
  end if;
  select succeeded into v_before from healing_private.pattern_evidence where pattern_id = p_pattern_id and unit = left(p_unit, 300);
  if v_before is distinct from p_succeeded then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Unit %s was already recorded with the other outcome', p_unit),
      hint = 'One unit of work has one outcome';
  end if;
  return to_jsonb(v_pattern);
end;
$$;
revoke all on function healing_private.add_evidence(uuid, text, boolean) from public, anon, authenticated;
comment on function healing_private.add_evidence(uuid, text, boolean) is
  'Counts one outcome of a pattern, once per unit of work whoever reports it, whatever the unit is called. Returns the pattern.';

create or replace function public.record_pattern_evidence(p_pattern_id uuid, p_unit text, p_succeeded boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform healing_private.require_free_unit(p_unit);
  return healing_private.add_evidence(p_pattern_id, p_unit, p_succeeded);
end;
$$;
revoke all on function public.record_pattern_evidence(uuid, text, boolean) from public, anon, authenticated;
grant execute on function public.record_pattern_evidence(uuid, text, boolean) to service_role;
comment on function public.record_pattern_evidence(uuid, text, boolean) is
  'Counts one outcome of a pattern, once per unit of work whoever reports it; the same unit with the other outcome raises PT409. Returns the pattern.';

-- A project's outcomes count for its own pattern and for the shared one. Locks are taken in that order by everyone:
-- shared first, then own.
create or replace function healing_private.count_outcome(p_draft jsonb, p_project_id text, p_unit text, p_succeeded boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_owner text;
  v_id uuid;
  v_counted jsonb := '{}'::jsonb;
begin
  for v_owner in select distinct owner from unnest(array['', coalesce(p_project_id, '')]) as owner order by owner loop
    v_id := (public.upsert_healing_pattern(p_draft || jsonb_build_object('project_id', v_owner)) ->> 'id')::uuid;
    v_counted := v_counted || jsonb_build_object(v_owner, healing_private.add_evidence(v_id, p_unit, p_succeeded));
  end loop;
  return v_counted;
end;
$$;
revoke all on function healing_private.count_outcome(jsonb, text, text, boolean) from public, anon, authenticated;
comment on function healing_private.count_outcome(jsonb, text, text, boolean) is
  'Counts an outcome for the shared pattern and for the project''s own, and stores them when they are new. Returns both by project.';

create or replace function healing_private.pattern_draft(p_pattern_id uuid, p_project_id text)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_build_object('pattern_name', pattern_name, 'error_signature', error_signature, 'fix_strategy', fix_strategy,
    'category', category, 'origin', origin)
  from public.universal_error_patterns where id = p_pattern_id and project_id in ('', p_project_id);
$$;
revoke all on function healing_private.pattern_draft(uuid, text) from public, anon, authenticated;
comment on function healing_private.pattern_draft(uuid, text) is 'A stored pattern as a draft for its twin, unless it is another project''s.';

create or replace function healing_private.count_evidence(p_fix public.auto_fixes, p_succeeded boolean)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_project text := (select project_id from public.detected_errors where id = p_fix.detected_error_id);
  -- The pattern that proposed the fix is the one that is judged.
  v_draft jsonb := coalesce(healing_private.pattern_draft(p_fix.pattern_id, v_project), p_fix.pattern);
  v_counted jsonb;
begin
  if v_draft is null then
    return;
  end if;
  v_counted := healing_private.count_outcome(v_draft, v_project, 'fix:' || p_fix.id, p_succeeded);
  update public.auto_fixes set pattern_id = (v_counted -> '' ->> 'id')::uuid where id = p_fix.id and p_fix.pattern_id is null;
end;
$$;
revoke all on function healing_private.count_evidence(public.auto_fixes, boolean) from public, anon, authenticated;
comment on function healing_private.count_evidence(public.auto_fixes, boolean) is 'Counts the outcome of a fix for its pattern, shared and own, and stores the pattern when it is new.';

create or replace function public.update_pattern_stats(p_pattern_id uuid, p_project_id text, p_unit text, p_succeeded boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_draft jsonb := healing_private.pattern_draft(p_pattern_id, p_project_id);
begin
  perform healing_private.require_free_unit(p_unit);
  if v_draft is null then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no pattern %s for this project', p_pattern_id),
      hint = 'Read the ids in public.healing_patterns';
  end if;
  return healing_private.count_outcome(v_draft, p_project_id, p_unit, p_succeeded) -> coalesce(p_project_id, '');
end;
$$;
revoke all on function public.update_pattern_stats(uuid, text, text, boolean) from public, anon, authenticated;
grant execute on function public.update_pattern_stats(uuid, text, text, boolean) to service_role;
comment on function public.update_pattern_stats(uuid, text, text, boolean) is
  'Counts one outcome of a pattern in a project, once per unit of work, for the shared pattern and for the project''s own. Returns the project''s.';

create or replace function healing_private.own_pattern_decides(p_own public.universal_error_patterns)
returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
  -- One that was only put away says nothing; one that was retired as bad still does.
  select p_own.retired_because is distinct from 'unused'
    and (p_own.failure_count > 0 or p_own.success_count >= 6 or p_own.trust_decision is not null);
$$;
revoke all on function healing_private.own_pattern_decides(public.universal_error_patterns) from public, anon, authenticated;
comment on function healing_private.own_pattern_decides(public.universal_error_patterns) is
  'Whether a project''s own pattern stands above the shared one: from its first failure, its sixth success or a person''s decision on.';

create or replace function healing_private.pattern_speaks(p_pattern public.universal_error_patterns, p_project_id text)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select p_pattern.status = 'active' and case
    when p_pattern.project_id = '' then not exists (select from public.universal_error_patterns as own
      where own.error_signature = p_pattern.error_signature and own.fix_strategy = p_pattern.fix_strategy
        and own.project_id = p_project_id and p_project_id <> '' and healing_private.own_pattern_decides(own))
    when p_pattern.project_id = p_project_id then healing_private.own_pattern_decides(p_pattern)
      or not exists (select from public.universal_error_patterns as shared
        where shared.error_signature = p_pattern.error_signature and shared.fix_strategy = p_pattern.fix_strategy and shared.project_id = '')
    else false end;
$$;
revoke all on function healing_private.pattern_speaks(public.universal_error_patterns, text) from public, anon, authenticated;
grant execute on function healing_private.pattern_speaks(public.universal_error_patterns, text) to authenticated, service_role;
comment on function healing_private.pattern_speaks(public.universal_error_patterns, text) is
  'Whether a pattern is the one that counts for a project: its own once that one can decide, else the shared one.';

create or replace function public.find_healing_patterns(p_signatures jsonb, p_project_id text default '')
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(p) order by p.success_rate desc, p.confidence_score desc, p.id), '[]')
  from (select p.* from public.universal_error_patterns as p
    where p.error_signature in (select signature from jsonb_array_elements_text(p_signatures) as signature limit 10) and healing_private.pattern_speaks(p, p_project_id)
    order by p.success_rate desc, p.confidence_score desc, p.id limit 50) as p;
$$;
revoke all on function public.find_healing_patterns(jsonb, text) from public, anon, authenticated;
grant execute on function public.find_healing_patterns(jsonb, text) to authenticated, service_role;
comment on function public.find_healing_patterns(jsonb, text) is
  'The patterns that count for a project and know one of up to ten signatures, the best success first; its own above the shared ones.';
