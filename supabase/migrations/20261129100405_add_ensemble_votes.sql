-- Adds the memory of votes: ensemble_decisions, ensemble_votes, ensemble_voters, and the functions record_ensemble_decision,
-- record_ensemble_truth, get_voter_records; get_pattern_evidence for the statistical validation of a pattern; and
-- purge_judgement_history, which forgets old units of experiments and old votes.
-- Locks: none on existing tables.
-- Undo: drop the five functions; drop table public.ensemble_votes, public.ensemble_decisions, public.ensemble_voters.

create table if not exists public.ensemble_decisions (
  id uuid primary key default gen_random_uuid(),
  unit text not null,
  strategy text not null,
  min_confidence double precision not null,
  candidates jsonb not null,
  verdict text not null,
  chosen_key text,
  confidence double precision not null,
  reason text not null,
  created_at timestamptz not null default now(),
  constraint ensemble_decisions_units_are_short check (length(unit) between 1 and 300),
  constraint ensemble_decisions_strategy_is_known check (strategy in ('weighted', 'majority', 'unanimous')),
  constraint ensemble_decisions_figures_are_shares check (confidence between 0 and 1 and min_confidence between 0 and 1),
  constraint ensemble_decisions_only_decided_rows_choose
    check (verdict in ('decided', 'undecided') and (verdict = 'decided') = (chosen_key is not null))
);
create unique index if not exists ensemble_decisions_unit_idx on public.ensemble_decisions (unit);
create index if not exists ensemble_decisions_created_at_idx on public.ensemble_decisions (created_at);
comment on table public.ensemble_decisions is 'What several voters came to about the fixes for one case, and why; one row per unit of work.';

create table if not exists public.ensemble_votes (
  decision_id uuid not null references public.ensemble_decisions (id) on delete cascade,
  candidate_key text not null,
  voter text not null,
  answer boolean,
  accuracy double precision not null,
  is_right boolean,
  judged_at timestamptz,
  primary key (decision_id, candidate_key, voter),
  constraint ensemble_votes_names_are_short check (length(voter) between 1 and 200 and length(candidate_key) between 1 and 2000),
  constraint ensemble_votes_accuracy_is_a_share check (accuracy between 0 and 1),
  constraint ensemble_votes_judged_rows_have_a_time check (is_right is null or judged_at is not null)
);
create index if not exists ensemble_votes_voter_judged_at_idx on public.ensemble_votes (voter, judged_at desc) where is_right is not null;
comment on table public.ensemble_votes is
  'Who voted what on which fix, what the voter''s record was then, and, once the truth is known, whether the vote was right.';

create table if not exists public.ensemble_voters (
  voter text primary key,
  right_count bigint not null default 0,
  wrong_count bigint not null default 0,
  updated_at timestamptz not null default now(),
  constraint ensemble_voters_counts_are_not_negative check (right_count >= 0 and wrong_count >= 0)
);
comment on table public.ensemble_voters is 'How often each voter was right and wrong; counted up with each truth, never recounted.';

select healing_private.secure_table(name::regclass)
from unnest(array['public.ensemble_decisions', 'public.ensemble_votes', 'public.ensemble_voters']) as name;

