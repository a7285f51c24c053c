-- Adds what becomes of a batch that cannot be written as a whole: its groups, and the walk that finds the bad rows in at most 60
-- savepoints.
-- Locks: none.
-- Undo: drop function healing_private.write_groups_apart, healing_private.write_pieces, healing_private.attempt_ranges,
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

-- One savepoint over ranges of a group's rows, one statement a range.
create or replace function healing_private.attempt_ranges(
  p_statement text, p_table oid, p_options jsonb, p_items jsonb[], p_starts integer[], p_ends integer[])
returns jsonb
language sql
security invoker
set search_path = ''
as $$
  select healing_private.attempt_write(array_fill(p_statement, array[cardinality(p_starts)]),
    array(select to_jsonb(p_items[p_starts[i] : p_ends[i]]) from generate_series(1, cardinality(p_starts)) as i order by i),
    p_options -> 'filter', p_options ? 'returning', p_table, case when p_options ? 'healed' then p_options ->> 'fingerprint' end);
$$;
revoke all on function healing_private.attempt_ranges(text, oid, jsonb, jsonb[], integer[], integer[]) from public, anon, authenticated;
grant execute on function healing_private.attempt_ranges(text, oid, jsonb, jsonb[], integer[], integer[]) to anon, authenticated, service_role;
comment on function healing_private.attempt_ranges(text, oid, jsonb, jsonb[], integer[], integer[]) is
  'Writes ranges of rows in one savepoint, one statement a range; as attempt_write.';

-- What could not be written as a whole. A walk writes ranges of rows, in one savepoint, until one range fails; then the rows before
-- it are written in one go, and a walk row by row finds the bad one in it. So a bad row costs four savepoints, wherever it is,
-- and every other row is written about twice.
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
  -- How far a range is known to be bad; null while nothing is known.
  v_bad_until integer;
  v_until integer;
  v_step integer;
  v_starts integer[];
  v_ends integer[];
  v_at integer;
  v_answer jsonb;
  v_used integer := 0;
  v_failed jsonb := '[]';
  v_returned jsonb := '[]';
begin
  while v_from <= v_size and v_used < p_budget loop
    -- Not farther than bad rows are likely to leave it: what a walk prepares and does not reach is lost.
    v_until := coalesce(v_bad_until, least(v_size, v_from + 2 * v_from / nullif(jsonb_array_length(v_failed), 0) + 15), v_size);
    v_step := case when v_bad_until is null then greatest(1, ceil(sqrt(v_size - v_from + 1) / 2)) else 1 end;
    select array_agg(s), array_agg(least(s + v_step - 1, v_until)) into v_starts, v_ends from generate_series(v_from, v_until, v_step) as s;
    v_answer := healing_private.attempt_ranges(p_statement, p_table, p_options, p_items, v_starts, v_ends);
    v_used := v_used + 1;
    v_at := (v_answer ->> 'at')::integer;
    -- The columns changed: what is left has to be looked at again.
    exit when v_answer ? 'error' and v_at is null;
    if v_at > 1 then
      -- What stands before the range that failed.
      v_until := v_starts[v_at] - 1;
      v_bad_until := v_ends[v_at];
      if v_bad_until = v_until + 1 then
        v_failed := v_failed || jsonb_build_object('place', p_places[v_bad_until], 'error', v_answer -> 'error');
      end if;
      v_starts := array[v_from];
      v_ends := array[v_until];
      v_answer := case when v_used < p_budget
        then healing_private.attempt_ranges(p_statement, p_table, p_options, p_items, v_starts, v_ends) else '{"error": {}}' end;
      v_used := v_used + 1;
      -- Out of savepoints, or what had just been possible no longer is: the rest is sent again.
      exit when v_answer ? 'error';
      v_from := case when v_bad_until = v_until + 1 then v_bad_until else v_until end + 1;
    elsif v_at = 1 then
      v_bad_until := v_ends[1];
      if v_from = v_bad_until then
        v_failed := v_failed || jsonb_build_object('place', p_places[v_from], 'error', v_answer -> 'error');
        v_from := v_from + 1;
        v_bad_until := null;
      end if;
      continue;
    else
      v_from := v_until + 1;
    end if;
    v_returned := v_returned || coalesce(healing_private.place_returned(v_answer -> 'returned', (
      select jsonb_agg(to_jsonb(p_places[v_starts[i] : v_ends[i]]) order by i) from generate_series(1, cardinality(v_starts)) as i)), '[]');
    if v_at is null or v_from > v_bad_until then
      v_bad_until := null;
    end if;
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
  v_failed jsonb := '[]';
  v_returned jsonb := '[]';
  v_left jsonb := '[]';
  v_used integer := 1;
begin
  -- Checked at each statement from here on, so that the row is found that breaks a deferred constraint.
  set constraints all immediate;
  for v_group in select * from healing_private.write_groups(p_rows) loop
    v_unknown := healing_private.unknown_keys(p_table, v_group.keys);
    if v_unknown is not null then
      v_answer := jsonb_build_object('failed', (select jsonb_agg(jsonb_build_object('place', p, 'unknown', v_unknown, 'error', jsonb_build_object('code', '42703',
        'message', format('the table has no column "%s"', left(v_unknown[1], 63)), 'column', left(v_unknown[1], 63)))) from unnest(v_group.places) as p));
    elsif p_operation in ('update', 'delete') then
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
