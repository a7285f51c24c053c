import assert from "node:assert/strict";
import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { claimOperation, finishOperation } from "../../supabase/functions/_shared/healingDb.ts";
import { createResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { createWriteReplayer } from "../../supabase/functions/_shared/writeReplayer.ts";
import { openContract } from "../helpers/contract.ts";
import { ANNA, replayAll, states, withNotes } from "../helpers/waitingWrites.ts";
import { callerOf, rowsOf } from "../helpers/writers.ts";

Deno.test("a row with a column that nobody made waits, and is written as its caller once the column is there", async () => {
  await using database = await withNotes();
  await using contract = await openContract(database);
  const anna = createResilientDb(callerOf(database, "authenticated", ANNA), { missingColumns: "wait" });
  const { results, migration } = await anna.insert("notes", [{ text: "a", mood_score: 5 }, { text: "b" }], {
    migration: true,
  });
  assert.deepEqual(results.map(({ status }) => status), ["queued", "saved"]);
  assert.match(migration!, /alter table public\.notes add column if not exists mood_score integer;/);
  assert.equal((await replayAll(database, contract)).attempted, 0);
  await database.query(migration!);
  assert.deepEqual(await replayAll(database, contract), { attempted: 1, succeeded: 1, failures: [] });
  assert.deepEqual(await database.query("select owner, text, mood_score from notes order by text"), [
    { owner: "anna", text: "a", mood_score: 5 },
    { owner: "anna", text: "b", mood_score: null },
  ]);
  assert.deepEqual(await database.query("select error_type, status from detected_errors"), [{
    error_type: "schema_mismatch",
    status: "healed",
  }]);
});

Deno.test("a missing column is written down once, with the type that its values have, and nothing runs it", async () => {
  await using database = await withNotes();
  const db = createResilientDb(callerOf(database, "service_role"), { missingColumns: "wait" });
  const values = {
    a_object: { x: 1 },
    b_list: [1],
    c_whole: 1,
    d_number: 1.5,
    e_flag: true,
    f_time: "2026-01-02T03:04:05Z",
    g_text: "x",
    h_big: 12345678901,
    i_null: null,
  };
  await db.insert("notes", rowsOf(3, () => values));
  await db.insert("notes", values);
  const events = await database.query<{ name: string; type: string; sql: string }>(
    `select details ->> 'column' as name, details ->> 'type' as type, details ->> 'sql' as sql from build_events
     where event_type = 'schema_auto_fix' and details ->> 'applied' = 'false' order by 1`,
  );
  assert.deepEqual(events.map(({ name, type }) => [name, type]), [
    ["a_object", "jsonb"],
    ["b_list", "jsonb"],
    ["c_whole", "integer"],
    ["d_number", "numeric"],
    ["e_flag", "boolean"],
    ["f_time", "timestamptz"],
    ["g_text", "text"],
    ["h_big", "numeric"],
    ["i_null", "text"],
  ]);
  assert.deepEqual(await database.query("select occurrence_count from detected_errors"), [{
    occurrence_count: "2",
  }]);
  assert.deepEqual(await states(database), ["queued", "queued"]);
});

Deno.test("a table and a function that are missing are waited for; faults of the row and of rights never are", async () => {
  await using database = await withNotes();
  await database.query(
    `create function fill() returns trigger language plpgsql as $$ begin new.text := no_such_function(); return new; end $$;
    create table filled (id int, text text); create trigger fill before insert on filled for each row execute function fill();
    create table strict (id int primary key, n int check (n > 0)); create table closed (id int); alter table closed enable row level security;
    grant select, insert on filled, strict, closed to authenticated`,
  );
  const anna = createResilientDb(callerOf(database, "authenticated", ANNA), { missingColumns: "wait" });
  assert.equal((await anna.insert("not_yet", { sender: "user", text: "x" })).results[0]!.status, "queued");
  assert.equal((await anna.insert("filled", { id: 1 })).results[0]!.status, "queued");
  const refused = [["strict", { n: -1 }, "23502"], ["strict", { id: 1, n: -1 }, "23514"], ["strict", {
    id: "x",
  }, "22P02"], ["closed", { id: 1 }, "42501"]] as const;
  for (const [table, row, state] of refused) {
    await assert.rejects(
      anna.insert(table, row),
      (error) => isHealingError(error) && error.details?.sqlState === state,
      state,
    );
  }
  await assert.rejects(
    anna.insert("not_yet", { id: 1 }, { key: false }),
    (error) => isHealingError(error) && error.code === "NOT_FOUND",
  );
  assert.deepEqual(await states(database), ["queued", "queued"]);
  await using contract = await openContract(database);
  await database.query(
    "create table not_yet (role text, text text); grant insert on not_yet to authenticated",
  );
  const report = await replayAll(database, contract);
  assert.deepEqual([report.attempted, report.succeeded], [1, 0], "sender means role only in a chat");
  assert.deepEqual(await states(database), ["queued", "queued"]);
});

Deno.test("what waits holds the verified role and claims, never a token, and nothing that its caller said of itself", async () => {
  await using database = await withNotes();
  const caller = callerOf(database, "authenticated", ANNA);
  await caller.call("write_rows", {
    p_table: "not_yet",
    p_rows: [{ a: 1 }],
    p_options: {
      key: "k",
      queue: true,
      caller_role: "service_role",
      subject: "admin",
      caller_claims: { role: "service_role" },
    },
  });
  assert.deepEqual(
    await database.query("select caller_role, caller_claims, subject from queued_operations"),
    [{
      caller_role: "authenticated",
      caller_claims: ANNA,
      subject: "anna",
    }],
  );
});

Deno.test("a write that waited is made under row level security: one that its caller may not make never is", async () => {
  await using database = await withNotes();
  await using contract = await openContract(database);
  const anna = createResilientDb(callerOf(database, "authenticated", ANNA), { missingColumns: "wait" });
  await anna.insert("notes", { owner: "bert", text: "forged", mood: "x" });
  await database.query("alter table notes add column mood text");
  const report = await replayAll(database, contract);
  assert.match(report.failures[0]!, /row-level security/);
  assert.deepEqual(await states(database), ["needs_person"]);
  assert.deepEqual(await database.query("select from notes"), []);
  assert.equal((await database.query("select from notifications")).length, 1);
});

for (const operation of ["update", "upsert", "delete"] as const) {
  Deno.test(`a waiting ${operation} is made when its row is as it was, and left to a person when it is not`, async () => {
    await using database = await withNotes();
    await using contract = await openContract(database);
    await database.query(`insert into notes (id, owner, text) values (1, 'anna', 'old'), (2, 'anna', 'old');
      create function audit() returns trigger language plpgsql as $$ begin perform public.no_such_function(); return coalesce(new, old); end $$;
      create trigger audit before update or delete on notes for each row execute function audit()`);
    const anna = createResilientDb(callerOf(database, "authenticated", ANNA), { missingColumns: "wait" });
    for (const id of [1, 2]) {
      const { results } = operation === "update"
        ? await anna.update("notes", { text: "new" }, { id })
        : operation === "upsert"
        ? await anna.upsert("notes", { id, text: "new" })
        : await anna.delete("notes", { id });
      assert.equal(results[0]!.status, "queued");
    }
    await database.query(`create function no_such_function() returns int language sql as 'select 1';
      update notes set text = 'changed meanwhile' where id = 2; update detected_errors set status = 'healed', resolution = 'made'`);
    await replayAll(database, contract);
    assert.deepEqual(await states(database), ["done", "needs_person"]);
    const rest = await database.query("select id, text from notes order by id");
    const second = { id: 2, text: "changed meanwhile" };
    assert.deepEqual(rest, operation === "delete" ? [second] : [{ id: 1, text: "new" }, second]);
    // A person may still let it happen.
    await database.query(
      "select decide_operation(id, 'requeue', 'it is fine') from queued_operations where status = 'needs_person'",
    );
    await replayAll(database, contract);
    assert.deepEqual(await states(database), ["done", "done"]);
  });
}

Deno.test("a worker that dies at any step of a replay leaves exactly one row behind it", async () => {
  await using database = await withNotes();
  await using contract = await openContract(database);
  const anna = createResilientDb(callerOf(database, "authenticated", ANNA), { missingColumns: "wait" });
  await anna.insert("notes", { text: "a", mood: "x" });
  await database.query("alter table notes add column mood text");
  const replay = createWriteReplayer(() => openDirectConnection(database.url));
  const lapse = () =>
    database.query(
      "update queued_operations set lease_expires_at = clock_timestamp() - interval '1 second' where status = 'running'",
    );
  // Dead after the claim.
  assert.ok(await claimOperation(contract.rpc, "dead", null, []));
  await lapse();
  // Dead with the transaction open.
  const second = await claimOperation(contract.rpc, "dead too", null, []);
  const victim = await openDirectConnection(database.url);
  await victim.transaction(async (tx) => {
    await tx.query(
      "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)",
      [JSON.stringify(ANNA)],
    );
    await tx.rpc.call("write_rows", {
      p_table: "notes",
      p_rows: [{ text: "a", mood: "x" }],
      p_options: { key: second!.idempotency_key },
    });
    await tx.query("reset role");
    await tx.query("select pg_terminate_backend(pg_backend_pid())");
  }).catch(() => {});
  await lapse();
  // Dead after the commit, before it could say so.
  const third = await claimOperation(contract.rpc, "dead as well", null, []);
  assert.equal((await replay(third!)).status, 200);
  await lapse();
  assert.equal(await finishOperation(contract.rpc, second!, { status: "done" }), false);
  assert.deepEqual(await replayAll(database, contract), { attempted: 1, succeeded: 1, failures: [] });
  assert.deepEqual(await database.query("select text, mood from notes"), [{ text: "a", mood: "x" }]);
  assert.deepEqual(await states(database), ["done"]);
});
