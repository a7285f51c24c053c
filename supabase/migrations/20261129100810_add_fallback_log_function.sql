-- Adds store_fallback_logs: log entries that arrive after an outage, each stored once however often it is delivered.
-- Locks: none.
-- Undo: drop function public.store_fallback_logs.

create or replace function public.store_fallback_logs(p_entries jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_stored integer;
  v_usable integer;
begin
  if jsonb_typeof(p_entries) is distinct from 'array' or jsonb_array_length(p_entries) > 1000 then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'store_fallback_logs takes a list of at most 1000 entries',
      hint = 'Send the rest in a further call';
  end if;
  -- One that cannot be read must not keep the others out: it is left out and counted.
  with usable as (
    select (e ->> 'id')::uuid as id, e ->> 'level' as level, left(coalesce(e ->> 'message', ''), 8000) as message,
      coalesce(e -> 'context', '{}') as context,
      to_timestamp((least(greatest((e ->> 'at')::numeric, 0), 253402300799000) / 1000)::double precision) as logged_at
    from jsonb_array_elements(p_entries) as e
    where case when jsonb_typeof(e) = 'object' then e ->> 'id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
      and e ->> 'level' in ('debug', 'info', 'warn', 'error') and jsonb_typeof(e -> 'at') = 'number' end
  ), stored as (
    -- In the order of their ids, so that two deliveries of the same entries wait for each other instead of for ever.
    insert into public.fallback_log_entries (id, level, message, context, logged_at)
    select distinct on (id) id, level, message, context, logged_at from usable order by id
    on conflict (id) do nothing returning 1)
  select (select count(*) from stored), (select count(*) from usable) into v_stored, v_usable;
  return jsonb_build_object('stored', v_stored, 'known', v_usable - v_stored,
    'refused', jsonb_array_length(p_entries) - v_usable);
end;
$$;
revoke all on function public.store_fallback_logs(jsonb) from public, anon, authenticated;
grant execute on function public.store_fallback_logs(jsonb) to service_role;
comment on function public.store_fallback_logs(jsonb) is
  'Stores log entries {id, level, message, context, at in milliseconds}, each once by its id; what is no entry is counted and left out. Returns {stored, known, refused}.';
