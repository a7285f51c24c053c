-- The project of the demo: what a small app would have, with the mistakes that such apps have.
create table messages (
  id bigint generated always as identity primary key,
  role text not null,
  content text not null,
  created_at timestamptz not null default now()
);
alter table messages enable row level security;
grant insert on messages to anon;
create policy anyone_writes on messages for insert to anon with check (true);

create table reports (
  request_key text primary key,
  customer text not null,
  slug text not null
);
alter table reports enable row level security;
grant select, insert on reports to service_role;

-- Uses the extension unaccent, which no migration has installed.
create function demo_file_report(p_key text, p_customer text) returns text language plpgsql as $$
declare
  v_slug text := lower(replace(unaccent(p_customer), ' ', '-'));
begin
  insert into public.reports (request_key, customer, slug) values (p_key, p_customer, v_slug) on conflict do nothing;
  return v_slug;
end;
$$;
revoke all on function demo_file_report(text, text) from public, anon, authenticated;
grant execute on function demo_file_report(text, text) to service_role;

-- Puts a tenant's tables into a schema of its own, which nobody has made.
create function demo_provision_tenant(p_tenant text) returns void language plpgsql security definer set search_path = '' as $$
begin
  execute format('create table if not exists %I.orders (id bigint generated always as identity primary key, total numeric)', p_tenant);
end;
$$;
revoke all on function demo_provision_tenant(text) from public, anon, authenticated;
grant execute on function demo_provision_tenant(text) to service_role;
notify pgrst, 'reload schema';
