-- Adds what builds and removes indexes outside of a transaction: the kinds create_index and drop_index, the settings of the
-- optimiser, healing_private.index_jobs (what a one-shot job of pg_cron is to do, and what came of it), and the functions that
-- ask for a job and settle jobs by what the catalogue says (settle_index_jobs).
-- Locks: none on existing tables.
-- Undo: drop function public.settle_index_jobs, healing_private.settle_index_job, healing_private.find_stray_indexes,
--       healing_private.end_index_job, healing_private.request_index_job, healing_private.index_state,
--       healing_private.index_definition, healing_private.job_is_running, healing_private.job_failures; drop table
--       healing_private.index_jobs; delete from healing_private.fix_kinds where kind in ('create_index', 'drop_index');
--       delete from public.healing_settings where key like 'optimise\_%';

insert into healing_private.fix_kinds (kind, action_group, least_risk, least_risk_at_runtime)
values ('create_index', 'database', 'low', 'low'), ('drop_index', 'database', 'high', 'high')
on conflict (kind) do nothing;

insert into public.healing_settings (key, wanted, actual, description)
select key, value, value, description
from (values
  ('optimise_min_calls', '50'::jsonb, 'Calls of a statement from which on an index is weighed for it, and after which an index is judged.'),
  ('optimise_min_mean_ms', '20', 'Mean milliseconds of a call from which on a statement counts as slow.'),
  ('optimise_max_active', '5', 'Statements running in this database beside our own above which nothing is built.'),
  ('optimise_max_transaction_seconds', '60', 'Age of the oldest open transaction above which nothing is built: a build would wait for it.'),
  ('optimise_max_table_mb', '5120', 'Size of a table above which an index is only suggested.'),
  ('optimise_max_writes_per_second', '50', 'Rows written a second above which an index on the table is only suggested.'),
  ('optimise_build_minutes', '30', 'Minutes after which a build that still runs is cancelled.'),
  ('optimise_window_hours', '72', 'Hours in which an index has to show its gain; after them it is inconclusive and a person is asked.'),
  ('optimise_unused_days', '14', 'Days that the statistics have to be old before an index that nothing read in them is called unused.'),
  ('optimise_again_days', '30', 'Days in which an optimisation that was refused or taken back is not proposed again.')
) as setting (key, value, description)
on conflict (key) do nothing;

create table if not exists healing_private.index_jobs (
  id bigint generated always as identity primary key,
  job_name text not null,
  purpose text not null,
  schema_name text not null,
  table_name text not null,
  index_name text not null,
  columns jsonb,
  command text not null,
  requested_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  outcome text,
  reason text,
  baseline jsonb,
  constraint index_jobs_purpose_is_known check (purpose in ('create', 'drop')),
  constraint index_jobs_outcome_is_known check (outcome in ('done', 'failed')),
  constraint index_jobs_only_ended_rows_have_an_outcome check ((finished_at is null) = (outcome is null)),
  constraint index_jobs_failures_have_a_reason check (outcome is distinct from 'failed' or reason is not null)
);
create unique index if not exists index_jobs_one_build_at_a_time_idx
  on healing_private.index_jobs (purpose) where finished_at is null and purpose = 'create';
create unique index if not exists index_jobs_open_job_name_idx on healing_private.index_jobs (job_name) where finished_at is null;
create index if not exists index_jobs_index_name_idx on healing_private.index_jobs (schema_name, index_name, id desc);
alter table healing_private.index_jobs enable row level security;
revoke all on healing_private.index_jobs from public, anon, authenticated, service_role;
drop policy if exists nobody_directly on healing_private.index_jobs;
create policy nobody_directly on healing_private.index_jobs for select to service_role using (false);
comment on table healing_private.index_jobs is
  'Indexes that one-shot jobs of pg_cron build and remove: written in the transaction that schedules the job, ended by what the catalogue says.';

create or replace function healing_private.index_definition(p_index oid)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select pg_catalog.pg_get_indexdef(p_index);
$$;
revoke all on function healing_private.index_definition(oid) from public, anon, authenticated;
comment on function healing_private.index_definition(oid) is 'The statement that makes an index, with every name qualified.';

-- What the catalogue knows of an index; columns are null when it is more than plain columns.
create or replace function healing_private.index_state(p_schema text, p_index text)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_build_object('oid', i.indexrelid::bigint, 'table', t.relname, 'valid', i.indisvalid and i.indisready,
    'definition', healing_private.index_definition(i.indexrelid),
    'columns', case when not i.indisunique and i.indpred is null and i.indexprs is null and i.indnatts = i.indnkeyatts then (
      select jsonb_agg(jsonb_build_object('name', a.attname, 'descending', i.indoption[k.place::integer - 1] & 1 = 1) order by k.place)
      from unnest(i.indkey::smallint[]) with ordinality as k (attnum, place)
      join pg_catalog.pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum) end)
  from pg_catalog.pg_index as i join pg_catalog.pg_class as c on c.oid = i.indexrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace join pg_catalog.pg_class as t on t.oid = i.indrelid
  where n.nspname = p_schema and c.relname = p_index;
