-- Adds the generation family: generation_requests (one row a request, with its checkpoint and its lease), generated_projects,
-- generated_files, generation_quality_metrics, healing_private.generation_drafts (files of a request that is not done), and the settings
-- max_generations, max_generations_per_subject, max_generations_per_subject_day, generation_seconds, mode_generated_migrations.
-- Locks: none on existing tables.
-- Undo: drop table healing_private.generation_drafts, public.generation_quality_metrics, public.generated_files, public.generated_projects,
--       public.generation_requests; delete from public.healing_settings where key in (the five above).

create table if not exists public.generation_requests (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null default gen_random_uuid(),
  subject text not null,
  user_request text not null,
  framework text not null,
  title text not null default 'App',
  mode text not null default 'model',
  options jsonb not null default '{}',
  is_test boolean not null default false,
  status text not null default 'queued',
  stage text not null default 'planning',
  progress smallint not null default 0,
  message text not null default '',
  checkpoint jsonb not null default '{}',
  claimed_by text,
  claim_number bigint,
  lease_expires_at timestamptz,
  claim_count integer not null default 0,
  workers_lost integer not null default 0,
  resume_count integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  dispatched_at timestamptz,
  deadline_at timestamptz not null,
  failure jsonb,
  generation_failure_id uuid references public.generation_failures (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint generation_requests_mode_is_known check (mode in ('model', 'template')),
  constraint generation_requests_status_is_known check (status in ('queued', 'running', 'completed', 'failed')),
  constraint generation_requests_stage_is_known check (stage in ('planning', 'writing', 'checking', 'saving')),
  constraint generation_requests_progress_is_percent check (progress between 0 and 100),
  constraint generation_requests_only_claimed_rows_have_a_lease
    check ((status = 'running') = (lease_expires_at is not null and claimed_by is not null)),
  constraint generation_requests_only_ended_rows_have_an_end check ((status in ('completed', 'failed')) = (finished_at is not null)),
  constraint generation_requests_failures_say_why check ((status = 'failed') = (failure is not null))
);
create index if not exists generation_requests_unfinished_idx
  on public.generation_requests (next_attempt_at) where status in ('queued', 'running');
create index if not exists generation_requests_subject_created_at_idx on public.generation_requests (subject, created_at desc);
create index if not exists generation_requests_finished_at_idx on public.generation_requests (finished_at) where finished_at is not null;
create index if not exists generation_requests_generation_failure_id_idx on public.generation_requests (generation_failure_id);
create unique index if not exists generation_requests_one_of_a_project
  on public.generation_requests (project_id) where status <> 'failed';
comment on table public.generation_requests is
  'Each wish for a project, by its request id: how far it is, who works on it until when, where the next invocation goes on, and how it ended.';
comment on column public.generation_requests.checkpoint is 'The plan and what of it is done; the files that are written so far are in healing_private.generation_drafts.';
comment on column public.generation_requests.subject is 'On whose behalf: what is capped for each.';
comment on column public.generation_requests.workers_lost is 'Workers that vanished since the last checkpoint: a request that ends each of its workers is given up.';
comment on column public.generation_requests.is_test is 'Made by a regression test: it is nobody''s project and no failure of a user.';
comment on column public.generation_requests.failure is 'Why it failed: {code, message, hint, stage, error_type}.';

create table if not exists healing_private.generation_drafts (
  request_id uuid not null references public.generation_requests (id) on delete cascade,
  path text not null,
  content text not null,
  primary key (request_id, path)
);
comment on table healing_private.generation_drafts is 'The files of a request that is not done yet; they go when it is saved.';

create table if not exists public.generated_projects (
  id uuid primary key default gen_random_uuid(),
  generation_request_id uuid references public.generation_requests (id) on delete set null,
  user_id text not null,
  title text not null,
  description text not null default '',
  framework text not null,
  user_request text not null,
  mode text not null default 'model',
  is_test boolean not null default false,
  plan jsonb not null default '{}',
  file_count integer not null default 0,
  total_bytes integer not null default 0,
  quality_score numeric,
  validation_passed boolean,
  quality_checked_at timestamptz,
  migration_path text,
  migration_sql text,
  migration_status text not null default 'none',
  migration_report jsonb not null default '{}',
  auto_redeploy boolean not null default false,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint generated_projects_mode_is_known check (mode in ('model', 'template')),
  constraint generated_projects_score_is_percent check (quality_score between 0 and 100),
  constraint generated_projects_migration_status_is_known check
    (migration_status in ('none', 'proposed', 'rehearsed', 'applying', 'applied', 'refused', 'failed')),
  constraint generated_projects_only_migrations_have_a_status check ((migration_status = 'none') = (migration_sql is null))
);
create index if not exists generated_projects_created_at_idx on public.generated_projects (created_at desc) where not is_test;
create index if not exists generated_projects_user_id_created_at_idx on public.generated_projects (user_id, created_at desc);
create index if not exists generated_projects_generation_request_id_idx on public.generated_projects (generation_request_id);
comment on table public.generated_projects is 'Each project that was generated whole: it is saved with all of its files and its metrics, or not at all.';
comment on column public.generated_projects.user_id is 'The subject of its request.';
comment on column public.generated_projects.quality_score is 'The latest score, 0 to 100; each measurement is in generation_quality_metrics.';
comment on column public.generated_projects.migration_sql is 'What the project proposes for its database, as it was healed. It is in force only where migration_status is applied.';
comment on column public.generated_projects.auto_redeploy is 'Whether what heals the project may ask for a redeploy.';

create table if not exists public.generated_files (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references public.generated_projects (id) on delete cascade,
  path text not null,
  content text not null,
  origin text not null default 'generated',
  original_content text,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint generated_files_origin_is_known check (origin in ('generated', 'template', 'completed', 'healed', 'person')),
  constraint generated_files_paths_stay_inside check
    (length(path) between 1 and 200 and path !~ '^[/~]|^[A-Za-z]:|\\|//|/$|(^|/)\.\.?(/|$)|[[:cntrl:]]'),
  constraint generated_files_fit check (octet_length(content) <= 500000)
);
-- Two paths that differ by case are one file on many systems.
create unique index if not exists generated_files_project_id_path_idx on public.generated_files (project_id, lower(path));
comment on table public.generated_files is 'The files of generated projects as they are now.';
comment on column public.generated_files.origin is
  'Who wrote it first: generated (the model), template, completed (what the framework needs and the model left out), healed (added later), person.';
comment on column public.generated_files.original_content is 'The first text of a file that was changed after it was saved; null while it is as it was.';

create table if not exists public.generation_quality_metrics (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references public.generated_projects (id) on delete cascade,
  phase text not null default 'generated',
  framework text not null,
  quality_score numeric not null,
  validation_passed boolean not null,
  missing_files jsonb not null default '[]',
  issues jsonb not null default '[]',
  issue_count integer not null default 0,
  error_count integer not null default 0,
  fixes_applied integer not null default 0,
  files_added integer not null default 0,
  file_count integer not null default 0,
  total_bytes integer not null default 0,
  duration_ms double precision,
  details jsonb not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  constraint generation_quality_metrics_phase_is_known check (phase in ('generated', 'healed', 'checked')),
  constraint generation_quality_metrics_score_is_percent check (quality_score between 0 and 100),
  constraint generation_quality_metrics_lists_are_lists check (jsonb_typeof(missing_files) = 'array' and jsonb_typeof(issues) = 'array')
);
create index if not exists generation_quality_metrics_project_id_created_at_idx
  on public.generation_quality_metrics (project_id, created_at desc);
create index if not exists generation_quality_metrics_created_at_idx on public.generation_quality_metrics (created_at desc);
comment on table public.generation_quality_metrics is 'One row each time that a generated project was judged: its score, what it misses, what is wrong and what was mended.';
comment on column public.generation_quality_metrics.phase is 'generated: when it was saved; healed: after something was added or changed; checked: looked at and left as it was.';
comment on column public.generation_quality_metrics.issues is 'The first fifty that are left, {path, rule, severity, line, message} each; issue_count has all of them.';

select healing_private.secure_table(name::regclass)
from unnest(array['public.generation_requests', 'public.generated_projects', 'public.generated_files',
  'public.generation_quality_metrics', 'healing_private.generation_drafts']) as name;

insert into public.healing_settings (key, wanted, actual, description)
select key, value, value, description
from (values
  ('max_generations', '50'::jsonb, 'Generations that may wait or run at once, over all subjects.'),
  ('max_generations_per_subject', '3', 'Generations of one subject that may wait or run at once.'),
  ('max_generations_per_subject_day', '100', 'Generations that one subject may begin in 24 hours.'),
  ('generation_seconds', '300', 'Seconds after which a generation that is not done fails, over all of its invocations.'),
  ('mode_generated_migrations', '"suggest"', 'Migrations of generated projects: suggest (rehearsed, taken back and saved), auto (applied when the request asks for it and nothing is lost by it) or off (only saved).')
) as setting (key, value, description)
on conflict (key) do nothing;
