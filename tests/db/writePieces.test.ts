import assert from "node:assert/strict";
import { createResilientDb, type Row } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { callerOf, mostSavepoints, rowsOf } from "../helpers/writers.ts";

async function withItems(more = ""): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await database.query(`
    create table items (n int primary key, name text not null, price numeric check (price >= 0), at timestamptz);
    grant select, insert, update, delete on items to service_role; ${more}`);
  return database;
}

async function count(database: TestDatabase, table = "items"): Promise<number> {
  return (await database.query<{ n: number }>(`select count(*)::int as n from ${table}`))[0]!.n;
}

Deno.test("100 rows with one bad one are saved but for that one, in at most 2 requests, wherever it is", async () => {
  await using database = await withItems();
  for (const bad of [0, 22, 50, 99]) {
    await database.query("truncate items");
    const caller = callerOf(database, "service_role");
    const { results } = await createResilientDb(caller).insert(
      "items",
      rowsOf(100, (n) => ({ n, name: "x", price: n === bad ? -1 : n })),
    );
    assert.deepEqual(results.filter(({ status }) => status !== "saved").map(({ index }) => index), [bad]);
    assert.equal(results[bad]!.error!.code, "23514");
    assert.ok(caller.calls <= 2, `${caller.calls} requests`);
    assert.equal(await count(database), 99);
  }
});

Deno.test("100 records of which record 23 has another form are all saved, that one healed, in 2 requests", async () => {
  await using database = await withItems();
  const caller = callerOf(database, "service_role");
  const { results } = await createResilientDb(caller).insert(
    "items",
    rowsOf(100, (n): Row => n === 22 ? { n, NAME: "x" } : { n, name: "x" }),
  );
  assert.deepEqual(results.map(({ status }) => status), rowsOf(100, (n) => n === 22 ? "healed" : "saved"));
  assert.equal(caller.calls, 2);
  assert.equal(await count(database), 100);
});

for (
  const [what, spoil] of [
    ["violate a check", (row) => ({ ...row, price: -1 })],
    ["have a value of no number", (row) => ({ ...row, price: "many" })],
    ["repeat a key", (row) => ({ ...row, n: 0 })],
    ["lack a required value", ({ n }) => ({ n, name: null })],
    ["have a key in another form", ({ n, name }) => ({ n, NAME: name })],
  ] as [string, (row: Row) => Row][]
) {
  Deno.test(`of 10,000 rows of which 1 % ${what} every other is saved, with at most 60 savepoints a request`, async () => {
    await using database = await withItems();
    const caller = callerOf(database, "service_role");
    const rows = rowsOf(10_000, (n): Row => {
      const row = { n, name: "x", price: 1 };
      return n % 100 === 57 ? spoil(row) : row;
    });
    const { results } = await createResilientDb(caller).insertMany("items", rows);
    assert.equal(results.length, 10_000);
    const isHealed = what.includes("another form");
    assert.deepEqual(
      results.filter(({ status }) => status !== "saved").map(({ index, status }) => [index, status]),
      rowsOf(100, (n) => [n * 100 + 57, isHealed ? "healed" : "failed"]),
    );
    assert.equal(await count(database), isHealed ? 10_000 : 9_900);
    assert.ok(mostSavepoints(caller) <= 60, `${mostSavepoints(caller)} savepoints`);
  });
}

Deno.test("a batch in which every row is bad, or every row has keys of its own, ends with a result for each", async () => {
  await using database = await withItems(
    "create table wide (" + rowsOf(200, (n) => `c${n} int`).join() +
      "); grant insert on wide to service_role",
  );
  const caller = callerOf(database, "service_role");
  const db = createResilientDb(caller);
  const bad = await db.insertMany("items", rowsOf(300, (n) => ({ n, name: "x", price: -1 })));
  assert.ok(bad.results.every(({ status, error }) => status === "failed" && error?.code === "23514"));
  const own = await db.insertMany("wide", rowsOf(200, (n) => ({ [`c${n}`]: n === 150 ? "no" : n })));
  assert.deepEqual(own.results.filter(({ status }) => status === "failed").map(({ index }) => index), [150]);
  assert.equal(await count(database, "wide"), 199);
  assert.ok(mostSavepoints(caller) <= 60, `${mostSavepoints(caller)} savepoints`);
});

