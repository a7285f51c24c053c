-- Adds what a person decides about the trust in a pattern, with a reason: promote_pattern, demote_pattern.
-- Locks: none.
-- Undo: drop function public.promote_pattern, public.demote_pattern, healing_private.decide_pattern.

create or replace function healing_private.decide_pattern(p_pattern_id uuid, p_decision text, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_pattern public.universal_error_patterns;
begin
  perform healing_private.require_decision('decide on a pattern', p_decision, array['promoted', 'demoted'], p_reason);
  select * into v_pattern from public.universal_error_patterns where id = p_pattern_id for no key update;
  if not found then
    raise exception using errcode = 'PT404', detail = 'NOT_FOUND', message = format('There is no pattern %s', p_pattern_id),
      hint = 'Read the ids in public.healing_patterns';
  end if;
  if p_decision = 'promoted' and v_pattern.origin = 'imported' and v_pattern.success_count = 0 then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = 'An imported pattern needs evidence of its own before it may act',
      hint = 'Approve its fix once; when that is kept, promote it';
  end if;
  update public.universal_error_patterns
  set trust_decision = p_decision, trust_decided_by = healing_private.actor(), trust_reason = left(p_reason, 2000),
    auto_fixable = p_decision = 'promoted', updated_at = clock_timestamp(),
    -- A promoted pattern begins anew: it takes three failures from now on to take the trust away.
    consecutive_failures = case p_decision when 'promoted' then 0 else consecutive_failures end,
    status = case p_decision when 'promoted' then 'active' else status end,
    retired_because = case p_decision when 'promoted' then null else retired_because end
  where id = p_pattern_id returning * into v_pattern;
  perform healing_private.note_pattern_change(v_pattern, p_decision, healing_private.actor(), p_reason);
  return to_jsonb(v_pattern);
end;
$$;
revoke all on function healing_private.decide_pattern(uuid, text, text) from public, anon, authenticated;
grant execute on function healing_private.decide_pattern(uuid, text, text) to authenticated, service_role;
comment on function healing_private.decide_pattern(uuid, text, text) is 'The rights behind promote_pattern and demote_pattern; checks that a person acts.';

create or replace function public.promote_pattern(p_pattern_id uuid, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.decide_pattern(p_pattern_id, 'promoted', p_reason);
$$;
revoke all on function public.promote_pattern(uuid, text) from public, anon, authenticated;
grant execute on function public.promote_pattern(uuid, text) to authenticated, service_role;
comment on function public.promote_pattern(uuid, text) is
  'An admin lets a pattern act alone, with a reason, until its evidence speaks for itself; three failures in a row still demote it. Returns the pattern.';

create or replace function public.demote_pattern(p_pattern_id uuid, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.decide_pattern(p_pattern_id, 'demoted', p_reason);
$$;
revoke all on function public.demote_pattern(uuid, text) from public, anon, authenticated;
grant execute on function public.demote_pattern(uuid, text) to authenticated, service_role;
comment on function public.demote_pattern(uuid, text) is
  'An admin takes a pattern''s right to act alone away, with a reason; no evidence gives it back, only promote_pattern. Returns the pattern.';
