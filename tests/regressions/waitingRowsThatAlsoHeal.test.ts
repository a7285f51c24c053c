import assert from "node:assert/strict";
import { replayOperations } from "../../supabase/functions/_shared/healingEngine/replay.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { createResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { createWriteReplayer, invokeByKind } from "../../supabase/functions/_shared/writeReplayer.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { callerOf } from "../helpers/writers.ts";

Deno.test("a row that waits for one column does not wait for others that its keys clearly mean", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await database.query(`create table messages (role text not null, content text not null);
    grant select, insert on messages to authenticated`);
  const caller = callerOf(database, "authenticated", { sub: "anna", role: "authenticated" });
  const db = createResilientDb(caller, { missingColumns: "wait" });
  const row = { sender: "user", message: "Hello", workflow_state: { step: 1 } };
  for (let time = 0; time < 2; time++) {
    const { results, migration } = await db.insertMany("messages", [row], { key: "once", migration: true });
    assert.equal(results[0]!.status, "queued");
    const statements = (migration ?? "").split("\n").filter((line) => line.startsWith("alter table"));
    if (time === 0) {
      assert.deepEqual(statements, [
        "alter table public.messages add column if not exists workflow_state jsonb;",
      ]);
    }
  }
  await database.query("alter table messages add column workflow_state jsonb");
  const replayer = createWriteReplayer(() => openDirectConnection(database.url));
  const invoke = invokeByKind({ invoke_function: undefined, write_rows: replayer });
  for (const succeeded of [1, 0]) {
    const replayed = await replayOperations({ db: contract.rpc, invoke, worker: crypto.randomUUID() }, null);
    assert.equal(replayed.succeeded, succeeded, JSON.stringify(replayed));
  }
  assert.deepEqual(await database.query("select * from messages"), [
    { role: "user", content: "Hello", workflow_state: { step: 1 } },
  ]);
});
