import assert from "node:assert/strict";
import {
  applyMigration,
  autoHealDatabaseError,
  type DatabaseHealResult,
  planMigration,
} from "../../supabase/functions/_shared/databaseHealer.ts";
import { openContract } from "../helpers/contract.ts";
import { withDatabaseFixes } from "../helpers/databaseFixes.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

function apply(database: TestDatabase, migration: string): Promise<DatabaseHealResult> {
  return applyMigration({ migration, databaseUrl: database.url });
}

const LARGE =
  "create table visits as select n as id, repeat('x', 60) as page from generate_series(1, 20000) n";

async function indexes(database: TestDatabase): Promise<unknown[]> {
  return await database.query(
    "select c.relname, i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = 'visits'::regclass order by 1",
  );
}

Deno.test("applyMigration() builds an index of a large table between two transactions, and runs what comes after it", async () => {
  await using database = await withDatabaseFixes(LARGE);
  const result = await apply(
    database,
    "create table before_it (id int); create index concurrently visits_page_idx on visits (page); create table after_it (id int);",
  );
  assert.equal(result.healed, true, result.reason);
  assert.equal(result.parts?.length, 3);
  assert.deepEqual(await indexes(database), [{ relname: "visits_page_idx", indisvalid: true }]);
  const made = await database.query("select to_regclass('before_it') as b, to_regclass('after_it') as a");
  assert.deepEqual(made, [{ b: "before_it", a: "after_it" }]);
});

Deno.test("applyMigration() drops an invalid index that an earlier build left behind, and leaves none of its own", async () => {
  await using database = await withDatabaseFixes(
    `${LARGE}; insert into visits select id, page from visits limit 1`,
  );
  await assert.rejects(database.query("create unique index concurrently visits_id_key on visits (id)"));
  assert.deepEqual(await indexes(database), [{ relname: "visits_id_key", indisvalid: false }]);
  const failed = await apply(database, "create unique index concurrently visits_id_key on visits (id)");
  assert.equal(failed.healed, false);
  assert.match(failed.reason, /nothing of the migration is in place: could not create unique index/);
  assert.deepEqual(await indexes(database), []);
  const healed = await apply(database, "create index concurrently visits_id_key on visits (id)");
  assert.equal(healed.healed, true, healed.reason);
  assert.deepEqual(await indexes(database), [{ relname: "visits_id_key", indisvalid: true }]);
});

Deno.test("applyMigration() runs nothing of a migration whose later part would fail", async () => {
  await using database = await withDatabaseFixes(LARGE);
  const result = await apply(
    database,
    "create index concurrently visits_page_idx on visits (page); insert into visits values ('no number', 'x');",
  );
  assert.equal(result.healed, false);
  assert.deepEqual(await indexes(database), []);
  const states = await database.query("select distinct status from auto_fixes");
  assert.deepEqual(states, [{ status: "reverted" }]);
});

Deno.test("applyMigration() commits a label before it is used, and says so when the rest still fails", async () => {
  await using database = await withDatabaseFixes(
    "create type weather as enum ('rain'); create table days (id int primary key, w weather)",
  );
  const result = await apply(
    database,
    "alter type weather add value 'snow'; insert into days values (1, 'snow'); insert into days values (1, 'rain');",
  );
  assert.equal(result.healed, false);
  assert.match(
    result.reason,
    /committed, and not to be taken back: alter type weather add value if not exists 'snow'/,
  );
  assert.deepEqual(await database.query("select from days"), []);
  const again = await apply(
    database,
    "alter type weather add value 'snow'; insert into days values (1, 'snow');",
  );
  assert.equal(again.healed, true, again.reason);
  assert.equal((await database.query("select from days")).length, 1);
});

Deno.test("applyMigration() takes out its own begin and commit, and names a schema in all statements at once", async () => {
  await using database = await withDatabaseFixes();
  const result = await apply(
    database,
    `begin; set search_path = "$user", public;
     create table keys (id int, key text default encode(gen_random_bytes(8), 'hex'));
     create table more (id int, key text default encode(gen_random_bytes(8), 'hex'), note text default 'gen_random_bytes(8)');
     commit;`,
  );
  assert.equal(result.healed, true, result.reason);
  assert.equal(result.fixes.length, 1);
  const [row] = await database.query("insert into more values (1) returning length(key) as length, note");
  assert.deepEqual(row, { length: 16, note: "gen_random_bytes(8)" });
});

Deno.test("applyMigration() never moves a table to the front of what drops it", async () => {
  await using database = await withDatabaseFixes();
  const result = await apply(
    database,
    "create view shown as select id from carts; drop table if exists carts cascade; create table carts (id int);",
  );
  assert.equal(result.healed, false);
  assert.match(result.reason, /drops or renames carts/);
});

Deno.test("applyMigration() leaves a busy table for later, and waits for nobody", async () => {
  await using database = await withDatabaseFixes("create table visits (id int)");
  const other = await database.connect();
  await other.query("begin; lock table visits");
  const result = await apply(database, "alter table visits add column page text");
  assert.equal(result.healed, false);
  assert.match(result.reason, /^left for later: .*lock timeout/);
  await other.query("rollback");
  assert.equal((await apply(database, "alter table visits add column page text")).healed, true);
});

