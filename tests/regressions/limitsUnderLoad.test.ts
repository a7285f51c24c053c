import assert from "node:assert/strict";
import {
  beginFix,
  captureErrors,
  claimErrors,
  proposeFix,
} from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence, openContract, proposal, setSetting } from "../helpers/contract.ts";
import { prepared } from "../helpers/engine.ts";

Deno.test("begin_fix() keeps the budget of the day when two engines begin at once", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await setSetting(contract.rpc, "max_fixes_per_day", 1);
  await captureErrors(contract.rpc, [
    occurrence({ fingerprint: "v1:a" }),
    occurrence({ fingerprint: "v1:b" }),
  ]);
  const claims = await claimErrors(contract.rpc, { worker: "w", limit: 2 });
  const begun: boolean[] = [];
  const contracts = await Promise.all(claims.map(() => openContract(database)));
  const ids = await Promise.all(
    claims.map((claim, i) => proposeFix(contracts[i]!.rpc, proposal(claim, { target: `schema:s${i}` }))),
  );
  // Each begins in a transaction of its own; the second has to see the first one's count, or wait for it.
  await Promise.all(claims.map((claim, i) =>
    contracts[i]!.connection.transaction(async (tx) => {
      begun.push((await beginFix(tx.rpc, ids[i]!.fix_id!, claim)).moved);
    })
  ));
  await Promise.all(contracts.map((c) => c[Symbol.asyncDispose]()));
  assert.equal(
    begun.filter(Boolean).length,
    1,
    `${begun.filter(Boolean).length} fixes began, the budget is 1`,
  );
});

Deno.test("change_healing_setting() of a mode and begin_fix() never deadlock", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await database.query(
    "update healing_settings set actual = 'true', reason = 'in force' where key = 'enabled'",
  ); // differs from what is so: no run has finished
  const mover = await database.connect();
  const admin = await database.connect();
  await mover.query(
    "begin; select from healing_settings where key = 'dry_run' for share; select from healing_settings where key = 'enabled' for share",
  );
  await admin.query("begin; select from healing_settings where key = 'mode_database' for update"); // first half of change_setting
  const a = mover.query("select from healing_settings where key = 'mode_database' for share").then(
    () => "ok",
    (e) => e.message,
  );
  while (
    (await database.query("select from pg_locks where not granted")).length === 0
  ) { /* until the move waits */ }
  const b = admin.query("select healing_private.refresh_settings()").then(() => "ok", (e) => e.message);
  const first = await Promise.race([a, b]);
  await admin.query("rollback");
  await a;
  await mover.query("rollback");
  await b;
  assert.equal(first, "ok");
});

Deno.test("capture_errors() is not held up by the healing of the same error", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await captureErrors(contract.rpc, [occurrence()]);
  const [claim] = await claimErrors(contract.rpc, { worker: "w" });
  const { fix_id } = await proposeFix(contract.rpc, proposal(claim!));
  await using healer = await openContract(database);
  const isolate = await database.connect();
  await isolate.query("set statement_timeout = '1s'"); // stands for the authenticator's 8 s; a migration may take 30 s a statement
  let captured = "";
  await healer.connection.transaction(async (tx) => {
    await beginFix(tx.rpc, fix_id!, claim!);
    captured = await isolate.query("select capture_errors($1)", [
      JSON.stringify([occurrence({ fingerprint: "v1:other" }), occurrence()]),
    ]).then(() => "stored", (e) => e.message);
  });
  assert.equal(captured, "stored");
});
