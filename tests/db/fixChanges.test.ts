/** What a change of the database looks like to whoever has to say yes to it. */

import assert from "node:assert/strict";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import {
  differenceBetween,
  type FixChanges,
  rehearseFix,
} from "../../supabase/functions/_shared/rollbackPoints.ts";
import {
  describeObjects,
  touchedObjects,
} from "../../supabase/functions/_shared/rollbackPoints/catalogue.ts";
import { bounded, changesBetween } from "../../supabase/functions/_shared/rollbackPoints/changes.ts";
import { createTestDatabase } from "../helpers/database.ts";

const SETUP = `
  create schema shop;
  create table shop.orders (id int primary key, note text default 'none', total numeric);
  alter table shop.orders enable row level security;
  create policy own on shop.orders using (id > 0);
  create index orders_note_idx on shop.orders (note);
  create view shop.notes as select note from shop.orders;
  create function shop.f() returns int language sql as 'select 1';
  create type shop.mood as enum ('good')`;

/** What statements change, as the rehearsal of a fix would read it. */
async function changesOf(url: string, ...statements: string[]) {
  const connection = await openDirectConnection(url);
  try {
    return await connection.transaction(async (tx) => {
      await tx.query("savepoint s");
      for (const statement of statements) await tx.query(statement);
      const made = await touchedObjects(tx, "made");
      await tx.query("rollback to savepoint s");
      const undone = await touchedObjects(tx, "undone");
      const before = [...await describeObjects(tx, made), ...await describeObjects(tx, undone)];
      for (const statement of statements) await tx.query(statement);
      const after = [...await describeObjects(tx, made), ...await describeObjects(tx, undone)];
      return changesBetween(before, after);
    }, { rollback: true });
  } finally {
    await connection.close();
  }
}

Deno.test("every change of the catalogue is read as the lines that go and the lines that come", async (test) => {
  await using database = await createTestDatabase();
  await database.query(SETUP);
  const cases: [string, RegExp[], RegExp[]][] = [
    ["alter table shop.orders add column x int", [], [/^column x integer$/]],
    ["alter table shop.orders alter note drop default", [/^column note text default 'none'::text$/], [
      /^column note text$/,
    ]],
    ["alter table shop.orders drop column total", [/^column total numeric$/], []],
    ["drop policy own on shop.orders", [
      /^policy own, permissive, for all to everybody using \(\(id > 0\)\)$/,
    ], []],
    ["alter table shop.orders disable row level security", [/security is on$/], [/security is off$/]],
    ["drop index shop.orders_note_idx", [/^CREATE INDEX orders_note_idx/], []],
    ["grant select on shop.orders to anon", [], [/^grant SELECT to anon$/]],
    ["grant update (note) on shop.orders to anon", [], [/^grant UPDATE \(note\) to anon$/]],
    ["create or replace view shop.notes as select note from shop.orders where id > 1", [/FROM shop/], [
      /id > 1/,
    ]],
    ["alter view shop.notes set (security_invoker = on)", [], [/^option security_invoker=on$/]],
    ["alter type shop.mood add value 'bad'", [], [/^value 'bad'$/]],
    ["create or replace function shop.f() returns int language sql as 'select 2'", [/select 1/], [
      /select 2/,
    ]],
    ["alter table shop.orders owner to service_role", [/^table of postgres$/], [/^table of service_role$/]],
    ["alter table shop.orders add check (total > 0)", [], [/^constraint orders_total_check CHECK/]],
  ];
  for (const [statement, gone, come] of cases) {
    await test.step(statement, async () => {
      const grants = statement.includes("owner to") ? ["grant create on schema shop to service_role"] : [];
      const changes = (await changesOf(database.url, ...grants, statement)).filter((one) =>
        one.class !== "schema"
      );
      assert.equal(changes.length, 1, JSON.stringify(changes));
      const { before, after } = changes[0]!;
      for (const pattern of gone) {
        assert.ok(before.some((line) => pattern.test(line)), JSON.stringify(before));
      }
      for (const pattern of come) assert.ok(after.some((line) => pattern.test(line)), JSON.stringify(after));
    });
  }
  await test.step("and what stays as it is, is nothing", async () => {
    assert.deepEqual(await changesOf(database.url, "alter table shop.orders enable row level security"), []);
    assert.deepEqual(await changesOf(database.url, "create temporary table t (id int)"), []);
  });
});

