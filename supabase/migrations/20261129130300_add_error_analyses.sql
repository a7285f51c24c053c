-- Adds what a model has said about errors (error_analyses), with the functions that lease a question so that nobody pays for it
-- twice (claim_error_analysis, finish_error_analysis, get_error_to_analyse), and the setting that turns the model's proposals off.
-- Locks: none on existing tables.
-- Undo: drop function public.claim_error_analysis, public.finish_error_analysis, public.get_error_to_analyse,
--       healing_private.forget_old_analyses; drop table public.error_analyses;
--       delete from public.healing_settings where key in ('ai_analysis', 'ai_analysis_hours').

insert into public.healing_settings (key, wanted, actual, description)
select key, value, value, description
from (values
  ('ai_analysis', 'true'::jsonb, 'Whether a model is asked about errors that no rule and no pattern knows. false: the rules alone answer. Without a key no model is asked either.'),
  ('ai_analysis_hours', '24', 'Hours for which an answer about an error holds for the same error.'),
  ('ai_analysis_occurrences', '2', 'How often an error of no known class has to come before the engine asks a model about it, unless it is severe or operations wait. 1: at once.')
) as setting (key, value, description)
on conflict (key) do nothing;

create table if not exists public.error_analyses (
  fingerprint text not null,
  version text not null,
  status text not null,
  analysis jsonb,
  reason text,
  model text not null default '',
  usd numeric not null default 0,
  asked_count integer not null default 1,
  served_count integer not null default 0,
  first_asked_at timestamptz not null default clock_timestamp(),
  asked_at timestamptz not null default clock_timestamp(),
  lease uuid,
  expires_at timestamptz not null,
  primary key (fingerprint, version),
  constraint error_analyses_status_is_known check (status in ('asking', 'answered', 'failed')),
  constraint error_analyses_only_questions_have_a_lease check ((status = 'asking') = (lease is not null)),
  constraint error_analyses_answers_are_there check ((status = 'answered') = (analysis is not null)),
  constraint error_analyses_are_bounded check (octet_length(analysis::text) <= 262144 and length(reason) <= 1000)
);
create index if not exists error_analyses_expires_at_idx on public.error_analyses (expires_at);
create index if not exists error_analyses_asked_at_idx on public.error_analyses (asked_at);
comment on table public.error_analyses is
  'What a model has said about an error, by fingerprint and by the version of model and question: asked once, served until it expires, also when it failed.';
comment on column public.error_analyses.analysis is 'The explanation, the likely causes and the typed proposals, as they passed the schema.';
comment on column public.error_analyses.served_count is 'How often the answer was given again without asking anybody.';
comment on column public.error_analyses.lease is 'Who asks at the moment; it holds until expires_at.';
select healing_private.secure_table('public.error_analyses'::regclass);

