import assert from "node:assert/strict";
import { createResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { callerOf } from "../helpers/writers.ts";

async function withNotes() {
  const database = await createTestDatabase();
  await database.query(
    `create table notes (id int generated always as identity, text text not null, mood int);
    grant select, insert on notes to authenticated, service_role`,
  );
  return database;
}

Deno.test("a value without a column is parked, the row is saved, and the missing column is written down once", async () => {
  await using database = await withNotes();
  const anna = createResilientDb(callerOf(database, "authenticated", { sub: "anna" }));
  const first = await anna.insert("notes", { text: "a", workflow: { step: 1 } }, { migration: true });
  assert.deepEqual(first.results, [{ index: 0, status: "healed", applied: [], parked: ["workflow"] }]);
  assert.match(first.migration!, /alter table public\.notes add column if not exists workflow jsonb;/);
  await anna.insertMany("notes", [{ text: "b" }, { text: "c", workflow: { step: 2 } }]);
  assert.deepEqual(await database.query("select text from notes order by text"), [{ text: "a" }, {
    text: "b",
  }, { text: "c" }]);
  const events = await database.query<{ details: { rows: unknown; subject: string } }>(
    "select details from healing_events where event_type = 'values_parked' order by created_at",
  );
  assert.deepEqual(events.map(({ details }) => details.rows), [
    { 0: { workflow: { step: 1 } } },
    { 1: { workflow: { step: 2 } } },
  ]);
  assert.equal(events[0]!.details.subject, "anna");
  assert.deepEqual(
    await database.query("select error_type, occurrence_count from detected_errors"),
    [{ error_type: "schema_mismatch", occurrence_count: "2" }],
  );
  assert.deepEqual(
    await database.query(
      "select event_type, details ->> 'sql' as sql, details ->> 'applied' as applied from build_events",
    ),
    [{
      event_type: "schema_auto_fix",
      sql: "alter table public.notes add column if not exists workflow jsonb;",
      applied: "false",
    }],
  );
});

Deno.test("a row of which no key means a column is not saved as an empty one", async () => {
  await using database = await createTestDatabase();
  await database.query("create table loose (a int, b int); grant select, insert on loose to service_role");
  const db = createResilientDb(callerOf(database, "service_role"));
  const { results } = await db.insertMany("loose", [{ a: 1 }, { zzz: 2 }], { key: false });
  assert.deepEqual(results.map(({ status }) => status), ["saved", "failed"]);
  assert.equal((await database.query("select from loose")).length, 1);
});

Deno.test("what was parked can be read by admins and the service role only, and comes with a key that replays it once", async () => {
  await using database = await withNotes();
  const anna = createResilientDb(callerOf(database, "authenticated", { sub: "anna" }));
  for (let time = 0; time < 2; time++) {
    const { results } = await anna.insert("notes", { text: "a", secret_plan: "x" }, { key: "once" });
    assert.deepEqual(results[0]!.status === "healed" || results[0]!.status === "saved", true);
  }
  assert.equal((await database.query("select from notes")).length, 1);
  assert.equal(
    (await database.query("select from healing_events where event_type = 'values_parked'")).length,
    1,
  );
  for (const [role, seen] of [["authenticated", 0], ["service_role", 1]] as const) {
    const rows = await database.asRole(
      role,
      { sub: "anna", role },
      (session) => session.query("select from public.healing_events where event_type = 'values_parked'"),
    );
    assert.equal(rows.length, seen, role);
  }
});
