import assert from "node:assert/strict";
import {
  captureErrors,
  claimErrors,
  claimOperation,
  finishOperation,
} from "../../supabase/functions/_shared/healingDb.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { occurrence, openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";

Deno.test("capture_errors() makes one group of three occurrences and counts them", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await captureErrors(contract.rpc, [occurrence(), occurrence()]);
  const { errors: [group] } = await captureErrors(contract.rpc, [
    occurrence({ error_message: 'schema "shop" does not exist!' }),
  ]);
  assert.equal(group!.occurrence_count, 3);
  assert.equal(group!.is_new, false);
  const events = await database.query(
    "select occurrences from healing_events where event_type = 'occurrence'",
  );
  assert.deepEqual(events.map((event) => event.occurrences), [2, 1]);
});

Deno.test("capture_errors() keeps the good errors of a batch when one cannot be read", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const broken = { ...occurrence(), fingerprint: "" };
  const result = await captureErrors(contract.rpc, [broken, occurrence()]);
  assert.equal(result.rejected, 1);
  assert.equal(result.errors.length, 1);
});

Deno.test("capture_errors() refuses more than 500 errors with a code", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await assert.rejects(captureErrors(contract.rpc, Array(501).fill(occurrence())), { code: "BAD_REQUEST" });
});

Deno.test("capture_errors() from twenty connections at once counts exactly and never deadlocks", async () => {
  await using database = await createTestDatabase();
  const connections = await Promise.all(Array.from({ length: 20 }, () => openDirectConnection(database.url)));
  const batch = Array.from({ length: 30 }, (_, index) => occurrence({ fingerprint: `v1:${index}` }));
  await Promise.all(connections.map(async (connection, index) => {
    // Each sends the same groups in another order.
    const turned = [...batch.slice(index), ...batch.slice(0, index)];
    for (let round = 0; round < 5; round++) await captureErrors(connection.rpc, turned);
    await connection.close();
  }));
  const counts = await database.query("select occurrence_count::int as count from detected_errors");
  assert.deepEqual(new Set(counts.map((row) => row.count)), new Set([100]));
  assert.equal(counts.length, 30);
});

Deno.test("capture_errors() survives a dispatcher that cannot send", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { errors } = await captureErrors(contract.rpc, [occurrence()]);
  assert.equal(errors.length, 1);
  const [run] = await database.query("select status, reason from healing_runs");
  assert.equal(run!.status, "failed");
  assert.match(String(run!.reason), /Vault has no entry project_url/);
});

Deno.test("capture_errors() kicks the engine once for a burst of new errors", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  for (let index = 0; index < 5; index++) {
    await captureErrors(contract.rpc, [occurrence({ fingerprint: `v1:${index}` })]);
  }
  assert.equal((await database.query("select from healing_runs")).length, 1);
});

Deno.test("capture_errors() queues an operation once by its key, and hands it to one worker", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const operation = {
    kind: "invoke_function" as const,
    target: "checkout",
    payload: { cart: 1 },
    idempotency_key: "cart-1",
    caller_role: "anon" as const,
  };
  const { queued, errors: [group] } = await captureErrors(contract.rpc, [occurrence({ operation })]);
  assert.equal(queued, 1);
  assert.equal((await captureErrors(contract.rpc, [occurrence({ operation })])).queued, 1);
  assert.equal((await database.query("select from queued_operations")).length, 1);
  const mine = await claimOperation(contract.rpc, "a", group!.id, []);
  assert.deepEqual(mine!.payload, { cart: 1 });
  assert.equal(await claimOperation(contract.rpc, "b", group!.id, []), null);
  assert.equal(await finishOperation(contract.rpc, mine!, { status: "done" }), true);
  assert.equal(await finishOperation(contract.rpc, mine!, { status: "done" }), false);
});

Deno.test("capture_errors() opens a new group when a healed error comes back", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await captureErrors(contract.rpc, [occurrence()]);
  await database.query("update detected_errors set status = 'healed', resolution = 'kept'");
  const { errors: [again] } = await captureErrors(contract.rpc, [occurrence()]);
  assert.equal(again!.is_new, true);
  assert.equal(again!.occurrence_count, 1);
});

Deno.test("claim_errors() gives each error to exactly one of eight workers", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await captureErrors(
    contract.rpc,
    Array.from({ length: 200 }, (_, index) => occurrence({ fingerprint: `v1:${index}` })),
  );
  const workers = await Promise.all(Array.from({ length: 8 }, () => openDirectConnection(database.url)));
  const taken: string[] = [];
  await Promise.all(workers.map(async (worker, index) => {
    for (let claimed = 1; claimed > 0;) {
      const errors = await claimErrors(worker.rpc, { worker: `w${index}`, limit: 7 });
      taken.push(...errors.map((error) => error.id));
      claimed = errors.length;
    }
    await worker.close();
  }));
  assert.equal(taken.length, 200);
  assert.equal(new Set(taken).size, 200);
});
