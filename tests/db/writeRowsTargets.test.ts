import assert from "node:assert/strict";
import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { createResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { callerOf, rowsOf } from "../helpers/writers.ts";

const NOT_FOUND = (error: unknown) => isHealingError(error) && error.code === "NOT_FOUND";

/** Whatever a project grants, as many do, to everybody. */
async function withOpenDoors(schema = ""): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await database.query(`${schema};
    grant all on all tables in schema public to anon, authenticated, service_role;
    grant all on all tables in schema healing_private to anon, authenticated, service_role`);
  return database;
}

Deno.test("write_rows() touches no table of the healing system, also where somebody granted everything on all tables", async () => {
  await using database = await withOpenDoors();
  const own = await database.query<{ name: string }>(
    `select format('%s.%s', n.nspname, c.relname) as name from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
     where n.nspname in ('public', 'healing_private') and c.relkind in ('r', 'p', 'v')
       -- Patterns of generated projects are written by this very path; nothing decides by them.
       and c.relname <> 'ux_patterns'`,
  );
  assert.ok(own.length > 25, `${own.length} tables`);
  for (const { name } of own) {
    for (const operation of ["insert", "upsert", "update", "delete"]) {
      const options = { operation, key: crypto.randomUUID(), queue: true, filter: { id: 1 } };
      await assert.rejects(
        callerOf(database, "service_role").call("write_rows", {
          p_table: name,
          p_rows: [{ a: 1 }],
          p_options: options,
        }),
        NOT_FOUND,
        `${operation} ${name}`,
      );
    }
  }
  assert.deepEqual(await database.query("select from queued_operations"), []);
});

Deno.test("write_rows() touches no view over a table of the healing system or the catalogue, at any depth", async () => {
  await using database = await withOpenDoors(`
    create view door as select * from public.healing_settings;
    create view second_door as select key, wanted from door;
    create view catalogue_door as select * from pg_catalog.pg_authid;
    create table mine (id int);
    create view fine as select * from mine`);
  const db = createResilientDb(callerOf(database, "service_role"));
  for (const view of ["door", "second_door", "catalogue_door"]) {
    await assert.rejects(db.insert(view, { key: "x" }, { key: false }), NOT_FOUND, view);
    await assert.rejects(db.update(view, { key: "x" }, { key: "enabled" }, { key: false }), NOT_FOUND, view);
  }
  assert.equal((await db.insert("fine", { id: 1 })).rows, 1);
});

Deno.test("write_rows() touches no partition, whose parent has the policies, and no foreign table", async () => {
  await using database = await withOpenDoors(`
    create table parts (id int) partition by range (id);
    create table part_one partition of parts for values from (0) to (10)`);
  const db = createResilientDb(callerOf(database, "service_role"));
  await assert.rejects(db.insert("part_one", { id: 1 }, { key: false }), NOT_FOUND);
  assert.equal((await db.insert("parts", { id: 1 })).rows, 1);
  assert.equal((await db.insert("parts", [{ id: 2 }, { id: 99 }])).rows, 1);
  const hasWrapper = await database.query("select from pg_available_extensions where name = 'postgres_fdw'");
  if (hasWrapper.length === 0) return;
  const owner = await database.connect("supabase_admin");
  await owner.query(`create extension postgres_fdw; create server far foreign data wrapper postgres_fdw;
    create foreign table far_away (id int) server far; grant all on far_away to service_role`);
  await assert.rejects(db.insert("far_away", { id: 1 }, { key: false }), NOT_FOUND);
});

Deno.test("write_rows() takes a name for a name, whatever is in it", async () => {
  await using database = await withOpenDoors(`
    create table "we""ird. name" ("a""b" text, "select" int, "); drop table x; --" text);
    create table messages (id int)`);
  const db = createResilientDb(callerOf(database, "service_role"));
  const hostile = [
    "auth.users",
    "pg_catalog.pg_class",
    "information_schema.tables",
    "healing_private.pattern_evidence",
    "storage.objects",
    "vault.secrets",
    'messages" ; drop table messages; --',
    "messages; drop table messages",
    'public."messages"',
    "public.messages.id",
    "PUBLIC.messages",
    "Messages",
    " messages",
    ".messages",
    "messages.",
    "pg_temp.messages",
    "x".repeat(5_000),
    "\u0000",
  ];
  for (const name of hostile) {
    const outcome = await db.insert(name, { id: 1 }, { key: false }).catch((error) => error);
    assert.ok(isHealingError(outcome), name.slice(0, 50));
  }
  const row = { 'a"b': "1", select: 2, "); drop table x; --": "3" };
  assert.equal(
    (await callerOf(database, "service_role").call<{ rows: number }>("write_rows", {
      p_table: "public.messages",
      p_rows: [{ id: 5 }],
    })).rows,
    1,
  );
  await database.query(`alter table "we""ird. name" rename to "we""ird"`);
  assert.equal((await db.insert('we"ird', [row, row])).rows, 2);
  assert.equal((await db.update('we"ird', { select: 3 }, { 'a"b': "1" })).rows, 2);
  assert.equal(
    (await db.insert("messages", [{ id: 1 }, { 'id") values (1); drop table messages; --': 1 }])).rows,
    1,
  );
  assert.equal((await database.query("select from messages")).length, 2);
});

