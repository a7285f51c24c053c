-- Adds the memory of findings: healing_private.optimisation_findings (each once, closed when it is gone) and record_optimisations.
-- Locks: none on existing tables.
-- Undo: drop function public.record_optimisations, healing_private.withdraw_optimisation; drop table healing_private.optimisation_findings;

create table if not exists healing_private.optimisation_findings (
  key text primary key,
  finding jsonb not null,
  first_seen_at timestamptz not null default clock_timestamp(),
  last_seen_at timestamptz not null default clock_timestamp(),
  closed_at timestamptz
);
create index if not exists optimisation_findings_open_idx on healing_private.optimisation_findings (key) where closed_at is null;
alter table healing_private.optimisation_findings enable row level security;
revoke all on healing_private.optimisation_findings from public, anon, authenticated, service_role;
drop policy if exists nobody_directly on healing_private.optimisation_findings;
create policy nobody_directly on healing_private.optimisation_findings for select to service_role using (false);
comment on table healing_private.optimisation_findings is 'What could be better, each finding once: since when, and until when.';

-- A question that has answered itself is not left for a person.
create or replace function healing_private.withdraw_optimisation(p_key text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_error_id uuid;
begin
  select id into v_error_id from public.detected_errors
  where fingerprint = 'optimise:' || p_key and project_id = '' and status = 'awaiting_approval' for update;
  if found then
    update public.admin_approval_queue set status = 'expired', decided_at = clock_timestamp()
    where detected_error_id = v_error_id and status = 'pending';
    update public.auto_fixes set status = 'expired', finished_at = clock_timestamp(), verdict = '{"reason": "what it was for is gone"}'::jsonb
    where detected_error_id = v_error_id and status = 'awaiting_approval';
    perform healing_private.finish_error(v_error_id, 'healed', 'it is gone');
  end if;
  update public.notifications set read_at = clock_timestamp() where dedupe_key = 'optimise:' || p_key and read_at is null;
end;
$$;
revoke all on function healing_private.withdraw_optimisation(text) from public, anon, authenticated;
comment on function healing_private.withdraw_optimisation(text) is 'Takes back what people were asked and told about a finding that is gone.';

create or replace function public.record_optimisations(p_findings jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_found record;
  v_opened integer := 0;
  v_closed integer := 0;
begin
  perform pg_catalog.pg_advisory_xact_lock(hashtext('healing:findings'));
  for v_found in select distinct on (f ->> 'key') f as finding, f ->> 'key' as key from jsonb_array_elements(p_findings) as f loop
    if not exists (select from healing_private.optimisation_findings as o where o.key = v_found.key and o.closed_at is null) then
      v_opened := v_opened + 1;
      -- What is of no weight stands in the list, and nobody is called for it.
      if v_found.finding ->> 'severity' <> 'low' then
        perform healing_private.notify(v_found.finding ->> 'severity', format('%s: %s', v_found.finding ->> 'kind', v_found.finding ->> 'object'),
          concat_ws('. ', v_found.finding ->> 'measured', v_found.finding ->> 'why', v_found.finding ->> 'proposal'), 'optimise:' || v_found.key);
      end if;
    end if;
    insert into healing_private.optimisation_findings as o (key, finding) values (v_found.key, v_found.finding)
    on conflict (key) do update set finding = excluded.finding, last_seen_at = clock_timestamp(), closed_at = null,
      first_seen_at = case when o.closed_at is null then o.first_seen_at else clock_timestamp() end;
  end loop;
  for v_found in
    update healing_private.optimisation_findings as o set closed_at = clock_timestamp()
    where o.closed_at is null and not exists (select from jsonb_array_elements(p_findings) as f where f ->> 'key' = o.key) returning o.key loop
    v_closed := v_closed + 1;
    perform healing_private.withdraw_optimisation(v_found.key);
  end loop;
  delete from healing_private.optimisation_findings where closed_at < clock_timestamp() - interval '90 days';
  return jsonb_build_object('opened', v_opened, 'closed', v_closed);
end;
$$;
revoke all on function public.record_optimisations(jsonb) from public, anon, authenticated;
grant execute on function public.record_optimisations(jsonb) to service_role;
comment on function public.record_optimisations(jsonb) is
  'Takes note of everything that could be better now: tells people of what is new and of weight, and closes what is gone. Returns {opened, closed}.';

notify pgrst, 'reload schema';