Deno.test("applyMigration() leaves a migration for later while another healer is at work", async () => {
  await using database = await withDatabaseFixes();
  const other = await database.connect();
  await other.query("begin; select pg_advisory_xact_lock(7301842650127)");
  const result = await apply(database, "create table visits (id int)");
  assert.match(result.reason, /^left for later: Another healer is at work/);
  await other.query("rollback");
});

Deno.test("applyMigration() asks a person about a change of type, and makes it once it is approved", async () => {
  await using database = await withDatabaseFixes(
    "create table visits (id int, seen text); insert into visits values (1, '5')",
  );
  await using contract = await openContract(database);
  const migration = "alter table visits alter column seen type int";
  const asked = await apply(database, migration);
  assert.equal(asked.healed, false);
  assert.ok(asked.approvalId, asked.reason);
  const [waiting] = await database.query<{ id: string; what_will_happen: string }>(
    "select id, what_will_happen from admin_approval_queue where status = 'pending'",
  );
  assert.match(waiting!.what_will_happen, /add a cast to the change of type of seen/);
  await contract.rpc.call("decide_approval", {
    p_approval_id: waiting!.id,
    p_decision: "approve",
    p_reason: "yes",
  });
  const done = await apply(database, migration);
  assert.equal(done.healed, true, done.reason);
  assert.deepEqual(await database.query("select seen from visits"), [{ seen: 5 }]);
});

Deno.test("applyMigration() stays suggestions only while fixes of the database are not turned on", async () => {
  await using database = await createTestDatabase();
  await database.query("create table visits (id int)");
  const result = await apply(database, "create table visits (id int)");
  assert.equal(result.healed, false);
  assert.match(result.reason, /only suggested until an admin turns them on/);
});

Deno.test("planMigration() tells every fix with its risk, and leaves nothing behind", async () => {
  await using database = await withDatabaseFixes(
    "create table visits (id int, seen text); insert into visits values (1, '5')",
  );
  const plan = await planMigration({
    migration:
      `create table visits (id int, seen text); create table crm.leads (id uuid default uuid_generate_v4());
      alter table visits alter column seen type int; select 1/0;`,
    databaseUrl: database.url,
  });
  assert.equal(plan.wouldRun, false);
  assert.equal(plan.error, "division by zero");
  assert.deepEqual(plan.fixes.map(({ action, risk, decision }) => [action, risk, decision]), [
    ["rewrite_migration", "low", "auto"],
    ["create_schema", "low", "auto"],
    ["create_extension", "low", "auto"],
    ["rewrite_migration", "medium", "suggest"],
  ]);
  assert.deepEqual(await database.query("select from pg_namespace where nspname = 'crm'"), []);
  assert.deepEqual(await database.query("select from auto_fixes"), []);
  assert.deepEqual(await database.query("select from detected_errors"), []);
});

Deno.test("applyMigration() tells each fix with its SQL in build_events, and learns it as auto_heal", async () => {
  await using database = await withDatabaseFixes();
  const result = await apply(
    database,
    "create table people (id uuid default uuid_generate_v4()); drop table gone;",
  );
  assert.equal(result.healed, true, result.reason);
  const events = await database.query(
    "select event_type, details -> 'sql' as sql, details -> 'replaced' as replaced from build_events where event_type = 'schema_auto_fix' order by created_at",
  );
  assert.deepEqual(events, [
    {
      event_type: "schema_auto_fix",
      sql: ['create extension if not exists "uuid-ossp" with schema extensions cascade'],
      replaced: [],
    },
    { event_type: "schema_auto_fix", sql: ["drop table if exists gone"], replaced: ["drop table gone"] },
  ]);
  assert.deepEqual(await database.query("select distinct category from universal_error_patterns"), [{
    category: "auto_heal",
  }]);
});

Deno.test("autoHealDatabaseError() goes by what the database says now, not by the error that it is given", async () => {
  await using database = await withDatabaseFixes();
  const error = Object.assign(new Error('schema "crm" does not exist'), { code: "3F000" });
  const result = await autoHealDatabaseError(error, {
    migration: "create table fine (id int)",
    databaseUrl: database.url,
  });
  assert.deepEqual([result.healed, result.fixes], [true, []]);
  assert.deepEqual(await database.query("select from pg_namespace where nspname = 'crm'"), []);
});

Deno.test("a name out of a hostile message never reaches a statement", async () => {
  await using database = await withDatabaseFixes("create table kept (id int)");
  for (
    const name of ['x"; drop table kept; --', "(\\"]
  ) {
    const quoted = `"${name.replaceAll('"', '""')}"`;
    for (
      const migration of [
        `drop table ${quoted}`,
        `create table t (id ${quoted})`,
        `alter table kept drop column ${quoted}`,
        `select ${quoted}(1)`,
        `select ${quoted} from kept`,
        `alter table kept rename column ${quoted} to id`,
      ]
    ) await apply(database, migration);
  }
  assert.equal((await database.query("select to_regclass('kept') as kept"))[0]!.kept, "kept");
});
