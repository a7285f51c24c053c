import assert from "node:assert/strict";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence } from "../helpers/contract.ts";
import { engineOf, MISSING_FUNCTION, operation, prepared, TRANSIENT } from "../helpers/engine.ts";

const ok = () => Promise.resolve({ status: 200, body: "" });

Deno.test("HealingEngine.detectAndHeal() heals two fingerprints of one fault, and makes the operations of both again", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await using engine = engineOf(database, contract, ok);
  await captureErrors(contract.rpc, [
    occurrence({
      ...MISSING_FUNCTION,
      fingerprint: "v1:in_function_a",
      function_name: "a",
      operation: operation("a"),
    }),
    occurrence({
      ...MISSING_FUNCTION,
      fingerprint: "v1:in_function_b",
      function_name: "b",
      operation: operation("b"),
    }),
  ]);
  for (let run = 0; run < 4; run++) await engine.detectAndHeal();
  const rows = await database.query(
    "select e.status, e.resolution, q.status as operation from detected_errors e join queued_operations q on q.detected_error_id = e.id order by fingerprint",
  );
  assert.deepEqual(
    rows.map((r) => [r.status, r.operation]),
    [["healed", "done"], ["healed", "done"]],
    JSON.stringify(rows, null, 1),
  );
});

Deno.test("claim_operations() never lets two engines make one operation while the first still works", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  const made: string[] = [];
  await captureErrors(
    contract.rpc,
    ["a", "b", "c"].map((key) => occurrence({ ...TRANSIENT, operation: operation(key) })),
  );
  await using second = engineOf(database, contract, (q) => {
    made.push(`second ${q.idempotency_key}`);
    return ok();
  });
  await using first = engineOf(database, contract, async (q) => {
    made.push(`first ${q.idempotency_key}`);
    if (q.idempotency_key === "a") {
      // Four calls of 30 s are allowed; 120 s have passed here. Nothing renews a lease.
      await database.query(
        "update detected_errors set lease_expires_at = now() - interval '1 s' where status = 'healing'",
      );
      await database.query(
        "update queued_operations set lease_expires_at = now() - interval '1 s' where status = 'running' and idempotency_key <> 'a'",
      );
      await second.detectAndHeal();
    }
    return await ok();
  });
  await first.detectAndHeal();
  const times = Map.groupBy(made, (entry) => entry.split(" ")[1]);
  assert.deepEqual([...times.values()].filter((list) => list.length > 1), [], made.join(", "));
});

Deno.test("queue_operations() keeps one caller from filling the queue for the others", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  for (let batch = 0; batch < 2; batch++) {
    await captureErrors(
      contract.rpc,
      Array.from(
        { length: 500 },
        (_, i) => occurrence({ ...TRANSIENT, operation: operation(`flood${batch}_${i}`) }),
      ),
    );
  }
  // What withSelfHealing sends for a machine: no subject, service_role.
  const { queued } = await captureErrors(contract.rpc, [
    occurrence({ ...TRANSIENT, operation: { ...operation("mine"), caller_role: "service_role" } }),
  ]);
  assert.equal(queued, 1);
});
