-- Adds what the catalogue and the counters show that could be better, without doing anything about it: find_optimisations, and in
-- healing_private one function for each sort of finding.
-- Locks: none.
-- Undo: drop function public.find_optimisations, healing_private.list_optimisations, healing_private.find_missing_indexes,
--       healing_private.find_spare_indexes, healing_private.find_bloat, healing_private.find_used_up_sequences,
--       healing_private.find_connection_pressure, healing_private.is_project_schema;

create or replace function healing_private.is_project_schema(p_name text)
returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
  select p_name !~ '^(pg_|supabase_|healing_|graphql)' and p_name <> all (array['auth', 'storage', 'realtime', 'vault', 'net', 'cron',
    'extensions', 'pgbouncer', 'pgsodium', 'pgmq', 'information_schema']);
$$;
revoke all on function healing_private.is_project_schema(text) from public, anon, authenticated;
comment on function healing_private.is_project_schema(text) is 'True for a schema that is neither the platform''s nor this system''s.';

-- Columns of foreign keys whose parents change, and columns that policies ask for, that no index begins with.
create or replace function healing_private.find_missing_indexes()
returns setof jsonb
language sql
stable
security definer
set search_path = ''
as $$
  with wanted as (
    select k.conrelid as relid, k.conkey::smallint[] as columns, 'foreign_key' as source,
      format('foreign key %s: each deleted or changed row of %s reads the whole table', k.conname, k.confrelid::regclass) as why
    from pg_catalog.pg_constraint as k join pg_catalog.pg_stat_user_tables as parent on parent.relid = k.confrelid
    where k.contype = 'f' and parent.n_tup_del + parent.n_tup_upd > 0
    union all
    select p.polrelid, array[d.refobjsubid::smallint], 'policy', format('policy %s asks for it in every statement', p.polname)
    from pg_catalog.pg_policy as p join pg_catalog.pg_depend as d on d.classid = 'pg_catalog.pg_policy'::regclass and d.objid = p.oid
      and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = p.polrelid and d.refobjsubid > 0
  )
  select distinct on (w.relid, w.columns) jsonb_build_object('key', format('missing_index:%s:%s', w.relid::regclass, cols.names), 'kind', 'missing_index',
    'severity', 'low', 'object', w.relid::regclass::text, 'measured', format('%s rows', c.reltuples::bigint),
    'why', format('no index of %s begins with %s; %s', w.relid::regclass, cols.names, w.why), 'source', w.source,
    'action', jsonb_build_object('kind', 'create_index', 'schema', n.nspname, 'table', c.relname, 'columns', cols.list))
  from wanted as w join pg_catalog.pg_class as c on c.oid = w.relid join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  cross join lateral (
    select string_agg(quote_ident(a.attname), ', ' order by o.place) as names,
      jsonb_agg(jsonb_build_object('name', a.attname, 'descending', false) order by o.place) as list
    from unnest(w.columns) with ordinality as o (attnum, place)
    join pg_catalog.pg_attribute as a on a.attrelid = w.relid and a.attnum = o.attnum) as cols
  where c.relkind = 'r' and c.reltuples >= 10000 and cardinality(w.columns) <= 4 and healing_private.is_project_schema(n.nspname)
    and not healing_private.is_own_table(c.oid)
    and not exists (select from pg_catalog.pg_index as i where i.indrelid = w.relid and i.indisvalid and i.indpred is null
      and (i.indkey::smallint[])[0:cardinality(w.columns) - 1] @> w.columns);
$$;
revoke all on function healing_private.find_missing_indexes() from public, anon, authenticated;
comment on function healing_private.find_missing_indexes() is 'Foreign keys of changing parents, and columns of policies, in large tables without an index.';

