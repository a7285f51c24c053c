import assert from "node:assert/strict";
import { createTestGate } from "../../supabase/functions/_shared/concernedTests.ts";
import { claimTests, finishTests, type TestResult } from "../../supabase/functions/_shared/engineDb.ts";
import {
  beginFix,
  captureErrors,
  claimErrors,
  proposeFix,
  recordFixApplied,
  type RpcPort,
} from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence, openContract, proposal, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

/** A fix under validation of an error in the function `checkout`. */
async function applyFix(rpc: RpcPort): Promise<string> {
  await setSetting(rpc, "mode_database", "auto");
  const { errors: [group] } = await captureErrors(rpc, [occurrence()]);
  const [error] = await claimErrors(rpc, { worker: "test", errorId: group!.id });
  const { fix_id: fixId } = await proposeFix(rpc, proposal(error!));
  await beginFix(rpc, fixId!, error!);
  await recordFixApplied(rpc, fixId!, error!, {
    rollback_point: { existed: false },
    probe: { ok: true },
    description: "made it",
    duration_ms: 5,
  });
  return fixId!;
}

async function addTest(
  database: TestDatabase,
  name: string,
  changes: Record<string, unknown> = {},
): Promise<void> {
  const {
    target_function = "checkout",
    fingerprint = null,
    error_type = `kind of ${name}`,
    table_name = null,
  } = changes;
  await database.query(
    `insert into auto_generated_tests (test_name, error_type, test_prompt, target_function, fingerprint, table_name)
     values ($1, $2, 'x', $3, $4, $5)`,
    [name, error_type, target_function, fingerprint, table_name],
  );
}

/** Runs what is claimed; each test ends as it is named to. */
async function runAll(
  rpc: RpcPort,
  fixId: string | undefined,
  ends: Record<string, TestResult["status"]>,
): Promise<string[]> {
  const claimed = await claimTests(rpc, { worker: "w", limit: 100, leaseSeconds: 60, fixId });
  await finishTests(
    rpc,
    claimed.map(({ id, claim_number, test_name }) => ({
      test_id: id,
      claim_number,
      status: ends[test_name] ?? "passed",
      reasons: [{ expectation: "shouldNotFail", ok: false, reason: `${test_name} says so` }],
      attempts: 1,
      ...(fixId === undefined ? {} : { fix_id: fixId }),
    })),
  );
  return claimed.map(({ test_name }) => test_name).sort();
}

Deno.test("claim_tests() picks the tests that concern a fix: fingerprint, kind, function or table, and no others", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const fixId = await applyFix(contract.rpc);
  const [fix] = await database.query<{ target: string }>("select target from auto_fixes");
  await addTest(database, "by function");
  await addTest(database, "by fingerprint", { target_function: "other", fingerprint: "v1:a" });
  await addTest(database, "by kind", { target_function: "other", error_type: "missing_schema" });
  await addTest(database, "by table", { target_function: "other", table_name: fix!.target });
  await addTest(database, "unconcerned", { target_function: "other" });
  assert.deepEqual(await runAll(contract.rpc, fixId, {}), [
    "by fingerprint",
    "by function",
    "by kind",
    "by table",
  ]);
  // Once for each fix.
  assert.deepEqual(await runAll(contract.rpc, fixId, {}), []);
});

Deno.test("createTestGate calls for the tests that have not run, and rejects until they have", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const gate = createTestGate(rpc);
  const fixId = await applyFix(rpc);
  assert.deepEqual(await gate.runConcerned({ fixId }), { run: 0, failed: [] });
  await addTest(database, "a");
  await assert.rejects(gate.runConcerned({ fixId }), /^HealingError: 1 tests that concern it run now/);
  const called = await database.query(
    "select function_name, trigger from healing_runs where trigger <> 'capture'",
  );
  assert.deepEqual(called, [{ function_name: "auto-test-runner", trigger: "fix" }]);
  await runAll(rpc, fixId, {});
  assert.deepEqual(await gate.runConcerned({ fixId }), { run: 1, failed: [] });
});

Deno.test("createTestGate tells what fails since the fix from what failed or was never run before it", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  await addTest(database, "broken by it");
  await addTest(database, "broken before");
  await addTest(database, "wrong in itself");
  await runAll(rpc, undefined, { "broken before": "failed", "wrong in itself": "error" });
  const fixId = await applyFix(rpc);
  await addTest(database, "never run");
  const ends = {
    "broken by it": "failed",
    "broken before": "failed",
    "never run": "failed",
    "wrong in itself": "error",
  } as const;
  await runAll(rpc, fixId, ends);
  const { run, failed } = await createTestGate(rpc).runConcerned({ fixId });
  assert.equal(run, 3);
  assert.deepEqual(failed, [
    { name: "broken before", reason: "broken before says so", failedBefore: true },
    { name: "broken by it", reason: "broken by it says so", failedBefore: false },
    { name: "never run", reason: "never run says so", failedBefore: true },
  ]);
});

Deno.test("createTestGate waits for no test in quarantine, and counts none against a fix", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  await addTest(database, "flaky");
  await runAll(rpc, undefined, {});
  await database.query("update auto_generated_tests set status = 'quarantined', status_reason = 'flaky'");
  const fixId = await applyFix(rpc);
  assert.deepEqual(await createTestGate(rpc).runConcerned({ fixId }), { run: 0, failed: [] });
  await runAll(rpc, fixId, { flaky: "failed" });
  assert.deepEqual(await createTestGate(rpc).runConcerned({ fixId }), { run: 0, failed: [] });
});
