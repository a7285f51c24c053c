import assert from "node:assert/strict";
import { claimCycle, finishCycle } from "../../supabase/functions/_shared/healingDb.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

const [ONE, OTHER] = [crypto.randomUUID(), crypto.randomUUID()];

function lease(runId: string, changes: { cycle?: number; projectId?: string } = {}) {
  return { runId, cycle: 1, projectId: "", leaseSeconds: 60, ...changes };
}

async function kicks(database: TestDatabase): Promise<number> {
  return (await database.query("select from healing_runs where trigger like 'cycle%'")).length;
}

Deno.test("claim_cycle() gives a cycle to one run at a time, also of twenty that ask at once", async () => {
  await using database = await createTestDatabase();
  const claims = await Promise.all(
    Array.from(
      { length: 20 },
      () => database.rpc<{ claimed: boolean }>("claim_cycle", { p_run_id: crypto.randomUUID(), p_cycle: 2 }),
    ),
  );
  assert.equal(claims.filter(({ claimed }) => claimed).length, 1);
});

Deno.test("claim_cycle() keeps a run of all projects and a run of one from the same cycle, and lets others be", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const claim = async (projectId: string, cycle = 1) =>
    (await claimCycle(contract.rpc, lease(crypto.randomUUID(), { projectId, cycle }))).claimed;
  assert.deepEqual([await claim("a"), await claim("b")], [true, true]);
  assert.deepEqual([await claim("a"), await claim(""), await claim("", 3)], [false, false, true]);
  assert.equal(await claim("a", 3), false);
});

Deno.test("finish_cycle() keeps the checkpoint for the next run, and calls it at once when there is more to do", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const first = await claimCycle(contract.rpc, lease(ONE));
  assert.ok(first.claimed);
  const held = { cycle: 1, projectId: "", claimNumber: first.claim_number };
  const paused = { status: "paused" as const, counters: {}, checkpoint: { step: "audits" }, goes_on: true };
  assert.equal(await finishCycle(contract.rpc, held, paused), true);
  assert.equal(await finishCycle(contract.rpc, held, paused), false, "once");
  assert.equal(await kicks(database), 1);
  const second = await claimCycle(contract.rpc, lease(OTHER));
  assert.ok(second.claimed);
  assert.deepEqual(second.checkpoint, { step: "audits" });
  await finishCycle(contract.rpc, { ...held, claimNumber: second.claim_number }, {
    status: "finished",
    counters: {},
  });
  const third = await claimCycle(contract.rpc, lease(ONE));
  assert.ok(third.claimed && third.checkpoint === null);
});

Deno.test("finish_cycle() calls the engine again for a run that came while the cycle was taken", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const first = await claimCycle(contract.rpc, lease(ONE));
  const refused = await claimCycle(contract.rpc, lease(OTHER));
  assert.ok(first.claimed && !refused.claimed);
  assert.match(refused.reason, new RegExp(ONE));
  const held = { cycle: 1, projectId: "", claimNumber: first.claim_number };
  await finishCycle(contract.rpc, held, { status: "finished", counters: {} });
  assert.equal(await kicks(database), 1);
});

Deno.test("claim_cycle() gives the cycle of a worker that died to the next run, and its late word counts for nothing", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const dead = await claimCycle(contract.rpc, lease(ONE));
  await database.query("update healing_cycles set lease_expires_at = now() - interval '1 second'");
  const next = await claimCycle(contract.rpc, lease(OTHER));
  assert.ok(dead.claimed && next.claimed);
  const late = { cycle: 1, projectId: "", claimNumber: dead.claim_number };
  assert.equal(await finishCycle(contract.rpc, late, { status: "finished", counters: {} }), false);
  assert.deepEqual(await database.query("select status, run_id from healing_cycles"), [{
    status: "running",
    run_id: OTHER,
  }]);
});
