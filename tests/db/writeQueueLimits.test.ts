import assert from "node:assert/strict";
import { createResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { openContract } from "../helpers/contract.ts";
import { ANNA, replayAll, states, withNotes } from "../helpers/waitingWrites.ts";
import { callerOf, rowsOf } from "../helpers/writers.ts";

Deno.test("a subject may let 1,000 rows wait and no more, others still may, and odd names are no columns", async () => {
  await using database = await withNotes();
  const anna = createResilientDb(callerOf(database, "authenticated", ANNA), { missingColumns: "wait" });
  const bert = createResilientDb(callerOf(database, "authenticated", { sub: "bert" }), {
    missingColumns: "wait",
  });
  const rows = rowsOf(900, (n) => ({ text: `${n}`, mood: "x" }));
  assert.ok((await anna.insertMany("notes", rows)).results.every(({ status }) => status === "queued"));
  assert.ok((await anna.insertMany("notes", rows)).results.every(({ status }) => status === "failed"));
  assert.equal((await bert.insert("notes", { text: "b", mood: "x" })).results[0]!.status, "queued");
  for (const name of ["drop table notes", "é", "", "a".repeat(64), 'x"y', "1a"]) {
    const { results } = await bert.insert("notes", [{ [name]: 1 }]);
    assert.equal(results[0]!.status, "failed", name);
  }
  assert.deepEqual(await states(database), ["queued", "queued"]);
});

Deno.test("values that no column takes are kept in an event and named in the result", async () => {
  await using database = await withNotes();
  const db = createResilientDb(callerOf(database, "authenticated", ANNA), {
    heal: (table, row) => {
      const known = Object.entries(row).filter(([key]) => table.columns.some(({ name }) => name === key));
      const unmapped = Object.keys(row).filter((key) => !known.some(([name]) => name === key));
      return {
        decision: unmapped.length > 0 ? "partial" : "map",
        row: Object.fromEntries(known),
        applied: [],
        unmapped,
        reason: "",
        problems: [],
      };
    },
  });
  const { results } = await db.insert("notes", [{ text: "a", mood: { deep: "x" } }, { text: "b" }, {
    text: "c",
    owner: "bert",
    mood: 1,
  }]);
  assert.deepEqual(results.map(({ status, parked }) => [status, parked]), [["healed", ["mood"]], [
    "saved",
    undefined,
  ], ["failed", undefined]]);
  assert.deepEqual(
    await database.query("select details from healing_events where event_type = 'values_parked'"),
    [{
      details: {
        table: "notes",
        role: "authenticated",
        subject: "anna",
        rows: { 0: { mood: { deep: "x" } } },
        operation: "insert",
        written: { 0: { text: "a" } },
      },
    }],
  );
  const seen = await database.asRole(
    "authenticated",
    ANNA,
    (session) => session.query("select from healing_events"),
  );
  assert.equal(seen.length, 0, "only admins read what was kept");
  // More than can be kept is not dropped: the row fails.
  const large = await db.insert("notes", [{ text: "d", mood: "x".repeat(150_000) }]);
  assert.deepEqual(large.results.map(({ status }) => status), ["queued"]);
});

Deno.test("an update that comes late is kept for a person, once, and not made unless it is sent back", async () => {
  await using database = await withNotes();
  await using contract = await openContract(database);
  await database.query("insert into notes (id, owner, text) values (1, 'anna', 'old')");
  const caller = callerOf(database, "authenticated", ANNA);
  const late = {
    p_table: "notes",
    p_rows: [{ text: "late" }],
    p_options: { operation: "update", filter: { id: 1 }, key: "k", queue: true, unseen: true },
  };
  const first = await caller.call<{ results: { status: string }[] }>("write_rows", late);
  assert.equal(first.results[0]!.status, "queued");
  await caller.call("write_rows", late);
  assert.deepEqual(await states(database), ["needs_person"]);
  await replayAll(database, contract);
  assert.deepEqual(await database.query("select text from notes"), [{ text: "old" }]);
  await database.query("select decide_operation(id, 'requeue', 'still wanted') from queued_operations");
  assert.equal((await replayAll(database, contract)).succeeded, 1);
  assert.deepEqual(await database.query("select text from notes"), [{ text: "late" }]);
});

Deno.test("an update whose answer was lost but which was made is not made again when it comes late", async () => {
  await using database = await withNotes();
  await database.query("insert into notes (id, owner, text) values (1, 'anna', 'old')");
  const caller = callerOf(database, "authenticated", ANNA);
  const write = { operation: "update", filter: { id: 1 }, key: "k", queue: true };
  const sent = { p_table: "notes", p_rows: [{ text: "new" }] };
  await caller.call("write_rows", { ...sent, p_options: write });
  const late = await caller.call<{ status: string; rows: number }>("write_rows", {
    ...sent,
    p_options: { ...write, unseen: true },
  });
  assert.deepEqual([late.status, late.rows], ["saved", 1]);
  assert.deepEqual(await states(database), []);
});
