-- Adds what becomes of a batch that cannot be written as a whole: its groups, and the search for the bad rows in at most 60
-- savepoints.
-- Locks: none.
-- Undo: drop function healing_private.write_groups_apart, healing_private.write_pieces, healing_private.attempt_range,
--       healing_private.place_returned, healing_private.write_groups.

-- Rows with the same keys go together; a missing key keeps the column's default.
create or replace function healing_private.write_groups(p_rows jsonb)
returns table (keys text[], batch jsonb, places integer[])
language sql
immutable
security invoker
set search_path = ''
as $$
  select g.keys, jsonb_agg(g.item order by g.place), array_agg(g.place order by g.place)
  from (select r.item, r.place::integer as place, array(select jsonb_object_keys(r.item)) as keys
    from jsonb_array_elements(p_rows) with ordinality as r (item, place)) as g
  group by g.keys order by min(g.place);
$$;
revoke all on function healing_private.write_groups(jsonb) from public, anon, authenticated;
grant execute on function healing_private.write_groups(jsonb) to anon, authenticated, service_role;
comment on function healing_private.write_groups(jsonb) is 'The rows of a batch by their set of keys, each group with the places (from 1) of its rows.';

-- Whole batches, each one statement's answer: rows that came back have the place of the row that was sent, where there is one for each.
create or replace function healing_private.place_returned(p_returned jsonb, p_places jsonb)
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('place', case when jsonb_array_length(b.rows) = jsonb_array_length(p.places)
      then p.places -> (r.nth - 1)::integer end, 'row', r.row) order by b.nth, r.nth), '[]')
  from jsonb_array_elements(p_returned) with ordinality as b (rows, nth)
  join jsonb_array_elements(p_places) with ordinality as p (places, nth) using (nth),
    jsonb_array_elements(b.rows) with ordinality as r (row, nth);
$$;
revoke all on function healing_private.place_returned(jsonb, jsonb) from public, anon, authenticated;
grant execute on function healing_private.place_returned(jsonb, jsonb) to anon, authenticated, service_role;
comment on function healing_private.place_returned(jsonb, jsonb) is
  'Returned rows as {place, row}, from a list of batches and a list of the places of their rows; place is null where a trigger or a conflict left rows out.';

-- One savepoint over a range of a group's rows; where it fails it says at which row: 0 before the first one.
create or replace function healing_private.attempt_range(p_statement text, p_table oid, p_options jsonb, p_items jsonb)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_answer jsonb;
begin
  perform pg_catalog.setval('healing_private.write_progress', 0);
  v_answer := healing_private.attempt_write(array[p_statement], array[p_items], p_options -> 'filter', p_options ? 'returning', p_table,
    case when p_options ? 'healed' then p_options ->> 'fingerprint' end);
  return v_answer || case when v_answer ? 'error' then jsonb_build_object('row', pg_catalog.currval('healing_private.write_progress')) else '{}' end;
end;
$$;
revoke all on function healing_private.attempt_range(text, oid, jsonb, jsonb) from public, anon, authenticated;
grant execute on function healing_private.attempt_range(text, oid, jsonb, jsonb) to anon, authenticated, service_role;
comment on function healing_private.attempt_range(text, oid, jsonb, jsonb) is
  'Writes a range of rows in one savepoint, as attempt_write; an error comes with the row that the statement had come to.';

-- What could not be written as a whole. The statement tells at which row it failed: the rows before it are written in one go, and
-- it goes on behind it, so that a bad row costs two savepoints. What only the end of the statement finds, a foreign key for example,
-- is found by halves.
create or replace function healing_private.write_pieces(
  p_statement text, p_table oid, p_options jsonb, p_items jsonb[], p_places integer[], p_budget integer)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_size integer := cardinality(p_items);
  v_from integer := 1;
  v_until integer := v_size;
  v_row integer;
  v_answer jsonb;
  v_used integer := 0;
  v_failed jsonb := '[]'::jsonb;
  v_returned jsonb := '[]'::jsonb;
