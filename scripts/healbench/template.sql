-- The database that the rows of a failure catalogue are broken on, over the platform's stand-in and our migrations.
-- It adds what rows name besides: an owner of the application's objects who is neither superuser nor `postgres`, and the
-- rights that projects of the older kind give to the roles of the API by themselves.
-- Applied by a superuser, as often as wished. Undo: drop the database, and drop role app_owner.

do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'app_owner') then
    create role app_owner login createrole;
  end if;
end;
$$;
grant anon, authenticated, service_role to app_owner;
-- Migrations run as `postgres`, and may become the owner of what they alter.
grant app_owner to postgres;

grant usage, create on schema public to app_owner;
grant usage on schema extensions, auth, storage to app_owner;
grant usage on schema extensions to supabase_auth_admin;
grant create on schema extensions to app_owner;
grant select, references on auth.users to app_owner;

alter default privileges for role app_owner in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges for role app_owner in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges for role app_owner in schema public grant all on functions to anon, authenticated, service_role;

-- The platform's storage names its key in mixed case, and so do the messages of it.
do $$
begin
  if exists (select from pg_catalog.pg_constraint where conname = 'objects_bucket_id_fkey') then
    alter table storage.objects rename constraint objects_bucket_id_fkey to "objects_bucketId_fkey";
  end if;
end;
$$;

-- Rows make a history of migrations of their own.
drop schema if exists supabase_migrations cascade;

-- The people of the stand-in are not the catalogue's.
delete from auth.users;

-- Fixes of the database are on, and are judged at once.
update public.healing_settings set wanted = '"auto"', actual = '"auto"' where key = 'mode_database';
update public.healing_settings set wanted = '0', actual = '0' where key = 'validation_min_seconds';
