import assert from "node:assert/strict";
import { createResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { callerOf } from "../helpers/writers.ts";

/** Functions as most projects write them: no path of their own, no schema before a name. */
const SETUP = `
  create schema shop;
  create table orders (id int primary key, total int, code text default next_code());
  create table order_log (order_id int, path text);
  create table shop.carts (id int primary key); create table shop.cart_log (cart_id int);
  create function log_order() returns trigger language plpgsql as $$
    begin insert into order_log values (new.id, current_setting('search_path')); return new; end $$;
  create function check_late() returns trigger language plpgsql as $$
    begin perform from order_log where order_id = new.id; if not found then raise 'not logged'; end if; return null; end $$;
  create function shop.log_cart() returns trigger language plpgsql as $$ begin insert into cart_log values (new.id); return new; end $$;
  create trigger logged after insert or update on orders for each row execute function log_order();
  create constraint trigger zz_late after insert on orders deferrable initially deferred for each row execute function check_late();
  create trigger logged after insert on shop.carts for each row execute function shop.log_cart();
  grant usage on schema shop to service_role;
  grant select, insert, update on all tables in schema shop to service_role;
  grant select, insert, update on orders, order_log to service_role`;
const CODE =
  "create function next_code() returns text language sql as $$ select 'c' || count(*) from counters $$";

Deno.test("a write fires triggers and defaults that name their tables without a schema, as the REST interface does", async () => {
  await using database = await createTestDatabase();
  await database.query(
    `create table counters (id int); grant select on counters to service_role; ${CODE}; ${SETUP}`,
  );
  await using contract = await openContract(database);
  await setSetting(contract.rpc, "write_schemas", ["public", "shop"]);
  const db = createResilientDb(callerOf(database, "service_role"));
  assert.equal((await db.insert("orders", { id: 1, total: 5 })).rows, 1);
  // The way with care: a healed row, several pieces, an update.
  assert.equal((await db.insert("orders", { id: 2, Total: 5 })).results[0]!.status, "healed");
  const mixed = await db.insert("orders", [{ id: 3, total: 1 }, { id: 3, total: 2 }, { id: 4, total: 3 }]);
  assert.deepEqual(mixed.results.map(({ status }) => status), ["saved", "failed", "saved"]);
  assert.equal((await db.update("orders", { total: 9 }, { id: 1 })).rows, 1);
  assert.equal((await db.insert("shop.carts", { id: 1 })).rows, 1);
  const logged = await database.query<{ order_id: number }>("select order_id from order_log order by 1");
  assert.deepEqual(logged.map(({ order_id }) => order_id), [1, 1, 2, 3, 4]);
  assert.deepEqual(await database.query("select distinct code from orders"), [{ code: "c0" }]);
  assert.deepEqual(await database.query("select cart_id from shop.cart_log"), [{ cart_id: 1 }]);
});

Deno.test("write_rows() leaves the path of its caller as it was, whether the write succeeds or not", async () => {
  await using database = await createTestDatabase();
  await database.query(
    "create table counters (id int primary key); grant select, insert on counters to service_role",
  );
  await database.asRole("service_role", {}, async (session) => {
    await session.query("select set_config('search_path', 'healing_sandbox', true)");
    for (const rows of ['[{"id": 1}]', '[{"id": 1}]', '[{"id": 2}, {"id": "x"}, {"id": 3}]']) {
      await session.query("select public.write_rows('counters', $1)", [rows]);
      const [row] = await session.query<{ path: string }>("select current_setting('search_path') as path");
      assert.equal(row!.path, "healing_sandbox");
    }
  });
  assert.deepEqual(
    (await database.query<{ id: number }>("select id from counters order by 1")).map(({ id }) => id),
    [1, 2, 3],
  );
});
