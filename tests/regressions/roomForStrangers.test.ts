/** What a stranger with the publishable key may fill, and what it must leave to everybody else. */

import assert from "node:assert/strict";
import { createResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence, openContract } from "../helpers/contract.ts";
import { operation } from "../helpers/engine.ts";
import { ANNA, states, withNotes } from "../helpers/waitingWrites.ts";
import { callerOf, rowsOf } from "../helpers/writers.ts";

Deno.test("deletes that wait take room as rows do: a stranger cannot let more than 1,000 wait", async () => {
  await using database = await withNotes();
  const stranger = callerOf(database, "anon");
  const remove = (key: string) =>
    stranger.call("write_rows", {
      p_table: "nothing",
      p_rows: [],
      p_options: { operation: "delete", filter: { id: 1 }, key, queue: true },
    });
  await createResilientDb(stranger).insertMany("nothing", rowsOf(999, (id) => ({ id })));
  await remove("the last that has room");
  await assert.rejects(remove("one too many"), { code: "NOT_FOUND" });
  assert.deepEqual(await states(database), ["queued", "queued"]);
});

Deno.test("names that strangers make up leave users room in the list of what is broken, and users the project", async () => {
  await using database = await withNotes();
  const [stranger, anna, project] = [
    callerOf(database, "anon"),
    callerOf(database, "authenticated", ANNA),
    callerOf(database, "service_role"),
  ].map((caller) => createResilientDb(caller));
  const fill = async (db: typeof stranger, prefix: string) => {
    let kept = 0;
    while (kept < 201 && await db!.insert(`${prefix}_${kept}`, { a: 1 }).then(() => true, () => false)) {
      kept++;
    }
    return kept;
  };
  assert.equal(await fill(stranger, "stranger"), 100);
  assert.equal(await fill(anna, "anna"), 50);
  assert.equal(await fill(project, "project"), 50);
  // What is known already still takes rows of anybody.
  assert.equal((await stranger!.insert("anna_0", { a: 2 })).results[0]!.status, "queued");
  // Whom an admin ignores makes room again.
  await assert.rejects(stranger!.insert("more", { a: 1 }), { code: "NOT_FOUND" });
  await database.query(
    "select decide_error(id, 'ignore', 'made up') from detected_errors where context ->> 'table' like 'stranger%'",
  );
  assert.equal(await fill(anna!, "more"), 50);
});

Deno.test("writes that wait for a table take no room in the queue of the function of its name", async () => {
  await using database = await withNotes();
  await using contract = await openContract(database);
  await callerOf(database, "anon").call("write_rows", {
    p_table: "checkout",
    p_rows: [{ a: 1 }],
    p_options: { key: "first", queue: true },
  });
  await database.query(`
    insert into queued_operations (operation_kind, target, payload, idempotency_key, caller_role, caller_claims, subject, detected_error_id)
    select operation_kind, target, payload, key::text, caller_role, caller_claims, subject, detected_error_id
    from queued_operations, generate_series(2, 1000) as key`);
  assert.equal((await states(database)).length, 1_000);
  const failed = { ...operation("order"), target: "checkout", caller_role: "anon" as const };
  assert.equal((await captureErrors(contract.rpc, [occurrence({ operation: failed })])).queued, 1);
});

Deno.test("values are parked with rows that were written: who may change no row keeps nothing", async () => {
  await using database = await withNotes();
  // As the platform grants it on tables; row level security lets a stranger see and change nothing.
  await database.query("grant all on notes to anon; insert into notes (owner, text) values ('anna', 'old')");
  const update = (role: "anon" | "authenticated") =>
    callerOf(database, role, role === "anon" ? {} : ANNA).call<{ rows: number }>("write_rows", {
      p_table: "notes",
      p_rows: [{ text: "new" }],
      p_options: {
        operation: "update",
        filter: { owner: "anna" },
        parked: { 0: { mood: "x".repeat(1_000) } },
      },
    });
  const parked = () => database.query("select from healing_events where event_type = 'values_parked'");
  assert.equal((await update("anon")).rows, 0);
  assert.equal((await parked()).length, 0);
  assert.equal((await update("authenticated")).rows, 1);
  assert.equal((await parked()).length, 1);
});
