/** Engines that die at any step, and several at once: a release is moved once, and taken back once. */

import assert from "node:assert/strict";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { watchReleases } from "../../supabase/functions/_shared/releaseWatch.ts";
import { startRollout, steerRollout } from "../../supabase/functions/_shared/rolloutDb.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { type Death, dyingMeans } from "../helpers/deployWorld.ts";
import { ageRollout, countRequests, letDeploymentsAct, readyRelease } from "../helpers/rollouts.ts";

const STEPS = ["claim_rollouts", "record_rollout_verdict", "find_uncorrelated_errors"];
const DEATHS: Death[] = STEPS.flatMap((_, index) =>
  [false, true].map((isDone) => ({ at: index + 1, isDone }))
);

/** A rollout of an hour, whose release fails so often in fifty requests of a minute. */
async function began(database: TestDatabase, rpc: RpcPort, errors: number, projectId: string) {
  const deployment = await readyRelease(database, { projectId, minutesAgo: 60 });
  const { id } = await startRollout(rpc, deployment, { mode: "feature" });
  await ageRollout(database, id, 60);
  await countRequests(database, { from: 59, to: 2, n: 50, errors, deployment, arm: "canary" });
  await countRequests(database, { from: 59, to: 2, n: 450, errors: 9, deployment, arm: "control" });
  return { id, deployment };
}

async function stateOf(database: TestDatabase, id: string) {
  const [row] = await database.query<{ status: string; share: number; rollbacks: number; asked: number }>(
    `select r.status, r.share, (select count(*)::int from deployment_rollbacks as b where b.deployment_id = r.deployment_id) as rollbacks,
       (select count(*)::int from deployment_logs as d where d.subject_id = r.deployment_id) as asked from rollouts as r where r.id = $1`,
    [id],
  );
  return row!;
}

/** Another engine, as soon as the dead one's lease is over. */
async function reanimate(database: TestDatabase, rpc: RpcPort): Promise<void> {
  await database.query(
    "update rollouts set lease_expires_at = clock_timestamp() - interval '1 second' where claimed_by is not null",
  );
  const { failures } = await watchReleases(rpc, { worker: "heir" });
  assert.deepEqual(failures, []);
}

for (const { at, isDone } of DEATHS) {
  const when = `${isDone ? "after" : "before"} ${STEPS[at - 1]}`;
  Deno.test(`an engine that dies ${when} leaves one step of a good release, and one rollback of a bad one`, async () => {
    await using database = await createTestDatabase();
    await using contract = await openContract(database);
    await letDeploymentsAct(database);
    const { rpc } = contract;
    for (const [errors, expected] of [[1, ["running", 25, 0, 0]], [6, ["rolling_back", 0, 1, 1]]] as const) {
      const { id } = await began(database, rpc, errors, `shop-${errors}`);
      const { db } = dyingMeans(rpc, { at, isDone });
      await watchReleases(db!, { worker: "dies" }).catch(() => {});
      await reanimate(database, rpc);
      await reanimate(database, rpc);
      const { status, share, rollbacks, asked } = await stateOf(database, id);
      assert.deepEqual([status, share, rollbacks, asked], expected);
    }
  });
}

Deno.test("eight engines and a person at once take a release back once", async () => {
  await using database = await createTestDatabase();
  await letDeploymentsAct(database);
  const engines = await Promise.all(Array.from({ length: 8 }, () => openContract(database)));
  const { rpc } = engines[0]!;
  const { id } = await began(database, rpc, 6, "shop");
  const [reports] = await Promise.all([
    Promise.all(
      engines.slice(1).map((engine, index) => watchReleases(engine.rpc, { worker: `engine-${index}` })),
    ),
    steerRollout(rpc, id, "roll_back", "customers call").catch(() => {}),
  ]);
  assert.deepEqual(reports.flatMap(({ failures }) => failures), []);
  const { status, share, rollbacks, asked } = await stateOf(database, id);
  assert.deepEqual([status, share, rollbacks, asked], ["rolling_back", 0, 1, 1]);
  await Promise.all(engines.map((engine) => engine[Symbol.asyncDispose]()));
});

Deno.test("a release is taken back by itself once; after a rollback that failed it is for people, whatever is measured", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await letDeploymentsAct(database);
  const { rpc } = contract;
  const { id } = await began(database, rpc, 6, "shop");
  await watchReleases(rpc, { worker: "w" });
  await database.query(
    "update deployment_rollbacks set status = 'failed', outcome = 'the provider said no', finished_at = now()",
  );
  for (let go = 0; go < 3; go++) {
    await ageRollout(database, id, 60);
    await watchReleases(rpc, { worker: "w" });
  }
  await steerRollout(rpc, id, "resume", "we try it once more");
  await ageRollout(database, id, 60);
  await watchReleases(rpc, { worker: "w" });
  const { status, rollbacks, asked } = await stateOf(database, id);
  assert.deepEqual([status, rollbacks, asked], ["paused", 1, 1]);
  const [{ pause_rule }] = await database.query<{ pause_rule: string }>(
    "select pause_rule from rollouts",
  ) as [{ pause_rule: string }];
  assert.equal(pause_rule, "rollbackRefused");
});

Deno.test("a wish for a rollout that makes no sense keeps nothing from being watched", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const wishes = [
    { steps: ["x"] },
    { steps: [50, 10] },
    { mode: "magic" },
    "text",
    { functions: "checkout" },
    { plan: [] },
    {
      mode: "feature",
      steps: [5, 100],
      functions: ["checkout"],
      plan: { minRequests: -1, tolerance: "none", maxMinutes: 1 },
    },
  ];
  for (const [index, rollout] of wishes.entries()) {
    await readyRelease(database, { projectId: `shop-${index}`, changes: { rollout } });
  }
  const { failures, looked } = await watchReleases(contract.rpc, { worker: "w" });
  assert.deepEqual([failures, looked], [[], wishes.length]);
  const rows = await database.query<{ mode: string; steps: number[] }>(
    "select mode, steps from rollouts order by project_id",
  );
  assert.deepEqual(rows.at(-1), { mode: "feature", steps: [5, 100] });
  assert.ok(rows.slice(0, -1).every(({ mode, steps }) => mode === "provider" && steps.length === 1));
});