Deno.test("a neighbour's change that comes in between is no change of the fix", async () => {
  await using database = await createTestDatabase();
  await database.query(SETUP);
  const connection = await openDirectConnection(database.url);
  try {
    const made = await connection.transaction(async (tx) => {
      await tx.query("select pg_current_xact_id()");
      await database.query("create schema neighbour; grant usage on schema shop to anon");
      return await rehearseFix(tx, { kind: "create_schema", schema: "crm" });
    }, { rollback: true });
    assert.equal(made.kind, "works");
    if (made.kind === "works") assert.deepEqual(made.changes.objects.map(({ name }) => name), ["crm"]);
  } finally {
    await connection.close();
  }
});

Deno.test("a fix that writes rows says how many of which table", async () => {
  await using database = await createTestDatabase();
  await database.query(
    "insert into healing_sandbox.cells (name, value) values ('audit_00000000000000000000000000000000', 'broken')",
  );
  const connection = await openDirectConnection(database.url);
  try {
    const shown = await connection.transaction(
      (tx) => rehearseFix(tx, { kind: "set_sandbox_cell", cell: "audit_00000000000000000000000000000000" }),
      { rollback: true },
    );
    assert.equal(shown.kind, "works");
    if (shown.kind !== "works") return;
    assert.deepEqual(shown.changes, {
      objects: [],
      rows: [{ table: "healing_sandbox.cells", before: 1, after: 1, written: 1 }],
    });
  } finally {
    await connection.close();
  }
});

Deno.test("what is kept of a definition has no secret in it, and another secret is still another definition", async () => {
  const described = (secret: string) => [{
    class: "function" as const,
    name: "f()",
    lines: [`select 'postgres://app:${secret}@db.example.com/app'`],
  }];
  const first = await bounded(changesBetween([], described("hunter2hunter2")), []);
  const second = await bounded(changesBetween([], described("hunter3hunter3")), []);
  assert.ok(!JSON.stringify(first).includes("hunter2"));
  assert.match(differenceBetween(first, second)!, /would be changed otherwise/);
});

Deno.test("a thousand objects and a body of a megabyte fit into the row, and what is left out still counts", async () => {
  const many = (count: number, text: string) =>
    Array.from({ length: count }, (_, index) => ({
      class: "relation" as const,
      name: `public.t${String(index).padStart(4, "0")}`,
      lines: Array.from({ length: 100 }, (_, line) => `column c${line} ${text}`),
    }));
  const shown = await bounded(changesBetween([], many(1_000, "text")), []);
  assert.ok(JSON.stringify(shown).length < 400_000);
  assert.equal(shown.more!.objects, 960);
  const other = many(1_000, "text");
  other[999]!.lines[99] = "column c99 integer";
  assert.notEqual(differenceBetween(shown, await bounded(changesBetween([], other), [])), null);
  const huge = [{
    class: "function" as const,
    name: "f()",
    lines: ["x".repeat(1_000_000), ...Array(70).fill("y".repeat(20_000))],
  }];
  const body = await bounded(changesBetween([], huge), []);
  assert.ok(JSON.stringify(body).length < 400_000);
});

Deno.test("differenceBetween() lets the position of a sequence and a few rows go on, and nothing else", () => {
  const changes = (position: string, written: number): FixChanges => ({
    objects: [{ class: "relation", name: "s", change: "changed", before: ["position 1"], after: [position] }],
    rows: [{ table: "t", before: 100, after: 100, written }],
  });
  assert.equal(differenceBetween(changes("position 7", 5), changes("position 9", 15)), null);
  assert.match(
    differenceBetween(changes("position 7", 5), changes("position 7", 16))!,
    /16 rows of t, and not 5/,
  );
  const none: FixChanges = { objects: [], rows: [] };
  assert.match(differenceBetween(none, changes("position 7", 5))!, /it would change relation s too/);
  assert.match(differenceBetween(changes("position 7", 5), none)!, /would not change relation s any more/);
});