Deno.test("a constraint that is checked at the end is checked at the end of the batch, and a broken one is a row's fault", async () => {
  await using database = await withItems(`
    create table nodes (id int primary key, parent int references nodes deferrable initially deferred);
    grant select, insert on nodes to service_role`);
  const db = createResilientDb(callerOf(database, "service_role"));
  const whole = await db.insert("nodes", [{ id: 1, parent: 2 }, { id: 2, parent: 1 }]);
  assert.equal(whole.rows, 2);
  const { results } = await db.insert("nodes", [{ id: 3, parent: 1 }, { id: 4, parent: 99 }, {
    id: 5,
    parent: 3,
  }]);
  assert.deepEqual(results.map(({ status, error }) => [status, error?.code]), [["saved", undefined], [
    "failed",
    "23503",
  ], ["saved", undefined]]);
  await assert.rejects(
    db.insert("nodes", { id: 6, parent: 98 }),
    (error) => isHealingError(error) && error.details?.sqlState === "23503",
  );
});

Deno.test("exclusion, foreign key and unique violations inside one batch are found row by row", async () => {
  await using database = await withItems(`
    create table slots (id int primary key, item int references items, during int4range, exclude using gist (during with &&));
    grant insert on slots to service_role; insert into items (n, name) values (1, 'a')`);
  const { results } = await createResilientDb(callerOf(database, "service_role")).insert("slots", [
    { id: 1, item: 1, during: "[1,5)" },
    { id: 2, item: 1, during: "[4,6)" },
    { id: 3, item: 2, during: "[10,12)" },
    { id: 1, item: 1, during: "[20,22)" },
    { id: 5, item: 1, during: "[30,32)" },
    { id: 6, item: 1, during: "[9,1)" },
  ]);
  assert.deepEqual(results.map(({ error }) => error?.code), [
    undefined,
    "23P01",
    "23503",
    "23505",
    undefined,
    "22000",
  ]);
});

Deno.test("triggers change values, leave rows out, and their exceptions end the write as a whole", async () => {
  await using database = await withItems(`
    create function shape() returns trigger language plpgsql as $$ begin
      if new.name = 'stop' then raise exception 'not today'; end if;
      if new.name = 'skip' then return null; end if;
      new.name := upper(new.name); return new; end $$;
    create trigger shape before insert on items for each row execute function shape()`);
  const db = createResilientDb(callerOf(database, "service_role"));
  const shaped = await db.insert(
    "items",
    [{ n: 1, name: "a" }, { n: 2, name: "skip" }, { n: 3, name: "b" }],
    {
      returning: ["name"],
    },
  );
  assert.deepEqual([shaped.rows, shaped.returned], [2, [{ name: "A" }, { name: "B" }]]);
  await assert.rejects(
    db.insert("items", [{ n: 4, name: "c" }, { n: 5, name: "stop" }]),
    (error) => isHealingError(error) && error.details?.sqlState === "P0001",
  );
  assert.equal(await count(database), 2);
});

Deno.test("generated and identity columns take no value, one that is sent is parked, and domains hold", async () => {
  await using database = await withItems(`
    create domain filled as text not null check (value <> '');
    create table made (id int generated always as identity, name filled, note filled default 'none', twice int generated always as (id * 2) stored);
    grant select, insert on made to service_role`);
  const db = createResilientDb(callerOf(database, "service_role"));
  const made = await db.insert("made", [{ name: "a" }, { name: "b" }], { returning: true });
  assert.deepEqual(made.returned, [{ id: 1, name: "a", note: "none", twice: 2 }, {
    id: 2,
    name: "b",
    note: "none",
    twice: 4,
  }]);
  const { results } = await db.insert("made", [{ name: "c" }, { name: "" }, { name: "d", id: 7 }, {
    name: null,
  }]);
  assert.deepEqual(results.map(({ error }) => error?.code), [undefined, "23514", undefined, "23502"]);
  // What the database computes itself is not taken from the caller; what the caller said is kept.
  assert.deepEqual(results[2]!.parked, ["id"]);
});

Deno.test("rows that are returned from a batch in pieces keep their order", async () => {
  await using database = await withItems();
  const { returned } = await createResilientDb(callerOf(database, "service_role")).insert(
    "items",
    rowsOf(
      50,
      (n): Row => ({
        n,
        name: "x",
        ...(n % 7 === 3 ? { price: -1 } : {}),
        ...(n % 5 === 1 ? { at: null } : {}),
      }),
    ),
    { returning: ["n"] },
  );
  assert.deepEqual(returned, rowsOf(50, (n) => ({ n })).filter(({ n }) => n % 7 !== 3));
});
