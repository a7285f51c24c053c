import assert from "node:assert/strict";
import { applyMigration, autoHealDatabaseError } from "../../supabase/functions/_shared/databaseHealer.ts";
import { openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

async function withDatabaseFixes(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await using contract = await openContract(database);
  await setSetting(contract.rpc, "mode_database", "auto");
  return database;
}

async function exists(database: TestDatabase, name: string): Promise<boolean> {
  const [row] = await database.query<{ found: boolean }>("select to_regclass($1) is not null as found", [
    name,
  ]);
  return row!.found;
}

Deno.test("applyMigration() provides everything that a migration misses, in one go, and keeps each fix", async () => {
  await using database = await withDatabaseFixes();
  const migration = `
    create table shop.orders (id uuid primary key default uuid_generate_v4(), email citext);
    create table shop.items (name text default unaccent('é'));`;
  const result = await applyMigration({ migration, name: "shop", databaseUrl: database.url });
  assert.equal(result.healed, true, result.reason);
  assert.deepEqual(result.fixes.map((fix) => fix.action), [
    "create_schema",
    "create_extension",
    "create_extension",
    "create_extension",
  ]);
  assert.equal(await exists(database, "shop.items"), true);
  const states = await database.query("select distinct status from auto_fixes");
  assert.deepEqual(states, [{ status: "kept" }]);
  const events = await database.query("select event_type from build_events order by created_at");
  assert.deepEqual(events.map(({ event_type: type }) => type), [
    ...Array(4).fill("schema_auto_fix"),
    "auto_heal_success",
  ]);
});

Deno.test("applyMigration() takes its fixes back when the migration still fails, and leaves no half of it", async () => {
  await using database = await withDatabaseFixes();
  const migration = "create table shop.orders (id int); select no_such_function_anywhere();";
  const result = await applyMigration({ migration, databaseUrl: database.url });
  assert.equal(result.healed, false);
  assert.match(result.reason, /no_such_function_anywhere exists in no schema/);
  assert.deepEqual(await database.query("select from pg_namespace where nspname = 'shop'"), []);
  const [fix] = await database.query("select status, verdict ->> 'reason' as reason from auto_fixes");
  assert.equal(fix!.status, "reverted");
  assert.deepEqual(await database.query("select from healing_patterns"), []);
});

Deno.test("applyMigration() only suggests while fixes of the database are not turned on", async () => {
  await using database = await createTestDatabase();
  const result = await applyMigration({
    migration: "create table shop.orders (id int)",
    databaseUrl: database.url,
  });
  assert.equal(result.healed, false);
  assert.match(result.reason, /a fix waits for approval/);
  assert.equal((await database.query("select from admin_approval_queue where status = 'pending'")).length, 1);
  assert.deepEqual(await database.query("select from pg_namespace where nspname = 'shop'"), []);
});

Deno.test("applyMigration() refuses transaction commands, which would make a trial permanent", async () => {
  await using database = await withDatabaseFixes();
  for (
    const command of ["commit", "BEGIN", "rollback to savepoint x", "/* hidden */ end", "start  transaction"]
  ) {
    const migration = `create table kept (id int); ${command}; select 1;`;
    await assert.rejects(
      applyMigration({ migration, databaseUrl: database.url }),
      { code: "BAD_REQUEST" },
      command,
    );
  }
  assert.equal(await exists(database, "kept"), false);
});

Deno.test("applyMigration() never makes a schema of the platform, and says why", async () => {
  await using database = await withDatabaseFixes();
  const result = await applyMigration({
    migration: "create table graphql_public.x (id int)",
    databaseUrl: database.url,
  });
  assert.equal(result.healed, false);
  assert.match(result.reason, /schema graphql_public belongs to the platform/);
});

Deno.test("autoHealDatabaseError() heals the migration behind an error that its caller met", async () => {
  await using database = await withDatabaseFixes();
  const migration = "create table analytics.views (path text)";
  const error = await database.query(migration).catch((thrown: unknown) => thrown);
  const result = await autoHealDatabaseError(error, { migration, databaseUrl: database.url });
  assert.equal(result.healed, true, result.reason);
  assert.equal(await exists(database, "analytics.views"), true);
});
