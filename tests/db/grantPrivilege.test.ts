import assert from "node:assert/strict";
import { ALICE, applyFix, assertRefused, healAndRevert, seenBy } from "../helpers/accessFixes.ts";
import { createTestDatabase } from "../helpers/database.ts";

const grant = (on: string, name: string, to = "service_role") => ({ kind: "grant_privilege", on, name, to });

Deno.test("grant_privilege gives service_role what it lacks on each kind of object, and nobody else anything", async () => {
  await using database = await createTestDatabase();
  await database.query(`
    create schema shop; create table shop.orders (id serial primary key, note text); grant select on shop.orders to service_role;
    create function shop.total() returns int language sql as 'select 1'; revoke all on function shop.total() from public;
    create view shop.notes as select note from shop.orders;`);
  const rights = async () =>
    await database.query(
      `select r as role, has_schema_privilege(r, 'shop', 'usage') as enters, has_table_privilege(r, 'shop.orders', 'insert') as writes,
         has_sequence_privilege(r, 'shop.orders_id_seq', 'usage') as counts, has_function_privilege(r, 'shop.total()', 'execute') as runs,
         has_table_privilege(r, 'shop.notes', 'select') as reads
       from unnest(array['anon', 'authenticated', 'service_role']) r order by 1`,
    );
  const nothing = { enters: false, writes: false, counts: false, runs: false, reads: false };
  for (
    const fix of [
      grant("schema", "shop"),
      grant("table", "orders"),
      grant("table", "shop.notes"),
      grant("sequence", "orders_id_seq"),
      grant("function", "total"),
    ]
  ) {
    const outcome = await applyFix(database, fix);
    assert.equal(outcome.kind, "applied", JSON.stringify(outcome));
    assert.match((await applyFix(database, fix) as { reason: string }).reason, /another role/);
  }
  assert.deepEqual(await rights(), [
    { role: "anon", ...nothing },
    { role: "authenticated", ...nothing },
    { role: "service_role", enters: true, writes: true, counts: true, runs: true, reads: true },
  ]);
});

Deno.test("grant_privilege is taken back to the byte", async () => {
  await using database = await createTestDatabase();
  await database.query(`
    create table orders (id serial primary key); grant select on orders to service_role;
    create function total() returns int language sql as 'select 1'; revoke all on function total() from public;`);
  for (
    const fix of [grant("table", "orders"), grant("sequence", "orders_id_seq"), grant("function", "total")]
  ) {
    await healAndRevert(database, fix, () => Promise.resolve());
  }
  assert.deepEqual(
    await database.query("select has_table_privilege('service_role', 'orders', 'select') as kept"),
    [{ kept: true }],
  );
});

Deno.test("grant_privilege gives authenticated only what default privileges show to be lost, behind policies", async () => {
  await using database = await createTestDatabase();
  await database.query(`
    alter default privileges in schema public grant select on tables to authenticated;
    alter default privileges in schema public grant usage on sequences to authenticated;
    create table notes (id serial primary key, owner uuid); create table bare (id int);
    revoke all on notes, bare from authenticated; revoke all on sequence notes_id_seq from authenticated;
    create sequence tickets; revoke all on sequence tickets from authenticated;
    alter table notes enable row level security; insert into notes (owner) values ('${ALICE}');`);
  const fix = grant("table", "notes", "authenticated");
  await assertRefused(database, fix, /no policy of the table says/);
  await database.query(
    "create policy own on notes for select to authenticated using (owner = (select auth.uid()))",
  );
  await assertRefused(database, grant("sequence", "notes_id_seq", "authenticated"), /may not insert/);
  await assertRefused(database, grant("sequence", "tickets", "authenticated"), /belongs to no column/);
  await assertRefused(database, grant("table", "bare", "authenticated"), /no policy of the table says/);
  await assertRefused(database, grant("schema", "public", "authenticated"), /another role/);
  await healAndRevert(database, fix, async () => {
    assert.deepEqual(await seenBy(database, ALICE, "select id from notes"), [{ id: 1 }]);
    assert.equal(await seenBy(database, null, "select id from notes"), "42501");
    assert.deepEqual(
      await database.query(
        "select has_table_privilege('authenticated', 'notes', 'insert, update, delete') as more",
      ),
      [{ more: false }],
    );
  });
});

Deno.test("grant_privilege keeps away from the platform, from doubtful names and from what is not there", async () => {
  await using database = await createTestDatabase();
  await database.query(
    "create schema one; create schema two; create table one.t (id int); create table two.t (id int)",
  );
  await assertRefused(database, grant("table", "auth.users"), /the platform.s own/);
  await assertRefused(database, grant("schema", "vault"), /the platform.s own/);
  await assertRefused(database, grant("schema", "healing_private"), /the platform.s own/);
  await assertRefused(database, grant("table", "t"), /2 of the name t/);
  await assertRefused(database, grant("function", 'x"; drop table one.t'), /no function/);
});
