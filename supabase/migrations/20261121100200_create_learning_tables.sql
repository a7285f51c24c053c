-- Adds the learning family: universal_error_patterns, its evidence ledger, and the view healing_patterns.
-- Locks: none on existing tables.
-- Undo: drop view public.healing_patterns; drop table healing_private.pattern_evidence, public.universal_error_patterns.

create table if not exists public.universal_error_patterns (
  id uuid primary key default gen_random_uuid(),
  pattern_name text not null,
  error_signature text not null,
  fix_strategy jsonb not null,
  action_kind text not null generated always as (fix_strategy ->> 'kind') stored,
  category text not null default 'unknown',
  origin text not null default 'learned',
  project_id text not null default '',
  status text not null default 'active',
  success_count integer not null default 0,
  failure_count integer not null default 0,
  success_rate double precision not null default 0,
  weighted_successes double precision not null default 0,
  weighted_failures double precision not null default 0,
  consecutive_failures integer not null default 0,
  confidence_score double precision not null default 0.5,
  probability_ineffective double precision not null default 0.5,
  auto_fixable boolean not null default false,
  last_used_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint universal_error_patterns_confidence_is_a_share check (confidence_score between 0 and 1),
  constraint universal_error_patterns_success_rate_is_a_share check (success_rate between 0 and 1),
  constraint universal_error_patterns_probability_is_a_share check (probability_ineffective between 0 and 1),
  constraint universal_error_patterns_evidence_is_not_negative
    check (success_count >= 0 and failure_count >= 0 and weighted_successes >= 0 and weighted_failures >= 0),
  constraint universal_error_patterns_origin_is_known
    check (origin in ('deterministic', 'learned', 'ai', 'person', 'imported')),
  constraint universal_error_patterns_status_is_known check (status in ('active', 'retired')),
  constraint universal_error_patterns_strategy_names_a_kind check (jsonb_typeof(fix_strategy -> 'kind') = 'string')
);
create unique index if not exists universal_error_patterns_identity_idx
  on public.universal_error_patterns (md5(error_signature), md5(fix_strategy::text), project_id);
-- Messages may be longer than a b-tree entry.
create index if not exists universal_error_patterns_error_signature_idx
  on public.universal_error_patterns using hash (error_signature);
comment on table public.universal_error_patterns is
  'What was learned: an error signature, the typed fix for it, and the evidence that the fix works.';
comment on column public.universal_error_patterns.confidence_score is
  'Posterior mean (S+1)/(S+F+2) over discounted evidence with a half-life of 30 outcomes; a new pattern has 0.5.';
comment on column public.universal_error_patterns.probability_ineffective is
  'P(success rate < 0.5) under the same posterior; a pattern acts alone at score >= 0.75 and this <= 0.01.';

create table if not exists healing_private.pattern_evidence (
  pattern_id uuid not null references public.universal_error_patterns (id) on delete cascade,
  unit text not null,
  succeeded boolean not null,
  recorded_at timestamptz not null default now(),
  primary key (pattern_id, unit)
);
alter table healing_private.pattern_evidence enable row level security;
revoke all on healing_private.pattern_evidence from public, anon, authenticated, service_role;
drop policy if exists nobody_directly on healing_private.pattern_evidence;
create policy nobody_directly on healing_private.pattern_evidence for select to service_role using (false);
comment on table healing_private.pattern_evidence is 'One row per unit of work and pattern: evidence is counted once, whoever reports it twice.';

select healing_private.secure_table('public.universal_error_patterns'::regclass);

create or replace view public.healing_patterns with (security_invoker = on) as
select id, pattern_name, error_signature, action_kind, fix_strategy, category, origin, project_id, status,
  confidence_score, probability_ineffective, auto_fixable, success_count, failure_count, success_rate,
  consecutive_failures, last_used_at, created_at
from public.universal_error_patterns;
revoke all on public.healing_patterns from public, anon, authenticated, service_role;
grant select on public.healing_patterns to service_role, authenticated;
comment on view public.healing_patterns is 'The patterns as an admin reads them: what is known, how sure, and whether it may act alone.';