-- What only the statistics of this server show; a replica reads by its own. What keeps values apart is never listed.
create or replace function healing_private.find_spare_indexes()
returns setof jsonb
language sql
stable
security definer
set search_path = ''
as $$
  with indexes as (
    select i.*, n.nspname, c.relname, t.oid::regclass::text as on_table, s.idx_scan, c.relam, c.reloptions,
      pg_catalog.pg_relation_size(i.indexrelid) as bytes,
      extract(epoch from clock_timestamp() - coalesce(d.stats_reset, pg_catalog.pg_postmaster_start_time())) / 86400 as days,
      d.stats_reset is null as age_is_of_server,
      i.indisunique or i.indisexclusion or i.indisprimary or i.indisreplident or i.indisclustered
        or exists (select from pg_catalog.pg_constraint as k where k.conindid = i.indexrelid)
        or exists (select from pg_catalog.pg_depend as e where e.classid = 'pg_catalog.pg_class'::regclass and e.objid = i.indexrelid
          and e.deptype in ('e', 'x')) as keeps
    from pg_catalog.pg_index as i join pg_catalog.pg_class as c on c.oid = i.indexrelid and c.relkind = 'i' and not c.relispartition
    join pg_catalog.pg_class as t on t.oid = i.indrelid join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    left join pg_catalog.pg_stat_user_indexes as s on s.indexrelid = i.indexrelid
    left join pg_catalog.pg_stat_database as d on d.datname = current_database()
    where healing_private.is_project_schema(n.nspname) and not healing_private.is_own_table(i.indrelid)
  ), found as (
    select d.nspname, d.relname, d.on_table, d.bytes, 'duplicate_index' as kind, 'low' as severity,
      format('%s is the same as %s', d.relname, k.relname) as why, d.idx_scan
    from indexes as d join indexes as k on k.indrelid = d.indrelid and k.indexrelid <> d.indexrelid
      and k.indkey::text = d.indkey::text and k.indclass::text = d.indclass::text and k.indcollation::text = d.indcollation::text
      and k.indoption::text = d.indoption::text and k.indnkeyatts = d.indnkeyatts and k.relam = d.relam
      and k.indpred::text is not distinct from d.indpred::text and k.indexprs::text is not distinct from d.indexprs::text
      and k.reloptions is not distinct from d.reloptions
    -- Of two that may both go the younger one goes, and never both.
    where not d.keeps and d.indisvalid and k.indisvalid and (k.keeps or k.indexrelid < d.indexrelid)
    union all
    select nspname, relname, on_table, bytes, 'unused_index', 'low', format(
      'nothing has read %s in %s days by the statistics of this server%s; what a replica or a yearly report reads is not known', relname,
      floor(days), case when age_is_of_server then ' (counted since it started)' else '' end), idx_scan
    from indexes where not keeps and indisvalid and idx_scan = 0 and bytes >= 1048576
      and days >= (healing_private.setting('optimise_unused_days') #>> '{}')::integer
    union all
    select nspname, relname, on_table, bytes, 'invalid_index', 'medium',
      format('%s was never finished: it costs every write and serves no reader', relname), idx_scan
    from indexes as i where not keeps and not indisvalid
      and not exists (select from pg_catalog.pg_stat_progress_create_index as p where p.index_relid = i.indexrelid)
      and not exists (select from healing_private.index_jobs as j where j.schema_name = nspname and j.index_name = relname and j.finished_at is null)
  )
  select distinct on (nspname, relname) jsonb_build_object('key', format('%s:%I.%I', kind, nspname, relname), 'kind', kind, 'severity', severity,
    'object', format('%I.%I', nspname, relname), 'measured', format('%s scans, %s', coalesce(idx_scan, 0), pg_catalog.pg_size_pretty(bytes)),
    'why', why || format(' (on %s)', on_table),
    'action', jsonb_build_object('kind', 'drop_index', 'schema', nspname, 'index', relname))
  from found order by nspname, relname, kind;
$$;
revoke all on function healing_private.find_spare_indexes() from public, anon, authenticated;
comment on function healing_private.find_spare_indexes() is 'Indexes that double another one, that nothing reads, or that were never finished; never one that keeps values apart.';

create or replace function healing_private.find_bloat()
returns setof jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_build_object('key', 'bloat:' || s.relid::regclass, 'kind', 'bloat', 'severity', 'medium', 'object', s.relid::regclass::text,
    'measured', format('%s dead of %s rows', s.n_dead_tup, s.n_dead_tup + s.n_live_tup),
    'why', format('last cleaned %s; %s', coalesce(greatest(s.last_autovacuum, s.last_vacuum)::text, 'never that is known of'),
      case when 'autovacuum_enabled=false' = any (c.reloptions) then 'autovacuum is switched off for it' else 'autovacuum does not keep up' end),
    'proposal', format('alter table %s set (autovacuum_enabled = true, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_limit = 1000)', s.relid::regclass))
  from pg_catalog.pg_stat_user_tables as s join pg_catalog.pg_class as c on c.oid = s.relid
  where healing_private.is_project_schema(s.schemaname) and not healing_private.is_own_table(s.relid)
    and s.n_dead_tup >= 10000 and s.n_dead_tup > 0.25 * (s.n_dead_tup + s.n_live_tup);
$$;
revoke all on function healing_private.find_bloat() from public, anon, authenticated;
comment on function healing_private.find_bloat() is 'Tables of which more than a quarter is dead rows, with settings that would keep up.';

-- A column of four bytes ends before its sequence does.
create or replace function healing_private.find_used_up_sequences()
returns setof jsonb
language sql
stable
security definer
set search_path = ''
as $$
  with used as (
    select q.seqrelid, n.nspname, c.relname, d.refobjid, a.attname, a.atttypid, q.seqincrement,
      case a.atttypid when 'pg_catalog.int2'::regtype then least(q.seqmax, 32767) when 'pg_catalog.int4'::regtype then least(q.seqmax, 2147483647)
        else q.seqmax end as most,
      pg_catalog.pg_sequence_last_value(q.seqrelid) as last
    from pg_catalog.pg_sequence as q join pg_catalog.pg_class as c on c.oid = q.seqrelid join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    left join pg_catalog.pg_depend as d on d.classid = 'pg_catalog.pg_class'::regclass and d.objid = q.seqrelid
      and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjsubid > 0 and d.deptype in ('a', 'i')
    left join pg_catalog.pg_attribute as a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where healing_private.is_project_schema(n.nspname) and not q.seqcycle and q.seqincrement > 0
      and (d.refobjid is null or not healing_private.is_own_table(d.refobjid))
  )
  select jsonb_build_object('key', format('sequence:%I.%I', nspname, relname), 'kind', 'sequence',
    'severity', case when last >= most * 0.9 then 'high' else 'medium' end, 'object', format('%I.%I', nspname, relname),
    'measured', format('%s of %s numbers, %s %%', last, most, floor(last * 100.0 / most)),
    'why', case when attname is null then 'when the last number is drawn every insert fails' else format('%s.%I is %s: when the last number is drawn every insert fails',
      refobjid::regclass, attname, pg_catalog.format_type(atttypid, null)) end,
    'proposal', case when attname is null then 'alter sequence … as bigint' else format(
      'add a bigint column, keep it equal by a trigger, copy in batches, swap the names in one short transaction (or, where %1$s is small: alter table %1$s alter column %2$I type bigint, which locks it)',
      refobjid::regclass, attname) end)
  from used where last >= most * 0.7;
$$;
revoke all on function healing_private.find_used_up_sequences() from public, anon, authenticated;
comment on function healing_private.find_used_up_sequences() is 'Sequences of which 70 % of the numbers that their column can hold are used, with a plan.';

create or replace function healing_private.find_connection_pressure()
returns setof jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_build_object('key', 'connections', 'kind', 'connections', 'severity', case when used > most * 0.9 then 'high' else 'medium' end,
    'object', 'server', 'measured', format('%s of %s connections', used, most),
    'why', 'when the last one is taken every new caller is refused',
    'proposal', 'send functions through the transaction pooler, and close what is idle')
  from (select count(*) as used, current_setting('max_connections')::integer as most
    from pg_catalog.pg_stat_activity where backend_type = 'client backend') as c
  where used > most * 0.8
  union all
  -- Who they are, never what they asked.
  select jsonb_build_object('key', 'idle_in_transaction', 'kind', 'idle_in_transaction', 'severity', 'medium', 'object', 'sessions',
    'measured', format('%s sessions, the oldest for %s s', count(*), max(extract(epoch from clock_timestamp() - state_change))::integer),
    'why', 'each keeps its locks and keeps dead rows from being cleaned: ' || string_agg(distinct coalesce(nullif(application_name, ''), 'without a name'), ', '),
    'proposal', 'set idle_in_transaction_session_timeout for their role, and end transactions before waiting for something else')
  from pg_catalog.pg_stat_activity
  where datname = current_database() and state like 'idle in transaction%' and state_change < clock_timestamp() - interval '5 minutes'
  having count(*) > 0;
$$;
revoke all on function healing_private.find_connection_pressure() from public, anon, authenticated;
comment on function healing_private.find_connection_pressure() is 'Connections that are nearly used up, and sessions that hold a transaction open and do nothing; nobody is ended.';

create or replace function healing_private.list_optimisations()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if (select auth.jwt()) ->> 'role' is distinct from 'service_role' then
    perform healing_private.require_person('ask what could be optimised');
  end if;
  return (select coalesce(jsonb_agg(f order by case f ->> 'severity' when 'high' then 1 when 'medium' then 2 else 3 end, f ->> 'key'), '[]')
    from (select healing_private.find_missing_indexes() as f union all select healing_private.find_spare_indexes()
      union all select healing_private.find_bloat() union all select healing_private.find_used_up_sequences()
      union all select healing_private.find_connection_pressure()) as all_findings);
end;
$$;
revoke all on function healing_private.list_optimisations() from public, anon, authenticated;
grant execute on function healing_private.list_optimisations() to authenticated, service_role;
comment on function healing_private.list_optimisations() is 'The rights behind find_optimisations; checks that a person or a machine of ours asks.';

create or replace function public.find_optimisations()
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select healing_private.list_optimisations();
$$;
revoke all on function public.find_optimisations() from public, anon, authenticated;
grant execute on function public.find_optimisations() to authenticated, service_role;
comment on function public.find_optimisations() is
  'What could be better at this moment, most urgent first: [{key, kind, severity, object, measured, why, proposal | action}]. Nothing is changed by asking.';

notify pgrst, 'reload schema';
