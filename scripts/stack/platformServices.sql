-- The platform's services that are called from SQL: Vault, Realtime's broadcasts, and pg_net.
-- Applied after platform.sql, by a superuser, as often as wished. Undo: drop the database.

-- vault: encrypted with a key that only the superuser reads; the platform keeps its key outside the database.
create schema if not exists vault;
grant usage on schema vault to postgres, service_role;
create table if not exists vault.secrets (
  id uuid primary key default gen_random_uuid(),
  name text,
  description text not null default '',
  secret text not null,
  key_id uuid,
  nonce bytea,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp
);
create unique index if not exists secrets_name_idx on vault.secrets (name) where name is not null;
create table if not exists vault.stand_in_key (key text not null);
insert into vault.stand_in_key (key)
select encode(extensions.gen_random_bytes(32), 'hex') where not exists (select from vault.stand_in_key);
revoke all on vault.stand_in_key from public;

create or replace function vault.stand_in_encrypt(p_secret text) returns text
language sql security definer set search_path = '' as $$
  select encode(extensions.pgp_sym_encrypt(p_secret, (select key from vault.stand_in_key)), 'base64')
$$;
create or replace function vault.stand_in_decrypt(p_secret text) returns text
language sql stable security definer set search_path = '' as $$
  select extensions.pgp_sym_decrypt(decode(p_secret, 'base64'), (select key from vault.stand_in_key))
$$;
create or replace view vault.decrypted_secrets as
select id, name, description, secret, vault.stand_in_decrypt(secret) as decrypted_secret, key_id, nonce,
  created_at, updated_at
from vault.secrets;

create or replace function vault.create_secret(
  new_secret text, new_name text default null, new_description text default '', new_key_id uuid default null
) returns uuid language sql security definer set search_path = '' as $$
  insert into vault.secrets (secret, name, description, key_id)
  values (vault.stand_in_encrypt(new_secret), new_name, new_description, new_key_id)
  returning id
$$;
create or replace function vault.update_secret(
  secret_id uuid, new_secret text default null, new_name text default null, new_description text default null,
  new_key_id uuid default null
) returns void language sql security definer set search_path = '' as $$
  update vault.secrets
  set secret = coalesce(vault.stand_in_encrypt(new_secret), secret),
    name = coalesce(new_name, name),
    description = coalesce(new_description, description),
    key_id = coalesce(new_key_id, key_id),
    updated_at = now()
  where id = secret_id
$$;
revoke all on all functions in schema vault from public;
grant execute on all functions in schema vault to postgres, service_role;
grant select, delete on vault.secrets, vault.decrypted_secrets to service_role;
grant select, delete on vault.secrets, vault.decrypted_secrets to postgres with grant option;

-- realtime: a broadcast is a row that nobody sends on; the dashboard polls.
create schema if not exists realtime;
grant usage on schema realtime to postgres, anon, authenticated, service_role;
create table if not exists realtime.messages (
  id uuid not null default gen_random_uuid(),
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  inserted_at timestamp not null default now(),
  updated_at timestamp not null default now(),
  primary key (id, inserted_at)
);
alter table realtime.messages enable row level security;
grant select, insert, update on realtime.messages to postgres, anon, authenticated, service_role;

create or replace function realtime.topic() returns text language sql stable as $$
  select nullif(current_setting('realtime.topic', true), '')
$$;
create or replace function realtime.send(payload jsonb, event text, topic text, private boolean default true)
returns void language plpgsql as $$
declare
  v_id uuid := gen_random_uuid();
begin
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (id, payload, event, topic, private, extension)
  values (
    v_id, case when payload ? 'id' then payload else jsonb_set(payload, '{id}', to_jsonb(v_id)) end,
    event, topic, private, 'broadcast'
  );
exception
  -- The platform does the same: a broadcast that fails must not undo the change that it tells about.
  when others then raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end;
$$;
create or replace function realtime.broadcast_changes(
  topic_name text, event_name text, operation text, table_name text, table_schema text, new record, old record,
  level text default 'ROW'
) returns void language plpgsql as $$
begin
  if level = 'STATEMENT' then
    raise exception 'function can only be triggered for each row, not for each statement';
  end if;
  perform realtime.send(
    jsonb_build_object(
      'old_record', old, 'record', new, 'operation', operation, 'table', table_name, 'schema', table_schema
    ),
    event_name, topic_name
  );
end;
$$;

-- net: the queue of pg_net; the stack's sender takes rows after their commit and writes the responses.
create schema if not exists net;
create unlogged table if not exists net.http_request_queue (
  id bigserial,
  method text not null check (method in ('GET', 'POST', 'DELETE')),
  url text not null,
  headers jsonb,
  body bytea,
  timeout_milliseconds integer not null
);
create unlogged table if not exists net._http_response (
  id bigint,
  status_code integer,
  content_type text,
  headers jsonb,
  content text,
  timed_out boolean,
  error_msg text,
  created timestamptz not null default now()
);
create index if not exists _http_response_created_idx on net._http_response (created);

create or replace function net.wake() returns void language sql as $$
  select pg_notify('pg_net_wake', '')
$$;
create or replace function net.check_worker_is_up() returns void language sql as $$ select $$;
create or replace function net.worker_restart() returns boolean language sql as $$ select true $$;

create or replace function net._urlencode_string(string character varying) returns text
language sql immutable strict set search_path = '' as $$
  select coalesce(string_agg(
    case
      when piece ~ '^[A-Za-z0-9_.~-]$' then piece
      else regexp_replace(upper(encode(convert_to(piece, 'UTF8'), 'hex')), '(..)', '%\1', 'g')
    end, '' order by place
  ), '')
  from regexp_split_to_table(string, '') with ordinality as pieces (piece, place)
$$;
create or replace function net._request(
  p_method text, p_url text, p_params jsonb, p_headers jsonb, p_body bytea, p_timeout integer
) returns bigint language plpgsql as $$
declare
  v_query text;
  v_id bigint;
begin
  select string_agg(net._urlencode_string(key) || '=' || net._urlencode_string(value), '&')
  into v_query
  from jsonb_each_text(coalesce(p_params, '{}'));

  insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
  values (
    p_method, p_url || coalesce(case when strpos(p_url, '?') > 0 then '&' else '?' end || v_query, ''),
    p_headers, p_body, p_timeout
  )
  returning id into v_id;
  perform net.wake();
  return v_id;
end;
$$;
create or replace function net.http_get(
  url text, params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds integer default 5000
) returns bigint language sql as $$
  select net._request('GET', url, params, headers, null, timeout_milliseconds)
$$;
create or replace function net.http_delete(
  url text, params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds integer default 5000,
  body jsonb default null
) returns bigint language sql as $$
  select net._request('DELETE', url, params, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds)
$$;
create or replace function net.http_post(
  url text, body jsonb default '{}', params jsonb default '{}',
  headers jsonb default '{"Content-Type": "application/json"}', timeout_milliseconds integer default 5000
) returns bigint language plpgsql as $$
declare
  v_content_type text;
begin
  select value into v_content_type from jsonb_each_text(headers) where lower(key) = 'content-type';
  if v_content_type is not null and v_content_type not like 'application/json%' then
    raise exception 'Content-Type header must be "application/json"';
  end if;
  if v_content_type is null then
    headers := coalesce(headers, '{}') || '{"Content-Type": "application/json"}';
  end if;
  return net._request('POST', url, params, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds);
end;
$$;
-- As in pg_net: whoever may run SQL may send, and the platform does not let `postgres` change that.
grant usage on schema net to public;
grant all on all tables in schema net to public;
grant all on all sequences in schema net to public;
