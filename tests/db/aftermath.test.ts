/** What follows on a fix that proved itself: tests have the last word, and what changed code asks for a redeploy. */

import assert from "node:assert/strict";
import type { ConcernedTests } from "../../supabase/functions/_shared/engineDb.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import {
  createHealingEngine,
  type DeployPort,
  type HealingEngine,
  type TestRunnerPort,
} from "../../supabase/functions/_shared/healingEngine.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { type Contract, occurrence } from "../helpers/contract.ts";
import type { TestDatabase } from "../helpers/database.ts";
import { MISSING_FUNCTION, operation, prepared } from "../helpers/engine.ts";

interface Ports {
  tests?: TestRunnerPort;
  deploy?: DeployPort;
}

function engineWith(database: TestDatabase, contract: Contract, ports: Ports): HealingEngine {
  return createHealingEngine({
    db: contract.rpc,
    openDirect: () => openDirectConnection(database.url),
    invoke: () => Promise.resolve({ status: 200, body: "" }),
    worker: crypto.randomUUID(),
    ...ports,
  });
}

function testsThat(answer: () => ConcernedTests): { asked: string[]; tests: TestRunnerPort } {
  const asked: string[] = [];
  const runConcerned: TestRunnerPort["runConcerned"] = (fix) => {
    asked.push(fix.target);
    try {
      return Promise.resolve(answer());
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return { asked, tests: { runConcerned } };
}

/** A missing extension was installed, and its fix is due for its verdict. */
async function applied(database: TestDatabase, contract: Contract): Promise<void> {
  await captureErrors(contract.rpc, [occurrence({ ...MISSING_FUNCTION, operation: operation("a") })]);
  await using engine = engineWith(database, contract, {});
  assert.equal((await engine.detectAndHeal()).fixes_applied, 1);
}

async function judgedWith(database: TestDatabase, contract: Contract, ports: Ports) {
  await using engine = engineWith(database, contract, ports);
  return await engine.detectAndHeal();
}

const FIX = "select status, verdict ->> 'reason' as reason, aftermath from auto_fixes";

interface Row extends Record<string, unknown> {
  status: string;
  reason: string;
  aftermath: { tests: Record<string, unknown>; redeploy: Record<string, unknown> };
}

Deno.test("a kept fix says that no tests are installed, and that nothing had to be deployed", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await applied(database, contract);
  assert.equal((await judgedWith(database, contract, {})).fixes_kept, 1);
  const [fix] = await database.query<Row>(FIX);
  assert.deepEqual(fix!.aftermath, {
    tests: { status: "not_installed", run: 0, failed: [] },
    redeploy: { status: "not_needed" },
  });
  const told = await database.query(
    "select severity from notifications where dedupe_key = 'fix_kept:extension:unaccent'",
  );
  assert.deepEqual(told, [{ severity: "low" }]);
});

Deno.test("a test that fails since the fix takes it back; one that failed before does not", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await applied(database, contract);
  const failing = testsThat(() => ({
    run: 3,
    failed: [
      { name: "old", reason: "always red", failedBefore: true },
      { name: "search", reason: "accents are lost", failedBefore: false },
    ],
  }));
  const counters = await judgedWith(database, contract, failing);
  assert.deepEqual([counters.fixes_kept, counters.fixes_reverted, failing.asked], [0, 1, [
    "extension:unaccent",
  ]]);
  const [fix] = await database.query<Row>(FIX);
  assert.equal(fix!.status, "reverted");
  assert.match(
    fix!.reason,
    /^1 of 3 tests that concern it fail since it was applied: search: accents are lost/,
  );
  assert.equal(fix!.aftermath.tests.status, "failed");
  assert.deepEqual(await database.query("select from pg_extension where extname = 'unaccent'"), []);
});

Deno.test("a test that failed before says nothing about a fix", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await applied(database, contract);
  const old = testsThat(() => ({ run: 1, failed: [{ name: "old", reason: "red", failedBefore: true }] }));
  assert.equal((await judgedWith(database, contract, old)).fixes_kept, 1);
});

Deno.test("tests that cannot be run neither keep nor take back: the verdict waits, and after a day it stays open", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await applied(database, contract);
  const broken = testsThat(() => {
    throw new Error("the runner is down: sk-abcdefghijklmnopqrstuvwxyz123456");
  });
  await judgedWith(database, contract, broken);
  const [waiting] = await database.query<Row>(FIX);
  assert.equal(waiting!.status, "validating");
  await database.query(
    "update auto_fixes set lease_expires_at = null, applied_at = applied_at - interval '2 days'",
  );
  await judgedWith(database, contract, broken);
  const [late] = await database.query<Row>(FIX);
  assert.equal(late!.status, "inconclusive");
  assert.match(late!.reason, /could not be run: the runner is down/);
  assert.ok(!JSON.stringify(late).includes("abcdefghijklmnop"), "what a runner says is sanitised");
});

Deno.test("a kept fix of code asks for its redeploy once, however often it is asked and whoever dies on the way", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await applied(database, contract);
  await database.query("update auto_fixes set action_group = 'code'");
  const asked: string[] = [];
  let isDown = true;
  const deploy: DeployPort = {
    requestRedeploy({ fixId }) {
      asked.push(fixId);
      return isDown ? Promise.reject(new Error("down")) : Promise.resolve({ reference: "dpl_1" });
    },
  };
  await judgedWith(database, contract, { deploy });
  const status = async () => (await database.query<Row>(FIX))[0]!.aftermath.redeploy;
  assert.deepEqual([asked.length, (await status()).status], [1, "wanted"]);
  isDown = false;
  await judgedWith(database, contract, { deploy });
  assert.equal(asked.length, 1, "its lease still holds");
  await database.query("update auto_fixes set aftermath = aftermath #- '{redeploy,asked_until}'");
  await Promise.all([1, 2, 3].map(() => judgedWith(database, contract, { deploy })));
  assert.deepEqual([asked.length, (await status()).status, (await status()).reference], [
    2,
    "requested",
    "dpl_1",
  ]);
  assert.equal(new Set(asked).size, 1, "under one key");
});