begin
  while v_from <= v_size and v_used < p_budget loop
    v_answer := healing_private.attempt_range(p_statement, p_table, p_options, to_jsonb(p_items[v_from : v_until]));
    v_used := v_used + 1;
    v_row := v_from + (v_answer ->> 'row')::integer - 1;
    -- The columns changed: what is left has to be looked at again.
    exit when v_answer ? 'error' and v_answer ->> 'at' is null;
    if v_row < v_from then
      -- Not even the first row was reached: none of them can be written.
      v_failed := v_failed || (select jsonb_agg(jsonb_build_object('place', place, 'error', v_answer -> 'error')) from unnest(p_places[v_from : v_until]) as place);
      v_from := v_until + 1;
    elsif v_row = v_until and v_row > v_from then
      v_until := v_from + (v_until - v_from) / 2;
      continue;
    else
      if v_row is not null then
        v_failed := v_failed || jsonb_build_object('place', p_places[v_row], 'error', v_answer -> 'error');
        v_until := v_row - 1;
        if v_until >= v_from then
          v_answer := case when v_used < p_budget
            then healing_private.attempt_range(p_statement, p_table, p_options, to_jsonb(p_items[v_from : v_until])) else '{"error": {}}' end;
          v_used := v_used + 1;
          -- Out of savepoints, or only the end of the statement tells: the rest is sent again.
          exit when v_answer ? 'error';
        end if;
      end if;
      if v_answer ? 'returned' then
        v_returned := v_returned || healing_private.place_returned(v_answer -> 'returned', jsonb_build_array(to_jsonb(p_places[v_from : v_until])));
      end if;
      v_from := coalesce(v_row, v_until) + 1;
    end if;
    -- Not much farther than bad rows are likely to let it come: a statement reads all of its rows before it writes the first.
    v_until := least(v_size, v_from + 15 + 2 * v_from / nullif(jsonb_array_length(v_failed), 0));
  end loop;
  return jsonb_build_object('failed', v_failed, 'returned', v_returned, 'savepoints', least(v_used, p_budget),
    'left', coalesce(to_jsonb(p_places[v_from : ]), '[]'));
end;
$$;
revoke all on function healing_private.write_pieces(text, oid, jsonb, jsonb[], integer[], integer) from public, anon, authenticated;
grant execute on function healing_private.write_pieces(text, oid, jsonb, jsonb[], integer[], integer) to anon, authenticated, service_role;
comment on function healing_private.write_pieces(text, oid, jsonb, jsonb[], integer[], integer) is
  'Writes the rows of a group that cannot be written as a whole: {failed, returned, left, savepoints}; what is left was not tried, or the columns changed meanwhile.';

-- Everything after the whole batch has failed: group by group, within the savepoints that are left.
create or replace function healing_private.write_groups_apart(p_operation text, p_table oid, p_rows jsonb, p_options jsonb, p_error jsonb)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_group record;
  v_unknown text[];
  v_answer jsonb;
  v_failed jsonb := '[]'::jsonb;
  v_returned jsonb := '[]'::jsonb;
  v_left jsonb := '[]'::jsonb;
  v_used integer := 1;
begin
  -- Checked at each statement from here on, so that the row is found that breaks a deferred constraint.
  set constraints all immediate;
  for v_group in select * from healing_private.write_groups(p_rows) loop
    v_unknown := healing_private.unknown_keys(p_table, v_group.keys);
    if v_unknown is not null then
      v_answer := jsonb_build_object('failed', (select jsonb_agg(jsonb_build_object('place', p, 'unknown', v_unknown, 'error', jsonb_build_object('code', '42703',
        'message', format('the table has no column "%s"', left(v_unknown[1], 63)), 'column', left(v_unknown[1], 63)))) from unnest(v_group.places) as p));
    -- A row that was alone has had its answer; each further attempt would draw a number from its sequences.
    elsif p_operation in ('update', 'delete') or jsonb_array_length(p_rows) = 1 and p_error ? 'constraint' then
      v_answer := jsonb_build_object('failed', jsonb_build_array(jsonb_build_object('place', 1, 'error', p_error)));
    else
      v_answer := healing_private.write_pieces(healing_private.write_statement(p_operation, p_table, v_group.keys, p_options, p_typed => true), p_table,
        p_options, array(select jsonb_array_elements(v_group.batch)), v_group.places, 60 - v_used);
    end if;
    v_used := v_used + coalesce((v_answer ->> 'savepoints')::integer, 0);
    v_failed := v_failed || (v_answer -> 'failed');
    v_returned := v_returned || coalesce(v_answer -> 'returned', '[]');
    v_left := v_left || coalesce(v_answer -> 'left', '[]');
  end loop;
  return jsonb_build_object('failed', v_failed, 'returned', v_returned, 'left', v_left, 'savepoints', v_used);
end;
$$;
revoke all on function healing_private.write_groups_apart(text, oid, jsonb, jsonb, jsonb) from public, anon, authenticated;
grant execute on function healing_private.write_groups_apart(text, oid, jsonb, jsonb, jsonb) to anon, authenticated, service_role;
comment on function healing_private.write_groups_apart(text, oid, jsonb, jsonb, jsonb) is
  'Writes a batch that cannot be written as a whole: {failed, returned, left, savepoints}, places counted from 1, at most 60 savepoints with the first one.';
