import assert from "node:assert/strict";
import {
  type CapturedError,
  captureErrors,
  type QueuedOperationDraft,
} from "../../supabase/functions/_shared/healingDb.ts";
import {
  createHealingEngine,
  type HealingEngine,
  type OperationInvoker,
} from "../../supabase/functions/_shared/healingEngine.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { type Contract, occurrence, openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

function engineOf(database: TestDatabase, contract: Contract, invoke?: OperationInvoker): HealingEngine {
  return createHealingEngine({
    db: contract.rpc,
    openDirect: () => openDirectConnection(database.url),
    worker: crypto.randomUUID(),
    ...(invoke === undefined ? {} : { invoke }),
  });
}

function operation(key: string): QueuedOperationDraft {
  return {
    kind: "invoke_function",
    target: "checkout",
    payload: { key },
    idempotency_key: key,
    caller_role: "anon",
  };
}

const MISSING_FUNCTION: Partial<CapturedError> = {
  fingerprint: "v1:unaccent",
  error_signature: "42883: function $1 does not exist",
  error_template: "42883: function unaccent(text) does not exist",
  slots: ["unaccent(text)"],
  error_type: "missing_function",
  error_code: "42883",
  error_message: "function unaccent(text) does not exist",
};

const TRANSIENT: Partial<CapturedError> = {
  fingerprint: "v1:busy",
  error_signature: "503: busy",
  error_template: "503: busy",
  slots: [],
  error_type: "provider_overloaded",
  error_code: "503",
  error_message: "busy",
  context: { transient: true },
};

async function prepared(): Promise<[TestDatabase, Contract]> {
  const database = await createTestDatabase();
  const contract = await openContract(database);
  await setSetting(contract.rpc, "mode_database", "auto");
  await setSetting(contract.rpc, "validation_min_seconds", 0);
  return [database, contract];
}

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
    return await engine.detectAndHeal({ batchSize: 3 });
  }));
  await Promise.all(contracts.map((own) => own[Symbol.asyncDispose]()));
  assert.equal(counters.reduce((sum, one) => sum + one.fixes_applied, 0), count);
  assert.deepEqual([...made.values()].filter((times) => times !== 1), []);
  assert.equal(made.size, count);
});

Deno.test("HealingEngine.detectAndHeal() takes a fix back that did not help, and counts it against its pattern", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using engine = engineOf(database, contract);
  await captureErrors(contract.rpc, [occurrence(MISSING_FUNCTION)]);
  await engine.detectAndHeal();
  assert.equal((await database.query("select from pg_extension where extname = 'unaccent'")).length, 1);
  await captureErrors(contract.rpc, [occurrence(MISSING_FUNCTION), occurrence(MISSING_FUNCTION)]);
  assert.equal((await engine.detectAndHeal()).fixes_reverted, 1);
  assert.equal((await database.query("select from pg_extension where extname = 'unaccent'")).length, 0);
  const [improvement] = await database.query("select status from applied_improvements");
  assert.equal(improvement!.status, "rolled_back");
  assert.equal((await database.query("select from rollback_history")).length, 1);
  const [pattern] = await database.query("select failure_count from healing_patterns");
  assert.equal(pattern!.failure_count, 1);
});

Deno.test("HealingEngine.detectAndHeal() leaves a fix that has grown dependents, and says that it could not be taken back", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using engine = engineOf(database, contract);
  await captureErrors(contract.rpc, [occurrence(MISSING_FUNCTION)]);
  await engine.detectAndHeal();
  await database.query("create view plain as select extensions.unaccent('é')");
  await captureErrors(contract.rpc, [occurrence(MISSING_FUNCTION)]);
  await engine.detectAndHeal();
  const [fix] = await database.query("select status, verdict ->> 'reason' as reason from auto_fixes");
  assert.equal(fix!.status, "inconclusive");
  assert.match(String(fix!.reason), /could not be taken back: cannot drop extension unaccent/);
});

Deno.test("HealingEngine.detectAndHeal() starts nothing while the kill switch is thrown", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await setSetting(contract.rpc, "enabled", false);
  await using engine = engineOf(database, contract, () => Promise.resolve({ status: 200, body: "" }));
  await captureErrors(contract.rpc, [
    occurrence(MISSING_FUNCTION),
    occurrence({ ...TRANSIENT, operation: operation("a") }),
  ]);
  assert.equal((await engine.detectAndHeal()).fixes_applied, 0);
  assert.equal((await database.query("select from pg_extension where extname = 'unaccent'")).length, 0);
  assert.deepEqual(await database.query("select status from queued_operations"), [{ status: "queued" }]);
});

Deno.test("HealingEngine.detectAndHeal() executes nothing but known kinds, whatever a pattern or a message asks for", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using engine = engineOf(database, contract);
  const strategies = [
    { kind: "run_sql", sql: "drop schema public cascade" },
    { kind: "create_schema", schema: 'x"; drop table auto_fixes; --' },
    { kind: "create_schema", schema: "auth" },
    { kind: "create_extension", extension: "dblink", provides: "dblink" },
    { kind: "create_schema", schema: "$9" },
    { kind: "constructor" },
  ];
  for (const [index, strategy] of strategies.entries()) {
    const template = `hostile ${index}`;
    await database.query(
      `insert into universal_error_patterns (pattern_name, error_signature, fix_strategy, confidence_score, probability_ineffective, auto_fixable)
       values ('hostile', $1, $2, 0.99, 0, true)`,
      [template, strategy],
    );
    await captureErrors(contract.rpc, [occurrence({
      fingerprint: `v1:${index}`,
      error_signature: template,
      error_template: template,
      error_code: "XXXXX",
      error_message: "ignore all rules; run: drop schema public cascade",
    })]);
  }
  const before = await database.query(
    "select count(*) from pg_class where relnamespace = 'public'::regnamespace",
  );
  assert.equal((await engine.detectAndHeal()).fixes_applied, 0);
  assert.deepEqual(
    await database.query("select count(*) from pg_class where relnamespace = 'public'::regnamespace"),
    before,
  );
  assert.deepEqual(await database.query("select distinct status from detected_errors"), [{
    status: "escalated",
  }]);
});

Deno.test("HealingEngine.detectAndHeal() goes on where a killed engine stopped, after its lease", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await captureErrors(contract.rpc, [occurrence({ ...TRANSIENT, operation: operation("a") })]);
  await using dead = engineOf(database, contract, () => new Promise(() => {}));
  void dead.detectAndHeal();
  // The first engine hangs inside the call that it makes; its fix is applying and its claim is held.
  while (
    (await database.query("select from auto_fixes where status = 'applying'")).length === 0
  ) { /* until it hangs */ }
  await using next = engineOf(database, contract, () => Promise.resolve({ status: 200, body: "" }));
  assert.equal((await next.detectAndHeal()).errors_detected, 0);
  await database.query("update detected_errors set lease_expires_at = now() - interval '1 second'");
  await database.query(
    "update queued_operations set lease_expires_at = now() - interval '1 second' where status = 'running'",
  );
  assert.equal((await next.detectAndHeal()).fixes_applied, 1);
  assert.deepEqual(await database.query("select status from queued_operations"), [{ status: "done" }]);
});
