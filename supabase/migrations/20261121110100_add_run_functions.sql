-- Adds the dispatcher, the life of a run, and the reaper.
-- Locks: none.
-- Undo: drop function public.dispatch_function, public.start_healing_run, public.finish_healing_run, public.reap_lost_runs,
--       healing_private.read_vault, healing_private.kick_engine, healing_private.send_request, healing_private.response_of.

-- Vault and pg_net may be missing on a plain Postgres, so their names are resolved only when the call is made.
create or replace function healing_private.read_vault(p_name text)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_secret text;
begin
  if to_regclass('vault.decrypted_secrets') is null then
    return null;
  end if;
  execute 'select decrypted_secret from vault.decrypted_secrets where name = $1' into v_secret using p_name;
  return nullif(v_secret, '');
end;
$$;
revoke all on function healing_private.read_vault(text) from public, anon, authenticated, service_role;
comment on function healing_private.read_vault(text) is 'One secret from Vault, or null when the entry or Vault itself is missing.';

create or replace function healing_private.send_request(p_function_name text, p_body jsonb)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_url text := healing_private.read_vault('project_url');
  v_key text := healing_private.read_vault('cron_secret_key');
  v_request_id bigint;
begin
  if v_url is null or v_key is null then
    raise exception using errcode = 'PT503', detail = 'CONFIG_MISSING',
      message = 'Vault has no entry ' || case when v_url is null then 'project_url' else 'cron_secret_key' end,
      hint = 'select vault.create_secret(''<value>'', ''<name>'')';
  end if;
  execute 'select net.http_post(url := $1, body := $2, headers := $3, timeout_milliseconds := 5000)'
    into v_request_id
    using rtrim(v_url, '/') || '/functions/v1/' || p_function_name, p_body,
      jsonb_build_object('Content-Type', 'application/json', 'apikey', v_key);
  return v_request_id;
end;
$$;
revoke all on function healing_private.send_request(text, jsonb) from public, anon, authenticated, service_role;
comment on function healing_private.send_request(text, jsonb) is
  'Queues a machine call of an edge function through pg_net; the request leaves after commit. Raises PT503 without its Vault entries.';

create or replace function public.dispatch_function(p_function_name text, p_trigger text default 'cron', p_body jsonb default '{}')
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_run_id uuid;
begin
  -- The name becomes part of an address to which a key is sent.
  if p_function_name !~ '^[A-Za-z][A-Za-z0-9_-]{0,99}$' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'That is not the name of a function',
      hint = 'Letters, digits, hyphens and underscores';
  end if;
  insert into public.healing_runs (function_name, trigger) values (p_function_name, p_trigger) returning id into v_run_id;
  begin
    update public.healing_runs
    set net_request_id = healing_private.send_request(
      p_function_name, p_body || jsonb_build_object('run_id', v_run_id, 'trigger', p_trigger))
    where id = v_run_id;
  exception when others then
    -- The run that could not be sent is the evidence that an admin needs; raising would undo it.
    update public.healing_runs
    set status = 'failed', finished_at = clock_timestamp(), reason = format('not sent: %s (%s)', sqlerrm, sqlstate)
    where id = v_run_id;
    perform healing_private.notify('high', 'A scheduled run could not be sent', sqlerrm, 'dispatch:' || p_function_name);
  end;
  return v_run_id;
end;
$$;
revoke all on function public.dispatch_function(text, text, jsonb) from public, anon, authenticated;
grant execute on function public.dispatch_function(text, text, jsonb) to service_role;
comment on function public.dispatch_function(text, text, jsonb) is
  'What cron calls: writes the run row, then queues the call of the function with the run''s id. Returns the id.';

create or replace function healing_private.kick_engine(p_reason text, p_at_once boolean default false)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- One kick in ten seconds is enough; whoever loses the race for the lock is covered by the winner.
  if not pg_catalog.pg_try_advisory_xact_lock(hashtext('healing:kick_engine')) then
    return;
  end if;
  -- A person who has decided is not kept waiting.
  if not p_at_once and exists (select from public.healing_runs
    where function_name = 'autonomous-healing-engine' and dispatched_at > clock_timestamp() - interval '10 seconds') then
    return;
  end if;
  perform public.dispatch_function('autonomous-healing-engine', p_reason);
end;
$$;
revoke all on function healing_private.kick_engine(text, boolean) from public, anon, authenticated;
comment on function healing_private.kick_engine(text, boolean) is 'Dispatches the healing engine: at most once in ten seconds, or at once.';

