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
  await database.asRole("anon", {}, (session) =>
    session.query(
      `select write_rows('checkout', '[{"a": 1}]', jsonb_build_object('key', key::text, 'queue', true)) from generate_series(1, 1000) as key`,
    ));
  assert.equal((await states(database)).length, 1_000);
  const failed = { ...operation("order"), target: "checkout", caller_role: "anon" as const };
  assert.equal((await captureErrors(contract.rpc, [occurrence({ operation: failed })])).queued, 1);
});