create or replace function healing_private.forget_old_analyses()
returns void
language sql
security invoker
set search_path = ''
as $$
  -- What has expired is still read by people, and counts in the figures of its week.
  delete from public.error_analyses as a
  using (select ctid from public.error_analyses
    where expires_at < now() - make_interval(days => greatest((healing_private.setting('retention_days') #>> '{}')::integer, 1))
    order by expires_at limit 50 for update skip locked) as old
  where a.ctid = old.ctid;
$$;
revoke all on function healing_private.forget_old_analyses() from public, anon, authenticated;
comment on function healing_private.forget_old_analyses() is 'Deletes fifty analyses past retention_days, if there are any: each new question takes more away than it adds.';

create or replace function public.claim_error_analysis(p_key jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_row public.error_analyses;
  v_seconds integer := least(greatest(coalesce((p_key ->> 'lease_seconds')::integer, 60), 1), 600);
begin
  if coalesce(p_key ->> 'fingerprint', '') = '' or coalesce(p_key ->> 'version', '') = '' or p_key ->> 'lease' is null
    or length(p_key ->> 'fingerprint') > 200 or length(p_key ->> 'version') > 400 then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A question about an error needs its fingerprint, a version and a lease',
      hint = 'Send {fingerprint, version, lease: uuid, lease_seconds, occurrences}';
  end if;
  if healing_private.setting('ai_analysis') = 'false' then
    return jsonb_build_object('decision', 'off', 'reason', 'the setting ai_analysis is false');
  end if;
  if (p_key ->> 'occurrences')::bigint < (healing_private.setting('ai_analysis_occurrences') #>> '{}')::bigint then
    return jsonb_build_object('decision', 'off', 'reason', format('it came %s times, and a model is asked from %s on',
      p_key ->> 'occurrences', healing_private.setting('ai_analysis_occurrences')));
  end if;
  insert into public.error_analyses as a (fingerprint, version, status, lease, expires_at)
  values (p_key ->> 'fingerprint', p_key ->> 'version', 'asking', (p_key ->> 'lease')::uuid,
    clock_timestamp() + make_interval(secs => v_seconds))
  on conflict (fingerprint, version) do update set status = 'asking', analysis = null, reason = null, lease = excluded.lease,
    expires_at = excluded.expires_at, asked_at = clock_timestamp(), asked_count = a.asked_count + 1
    -- A question whose asker died is asked again; it may have been paid for, which its reservation says.
    where a.expires_at <= clock_timestamp()
  returning * into v_row;
  if v_row.fingerprint is not null then
    perform healing_private.forget_old_analyses();
    return jsonb_build_object('decision', 'ask');
  end if;
  update public.error_analyses set served_count = served_count + 1
  where fingerprint = p_key ->> 'fingerprint' and version = p_key ->> 'version' and status <> 'asking' and expires_at > clock_timestamp()
  returning * into v_row;
  if v_row.status = 'answered' then
    return jsonb_build_object('decision', 'answered', 'analysis', v_row.analysis, 'model', v_row.model, 'asked_at', v_row.asked_at);
  elsif v_row.status = 'failed' then
    return jsonb_build_object('decision', 'failed', 'reason', v_row.reason);
  end if;
  return jsonb_build_object('decision', 'wait');
end;
$$;
revoke all on function public.claim_error_analysis(jsonb) from public, anon, authenticated;
grant execute on function public.claim_error_analysis(jsonb) to service_role;
comment on function public.claim_error_analysis(jsonb) is
  'Asks for the analysis of {fingerprint, version}: {decision: answered, analysis, model, asked_at}, failed with its reason, ask (the caller holds the lease and asks a model), wait (another one asks) or off, with its reason. With occurrences it waits until the error has come often enough.';

create or replace function public.finish_error_analysis(p_result jsonb)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_failed boolean := p_result -> 'analysis' is null or p_result -> 'analysis' = 'null';
  v_hours integer := (healing_private.setting('ai_analysis_hours') #>> '{}')::integer;
begin
  update public.error_analyses
  set status = case when v_failed then 'failed' else 'answered' end, lease = null, reason = left(p_result ->> 'reason', 1000),
    analysis = case when not v_failed then p_result -> 'analysis' end, model = left(coalesce(p_result ->> 'model', ''), 200),
    usd = usd + least(greatest(coalesce((p_result ->> 'usd')::numeric, 0), 0), 1000000),
    expires_at = clock_timestamp() + case when v_failed
      then make_interval(secs => least(greatest(coalesce((p_result ->> 'retry_seconds')::integer, 600), 1), 86400))
      else make_interval(hours => greatest(v_hours, 1)) end
  where fingerprint = p_result ->> 'fingerprint' and version = p_result ->> 'version' and lease = (p_result ->> 'lease')::uuid;
  return found;
end;
$$;
revoke all on function public.finish_error_analysis(jsonb) from public, anon, authenticated;
grant execute on function public.finish_error_analysis(jsonb) to service_role;
comment on function public.finish_error_analysis(jsonb) is
  'Ends a question: {fingerprint, version, lease, analysis, model, usd}, or without an analysis {…, reason, retry_seconds} for one that failed. False when the lease was lost.';

create or replace function public.get_error_to_analyse(p_error_id uuid, p_fingerprint text)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select to_jsonb(e) || jsonb_build_object(
    'seconds_since_seen', extract(epoch from clock_timestamp() - e.last_seen_at),
    'live_fix', null,
    'refused_actions', (select coalesce(jsonb_agg(distinct f.action), '[]'::jsonb) from public.auto_fixes as f
      where f.detected_error_id = e.id and f.verdict ->> 'is_evidence' is distinct from 'false'
        and (f.status in ('reverted', 'rejected') or (f.status = 'failed' and f.action_group <> 'call'))),
    'patterns', (select coalesce(jsonb_agg(to_jsonb(p) order by p.confidence_score desc, p.id), '[]'::jsonb)
      from public.universal_error_patterns as p
      where p.error_signature in (e.error_signature, e.error_template) and p.status = 'active' and p.project_id in ('', e.project_id)),
    'queued_operations', (select count(*) from public.queued_operations as q
      where q.detected_error_id = e.id and q.status in ('queued', 'running')))
  from public.detected_errors as e
  where e.id = p_error_id or (p_error_id is null and e.fingerprint = p_fingerprint)
  order by e.last_seen_at desc, e.id limit 1;
$$;
revoke all on function public.get_error_to_analyse(uuid, text) from public, anon, authenticated;
grant execute on function public.get_error_to_analyse(uuid, text) to service_role;
comment on function public.get_error_to_analyse(uuid, text) is
  'One error as an engine would claim it, by its id, or the last one of a fingerprint; nothing is claimed. Null when there is none.';

notify pgrst, 'reload schema';
