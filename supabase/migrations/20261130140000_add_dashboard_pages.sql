-- Adds what the dashboard's pages have in common: how a list is cut into pages, and that only an admin reads them.
-- Pages go by keyset: {"limit": n, "after": {"at": time, "id": id}} gives the n rows after that one, {rows, next}; next is null at the end.
-- Locks: none.
-- Undo: drop function healing_private.page_size, healing_private.page_at, healing_private.page_id, healing_private.as_page.

create or replace function healing_private.page_size(p_filter jsonb)
returns integer
language sql
immutable
security invoker
set search_path = ''
as $$
  select least(greatest(coalesce((p_filter ->> 'limit')::integer, 50), 1), 200);
$$;
revoke all on function healing_private.page_size(jsonb) from public, anon, authenticated;
grant execute on function healing_private.page_size(jsonb) to authenticated;
comment on function healing_private.page_size(jsonb) is 'How many rows a page has: 50, or what is asked for, at most 200.';

create or replace function healing_private.page_at(p_filter jsonb)
returns timestamptz
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce((p_filter #>> '{after,at}')::timestamptz, 'infinity');
$$;
revoke all on function healing_private.page_at(jsonb) from public, anon, authenticated;
grant execute on function healing_private.page_at(jsonb) to authenticated;
comment on function healing_private.page_at(jsonb) is 'The time of the row that a page begins after; infinity on the first.';

create or replace function healing_private.page_id(p_filter jsonb)
returns uuid
language sql
immutable
security invoker
set search_path = ''
as $$
  select coalesce((p_filter #>> '{after,id}')::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
$$;
revoke all on function healing_private.page_id(jsonb) from public, anon, authenticated;
grant execute on function healing_private.page_id(jsonb) to authenticated;
comment on function healing_private.page_id(jsonb) is 'The id of the row that a page begins after; the last of all ids on the first.';

create or replace function healing_private.as_page(p_rows jsonb, p_filter jsonb, p_at text)
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select case when jsonb_array_length(p_rows) > size
    then jsonb_build_object('rows', p_rows - size,
      'next', jsonb_build_object('at', p_rows -> (size - 1) -> p_at, 'id', p_rows -> (size - 1) -> 'id'))
    else jsonb_build_object('rows', coalesce(p_rows, '[]'), 'next', null) end
  from healing_private.page_size(p_filter) as size;
$$;
revoke all on function healing_private.as_page(jsonb, jsonb, text) from public, anon, authenticated;
grant execute on function healing_private.as_page(jsonb, jsonb, text) to authenticated;
comment on function healing_private.as_page(jsonb, jsonb, text) is
  'A page of rows, of which one more than the page has was read: {rows, next}; p_at names the time that they are ordered by.';
