/**
 * The whole way of a fix: an error comes, a fix is proposed and approved, kept, deployed, watched, and taken back by
 * itself when it does harm, or given to everybody in steps when it does not. The provider is a server that speaks
 * Vercel's protocol; requests go through everything that counts them.
 */

import assert from "node:assert/strict";
import { createDeployPort } from "../../supabase/functions/_shared/deployments.ts";
import type { StoredDeployment } from "../../supabase/functions/_shared/deploymentDb.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { createHealingEngine } from "../../supabase/functions/_shared/healingEngine.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { watchReleases } from "../../supabase/functions/_shared/releaseWatch.ts";
import {
  getRolloutCurve,
  startRollout,
  type StoredRollout,
} from "../../supabase/functions/_shared/rolloutDb.ts";
import { occurrence, setSetting } from "../helpers/contract.ts";
import { VercelServer } from "../helpers/deployServers.ts";
import { type DeployWorld, openDeployWorld } from "../helpers/deployWorld.ts";
import { MISSING_FUNCTION, operation } from "../helpers/engine.ts";
import { ageRollout, countRequests } from "../helpers/rollouts.ts";
import { serveTraffic } from "../helpers/rolloutTraffic.ts";

async function prepared(): Promise<[DeployWorld, VercelServer]> {
  const world = await openDeployWorld();
  const server = new VercelServer();
  server.seed("dpl_old");
  await world.target("vercel", server.config);
  await setSetting(world.contract.rpc, "validation_min_seconds", 0);
  return [world, server];
}

/** From the error to the deployment that its approved fix asked for. */
async function fixAndDeploy(world: DeployWorld): Promise<StoredDeployment> {
  const { database, contract: { rpc } } = world;
  await captureErrors(rpc, [
    occurrence({ ...MISSING_FUNCTION, project_id: "shop", operation: operation("a") }),
  ]);
  await using engine = createHealingEngine({
    db: rpc,
    openDirect: () => openDirectConnection(database.url),
    invoke: () => Promise.resolve({ status: 200, body: "" }),
    deploy: createDeployPort(rpc),
    worker: crypto.randomUUID(),
  });
  assert.equal((await engine.detectAndHeal()).fixes_applied, 0, "it is only suggested");
  await database.query(`select decide_approval(id, 'approve', 'looks right') from admin_approval_queue`);
  assert.equal((await engine.detectAndHeal()).fixes_applied, 1);
  // A fix of files needs a generated project: what was mended in the database stands for one.
  await database.query(
    `update auto_fixes set action_group = 'code', action = '{"files": [{"path": "src/search.ts", "content": "ok"}]}'`,
  );
  assert.equal((await engine.detectAndHeal()).fixes_kept, 1);
  const [asked] = await database.query<{ id: string }>(
    "select id from deployment_logs where trigger_kind = 'fix'",
  );
  return await world.finish(asked!.id);
}

/** The release, an hour old, at a tenth of the traffic. */
async function begun(world: DeployWorld): Promise<StoredRollout> {
  const { database, contract: { rpc } } = world;
  await countRequests(database, { from: 2 * 1_440, to: 61, n: 150, errors: 3 });
  const deployment = await fixAndDeploy(world);
  assert.equal(deployment.status, "ready");
  const rollout = await startRollout(rpc, deployment.id, { mode: "feature", functions: ["checkout"] });
  await ageRollout(database, rollout.id, 60);
  return rollout;
}

Deno.test("a fix that was approved and deployed, and does harm, is taken back by itself, proved and recorded with its numbers", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  const { database, contract: { rpc } } = world;
  const { id, deployment_id: deployment } = await begun(world);
  assert.notEqual(server.production, "dpl_old");
  const served = await serveTraffic(rpc, {
    deployment,
    from: 58,
    to: 2,
    perMinute: 100,
    fails: (isIn, index) => index % (isIn ? 8 : 50) === 0,
  });
  assert.ok(served.canary > 400 && served.control > 4_500, JSON.stringify(served));

  const report = await watchReleases(rpc, { worker: "engine" });
  assert.deepEqual([report.failures, report.rolled_back], [[], 1]);
  const [asked] = await database.query<{ id: string }>(
    "select id from deployment_logs where action = 'rollback'",
  );
  assert.equal((await world.finish(asked!.id)).status, "ready");
  assert.equal(server.production, "dpl_old");
  await watchReleases(rpc, { worker: "engine" });

  const [told] = await database.query(
    `select d.status as deployment, r.status as rollout, r.share, b.status as rollback, b.automatic, b.proof is not null as is_proved,
       (select count(*)::int from rollback_history where deployment_id = d.id) as history,
       (select count(*)::int from auto_rollback_logs where deployment_id = d.id and succeeded) as logs
     from deployment_logs as d join rollouts as r on r.deployment_id = d.id join deployment_rollbacks as b on b.deployment_id = d.id`,
  );
  assert.deepEqual(told, {
    deployment: "rolled_back",
    rollout: "rolled_back",
    share: 0,
    rollback: "done",
    automatic: true,
    is_proved: true,
    history: 1,
    logs: 1,
  });
  const curve = await getRolloutCurve(rpc, id);
  const [verdict] = curve!.verdicts;
  assert.deepEqual([verdict!.kind, verdict!.n, verdict!.share_after], ["rollback", served.canary, 0]);
  assert.ok(Number(verdict!.measured) > 0.1 && Number(verdict!.baseline) < 0.03, JSON.stringify(verdict));
  assert.match(String(verdict!.reason), /evidence (?:over )?[\d.e+]+, and 200 is the bound/);
});

Deno.test("a fix that was approved and deployed, and does no harm, goes to everybody in steps and is kept", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  const { database, contract: { rpc } } = world;
  const { id, deployment_id: deployment } = await begun(world);
  const shares: number[] = [];
  for (let step = 0; step < 5; step++) {
    await database.query("delete from performance_metrics where tags ? 'arm'");
    const { canary, control } = await serveTraffic(rpc, {
      deployment,
      from: 58,
      to: 2,
      perMinute: 100,
      fails: (_isIn, index) => index % 50 === 0,
    });
    shares.push(Math.round(100 * canary / (canary + control)));
    await ageRollout(database, id, 60);
    const { failures, promoted } = await watchReleases(rpc, { worker: "engine" });
    assert.deepEqual([failures, promoted], [[], 1], `step ${step}`);
  }
  assert.ok(
    [10, 25, 50, 75, 100].every((share, step) => Math.abs(shares[step]! - share) <= 3),
    String(shares),
  );
  const [told] = await database.query(
    "select d.status as deployment, r.status as rollout, r.share from deployment_logs as d join rollouts as r on r.deployment_id = d.id",
  );
  assert.deepEqual(told, { deployment: "kept", rollout: "promoted", share: 100 });
  assert.equal((await database.query("select from deployment_rollbacks")).length, 0);
  const steps = (await getRolloutCurve(rpc, id))!.verdicts.map((
    { share, share_after },
  ) => [share, share_after]);
  assert.deepEqual(steps, [[10, 25], [25, 50], [50, 75], [75, 100], [100, 100]]);
});
