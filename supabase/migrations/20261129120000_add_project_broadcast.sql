-- Adds broadcast_project_event: tells whoever watches a project that something happened, on its realtime channel.
-- Locks: none.
-- Undo: drop function public.broadcast_project_event.

create or replace function public.broadcast_project_event(p_project_id text, p_event text, p_payload jsonb default '{}')
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
  if coalesce(p_project_id, '') !~ '^[\w-]{1,200}$' or coalesce(p_event, '') !~ '^[a-z][a-z:_-]{0,99}$' then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A broadcast needs a project and an event with plain names',
      hint = 'The project has letters, digits, _ and -; the event small letters, :, _ and -';
  end if;
  if to_regprocedure('realtime.send(jsonb, text, text, boolean)') is null then
    return false;
  end if;
  execute 'select realtime.send($1, $2, $3, true)' using coalesce(p_payload, '{}'), p_event, 'ai-status-' || p_project_id;
  return true;
end;
$$;
revoke all on function public.broadcast_project_event(text, text, jsonb) from public, anon, authenticated;
grant execute on function public.broadcast_project_event(text, text, jsonb) to service_role;
comment on function public.broadcast_project_event(text, text, jsonb) is
  'Sends an event on the private channel ai-status-<project>; false where the platform''s realtime is missing. What realtime refuses it only warns about.';