create or replace function public.start_healing_run(p_run_id uuid, p_function_name text, p_instance_id text, p_trigger text default 'manual')
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_run public.healing_runs;
begin
  if p_run_id is null then
    insert into public.healing_runs (function_name, trigger, status, started_at, instance_id)
    values (p_function_name, p_trigger, 'started', clock_timestamp(), p_instance_id) returning * into v_run;
    return jsonb_build_object('id', v_run.id, 'started', true);
  end if;
  update public.healing_runs
  set status = 'started', started_at = clock_timestamp(), instance_id = p_instance_id
  where id = p_run_id and function_name = p_function_name and status = 'dispatched' returning * into v_run;
  -- pg_net may deliver a request twice; the second delivery finds the run started and does nothing.
  return jsonb_build_object('id', p_run_id, 'started', v_run.id is not null);
end;
$$;
revoke all on function public.start_healing_run(uuid, text, text, text) from public, anon, authenticated;
grant execute on function public.start_healing_run(uuid, text, text, text) to service_role;
comment on function public.start_healing_run(uuid, text, text, text) is
  'Marks a dispatched run as started, once; without an id it opens a run of its own. Returns {id, started}.';

create or replace function public.finish_healing_run(p_run_id uuid, p_counters jsonb, p_reason text default null)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.healing_runs
  set status = case when p_reason is null then 'finished' else 'failed' end,
    finished_at = clock_timestamp(), counters = coalesce(p_counters, '{}'), reason = left(p_reason, 2000)
  where id = p_run_id and status in ('dispatched', 'started', 'lost');
  if found then
    perform healing_private.refresh_settings();
    return true;
  end if;
  return false;
end;
$$;
revoke all on function public.finish_healing_run(uuid, jsonb, text) from public, anon, authenticated;
grant execute on function public.finish_healing_run(uuid, jsonb, text) to service_role;
comment on function public.finish_healing_run(uuid, jsonb, text) is
  'Ends a run once, as failed when a reason is given; a run that was thought lost may still report. Returns whether it ended here.';

create or replace function healing_private.response_of(p_net_request_id bigint)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_answer text;
begin
  if p_net_request_id is null or to_regclass('net._http_response') is null then
    return 'no answer is known';
  end if;
  execute $query$
    select case when timed_out then 'the function did not answer in time'
      when error_msg is not null then 'the request failed: ' || error_msg
      else format('the function answered %s', status_code) end
    from net._http_response where id = $1 $query$
    into v_answer using p_net_request_id;
  return coalesce(v_answer, 'no answer was recorded');
end;
$$;
revoke all on function healing_private.response_of(bigint) from public, anon, authenticated, service_role;
comment on function healing_private.response_of(bigint) is 'What pg_net recorded of a request, as a sentence; responses are kept for six hours.';

create or replace function public.reap_lost_runs()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_lost integer := 0;
  v_run public.healing_runs;
begin
  for v_run in
    update public.healing_runs
    set status = 'lost', finished_at = clock_timestamp(),
      reason = format('did not finish by %s; %s', deadline_at, healing_private.response_of(net_request_id))
    where status in ('dispatched', 'started') and deadline_at < clock_timestamp()
    returning * loop
    v_lost := v_lost + 1;
    perform healing_private.notify('high', format('A run of %s was lost', v_run.function_name), v_run.reason, 'lost:' || v_run.function_name);
  end loop;
  perform healing_private.escalate_exhausted();
  -- A migration's error belongs to its author; a claim that its author's process left behind is given back.
  update public.detected_errors
  set status = 'open', claimed_by = null, lease_expires_at = null
  where status = 'healing' and source = 'migration' and lease_expires_at < clock_timestamp();
  -- A kick that fell into the debounce of another, or whose run was lost, is made up for here.
  if exists (
    select from public.detected_errors
    where status = 'open' and next_attempt_at <= clock_timestamp() and source <> 'migration'
      and first_seen_at < clock_timestamp() - interval '10 seconds'
      and not exists (select from public.healing_runs as r
        where r.function_name = 'autonomous-healing-engine' and r.dispatched_at >= detected_errors.next_attempt_at)) then
    perform healing_private.kick_engine('reaper');
  end if;
  perform healing_private.refresh_settings();
  return v_lost;
end;
$$;
revoke all on function public.reap_lost_runs() from public, anon, authenticated;
grant execute on function public.reap_lost_runs() to service_role;
comment on function public.reap_lost_runs() is
  'Closes runs past their deadline as lost, hands exhausted errors to people, and dispatches the engine for errors that no run has met. Returns how many runs were lost.';