create or replace function public.record_ensemble_decision(p_decision jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_decision public.ensemble_decisions;
begin
  if jsonb_typeof(p_decision -> 'votes') is distinct from 'array' or jsonb_array_length(p_decision -> 'votes') > 1000
    or coalesce(p_decision ->> 'unit', '') = '' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A decision needs its unit of work and at most 1000 votes',
      hint = 'Send {unit, strategy, min_confidence, candidates, verdict, chosen_key, confidence, reason, votes: [{candidate_key, voter, answer, accuracy}]}';
  end if;
  insert into public.ensemble_decisions as d (unit, strategy, min_confidence, candidates, verdict, chosen_key, confidence, reason)
  values (p_decision ->> 'unit', p_decision ->> 'strategy', (p_decision ->> 'min_confidence')::double precision,
    coalesce(p_decision -> 'candidates', '[]'), p_decision ->> 'verdict', p_decision ->> 'chosen_key',
    (p_decision ->> 'confidence')::double precision, left(p_decision ->> 'reason', 2000))
  on conflict (unit) do update
  set strategy = excluded.strategy, min_confidence = excluded.min_confidence, candidates = excluded.candidates, verdict = excluded.verdict,
    chosen_key = excluded.chosen_key, confidence = excluded.confidence, reason = excluded.reason
  returning * into v_decision;
  -- A case that is voted on again replaces its votes; one whose truth is known keeps them, so that it counts once.
  delete from public.ensemble_votes as v where v.decision_id = v_decision.id
    and not exists (select from public.ensemble_votes as judged
      where judged.decision_id = v_decision.id and judged.candidate_key = v.candidate_key and judged.judged_at is not null);
  insert into public.ensemble_votes (decision_id, candidate_key, voter, answer, accuracy)
  select v_decision.id, vote ->> 'candidate_key', vote ->> 'voter', (vote ->> 'answer')::boolean, (vote ->> 'accuracy')::double precision
  from jsonb_array_elements(p_decision -> 'votes') as vote
  where not exists (select from public.ensemble_votes as judged
    where judged.decision_id = v_decision.id and judged.candidate_key = vote ->> 'candidate_key' and judged.judged_at is not null);
  return jsonb_build_object('id', v_decision.id);
end;
$$;
revoke all on function public.record_ensemble_decision(jsonb) from public, anon, authenticated;
grant execute on function public.record_ensemble_decision(jsonb) to service_role;
comment on function public.record_ensemble_decision(jsonb) is
  'Stores what voters came to about a unit of work, with every vote; the same unit replaces what is not judged yet. Returns {id}.';

create or replace function public.record_ensemble_truth(p_decision_id uuid, p_candidate_key text, p_worked boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_decision public.ensemble_decisions;
  v_before boolean;
  v_judged integer;
begin
  select * into v_decision from public.ensemble_decisions where id = p_decision_id for no key update;
  if p_worked is null or v_decision.id is null
    or not exists (select from public.ensemble_votes where decision_id = p_decision_id and candidate_key = p_candidate_key) then
    raise exception using errcode = case when p_worked is null then 'PT400' else 'PT404' end,
      detail = case when p_worked is null then 'BAD_REQUEST' else 'NOT_FOUND' end,
      message = 'The truth needs an outcome and a fix that was voted on', hint = 'Read public.ensemble_votes';
  end if;
  select answer = is_right into v_before from public.ensemble_votes
  where decision_id = p_decision_id and candidate_key = p_candidate_key and is_right is not null limit 1;
  if v_before <> p_worked then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = 'The other truth was already recorded for this fix', hint = 'A case has one truth';
  end if;
  update public.ensemble_votes set is_right = (answer = p_worked), judged_at = clock_timestamp()
  where decision_id = p_decision_id and candidate_key = p_candidate_key and judged_at is null;
  get diagnostics v_judged = row_count;
  if v_judged > 0 then
    insert into public.ensemble_voters as w (voter, right_count, wrong_count)
    select voter, is_right::integer, (not is_right)::integer from public.ensemble_votes
    where decision_id = p_decision_id and candidate_key = p_candidate_key and is_right is not null
    -- In one order for all, so that two truths at once cannot wait for each other.
    order by voter
    on conflict (voter) do update
    set right_count = w.right_count + excluded.right_count, wrong_count = w.wrong_count + excluded.wrong_count, updated_at = clock_timestamp();
  end if;
  return jsonb_build_object('recorded', v_judged > 0);
end;
$$;
revoke all on function public.record_ensemble_truth(uuid, text, boolean) from public, anon, authenticated;
grant execute on function public.record_ensemble_truth(uuid, text, boolean) to service_role;
comment on function public.record_ensemble_truth(uuid, text, boolean) is
  'Says whether a fix that was voted on has worked, once: its votes become right or wrong, and the voters'' records count up. Returns {recorded}.';

create or replace function public.get_voter_records(p_voters jsonb, p_votes integer default 1000)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  with latest as (
    select v.decision_id, v.candidate_key, v.voter, v.is_right
    from jsonb_array_elements_text(p_voters) as wanted (voter) cross join lateral (
      select decision_id, candidate_key, e.voter, is_right from public.ensemble_votes as e
      where e.voter = wanted.voter and is_right is not null
      order by judged_at desc limit least(greatest(p_votes / greatest(jsonb_array_length(p_voters), 1), 1), 1000)) as v
  ), cases as (
    select jsonb_object_agg(voter, is_right) as answers from latest group by decision_id, candidate_key having count(*) > 1)
  select jsonb_build_object(
    'voters', (select coalesce(jsonb_object_agg(voter, jsonb_build_object('right', right_count, 'wrong', wrong_count)), '{}')
      from public.ensemble_voters where p_voters ? voter),
    'cases', (select coalesce(jsonb_agg(answers), '[]') from cases));
$$;
revoke all on function public.get_voter_records(jsonb, integer) from public, anon, authenticated;
grant execute on function public.get_voter_records(jsonb, integer) to service_role;
comment on function public.get_voter_records(jsonb, integer) is
  'How often each voter was right, and the latest cases on which several of them voted: {voters: {name: {right, wrong}}, cases: [{name: right}]}.';

create or replace function public.get_pattern_evidence(p_pattern_id uuid)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_evidence jsonb;
begin
  select jsonb_build_object('id', id, 'success_count', success_count, 'failure_count', failure_count, 'confidence_score', confidence_score,
    'probability_ineffective', probability_ineffective, 'auto_fixable', auto_fixable)
  into v_evidence from public.universal_error_patterns where id = p_pattern_id;
  if v_evidence is null then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no pattern %s', p_pattern_id),
      hint = 'Read public.healing_patterns';
  end if;
  return v_evidence;
end;
$$;
revoke all on function public.get_pattern_evidence(uuid) from public, anon, authenticated;
grant execute on function public.get_pattern_evidence(uuid) to authenticated, service_role;
comment on function public.get_pattern_evidence(uuid) is 'The counts and the score of one pattern; raises PT404 when there is none.';

create or replace function public.purge_judgement_history(p_limit integer default 5000)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_days integer := (healing_private.setting('retention_days') #>> '{}')::integer;
  v_results integer;
  v_decisions integer;
begin
  delete from public.experiment_results where id in (
    select r.id from public.fix_experiments as e join public.experiment_results as r on r.experiment_id = e.id
    where e.concluded_at < clock_timestamp() - make_interval(days => v_days)
    limit least(greatest(p_limit, 1), 100000) for update of r skip locked);
  get diagnostics v_results = row_count;
  -- What voters are worth changes slowly, and most of them vote seldom.
  delete from public.ensemble_decisions where id in (
    select id from public.ensemble_decisions where created_at < clock_timestamp() - make_interval(days => 12 * v_days)
    order by created_at limit least(greatest(p_limit, 1), 100000) for update skip locked);
  get diagnostics v_decisions = row_count;
  return v_results + v_decisions;
end;
$$;
revoke all on function public.purge_judgement_history(integer) from public, anon, authenticated;
grant execute on function public.purge_judgement_history(integer) to service_role;
comment on function public.purge_judgement_history(integer) is
  'Deletes units of experiments that ended before retention_days, and votes that are twelve times as old, at most p_limit of each. Returns how many; experiments and voters keep their counts.';

notify pgrst, 'reload schema';