$$;
revoke all on function healing_private.index_state(text, text) from public, anon, authenticated;
comment on function healing_private.index_state(text, text) is 'An index as the catalogue has it: {oid, table, valid, definition, columns}, or null.';

-- The list of sessions cuts a long statement off.
create or replace function healing_private.job_is_running(p_command text)
returns setof integer
language sql
stable
security definer
set search_path = ''
as $$
  select a.pid from pg_catalog.pg_stat_activity as a
  where a.datname = current_database() and a.state = 'active' and a.pid <> pg_catalog.pg_backend_pid()
    and octet_length(a.query) >= least(octet_length(p_command), 512) and starts_with(p_command, a.query);
$$;
revoke all on function healing_private.job_is_running(text) from public, anon, authenticated;
comment on function healing_private.job_is_running(text) is 'The sessions that run the command of a job at this moment.';

-- cron.* may be missing, so it is named at run time.
create or replace function healing_private.job_failures(p_job_name text, p_since timestamptz)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_failures jsonb;
begin
  execute 'select jsonb_build_object(''count'', count(*), ''message'', (array_agg(d.return_message order by d.runid desc))[1])
    from cron.job_run_details as d join cron.job as j on j.jobid = d.jobid
    where j.jobname = $1 and d.status = ''failed'' and d.end_time >= $2' into v_failures using p_job_name, p_since;
  return v_failures;
end;
$$;
revoke all on function healing_private.job_failures(text, timestamptz) from public, anon, authenticated;
comment on function healing_private.job_failures(text, timestamptz) is 'How often a job failed since a moment, and what it said last: {count, message}.';

-- The row and the job are one transaction, so a crash leaves both or neither. The schedule is every minute until the next
-- settling takes the job away: its command does nothing a second time, and a moment that was missed is made up for.
create or replace function healing_private.request_index_job(
  p_purpose text, p_schema text, p_table text, p_index text, p_columns jsonb, p_command text)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_name text := format('heal_%s_%s', p_purpose, substr(pg_catalog.md5(p_schema || '.' || p_index), 1, 20));
  v_id bigint;
begin
  if to_regclass('cron.job') is null then
    raise exception using errcode = '0A000', detail = 'NOT_INSTALLED', message = 'An index is built outside of a transaction by a job of pg_cron, and there is none',
      hint = 'Enable the extension pg_cron in this database';
  end if;
  insert into healing_private.index_jobs (job_name, purpose, schema_name, table_name, index_name, columns, command)
  values (v_name, p_purpose, p_schema, p_table, p_index, p_columns, p_command) returning id into v_id;
  execute 'select cron.schedule($1, ''* * * * *'', $2)' using v_name, p_command;
  return v_id;
end;
$$;
revoke all on function healing_private.request_index_job(text, text, text, text, jsonb, text) from public, anon, authenticated;
comment on function healing_private.request_index_job(text, text, text, text, jsonb, text) is
  'Writes down what is to be built or removed and schedules the job that does it. Raises 0A000 without pg_cron, 23505 while another build is open.';

