-- The project of the chaos runs: what its clients write, and what is missing on purpose. Can be run twice.
create table if not exists public.messages (
  id bigint generated always as identity primary key,
  -- Not unique: what is done twice has to show.
  key text not null,
  role text not null,
  content text not null
);
alter table public.messages enable row level security;
grant select, insert on public.messages to anon, service_role;
do $$ begin
  if not exists (select from pg_policies where tablename = 'messages') then
    create policy anyone_writes on public.messages for insert to anon with check (true);
    create policy anyone_reads on public.messages for select to anon using (true);
  end if;
end $$;

create table if not exists public.chaos_reports (key text primary key, slug text not null);
alter table public.chaos_reports enable row level security;

-- What an engine that dies in the middle has made of a waiting call.
create table if not exists public.made (key text primary key);
alter table public.made enable row level security;

-- Uses the extension unaccent, which is taken away again and again.
create or replace function public.chaos_file_report(p_key text, p_customer text) returns text
language plpgsql security definer set search_path = 'public', 'extensions' as $$
declare
  v_slug text := lower(replace(unaccent(p_customer), ' ', '-'));
begin
  insert into public.chaos_reports (key, slug) values (p_key, v_slug) on conflict do nothing;
  return v_slug;
end;
$$;
revoke all on function public.chaos_file_report(text, text) from public, anon, authenticated;
grant execute on function public.chaos_file_report(text, text) to service_role;

do $$ begin
  perform public.change_healing_setting('mode_database', '"auto"', 'a chaos run');
  perform public.change_healing_setting('validation_min_seconds', '0', 'a chaos run');
  perform public.change_healing_setting('max_fixes_per_day', '10000', 'a chaos run');
  -- The extension vanishes every minute. With its budget for an hour used up, calls would fill their queue until it is over.
  perform public.change_healing_setting('max_fixes_per_target_hour', '100', 'a chaos run');
  perform public.change_healing_setting('max_fixes_per_fingerprint_hour', '100', 'a chaos run');
  -- Schedules go ten times as fast as in life.
  perform public.change_healing_setting('loop_hours', '2', 'a chaos run');
end $$;
notify pgrst, 'reload schema';
