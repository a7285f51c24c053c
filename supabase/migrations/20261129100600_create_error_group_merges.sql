-- Adds what merges of error groups are kept in: public.error_group_merges, healing_private.merged_error_groups,
-- .merged_occurrences and .fingerprint_aliases, the view public.error_group_members; detected_errors gets merged_into
-- and the status 'merged'.
-- Locks: access exclusive on public.detected_errors for as long as it takes to read it once, for its constraints.
-- Undo: drop view public.error_group_members; drop table healing_private.fingerprint_aliases,
--       healing_private.merged_occurrences, healing_private.merged_error_groups, public.error_group_merges; alter table
--       public.detected_errors drop column merged_into.

alter table public.detected_errors add column if not exists merged_into uuid references public.detected_errors (id) on delete cascade;
comment on column public.detected_errors.merged_into is 'The group that took this one over; undo_error_group_merge gives it back.';
create index if not exists detected_errors_merged_into_idx on public.detected_errors (merged_into) where merged_into is not null;
alter table public.detected_errors
  drop constraint if exists detected_errors_status_is_known,
  add constraint detected_errors_status_is_known check
    (status in ('open', 'healing', 'awaiting_approval', 'validating', 'healed', 'escalated', 'ignored', 'merged')),
  -- The count of a merged group is with the group that took it over, and a merge that is undone may leave none behind.
  drop constraint if exists detected_errors_are_seen_at_least_once,
  drop constraint if exists detected_errors_counts_are_not_negative,
  add constraint detected_errors_counts_are_not_negative check (occurrence_count >= 0),
  drop constraint if exists detected_errors_only_merged_rows_have_a_target,
  add constraint detected_errors_only_merged_rows_have_a_target check ((status = 'merged') = (merged_into is not null));

create table if not exists public.error_group_merges (
  id uuid primary key default gen_random_uuid(),
  project_id text not null,
  kept_error_id uuid not null references public.detected_errors (id) on delete cascade,
  kept_fingerprint text not null,
  kept_first_seen_at timestamptz not null,
  reason text not null,
  merged_by text not null,
  merged_at timestamptz not null default clock_timestamp(),
  undo_reason text,
  undone_by text,
  undone_at timestamptz,
  constraint error_group_merges_undone_rows_say_who_and_why
    check ((undone_at is null) = (undone_by is null) and (undone_at is null) = (undo_reason is null))
);
create index if not exists error_group_merges_kept_error_id_idx on public.error_group_merges (kept_error_id);
comment on table public.error_group_merges is 'Every merge of error groups: what was kept, who merged and why, and who took it back.';

create table if not exists healing_private.merged_error_groups (
  merge_id uuid not null references public.error_group_merges (id) on delete cascade,
  error_id uuid not null references public.detected_errors (id) on delete cascade,
  fingerprint text not null,
  status text not null,
  resolution text,
  resolved_at timestamptz,
  fix_ids uuid[] not null default '{}',
  operation_ids uuid[] not null default '{}',
  primary key (merge_id, error_id)
);
create index if not exists merged_error_groups_error_id_idx on healing_private.merged_error_groups (error_id);
comment on table healing_private.merged_error_groups is 'The groups of a merge that were taken over, as they were, with the fixes and operations that moved.';

create table if not exists healing_private.merged_occurrences (
  merge_id uuid not null references public.error_group_merges (id) on delete cascade,
  fingerprint text not null,
  error_id uuid not null references public.detected_errors (id) on delete cascade,
  occurrence_count bigint not null,
  last_seen_at timestamptz not null,
  primary key (merge_id, fingerprint, error_id)
);
create index if not exists merged_occurrences_error_id_idx on healing_private.merged_occurrences (error_id);
comment on table healing_private.merged_occurrences is
  'How many occurrences a group holds on account of a merged fingerprint, moved and captured since: what an undo gives back.';

create table if not exists healing_private.fingerprint_aliases (
  fingerprint text not null,
  project_id text not null,
  kept_fingerprint text not null,
  merge_id uuid not null references public.error_group_merges (id) on delete cascade,
  primary key (fingerprint, project_id)
);
create index if not exists fingerprint_aliases_merge_id_idx on healing_private.fingerprint_aliases (merge_id);
comment on table healing_private.fingerprint_aliases is 'Under which fingerprint another one is captured since a merge.';

select healing_private.secure_table('public.error_group_merges'::regclass);
do $$
declare
  v_table text;
begin
  foreach v_table in array array['merged_error_groups', 'merged_occurrences', 'fingerprint_aliases'] loop
    execute format('alter table healing_private.%I enable row level security', v_table);
    execute format('revoke all on healing_private.%I from public, anon, authenticated, service_role', v_table);
    execute format('drop policy if exists nobody_directly on healing_private.%I', v_table);
    execute format('create policy nobody_directly on healing_private.%I for select to service_role using (false)', v_table);
  end loop;
end;
$$;

create or replace view public.error_group_members with (security_invoker = true) as
  with recursive members as (
    select id as group_id, id as member_id from public.detected_errors where status <> 'merged'
    union all
    select m.group_id, d.id from members as m join public.detected_errors as d on d.merged_into = m.member_id
  )
  select group_id, member_id from members;
revoke all on public.error_group_members from public, anon, authenticated, service_role;
grant select on public.error_group_members to service_role, authenticated;
comment on view public.error_group_members is
  'Each error group with itself and all that was merged into it: join by member_id to reach the events of merged groups.';

notify pgrst, 'reload schema';
