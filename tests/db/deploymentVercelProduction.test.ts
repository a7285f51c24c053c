/** Pointing production elsewhere at Vercel: promotion, rollback, and what somebody else has put there. */

import assert from "node:assert/strict";
import type { StoredDeployment } from "../../supabase/functions/_shared/deploymentDb.ts";
import {
  answersInstead,
  breaksOff,
  losesAnswer,
  takesAndAnswers,
  VercelServer,
} from "../helpers/deployServers.ts";
import { CREATE, LIMITED, prepared } from "../helpers/vercelWorld.ts";

Deno.test("carryOutDeployments() at Vercel rolls back to what production served before, and proves it", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  const bad = await world.finish((await world.ask()).id);
  assert.equal(server.production, bad.provider_deployment_id);
  const asked = await world.contract.rpc.call<{ rollback: { carried_out_by: string } }>(
    "request_deployment_rollback",
    {
      p_deployment_id: bad.id,
      p_reason: "errors doubled",
      p_measured: { measured: 0.04, baseline: 0.02 },
    },
  );
  const carrier = await world.finish(asked.rollback.carried_out_by);
  assert.equal(carrier.status, "ready");
  assert.equal(server.production, "dpl_old");
  const [row] = await world.database.query(
    `select d.status as subject, r.status, r.proof, r.automatic, h.reason as history, l.succeeded, l.measured
     from deployment_rollbacks r join deployment_logs d on d.id = r.deployment_id
     left join rollback_history h on h.deployment_id = d.id left join auto_rollback_logs l on l.deployment_id = d.id`,
  );
  assert.deepEqual(row, {
    subject: "rolled_back",
    status: "done",
    proof: { production: "dpl_old" },
    automatic: true,
    history: "errors doubled",
    succeeded: true,
    measured: { measured: 0.04, baseline: 0.02 },
  });
});

for (
  const [name, behaviour] of [["whose answer was lost", losesAnswer()], [
    "that met 500",
    takesAndAnswers(500, {}),
  ], [
    "that broke before it was taken",
    breaksOff(),
  ], ["that met 429", answersInstead(429, LIMITED)]] as const
) {
  Deno.test(`carryOutDeployments() at Vercel rolls back once by a request ${name}`, async () => {
    const [world, server] = await prepared();
    await using _world = world;
    await using _server = server;
    const bad = await world.finish((await world.ask()).id);
    server.once("POST /v1/projects/prj_shop/rollback", behaviour);
    const { rollback } = await world.contract.rpc.call<{ rollback: { carried_out_by: string } }>(
      "request_deployment_rollback",
      { p_deployment_id: bad.id, p_reason: "worse" },
    );
    const carrier = await world.finish(rollback.carried_out_by);
    assert.equal(carrier.status, "ready", carrier.status_reason);
    assert.equal(server.production, "dpl_old");
  });
}

Deno.test("carryOutDeployments() at Vercel takes nothing back that somebody else has put into production since", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  const bad = await world.finish((await world.ask()).id);
  server.seed("dpl_theirs");
  const { rollback } = await world.contract.rpc.call<{ rollback: { carried_out_by: string } }>(
    "request_deployment_rollback",
    {
      p_deployment_id: bad.id,
      p_reason: "worse",
    },
  );
  const carrier = await world.finish(rollback.carried_out_by);
  assert.equal(carrier.status, "failed");
  assert.equal(server.production, "dpl_theirs");
  assert.equal((await world.read(bad.id)).status, "ready");
});

Deno.test("carryOutDeployments() at Vercel looks for what it sent where it sent it, though the target has changed since", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  await using other = new VercelServer();
  server.once(CREATE, losesAnswer());
  const { id } = await world.ask();
  await world.work();
  await world.target("vercel", other.config);
  assert.equal((await world.finish(id)).status, "ready");
  assert.deepEqual([server.deployments.length, other.deployments.length], [2, 0]);
});

Deno.test("carryOutDeployments() at Vercel promotes a preview without a build", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  const { deployment } = await world.contract.rpc.call<{ deployment: StoredDeployment }>(
    "trigger_deployment",
    {
      p_project_id: "shop",
      p_reason: "look at it first",
      p_options: { environment: "preview" },
    },
  );
  const preview = await world.finish(deployment.id);
  assert.equal(preview.status, "ready");
  assert.equal(server.production, "dpl_old");
  const promoted = await world.contract.rpc.call<{ deployment: StoredDeployment }>("promote_deployment", {
    p_deployment_id: preview.id,
    p_reason: "it is good",
  });
  const ended = await world.finish(promoted.deployment.id);
  assert.equal(ended.status, "ready", ended.status_reason);
  assert.equal(server.production, preview.provider_deployment_id);
  assert.equal(server.countOf(CREATE), 1);
});