Deno.test("write_rows() writes other schemas only once an admin has listed them, and at once when they are", async () => {
  await using database = await createTestDatabase();
  await database.query(
    `create schema shop; create table shop.orders (id int); grant usage on schema shop to service_role;
    grant insert on shop.orders to service_role`,
  );
  const db = createResilientDb(callerOf(database, "service_role"));
  await assert.rejects(db.insert("shop.orders", { id: 1 }, { key: false }), NOT_FOUND);
  await using contract = await openContract(database);
  await setSetting(contract.rpc, "write_schemas", ["public", "shop", "healing_private", "pg_catalog"]);
  assert.equal((await db.insert("shop.orders", { id: 1 })).rows, 1);
  await assert.rejects(
    db.insert("healing_private.table_uses", { table_name: "x" }, { key: false }),
    NOT_FOUND,
  );
  await setSetting(contract.rpc, "write_schemas", ["public"]);
  await assert.rejects(db.insert("shop.orders", { id: 1 }, { key: false }), NOT_FOUND);
});

Deno.test("write_rows() tells a caller of no column that they may not write, and of no table at all", async () => {
  await using database = await createTestDatabase();
  await database.query(
    `create table payroll (id int, salary numeric); create table people (name text, secret text);
    grant insert (name) on people to anon`,
  );
  const db = createResilientDb(callerOf(database, "anon"));
  await assert.rejects(db.insert("payroll", { id: 1 }), NOT_FOUND);
  await assert.rejects(db.update("people", { name: "x" }, { name: "y" }), NOT_FOUND);
  const caller = callerOf(database, "anon");
  const answer = await caller.call("write_rows", { p_table: "people", p_rows: [{ nope: 1 }] });
  assert.match(JSON.stringify(answer), /"name"/);
  assert.doesNotMatch(JSON.stringify(answer), /secret/);
  assert.deepEqual(
    await caller.call("read_table_schemas", { p_tables: ["payroll", "healing_settings", "no_such"] }),
    {},
  );
});

Deno.test("write_rows() refuses rows and options that cannot be read, and says what it wants", async () => {
  await using database = await createTestDatabase();
  await database.query("create table messages (id int); grant insert, update on messages to service_role");
  const caller = callerOf(database, "service_role");
  const unreadable: [unknown, Record<string, unknown>][] = [
    [{ id: 1 }, {}],
    ["rows", {}],
    [[1], {}],
    [["a"], {}],
    [[{ id: 1 }, 5], {}],
    [[[{ id: 1 }]], {}],
    [rowsOf(10_001, (id) => ({ id })), {}],
    [[{ id: 1 }], { operation: "truncate" }],
    [[{ id: 1 }], { key: "" }],
    [[{ id: 1 }], { key: "x".repeat(201) }],
    [[{ id: 1 }], { healed: { 0: { id: 2 } } }],
    [[{ id: 1 }], { healed: { 0: 5 }, fingerprint: "x" }],
    [[{ id: 1 }, { id: 2 }], { operation: "update", filter: { id: 1 } }],
    [[{}], { operation: "update", filter: { id: 1 } }],
  ];
  for (const [rows, options] of unreadable) {
    await assert.rejects(
      caller.call("write_rows", { p_table: "messages", p_rows: rows, p_options: options }),
      (error) => isHealingError(error) && ["BAD_REQUEST", "DATABASE_ERROR"].includes(error.code),
      JSON.stringify([rows, options]).slice(0, 100),
    );
  }
  assert.deepEqual(await caller.call("write_rows", { p_table: "messages", p_rows: [] }), {
    status: "saved",
    rows: 0,
  });
  assert.deepEqual(await database.query("select from messages"), []);
});