create or replace function healing_private.end_index_job(p_id bigint, p_outcome text, p_reason text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_name text;
  v_is_there boolean;
begin
  update healing_private.index_jobs set finished_at = clock_timestamp(), outcome = p_outcome, reason = left(p_reason, 1000)
  where id = p_id returning job_name into v_name;
  execute 'select exists (select from cron.job where jobname = $1)' into v_is_there using v_name;
  if v_is_there then
    execute 'select cron.unschedule($1)' using v_name;
  end if;
end;
$$;
revoke all on function healing_private.end_index_job(bigint, text, text) from public, anon, authenticated;
comment on function healing_private.end_index_job(bigint, text, text) is 'Ends a job with its outcome and takes it off the schedule.';

-- "succeeded" of pg_cron is no proof: only the catalogue says whether an index is there and valid. The sessions are looked
-- at before it: a build that ends in between is then seen as running, and settled next time.
create or replace function healing_private.settle_index_job(p_job healing_private.index_jobs)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_running integer[] := array(select healing_private.job_is_running(p_job.command));
  v_index jsonb := healing_private.index_state(p_job.schema_name, p_job.index_name);
  v_failures jsonb := healing_private.job_failures(p_job.job_name, p_job.requested_at);
  v_minutes numeric := extract(epoch from clock_timestamp() - p_job.requested_at) / 60;
  v_limit numeric := (healing_private.setting('optimise_build_minutes') #>> '{}')::numeric;
  v_state text := 'waiting';
  v_reason text := 'the job has not run yet';
begin
  if cardinality(v_running) > 0 then
    v_state := 'running';
    v_reason := format('running for at most %s minutes', ceil(v_minutes));
    if v_minutes > v_limit then
      -- Only the session of our own job, and what it leaves behind is removed by the next settling.
      perform pg_catalog.pg_cancel_backend(pid) from unnest(v_running) as pid;
      v_reason := format('cancelled after %s minutes', v_limit);
    end if;
  elsif p_job.purpose = 'create' and v_index is not null then
    v_state := case when (v_index ->> 'valid')::boolean then 'done' else 'failed' end;
    v_reason := case when v_state = 'done' then 'the index is valid'
      else coalesce('the build failed: ' || (v_failures ->> 'message'), 'the build was broken off: the index is invalid') end;
    if p_job.columns is not null
      and (v_index -> 'columns' is distinct from p_job.columns or v_index ->> 'table' is distinct from p_job.table_name) then
      v_state := 'failed';
      v_reason := 'somebody else has made another index of this name; it is left alone';
    end if;
  elsif p_job.purpose = 'drop' and v_index is null then
    v_state := 'done';
    v_reason := 'the index is gone';
  elsif (v_failures ->> 'count')::integer >= 3 or v_minutes > greatest(v_limit, 15) then
    v_state := 'failed';
    v_reason := coalesce(v_failures ->> 'message', 'the job never ran: is pg_cron running?');
  end if;
  if v_state in ('done', 'failed') then
    perform healing_private.end_index_job(p_job.id, v_state, v_reason);
  end if;
  return jsonb_build_object('id', p_job.id, 'purpose', p_job.purpose, 'schema', p_job.schema_name, 'table', p_job.table_name,
    'index', p_job.index_name, 'state', v_state, 'reason', v_reason);
end;
$$;
revoke all on function healing_private.settle_index_job(healing_private.index_jobs) from public, anon, authenticated;
comment on function healing_private.settle_index_job(healing_private.index_jobs) is
  'What came of a job, by the catalogue: {id, purpose, schema, table, index, state: waiting | running | done | failed, reason}.';

-- Ours, and not to be there: a build that failed, or an index that was taken back and came again by a last run of its job.
create or replace function healing_private.find_stray_indexes()
returns table (schema_name text, table_name text, index_name text)
language sql
stable
security definer
set search_path = ''
as $$
  select j.schema_name, j.table_name, j.index_name
  from (select distinct on (o.schema_name, o.index_name) o.* from healing_private.index_jobs as o
    order by o.schema_name, o.index_name, o.id desc) as j
  cross join lateral healing_private.index_state(j.schema_name, j.index_name) as found
  where j.finished_at is not null and j.index_name ~ '^heal_idx_' and found is not null and found ->> 'table' = j.table_name
    and found -> 'columns' is not distinct from (select c.columns from healing_private.index_jobs as c
      where (c.schema_name, c.index_name) = (j.schema_name, j.index_name) and c.purpose = 'create' order by c.id desc limit 1)
    and ((j.purpose = 'create' and j.outcome = 'failed') or (j.purpose = 'drop' and j.outcome = 'done' and j.finished_at > clock_timestamp() - interval '1 day')
      or (j.purpose = 'drop' and j.finished_at < clock_timestamp() - interval '1 hour')
      or (j.purpose = 'create' and not (found ->> 'valid')::boolean));
$$;
revoke all on function healing_private.find_stray_indexes() from public, anon, authenticated;
comment on function healing_private.find_stray_indexes() is 'Indexes that our own jobs left behind: invalid ones, and ones that had been taken back.';

create or replace function public.settle_index_jobs()
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_settled jsonb := '[]'::jsonb;
  v_job healing_private.index_jobs;
  v_stray record;
begin
  if to_regclass('cron.job') is null then
    return v_settled;
  end if;
  for v_job in select * from healing_private.index_jobs where finished_at is null order by id for update skip locked loop
    v_settled := v_settled || healing_private.settle_index_job(v_job);
  end loop;
  -- One settling at a time asks for removals.
  if pg_catalog.pg_try_advisory_xact_lock(hashtext('healing:index_jobs')) then
    for v_stray in select * from healing_private.find_stray_indexes() loop
      perform healing_private.request_index_job('drop', v_stray.schema_name, v_stray.table_name, v_stray.index_name, null,
        format('drop index %s if exists %I.%I', 'concurrently', v_stray.schema_name, v_stray.index_name));
    end loop;
  end if;
  return v_settled;
end;
$$;
revoke all on function public.settle_index_jobs() from public, anon, authenticated;
grant execute on function public.settle_index_jobs() to service_role;
comment on function public.settle_index_jobs() is
  'Ends the index jobs whose work the catalogue shows, takes them off the schedule, and asks for the removal of what a failed one left. Returns the state of each.';
