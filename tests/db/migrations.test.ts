/** The runner of migrations, and the project's migrations on the embedded Postgres. @module */

import assert from "node:assert/strict";
import { applyMigrations, readMigrations } from "../../scripts/stack/migrate.ts";
import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { failsWith } from "../helpers/failures.ts";
import { tryEveryPrefix, tryManyInstallers, tryTwice } from "../helpers/migrationTrials.ts";

function makeDatabase(): Promise<TestDatabase> {
  return createTestDatabase({ migrated: false });
}

/** A folder with the given files, removed at the end of the test. */
async function migrations(files: Record<string, string>): Promise<{ directory: string } & AsyncDisposable> {
  const directory = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${directory}/${name}`, text);
  return { directory, [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
}

Deno.test("applyMigrations() applies the project's migrations twice without a change", () =>
  tryTwice(makeDatabase));

Deno.test("applyMigrations() reaches the same schema from every prefix", () => tryEveryPrefix(makeDatabase));

Deno.test("applyMigrations() lets twenty installers run at once", () => tryManyInstallers(makeDatabase));

Deno.test("applyMigrations() keeps the history as the Supabase CLI does", async () => {
  await using database = await makeDatabase();
  await using set = await migrations({
    "20260101000000_create_words.sql":
      "-- One table.\ncreate table words (word text);\ninsert into words values (';');",
  });
  const seen: string[] = [];
  const applied = await applyMigrations(database.url, {
    directory: set.directory,
    onApplied: (name) => seen.push(name),
  });
  assert.deepEqual([applied, seen], [["20260101000000_create_words.sql"], [
    "20260101000000_create_words.sql",
  ]]);
  assert.deepEqual(await database.query("select * from supabase_migrations.schema_migrations"), [{
    version: "20260101000000",
    name: "create_words",
    statements: ["create table words (word text)", "insert into words values (';')"],
  }]);
});

Deno.test("applyMigrations() undoes a failing file whole, names its line, and continues once it is corrected", async () => {
  await using database = await makeDatabase();
  const failing = "create table second (id int);\n\ninsert into second\nvalues ('no number');";
  await using set = await migrations({
    "20260101000000_create_first.sql": "create table first (id int);",
    "20260102000000_create_second.sql": failing,
    "20260103000000_create_third.sql": "create table third (id int);",
  });
  const error = await applyMigrations(database.url, set).then(() => null, (reason: unknown) => reason);
  assert.ok(isHealingError(error));
  assert.equal(error.code, "DATABASE_ERROR");
  assert.match(
    error.message,
    /^20260102000000_create_second\.sql:4: invalid input syntax for type integer: "no number"/,
  );
  assert.equal(error.details?.sqlState, "22P02");
  assert.deepEqual(
    await database.query(
      "select to_regclass('first')::text as first, to_regclass('second') as second, to_regclass('third') as third",
    ),
    [{ first: "first", second: null, third: null }],
  );

  await Deno.writeTextFile(
    `${set.directory}/20260102000000_create_second.sql`,
    failing.replace("'no number'", "1"),
  );
  assert.deepEqual(await applyMigrations(database.url, set), [
    "20260102000000_create_second.sql",
    "20260103000000_create_third.sql",
  ]);
});

Deno.test("applyMigrations() names the line of a statement whose error has no place", async () => {
  await using database = await makeDatabase();
  await using set = await migrations({
    "20260101000000_raise.sql": "select 1;\n\ndo $$\nbegin\n  raise exception 'stop here';\nend;\n$$;",
  });
  await assert.rejects(applyMigrations(database.url, set), /raise\.sql:3: stop here .*line 3 at RAISE/);
});

Deno.test("applyMigrations() runs as a role that is no superuser", async () => {
  await using database = await makeDatabase();
  await using set = await migrations({ "20260101000000_grab.sql": "alter role anon superuser;" });
  await assert.rejects(applyMigrations(database.url, set), { code: "DATABASE_ERROR" });
});

Deno.test("applyMigrations() lets no file's settings reach the next file", async () => {
  await using database = await makeDatabase();
  await using set = await migrations({
    "20260101000000_set.sql": "set search_path = extensions; set role anon;",
    "20260102000000_create_where.sql": "create table whereabouts (id int);",
  });
  await applyMigrations(database.url, set);
  assert.deepEqual(await database.query("select to_regclass('public.whereabouts')::text as name"), [{
    name: "whereabouts",
  }]);
});

Deno.test("applyMigrations() says when a file was changed after it was applied", async () => {
  await using database = await makeDatabase();
  await using set = await migrations({
    "20260101000000_create_words.sql": "create table words (word text);",
  });
  const said: string[] = [];
  const options = { directory: set.directory, onProgress: (message: string) => said.push(message) };
  await applyMigrations(database.url, options);
  await Deno.writeTextFile(
    `${set.directory}/20260101000000_create_words.sql`,
    "create table words (id int);",
  );
  await applyMigrations(database.url, options);
  assert.equal(said[0], "1 migration applied.");
  assert.match(said[1] ?? "", /^20260101000000_create_words\.sql was changed after it was applied/);
  assert.equal(said[2], "All migrations were applied already.");
});

Deno.test("readMigrations() refuses a strange name and a version twice", async () => {
  await using strange = await migrations({ "2026_words.sql": "select 1" });
  await failsWith(readMigrations(strange.directory), "BAD_REQUEST", "bad_migration");
  await using double = await migrations({
    "20260101000000_a.sql": "select 1",
    "20260101000000_b.sql": "select 2",
  });
  const error = await failsWith(readMigrations(double.directory), "BAD_REQUEST", "bad_migration");
  assert.match(error.message, /20260101000000_a\.sql and 20260101000000_b\.sql/);
});

Deno.test("applyMigrations() refuses a file that ends its own transaction", async () => {
  await using database = await makeDatabase();
  await using set = await migrations({ "20260101000000_commit.sql": "create table half (id int);\ncommit;" });
  const error = await failsWith(applyMigrations(database.url, set), "BAD_REQUEST", "bad_migration");
  assert.match(error.message, /commit\.sql:2/);
  assert.deepEqual(await database.query("select to_regclass('half') as name"), [{ name: null }]);
});
