import assert from "node:assert/strict";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { createHealingEngine } from "../../supabase/functions/_shared/healingEngine.ts";
import { occurrence, setSetting } from "../helpers/contract.ts";
import { engineOf, MISSING_FUNCTION, operation, prepared, TRANSIENT } from "../helpers/engine.ts";

Deno.test("the engine makes no operation again while the kill switch is thrown", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  const made: string[] = [];
  await using engine = engineOf(database, contract, (q) => {
    made.push(q.idempotency_key);
    return Promise.resolve({ status: 200, body: "" });
  });
  await captureErrors(contract.rpc, [occurrence({ ...TRANSIENT, operation: operation("before") })]);
  await engine.detectAndHeal();
  await captureErrors(contract.rpc, [occurrence({ ...TRANSIENT, operation: operation("after the switch") })]);
  await setSetting(contract.rpc, "enabled", false);
  await setSetting(contract.rpc, "mode_call", "off");
  await setSetting(contract.rpc, "dry_run", true);
  await engine.detectAndHeal();
  assert.deepEqual(made, ["before"]);
});

Deno.test("decide_operation() requeues an operation so that it is made again, also when its error was escalated", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  const made: string[] = [];
  await using engine = engineOf(database, contract, (q) => {
    made.push(q.idempotency_key);
    return Promise.resolve({ status: 200, body: "" });
  });
  await captureErrors(contract.rpc, [
    occurrence({
      fingerprint: "v1:odd",
      error_code: "P0001",
      error_message: "odd",
      error_signature: "odd",
      error_template: "odd",
      operation: operation("a"),
    }),
  ]);
  await engine.detectAndHeal(); // nobody knows this error: escalated
  const [{ id }] = await database.query<{ id: string }>("select id from queued_operations") as [
    { id: string },
  ];
  await contract.rpc.call("decide_operation", {
    p_operation_id: id,
    p_decision: "requeue",
    p_reason: "I mended the function by hand",
  });
  await engine.detectAndHeal();
  assert.deepEqual(
    made,
    ["a"],
    JSON.stringify(
      await database.query(
        "select q.status, e.status as error from queued_operations q join detected_errors e on e.id = q.detected_error_id",
      ),
    ),
  );
});

Deno.test("one target that hangs does not keep the engine from healing", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  let now = 0;
  const clock = { now: () => new Date(now), monotonic: () => now } as never;
  await using engine = createHealingEngine({
    db: contract.rpc,
    worker: "w",
    clock,
    openDirect: async () =>
      (await import("../../supabase/functions/_shared/postgres.ts")).openDirectConnection(database.url),
    invoke: () => {
      now += 30_000;
      return Promise.resolve({ status: 0, body: "Signal timed out." });
    },
  });
  await captureErrors(
    contract.rpc,
    Array.from({ length: 20 }, (_, i) => occurrence({ ...TRANSIENT, operation: operation(`k${i}`) })),
  );
  await database.query("update detected_errors set status = 'healed', resolution = 'by a fix'");
  await captureErrors(contract.rpc, [occurrence({ ...MISSING_FUNCTION, fingerprint: "v1:u" })]);
  const counters = await engine.detectAndHeal({ untilMs: 100_000 });
  assert.ok(
    counters.errors_detected === 1 && now <= 150_000,
    JSON.stringify({ counters, secondsUsed: now / 1000 }),
  );
});
