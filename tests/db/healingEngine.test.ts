import assert from "node:assert/strict";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import type { OperationInvoker } from "../../supabase/functions/_shared/healingEngine.ts";
import { occurrence, openContract } from "../helpers/contract.ts";
import { engineOf, MISSING_FUNCTION, operation, prepared, TRANSIENT } from "../helpers/engine.ts";

Deno.test("HealingEngine.detectAndHeal() installs the missing extension, makes the operations again and keeps the fix", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const made: string[] = [];
  await using engine = engineOf(database, contract, async (queued) => {
    const rows = await database.query("select unaccent('é') as plain");
    made.push(`${queued.idempotency_key}:${rows[0]!.plain}`);
    return { status: 200, body: "" };
  });
  await captureErrors(
    contract.rpc,
    ["a", "b", "c"].map((key) => occurrence({ ...MISSING_FUNCTION, operation: operation(key) })),
  );
  const counters = await engine.detectAndHeal();
  assert.equal(counters.fixes_applied, 1);
  assert.deepEqual(made, ["a:e", "b:e", "c:e"]);
  assert.equal((await engine.detectAndHeal()).fixes_kept, 1);
  const [fix] = await database.query(
    "select status, tier, proof ->> 'succeeded' as proof, verdict ->> 'reason' as reason from auto_fixes",
  );
  assert.deepEqual(fix, {
    status: "kept",
    tier: "deterministic",
    proof: "true",
    reason: "the operation that failed has succeeded, and the error did not come back",
  });
  const [pattern] = await database.query("select error_signature, action_kind from healing_patterns");
  // The fix holds more than the error said, so the pattern knows just this function.
  assert.deepEqual(pattern, {
    error_signature: MISSING_FUNCTION.error_template,
    action_kind: "create_extension",
  });
});

Deno.test("HealingEngine.detectAndHeal() refuses to install an extension for a function that exists elsewhere", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await database.query(
    "create schema hidden; create function hidden.unaccent(text) returns text language sql as 'select $1'",
  );
  await using engine = engineOf(database, contract);
  await captureErrors(contract.rpc, [occurrence(MISSING_FUNCTION)]);
  await engine.detectAndHeal();
  const [error] = await database.query("select status, resolution from detected_errors");
  assert.equal(error!.status, "escalated");
  assert.match(
    String(error!.resolution),
    /unaccent already exists in schema hidden; the caller has to name it/,
  );
});

Deno.test("HealingEngine.detectAndHeal() asks a person for a schema at run time until the pattern has six successes", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using engine = engineOf(database, contract, () => Promise.resolve({ status: 200, body: "" }));
  const seen: string[] = [];
  for (let number = 1; number <= 7; number++) {
    const name = `shop_${number}`;
    await captureErrors(contract.rpc, [occurrence({
      fingerprint: `v1:${name}`,
      error_template: `3F000: schema "${name}" does not exist`,
      error_message: `schema "${name}" does not exist`,
      slots: [name],
      operation: operation(name),
    })]);
    await engine.detectAndHeal();
    const [waiting] = await database.query<{ id: string }>(
      "select id from admin_approval_queue where status = 'pending'",
    );
    if (waiting !== undefined) {
      await contract.rpc.call("decide_approval", {
        p_approval_id: waiting.id,
        p_decision: "approve",
        p_reason: "yes",
      });
      await engine.detectAndHeal();
    }
    await engine.detectAndHeal();
    const [fix] = await database.query("select status, tier, approved_by from auto_fixes where target = $1", [
      `schema:${name}`,
    ]);
    seen.push(`${fix!.status} ${fix!.tier} ${fix!.approved_by ?? "alone"}`);
  }
  assert.deepEqual(seen, [
    ...Array(2).fill("kept deterministic postgres"),
    ...Array(4).fill("kept learned postgres"),
    "kept learned alone",
  ]);
});

Deno.test("HealingEngine.detectAndHeal() makes operations of a passing failure again, and leaves those that fail for later", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  let isUp = false;
  await using engine = engineOf(
    database,
    contract,
    () => Promise.resolve(isUp ? { status: 200, body: "" } : { status: 503, body: "down" }),
  );
  await captureErrors(contract.rpc, [occurrence({ ...TRANSIENT, operation: operation("a") })]);
  await engine.detectAndHeal();
  assert.deepEqual(await database.query("select status from queued_operations"), [{ status: "queued" }]);
  const [failed] = await database.query("select verdict ->> 'reason' as reason from auto_fixes");
  assert.match(
    String(failed!.reason),
    /0 of 1 operations succeeded when made again; first failure: checkout answered 503: down/,
  );
  isUp = true;
  await database.query("update detected_errors set next_attempt_at = now()");
  await engine.detectAndHeal();
  assert.deepEqual(await database.query("select status from queued_operations"), [{ status: "done" }]);
});

Deno.test("HealingEngine.detectAndHeal() with eight engines at once heals each error exactly once", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const made = new Map<string, number>();
  const invoke: OperationInvoker = (queued) => {
    made.set(queued.idempotency_key, (made.get(queued.idempotency_key) ?? 0) + 1);
    return Promise.resolve({ status: 200, body: "" });
  };
  const count = 60;
  for (let index = 0; index < count; index++) {
    await captureErrors(contract.rpc, [
      occurrence({ ...TRANSIENT, fingerprint: `v1:${index}`, operation: operation(`k${index}`) }),
    ]);
  }
  const contracts = await Promise.all(Array.from({ length: 8 }, () => openContract(database)));
  const counters = await Promise.all(contracts.map(async (own) => {
    await using engine = engineOf(database, own, invoke);
    return await engine.detectAndHeal();
  }));
  await Promise.all(contracts.map((own) => own[Symbol.asyncDispose]()));
  assert.equal(counters.reduce((sum, one) => sum + one.fixes_applied, 0), count);
  assert.deepEqual([...made.values()].filter((times) => times !== 1), []);
  assert.equal(made.size, count);
});
