-- Adds the maintenance of patterns by time: what is bad, or was not used for long, is retired and says why.
-- Locks: none.
-- Undo: drop function public.maintain_patterns, healing_private.retire_patterns; delete from public.healing_settings
--       where key = 'pattern_unused_days'.

insert into public.healing_settings (key, wanted, actual, description)
values ('pattern_unused_days', '180', '180', 'Days without use after which a pattern is retired; it comes back when it helps again. 0: never.')
on conflict (key) do nothing;

-- Rows that a worker counts on at this moment are left for the next round.
create or replace function healing_private.retire_patterns(p_because text, p_unused_days integer, p_limit integer)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_pattern public.universal_error_patterns;
  v_retired integer := 0;
begin
  for v_pattern in
    select * from public.universal_error_patterns as p
    where p.status = 'active' and p.trust_decision is distinct from 'promoted' and case p_because
      when 'bad' then p.weighted_successes + p.weighted_failures >= 3 and p.probability_ineffective >= 0.95
      else p_unused_days > 0 and greatest(p.last_used_at, p.created_at) < clock_timestamp() - make_interval(days => p_unused_days) end
    order by p.id limit p_limit for no key update skip locked loop
    update public.universal_error_patterns
    set status = 'retired', retired_because = p_because, auto_fixable = false, updated_at = clock_timestamp(),
      -- What comes back after so long has to show again that it still helps.
      weighted_successes = case p_because when 'unused' then weighted_successes / 2 else weighted_successes end,
      weighted_failures = case p_because when 'unused' then weighted_failures / 2 else weighted_failures end,
      confidence_score = case p_because when 'unused'
        then (weighted_successes / 2 + 1) / ((weighted_successes + weighted_failures) / 2 + 2) else confidence_score end,
      probability_ineffective = case p_because when 'unused'
        then healing_private.probability_below_half(weighted_successes / 2, weighted_failures / 2) else probability_ineffective end
    where id = v_pattern.id returning * into v_pattern;
    perform healing_private.note_pattern_change(v_pattern, 'retired', 'maintenance', case p_because
      when 'bad' then format('P(ineffective) is %s', round(v_pattern.probability_ineffective::numeric, 4))
      else format('not used for %s days', p_unused_days) end);
    v_retired := v_retired + 1;
  end loop;
  return v_retired;
end;
$$;
revoke all on function healing_private.retire_patterns(text, integer, integer) from public, anon, authenticated;
comment on function healing_private.retire_patterns(text, integer, integer) is 'Retires active patterns that are bad, or unused for so many days; a row each in pattern_changes. Returns how many.';

create or replace function public.maintain_patterns(p_limit integer default 500)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_limit integer := least(greatest(coalesce(p_limit, 500), 1), 5000);
  v_bad integer := healing_private.retire_patterns('bad', 0, v_limit);
  v_unused integer := healing_private.retire_patterns('unused', (healing_private.setting('pattern_unused_days') #>> '{}')::integer, v_limit);
begin
  return jsonb_build_object('retired_bad', v_bad, 'retired_unused', v_unused,
    'active', (select count(*) from public.universal_error_patterns where status = 'active'),
    'trusted', (select count(*) from public.universal_error_patterns where status = 'active' and auto_fixable));
end;
$$;
revoke all on function public.maintain_patterns(integer) from public, anon, authenticated;
grant execute on function public.maintain_patterns(integer) to service_role;
comment on function public.maintain_patterns(integer) is
  'The engine''s second cycle: retires patterns that are bad or long unused, at most p_limit of each. Deletes nothing. Returns {retired_bad, retired_unused, active, trusted}.';
