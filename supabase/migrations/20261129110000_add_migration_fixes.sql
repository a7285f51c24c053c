-- Adds the kinds of fixes that mend migrations, and takes the rewriting of a migration's text out of the hourly budget.
-- Replaces healing_private.budget_refusal (20261121110400) with the same signature.
-- Locks: none.
-- Undo: delete from healing_private.fix_kinds where kind in ('rewrite_migration', 'resync_sequence'),
--       and run 20261121110400 again for the budget.

insert into healing_private.fix_kinds (kind, action_group, least_risk, least_risk_at_runtime)
values ('rewrite_migration', 'database', 'low', 'high'), ('resync_sequence', 'database', 'low', 'low')
on conflict (kind) do nothing;

-- Why a budget does not let a fix start now, or null. A rewritten migration is a text that its author runs: the same
-- file is run again an hour later, on the next database, or after a correction, and each time it is rewritten alike.
create or replace function healing_private.budget_refusal(p_fix public.auto_fixes)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_recent integer;
begin
  if p_fix.action_group in ('payload', 'call') then
    return null;
  end if;
  -- Workers take turns here, so that the second sees the first one's count.
  perform pg_catalog.pg_advisory_xact_lock(hashtext('healing:budget'));
  select count(*) into v_recent from public.auto_fixes
  where target = p_fix.target and applying_at > statement_timestamp() - interval '1 hour' and id <> p_fix.id
    -- One that was taken back for another error's sake left nothing behind.
    and verdict ->> 'is_evidence' is distinct from 'false' and action_kind <> 'rewrite_migration';
  if v_recent >= (healing_private.setting('max_fixes_per_target_hour') #>> '{}')::integer then
    return format('the target had %s fixes in the last hour', v_recent);
  end if;
  select count(*) into v_recent from public.auto_fixes
  where applying_at > statement_timestamp() - interval '1 day' and action_group not in ('payload', 'call') and id <> p_fix.id;
  if v_recent >= (healing_private.setting('max_fixes_per_day') #>> '{}')::integer then
    return format('the budget of the day is used up: %s fixes', v_recent);
  end if;
  return null;
end;
$$;
revoke all on function healing_private.budget_refusal(public.auto_fixes) from public, anon, authenticated;
comment on function healing_private.budget_refusal(public.auto_fixes) is 'The budget that keeps a fix from starting now, as a sentence, or null.';
