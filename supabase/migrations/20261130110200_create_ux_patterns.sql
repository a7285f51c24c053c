-- Adds ux_patterns (what generated projects do for the people who use them: one row a project and pattern) and read_ux_patterns (which of
-- them good projects have). It is data of the workload and not the system's memory, so it is written by the resilient write path.
-- Locks: none on existing tables.
-- Undo: drop function public.read_ux_patterns; drop table public.ux_patterns.

create table if not exists public.ux_patterns (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references public.generated_projects (id) on delete cascade,
  pattern_key text not null,
  framework text not null,
  category text not null,
  description text not null,
  occurrences integer not null default 1,
  paths jsonb not null default '[]',
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint ux_patterns_one_of_a_kind_for_a_project unique (project_id, pattern_key),
  constraint ux_patterns_keys_are_words check (pattern_key ~ '^[a-z][a-z-]{1,60}$'),
  constraint ux_patterns_category_is_known check (category in ('form', 'feedback', 'navigation', 'structure', 'accessibility')),
  constraint ux_patterns_occur check (occurrences >= 1),
  constraint ux_patterns_paths_are_a_list check (jsonb_typeof(paths) = 'array' and jsonb_array_length(paths) <= 50)
);
create index if not exists ux_patterns_framework_pattern_key_idx on public.ux_patterns (framework, pattern_key);
comment on table public.ux_patterns is 'What a generated project does for the people who use it, by the name of the pattern; written by storeUxPatterns.';
comment on column public.ux_patterns.pattern_key is 'The pattern, such as labelled-form.';
comment on column public.ux_patterns.occurrences is 'How often the project''s files show it.';
comment on column public.ux_patterns.paths is 'The first fifty files that show it.';

alter table public.ux_patterns enable row level security;
revoke all on public.ux_patterns from public, anon, authenticated, service_role;
grant select, insert, update on public.ux_patterns to service_role;
grant select on public.ux_patterns to authenticated;
drop policy if exists generators_write on public.ux_patterns;
create policy generators_write on public.ux_patterns for all to service_role using (true) with check (true);
drop policy if exists admins_look on public.ux_patterns;
create policy admins_look on public.ux_patterns for select to authenticated using ((select healing_private.is_admin()));

create or replace function public.read_ux_patterns(p_framework text, p_limit integer default 20)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(found) order by found.quality desc nulls last, found.projects desc, found.pattern_key), '[]') from (
    select u.pattern_key, min(u.category) as category, min(u.description) as description, count(*) as projects, round(avg(p.quality_score), 1) as quality
    from public.ux_patterns as u join public.generated_projects as p on p.id = u.project_id
    where u.framework = p_framework and not p.is_test
    group by u.pattern_key order by avg(p.quality_score) desc nulls last, count(*) desc, u.pattern_key limit least(greatest(p_limit, 1), 100)) as found;
$$;
revoke all on function public.read_ux_patterns(text, integer) from public, anon, authenticated;
grant execute on function public.read_ux_patterns(text, integer) to service_role;
comment on function public.read_ux_patterns(text, integer) is
  'The patterns of a framework''s projects, those of the best projects first: [{pattern_key, category, description, projects, quality}].';

notify pgrst, 'reload schema';
