-- Adds what the watch over releases does: claim_rollouts and record_rollout_verdict, which moves them.
-- Locks: none on existing tables.
-- Undo: drop function public.claim_rollouts, public.record_rollout_verdict, healing_private.apply_rollout_verdict,
--       healing_private.settle_rollouts, healing_private.end_rollout, healing_private.take_release_back, healing_private.advance_rollout,
--       healing_private.write_rollout_verdict, healing_private.require_rollout_claim.

create or replace function healing_private.write_rollout_verdict(p_before public.rollouts, p_after public.rollouts, p_verdict jsonb)
returns void
language sql
security definer
set search_path = ''
as $$
  insert into public.rollout_verdicts (rollout_id, kind, rule, reason, share, share_after, status_after, measured, baseline, n, bound, threshold,
    figures, actor)
  select p_before.id, p_verdict ->> 'kind', coalesce(p_verdict ->> 'rule', p_verdict ->> 'kind'), left(p_verdict ->> 'reason', 2000), p_before.share,
    p_after.share, p_after.status, (f ->> 'rate')::double precision, (coalesce(f ->> 'controlRate', f ->> 'baselineRate'))::double precision,
    (f ->> 'n')::numeric::bigint, (f ->> 'upperBound')::double precision, (f ->> 'tolerated')::double precision,
    coalesce(p_verdict -> 'figures', '[]'), healing_private.actor()
  from (select p_verdict #> '{figures,0}' as f) as figure;
$$;
revoke all on function healing_private.write_rollout_verdict(public.rollouts, public.rollouts, jsonb) from public, anon, authenticated;
comment on function healing_private.write_rollout_verdict(public.rollouts, public.rollouts, jsonb) is 'Keeps a look at a release with its figures and what followed.';

create or replace function healing_private.end_rollout(p_rollout public.rollouts, p_status text, p_reason text)
returns public.rollouts
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rollout public.rollouts;
  v_deployment public.deployment_logs;
begin
  update public.rollouts
  set status = p_status, pause_rule = null, reason = left(p_reason, 2000), finished_at = clock_timestamp(), claimed_by = null, lease_expires_at = null,
    share = case p_status when 'rolled_back' then 0 else steps[step] end
  where id = p_rollout.id returning * into v_rollout;
  select * into v_deployment from public.deployment_logs where id = p_rollout.deployment_id for update;
  if p_status = 'promoted' and v_deployment.status in ('ready', 'live') then
    perform public.update_deployment_status(v_deployment.id, 'kept', jsonb_build_object('reason', p_reason));
    if v_deployment.environment = 'preview' then
      -- What proved itself beside production becomes production by the provider's own means, and is watched again there.
      perform healing_private.ask_for_deployment(jsonb_build_object('project_id', v_deployment.project_id, 'provider', v_deployment.provider,
        'environment', 'production', 'reason', p_reason, 'kind', 'promote', 'action', 'promote', 'subject_id', v_deployment.id,
        'key', 'rollout:' || v_rollout.id), healing_private.actor(), false);
    end if;
  end if;
  return v_rollout;
end;
$$;
revoke all on function healing_private.end_rollout(public.rollouts, text, text) from public, anon, authenticated;
comment on function healing_private.end_rollout(public.rollouts, text, text) is 'Ends a rollout; a deployment that went to everybody is kept.';

create or replace function healing_private.advance_rollout(p_rollout public.rollouts, p_reason text)
returns public.rollouts
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rollout public.rollouts;
begin
  if p_rollout.step = cardinality(p_rollout.steps) then
    return healing_private.end_rollout(p_rollout, 'promoted', p_reason);
  end if;
  update public.rollouts
  set step = step + 1, share = steps[step + 1], step_started_at = clock_timestamp(), status = 'running', pause_rule = null, reason = left(p_reason, 2000)
  where id = p_rollout.id returning * into v_rollout;
  return v_rollout;
end;
$$;
revoke all on function healing_private.advance_rollout(public.rollouts, text) from public, anon, authenticated;
comment on function healing_private.advance_rollout(public.rollouts, text) is 'Takes a rollout one step further; after the last one it is promoted.';

create or replace function healing_private.take_release_back(p_rollout public.rollouts, p_reason text, p_measured jsonb, p_is_person boolean)
returns public.rollouts
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rollout public.rollouts;
  v_asked jsonb := healing_private.ask_for_rollback(p_rollout.deployment_id, p_reason, p_measured, p_is_person);
  v_refusal text := v_asked ->> 'refusal';
  v_off boolean := p_is_person or healing_private.may_heal('deployment');
begin
  update public.rollouts
  set status = case when v_refusal is null then 'rolling_back' else 'paused' end, pause_rule = case when v_refusal is not null then 'rollbackRefused' end,
    reason = left(p_reason || coalesce('; but ' || v_refusal, ''), 2000), rollback_id = (v_asked #>> '{rollback,id}')::uuid,
    -- Nobody gets it from this moment on, however long the provider takes: what the control uses in the same minutes works.
    share = case when v_off and mode = 'feature' and (v_refusal is null or p_is_person or share < 100) then 0 else steps[step] end
  where id = p_rollout.id returning * into v_rollout;
  return v_rollout;
end;
$$;
revoke all on function healing_private.take_release_back(public.rollouts, text, jsonb, boolean) from public, anon, authenticated;
comment on function healing_private.take_release_back(public.rollouts, text, jsonb, boolean) is
  'Lets nobody have a release any more and asks for its rollback, once for a release; a refusal leaves it to a person.';

-- What became of rollbacks, and of releases that a later one has replaced.
create or replace function healing_private.settle_rollouts()
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rollout public.rollouts;
  v_after public.rollouts;
  v_found record;
begin
  for v_rollout in
    -- The deployment before its rollout, as everybody locks them; what somebody has is left to them.
    select r.* from public.deployment_logs as d join public.rollouts as r on r.deployment_id = d.id
    where r.finished_at is null order by r.id limit 200 for update of d, r skip locked loop
    select d.status as deployment, b.status as rollback, b.outcome, exists (select from public.deployment_logs as o
        where o.target_id = d.target_id and o.environment = d.environment and o.deployed_at > d.deployed_at and o.action <> 'rollback') as is_replaced
    into strict v_found from public.deployment_logs as d left join public.deployment_rollbacks as b on b.id = v_rollout.rollback_id
    where d.id = v_rollout.deployment_id;
    v_after := null;
    if v_found.deployment = 'rolled_back' then
      v_after := healing_private.end_rollout(v_rollout, 'rolled_back', coalesce(v_found.outcome, 'the deployment was rolled back'));
    elsif v_rollout.status = 'rolling_back' and v_found.rollback in ('failed', 'refused') then
      update public.rollouts set status = 'paused', pause_rule = 'rollbackFailed', reason = left('the rollback failed: ' || v_found.outcome, 2000)
      where id = v_rollout.id returning * into v_after;
      perform healing_private.notify('critical', 'A release could not be rolled back: ' || v_rollout.project_id, v_after.reason,
        'rollout:' || v_rollout.id, jsonb_build_object('rollout_id', v_rollout.id));
    elsif v_found.is_replaced and v_rollout.mode = 'provider' and v_rollout.status <> 'rolling_back' then
      v_after := healing_private.end_rollout(v_rollout, 'superseded', 'a later deployment has taken its place: what is measured now is not it');
    end if;
    if v_after.id is not null then
      perform healing_private.write_rollout_verdict(v_rollout, v_after, jsonb_build_object('kind', 'settled', 'rule', v_after.status, 'reason', v_after.reason));
    end if;
  end loop;
end;
$$;
revoke all on function healing_private.settle_rollouts() from public, anon, authenticated;
comment on function healing_private.settle_rollouts() is 'Ends rollouts whose deployment was rolled back or replaced, and leaves failed rollbacks to people.';

create or replace function public.claim_rollouts(p_worker text, p_limit integer default 5, p_lease_seconds integer default 60, p_project_id text default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_claimed jsonb;
begin
  perform healing_private.start_due_rollouts();
  perform healing_private.settle_rollouts();
  with due as (
    select id from public.rollouts
    where status in ('running', 'paused') and next_look_at <= clock_timestamp() and coalesce(lease_expires_at < clock_timestamp(), true)
      and (p_project_id is null or project_id = p_project_id)
    order by next_look_at limit least(greatest(p_limit, 1), 50) for update skip locked
  ), claimed as (
    update public.rollouts as r
    set claimed_by = left(p_worker, 200), claim_number = nextval('healing_private.fencing_numbers'),
      lease_expires_at = clock_timestamp() + make_interval(secs => least(greatest(p_lease_seconds, 1), 900))
    from due where r.id = due.id returning r.*
  )
  select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object('minutes', healing_private.rollout_minutes(c),
    -- A clock that was put back makes a step no older than nothing.
    'step_minutes', greatest(0, floor(extract(epoch from clock_timestamp() - c.step_started_at) / 60) - 2)::integer,
    -- Whether something was destroyed is read in its migrations; all of its files would be megabytes.
    'changes', (select jsonb_build_object('files', coalesce(jsonb_agg(f), '[]')) from public.deployment_logs as d,
      jsonb_array_elements(case jsonb_typeof(d.changes -> 'files') when 'array' then d.changes -> 'files' else '[]' end) as f
      where d.id = c.deployment_id and f ->> 'path' ~ '(^|/)migrations/[^/]+\.sql$')) order by c.started_at), '[]')
  into v_claimed from claimed as c;
  return v_claimed;
end;
$$;
revoke all on function public.claim_rollouts(text, integer, integer, text) from public, anon, authenticated;
grant execute on function public.claim_rollouts(text, integer, integer, text) to service_role;
comment on function public.claim_rollouts(text, integer, integer, text) is
  'Leases rollouts that are due for a look to one worker, each with a fencing number and all that a look needs. A crash gives them back.';

create or replace function healing_private.require_rollout_claim(p_rollout_id uuid, p_claim_number bigint)
returns public.rollouts
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rollout public.rollouts;
begin
  select * into v_rollout from public.rollouts where id = p_rollout_id for update;
  if v_rollout.id is null then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no rollout %s', p_rollout_id), hint = 'Read public.rollouts';
  elsif v_rollout.claim_number is distinct from p_claim_number or coalesce(v_rollout.lease_expires_at < clock_timestamp(), true) then
    raise exception using errcode = 'PT409', detail = 'LEASE_LOST', message = format('The claim %s on rollout %s is not valid any more', p_claim_number, p_rollout_id),
      hint = 'Another worker may have it, or a person has moved it; stop working on it';
  end if;
  return v_rollout;
end;
$$;
revoke all on function healing_private.require_rollout_claim(uuid, bigint) from public, anon, authenticated;
comment on function healing_private.require_rollout_claim(uuid, bigint) is 'The rollout, locked; raises PT409 unless the claim on it is valid.';

-- Data that are missing come back by themselves; whatever else held a release up is for a person.
create or replace function healing_private.apply_rollout_verdict(p_rollout public.rollouts, p_verdict jsonb)
returns public.rollouts
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rollout public.rollouts := p_rollout;
  v_kind text := p_verdict ->> 'kind';
  v_passes boolean := coalesce(p_rollout.pause_rule in ('missingData', 'unreadable'), false);
begin
  if v_kind = 'rollback' then
    return case when p_rollout.pause_rule in ('rollbackRefused', 'rollbackFailed') then p_rollout
      else healing_private.take_release_back(p_rollout, p_verdict ->> 'reason', p_verdict, false) end;
  elsif v_kind = 'pause' and (p_rollout.status = 'running' or v_passes) then
    update public.rollouts
    set status = 'paused', pause_rule = left(p_verdict ->> 'rule', 50), reason = left(p_verdict ->> 'reason', 2000),
      -- What the control uses in the same minutes works; where everybody has the release already nobody knows that.
      share = case when p_verdict ->> 'rule' = 'destructive' and mode = 'feature' and share < 100 and healing_private.may_heal('deployment')
        then 0 else share end
    where id = p_rollout.id returning * into v_rollout;
  elsif v_kind in ('wait', 'promote') and v_passes then
    update public.rollouts set status = 'running', pause_rule = null, reason = 'figures come again' where id = p_rollout.id returning * into v_rollout;
  elsif v_kind = 'promote' and p_rollout.status = 'running'
    -- To keep what everybody has already changes nothing for anybody.
    and (p_rollout.share = 100 or healing_private.may_heal('deployment')) then
    return healing_private.advance_rollout(p_rollout, p_verdict ->> 'reason');
  elsif v_kind = 'promote' and p_rollout.status = 'running' then
    update public.rollouts set status = 'paused', pause_rule = 'needsPerson', reason = left('it may go on when a person says so: ' || (p_verdict ->> 'reason'), 2000)
    where id = p_rollout.id returning * into v_rollout;
  end if;
  if v_rollout.status = 'paused' and v_rollout.pause_rule is distinct from p_rollout.pause_rule then
    perform healing_private.notify(case v_rollout.pause_rule when 'destructive' then 'critical' when 'everywhere' then 'high' else 'medium' end,
      format('A release waits at %s %%: %s', v_rollout.share, v_rollout.project_id), v_rollout.reason,
      'rollout:' || v_rollout.id, jsonb_build_object('rollout_id', v_rollout.id, 'next',
        format('select advance_rollout(%L, ''why'') -- or resume_rollout, promote_rollout, roll_back_rollout', v_rollout.id)));
  end if;
  return v_rollout;
end;
$$;
revoke all on function healing_private.apply_rollout_verdict(public.rollouts, jsonb) from public, anon, authenticated;
comment on function healing_private.apply_rollout_verdict(public.rollouts, jsonb) is 'Makes a verdict take effect as far as switches, mode and state let it.';

create or replace function public.record_rollout_verdict(p_rollout_id uuid, p_claim_number bigint, p_verdict jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_before public.rollouts;
  v_after public.rollouts;
begin
  if not coalesce(p_verdict ->> 'kind' in ('wait', 'promote', 'pause', 'rollback') and length(btrim(p_verdict ->> 'rule')) > 0
    and length(btrim(p_verdict ->> 'reason')) > 0, false) or pg_column_size(p_verdict) > 100000 then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A verdict on a release says what, by which rule and why',
      hint = 'Send {kind: wait, promote, pause or rollback, rule, reason, figures}';
  end if;
  perform healing_private.hold_switch(false);
  -- The deployment before its rollout, as everybody locks them.
  perform from public.deployment_logs as d join public.rollouts as r on r.deployment_id = d.id where r.id = p_rollout_id for update of d;
  v_before := healing_private.require_rollout_claim(p_rollout_id, p_claim_number);
  v_after := healing_private.apply_rollout_verdict(v_before, p_verdict);
  update public.rollouts
  set verdict = p_verdict || jsonb_build_object('looked_at', clock_timestamp()), claimed_by = null, lease_expires_at = null,
    next_look_at = clock_timestamp() + interval '1 minute'
  where id = p_rollout_id returning * into v_after;
  -- What waits for a person is looked at for days: the same answer is kept once.
  if 'paused' is distinct from v_before.status or 'paused' is distinct from v_after.status or (v_before.verdict ->> 'kind', v_before.verdict ->> 'rule', v_before.share)
    is distinct from (p_verdict ->> 'kind', p_verdict ->> 'rule', v_after.share) then
    perform healing_private.write_rollout_verdict(v_before, v_after, p_verdict);
  end if;
  if (v_after.status, v_after.share) is distinct from (v_before.status, v_before.share) then
    insert into public.healing_events (event_type, category, severity, result, message, project_id, details)
    values ('rollout_' || v_after.status, 'deployment', case when v_after.status in ('rolling_back', 'paused') then 'high' else 'low' end,
      case when v_after.status in ('rolling_back', 'paused') then 'failure' else 'success' end, left(v_after.reason, 1000), v_after.project_id,
      jsonb_build_object('rollout_id', v_after.id, 'deployment_id', v_after.deployment_id, 'share', v_after.share, 'verdict', p_verdict));
  end if;
  return to_jsonb(v_after) - 'baseline';
end;
$$;
revoke all on function public.record_rollout_verdict(uuid, bigint, jsonb) from public, anon, authenticated;
grant execute on function public.record_rollout_verdict(uuid, bigint, jsonb) to service_role;
comment on function public.record_rollout_verdict(uuid, bigint, jsonb) is
  'Keeps a look at a release and makes it take effect, once, for the holder of the claim: on, held up, or taken back. Returns the rollout.';

notify pgrst, 'reload schema';
