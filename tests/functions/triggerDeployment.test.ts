/** The function as machines, admins and the schedule call it. */

import assert from "node:assert/strict";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { toDatabaseError } from "../../supabase/functions/_shared/core/databaseErrors.ts";
import type { StoredDeployment } from "../../supabase/functions/_shared/deploymentDb.ts";
import { createHandler } from "../../supabase/functions/trigger-deployment/handler.ts";
import { DEPLOY_TOKEN, VercelServer } from "../helpers/deployServers.ts";
import { type DeployWorld, openDeployWorld } from "../helpers/deployWorld.ts";
import { MACHINE_KEY, MACHINE_SETTINGS } from "../helpers/engineServer.ts";
import { waitFor } from "../helpers/waiting.ts";

interface Answer {
  success: boolean;
  deployment: StoredDeployment;
  is_new: boolean;
  counters: Record<string, number>;
  code: string;
  refusal: string | null;
  targets: number;
  rollback: { carried_out_by: string };
}

interface Served extends AsyncDisposable {
  world: DeployWorld;
  server: VercelServer;
  call(
    body: unknown,
    who?: "machine" | "admin" | "stranger",
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: Answer }>;
}

const ADMIN = {
  role: "authenticated",
  sub: "ada",
  email: "ada@example.com",
  app_metadata: { role: "admin" },
};

/** The SQL functions as the signed-in admin calls them. */
function adminRpc({ database }: DeployWorld): RpcPort {
  return {
    call: (name, args) =>
      database.asRole("authenticated", ADMIN, async (session) => {
        const names = Object.keys(args);
        const list = names.map((key, n) => `${key} => $${n + 1}`).join(", ");
        const values = names.map((key) =>
          typeof args[key] === "object" && args[key] !== null ? JSON.stringify(args[key]) : args[key]
        );
        const [row] = await session.query(`select public.${name}(${list}) as result`, values);
        return row!.result as never;
      }).catch((thrown) => {
        throw toDatabaseError(thrown);
      }),
  };
}

