-- Adds the choice among alternatives: a person who is asked about a fix may pick another one of the same approval row.
-- Locks: admin_approval_queue gets two columns without a rewrite, under ACCESS EXCLUSIVE for an instant.
-- Undo: drop function public.choose_alternative, healing_private.choose_alternative; alter table public.admin_approval_queue
--       drop column chosen_alternative, drop column chosen_fix_id.

alter table public.admin_approval_queue
  add column if not exists chosen_alternative integer,
  add column if not exists chosen_fix_id uuid references public.auto_fixes (id) on delete set null;
create index if not exists admin_approval_queue_chosen_fix_id_idx on public.admin_approval_queue (chosen_fix_id);
comment on column public.admin_approval_queue.chosen_alternative is
  'The place in alternatives, from 1, of what a person chose instead of the proposed fix; chosen_fix_id is the fix made of it.';

create or replace function healing_private.choose_alternative(p_approval_id uuid, p_alternative integer, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_approval public.admin_approval_queue;
  v_choice jsonb;
  v_kind healing_private.fix_kinds;
  v_error public.detected_errors;
  v_fix_id uuid;
begin
  perform healing_private.require_decision('choose an alternative', 'choose', array['choose'], p_reason);
  select * into v_approval from public.admin_approval_queue
  where id = p_approval_id and status = 'pending' and expires_at > clock_timestamp() for update;
  if not found then
    raise exception using errcode = 'PT409', detail = 'CONFLICT', message = format('Approval %s is not pending any more', p_approval_id),
      hint = 'Read its state in public.admin_approval_queue';
  end if;
  v_choice := case when p_alternative > 0 then v_approval.alternatives -> (p_alternative - 1) end;
  select * into v_kind from healing_private.fix_kinds where kind = v_choice -> 'action' ->> 'kind';
  if v_kind.kind is null then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = format('The approval has no alternative %s that can be applied', p_alternative),
      hint = format('It has %s alternatives, counted from 1', jsonb_array_length(v_approval.alternatives));
  end if;
  select * into strict v_error from public.detected_errors where id = v_approval.detected_error_id;
  -- What was not chosen was not wrong: it says nothing about its pattern, and may be proposed again.
  update public.auto_fixes set status = 'rejected', finished_at = clock_timestamp(),
    verdict = jsonb_build_object('reason', format('%s chose alternative %s: %s', healing_private.actor(), p_alternative, p_reason), 'is_evidence', false)
  where id = v_approval.auto_fix_id;
  insert into public.auto_fixes (detected_error_id, pattern_id, action_kind, action_group, action, target, tier, confidence, risk,
    reason, evidence, pattern, what_will_happen, preview, approved_by)
  values (v_error.id, (select id from public.universal_error_patterns where id::text = v_choice ->> 'pattern_id'), v_kind.kind, v_kind.action_group,
    v_choice -> 'action', coalesce(v_choice ->> 'target', v_kind.kind), coalesce(v_choice ->> 'tier', 'person'),
    coalesce((v_choice ->> 'confidence')::double precision, 0.5), healing_private.risk_of(v_kind, v_error.source, v_choice ->> 'risk'),
    coalesce(v_choice ->> 'reason', 'chosen by a person'), jsonb_build_object('chosen_from', p_approval_id, 'alternative', p_alternative),
    v_choice -> 'pattern', coalesce(v_choice ->> 'what_will_happen', v_choice ->> 'action'), nullif(v_choice -> 'preview', 'null'), healing_private.actor())
  returning id into v_fix_id;
  update public.admin_approval_queue
  set status = 'approved', decided_at = clock_timestamp(), decided_by = healing_private.actor(), decision_reason = left(p_reason, 2000),
    chosen_alternative = p_alternative, chosen_fix_id = v_fix_id
  where id = p_approval_id returning * into v_approval;
  perform healing_private.finish_error(v_error.id, 'open', null);
  perform healing_private.kick_engine('approval', true);
  return to_jsonb(v_approval);
end;
$$;
revoke all on function healing_private.choose_alternative(uuid, integer, text) from public, anon, authenticated;
grant execute on function healing_private.choose_alternative(uuid, integer, text) to authenticated, service_role;
comment on function healing_private.choose_alternative(uuid, integer, text) is 'The rights behind choose_alternative; checks that a person acts.';

create or replace function public.choose_alternative(p_approval_id uuid, p_alternative integer, p_reason text)
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.choose_alternative(p_approval_id, p_alternative, p_reason);
$$;
revoke all on function public.choose_alternative(uuid, integer, text) from public, anon, authenticated;
grant execute on function public.choose_alternative(uuid, integer, text) to authenticated, service_role;
comment on function public.choose_alternative(uuid, integer, text) is
  'An admin picks one of a waiting approval''s alternatives, counted from 1, with a reason; it takes the road of any approved fix. Returns the approval with chosen_fix_id.';
