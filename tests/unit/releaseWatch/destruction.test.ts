/** What a migration destroys: a set that must be found, and one that must not. */

import assert from "node:assert/strict";
import { destructionsIn } from "../../../supabase/functions/_shared/releaseWatch.ts";

const DESTROYS: readonly [string, RegExp][] = [
  ["drop table orders", /table/],
  ["DROP TABLE IF EXISTS public.orders CASCADE;", /table/],
  ["drop schema shop cascade", /schema/],
  ["drop view v", /view/],
  ["drop materialized view v", /materialized/],
  ["drop function f(int)", /function/],
  ["drop type mood", /type/],
  ["truncate orders", /rows/],
  ["delete from orders", /all rows/],
  ["update orders set note = ''", /former values/],
  ["alter table orders drop column note", /values of the column/],
  ["alter table orders drop note", /values of the column/],
  ["alter table orders add column a int, drop column if exists note", /values of the column/],
  ["alter table orders rename to bills", /old name/],
  ["alter table orders rename column note to remark", /old name/],
  ["alter table orders alter column total type int", /former type/],
  ["alter table orders alter total set data type int", /former type/],
  ["-- harmless\n/* and */ drop\n  table orders", /table/],
];

const KEEPS = [
  "create table a (b int)",
  "alter table orders add column note text",
  "alter table orders drop constraint orders_check",
  "alter table orders alter column note drop default",
  "alter table orders alter column note drop not null",
  "create index on orders (note)",
  "drop index orders_note_idx",
  "drop policy p on orders",
  "drop trigger t on orders",
  "delete from orders where id = 1",
  "update orders set note = '' where note is null",
  "select 'drop table orders'",
  "comment on table orders is 'drop column note'",
  "-- drop table orders",
  "create function f() returns void language sql as $$ drop table orders $$",
  "",
];

Deno.test("destructionsIn() finds what destroys, each with what would be lost", () => {
  for (const [script, what] of DESTROYS) {
    const found = destructionsIn(script);
    assert.equal(found.length, 1, script);
    assert.match(found[0]!.what, what, script);
  }
});

Deno.test("destructionsIn() lets be what destroys nothing that going back would need", () => {
  for (const script of KEEPS) assert.deepEqual(destructionsIn(script), [], script);
});

Deno.test("destructionsIn() names lines of a long and of a broken script", () => {
  const script = `create table a (b int);\n\ndrop table c; select 1;\nalter table a drop column b`;
  assert.deepEqual(destructionsIn(script).map(({ line }) => line), [3, 4]);
  assert.deepEqual(destructionsIn("drop table \"unfinished; 'x").length, 1);
  assert.equal(destructionsIn("select 1;".repeat(20_000)).length, 0);
});