async function serve(): Promise<Served> {
  const world = await openDeployWorld();
  const server = new VercelServer();
  server.seed("dpl_old");
  await world.target("vercel", server.config);
  const handler = createHandler({
    settings: MACHINE_SETTINGS,
    db: world.contract.rpc,
    callerDb: () => adminRpc(world),
    instanceId: "test",
    logger: silentLogger,
    env: { get: (name) => name === "DEPLOY_TOKEN" ? DEPLOY_TOKEN : undefined },
    request: (input, init) =>
      String(input).startsWith("http://project.test")
        ? Promise.resolve(Response.json({ id: "ada", app_metadata: { role: "admin" } }))
        : fetch(input, init),
  });
  const keys = { machine: { apikey: MACHINE_KEY }, admin: { authorization: "Bearer a-token" }, stranger: {} };
  return {
    world,
    server,
    async call(body, who = "machine", headers = {}) {
      const init = { method: "POST", headers: { ...keys[who], ...headers }, body: JSON.stringify(body) };
      const answer = await handler(new Request("http://project.test/functions/v1/trigger-deployment", init));
      return { status: answer.status, body: await answer.json() as Answer };
    },
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Runs of the schedule until the deployment has ended. */
async function ended({ world, call }: Served, id: string): Promise<StoredDeployment> {
  await waitFor("the first step", async () => (await world.read(id)).look_count > 0, 20_000);
  for (let run = 0; run < 12; run++) {
    await world.pass(130);
    await call({ wait: true });
  }
  return await world.read(id);
}

const FIX = {
  project_id: "shop",
  reason: "autonomous_fix_applied",
  changes: { files: [{ path: "a.ts", content: "1" }] },
};

Deno.test("trigger-deployment answers a machine with the deployment, and later runs bring it to its end", async () => {
  await using served = await serve();
  const { status, body } = await served.call(FIX);
  assert.deepEqual([status, body.success, body.deployment.status, body.deployment.trigger_kind], [
    202,
    true,
    "pending",
    "fix",
  ]);
  const { status: end } = await ended(served, body.deployment.id);
  assert.equal(end, "ready");
  assert.equal(served.server.deployments.length, 2);
  const [run] = await served.world.database.query(
    "select status from healing_runs where function_name = 'trigger-deployment' limit 1",
  );
  assert.equal(run!.status, "finished");
});

Deno.test("trigger-deployment takes the same request within minutes, and the same key at any time, for one", async () => {
  await using served = await serve();
  const [one, two] = [await served.call(FIX), await served.call(FIX)];
  assert.equal(two.body.deployment.id, one.body.deployment.id);
  assert.deepEqual([one.body.is_new, two.body.is_new], [true, false]);
  const keyed = await served.call({ ...FIX, key: "release:1" });
  const again = await served.call({ ...FIX, changes: {} }, "machine", { "idempotency-key": "release:1" });
  assert.equal(again.body.deployment.id, keyed.body.deployment.id);
  await ended(served, one.body.deployment.id);
});

Deno.test("trigger-deployment lets an admin deploy, promote, pause, cancel and roll back, each under their name", async () => {
  await using served = await serve();
  const { call, server, world } = served;
  const asked = await call({ project_id: "shop", reason: "release 7", environment: "preview" }, "admin");
  assert.deepEqual([asked.status, asked.body.deployment.requested_by], [202, "ada@example.com"]);
  const preview = await ended(served, asked.body.deployment.id);
  assert.deepEqual([preview.status, server.production], ["ready", "dpl_old"]);
  const promoted = await call({ action: "promote", deployment_id: preview.id, reason: "good" }, "admin");
  assert.equal(promoted.body.success, true);
  const live = await ended(served, promoted.body.deployment.id);
  assert.deepEqual([live.status, server.production], ["ready", preview.provider_deployment_id]);
  const back = await call({ action: "rollback", deployment_id: live.id, reason: "not so good" }, "admin");
  assert.equal(back.status, 200, JSON.stringify(back.body));
  await ended(served, back.body.rollback.carried_out_by);
  assert.equal(server.production, "dpl_old");
  assert.equal(
    (await call({ action: "pause", project_id: "shop", reason: "holidays" }, "admin")).body.targets,
    1,
  );
  const held = await call({ project_id: "shop", reason: "later" });
  await world.pass(200);
  await call({ wait: true });
  assert.equal((await world.read(held.body.deployment.id)).status, "pending");
  await call({ action: "cancel", deployment_id: held.body.deployment.id, reason: "not needed" }, "admin");
  assert.equal((await world.read(held.body.deployment.id)).status, "cancelled");
});

Deno.test("trigger-deployment lets no machine decide, no stranger in, and no odd body through", async () => {
  await using served = await serve();
  const id = crypto.randomUUID();
  const decided = await served.call({ action: "approve", deployment_id: id, reason: "x" });
  assert.deepEqual([decided.status, decided.body.code], [403, "FORBIDDEN"]);
  assert.equal((await served.call(FIX, "stranger")).status, 401);
  for (
    const body of [
      { project_id: "shop" },
      { project_id: "shop", reason: "" },
      { project_id: "../shop", reason: "x" },
      { project_id: "shop", reason: "x", chnages: {} },
      { action: "explode", deployment_id: id, reason: "x" },
      { wiat: true },
      [],
      "text",
    ]
  ) assert.equal((await served.call(body)).status, 400, JSON.stringify(body));
  assert.equal((await served.call({ action: "approve", reason: "x" }, "admin")).status, 400);
  assert.equal(
    (await served.call({ action: "approve", deployment_id: id, reason: "x" }, "admin")).status,
    409,
  );
  assert.equal((await served.call({ project_id: "elsewhere", reason: "x" })).status, 404);
});

Deno.test("trigger-deployment says that deployments are off", async () => {
  await using served = await serve();
  await served.world.contract.rpc.call("change_healing_setting", {
    p_key: "mode_deployment",
    p_value: '"off"',
    p_reason: "a test",
  });
  const { status, body } = await served.call(FIX);
  assert.deepEqual([status, body.success, body.refusal], [409, false, "mode_deployment is off"]);
});
