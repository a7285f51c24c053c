/** The test database itself: what every other test of SQL relies on. @module */

import assert from "node:assert/strict";
import { createTestDatabase } from "../helpers/database.ts";

const database = await createTestDatabase({ migrated: false });

Deno.test("TestDatabase.rpc() passes arguments by name with their types and returns JSON", async () => {
  await database.query(`
    create function public.echo(p_json jsonb, p_list text[] default '{}', p_count int default 1) returns jsonb
    language sql as $$ select jsonb_build_object('json', p_json, 'list', p_list, 'count', p_count) $$;
    create function public.nothing() returns void language sql as $$ select $$;
    create function public.numbers() returns setof int language sql as $$ values (1), (2) $$;
    create function public.pairs() returns table (a int, b text) language sql as $$ values (1, 'x') $$;`);
  assert.deepEqual(await database.rpc("echo", { p_json: [1, { a: null }], p_list: ["x", "y,z"] }), {
    json: [1, { a: null }],
    list: ["x", "y,z"],
    count: 1,
  });
  assert.equal(await database.rpc("nothing"), null);
  assert.deepEqual(await database.rpc("numbers"), [1, 2]);
  assert.deepEqual(await database.rpc("pairs"), [{ a: 1, b: "x" }]);
  await assert.rejects(database.rpc("missing"), /0 functions named public\.missing/);
});

Deno.test("TestDatabase.rpc() runs many calls at once, each with its own role", async () => {
  await database.query(
    "create function public.who() returns text language sql as $$ select auth.role() || current_user $$",
  );
  const roles = ["anon", "authenticated", "service_role", "anon", "service_role"] as const;
  const answers = await Promise.all(roles.map((role) => database.rpc("who", {}, role)));
  assert.deepEqual(answers, roles.map((role) => role + role));
});

Deno.test("TestDatabase.asRole() commits what succeeds and undoes what fails", async () => {
  await database.query("create table public.notes (word text); grant all on public.notes to service_role");
  await database.asRole("service_role", {}, (session) => session.query("insert into notes values ('kept')"));
  await assert.rejects(
    database.asRole("service_role", {}, async (session) => {
      await session.query("insert into notes values ('lost')");
      await session.query("select 1 / 0");
    }),
    { code: "22012" },
  );
  assert.deepEqual(await database.query("select word from notes"), [{ word: "kept" }]);
});

Deno.test("TestDatabase.asRole() leaves no role and no claims behind", async () => {
  await database.asRole("anon", { sub: crypto.randomUUID() }, (session) => session.query("select 1"));
  const rows = await database.asRole(
    "authenticated",
    {},
    (session) => session.query("select current_user as name, auth.uid() as uid"),
  );
  assert.deepEqual(rows, [{ name: "authenticated", uid: null }]);
});

Deno.test("TestDatabase is a clone of its own and is gone after its disposal", async () => {
  const other = await createTestDatabase({ migrated: false });
  assert.deepEqual(await other.query("select to_regclass('public.notes') as found"), [{ found: null }]);
  await other[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  assert.deepEqual(await database.query("select 1 from pg_database where datname = $1", [other.name]), []);
  await database[Symbol.asyncDispose]();
});
