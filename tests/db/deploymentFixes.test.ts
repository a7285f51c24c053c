/** Deployments as fixes: asked for in the fix's transaction, judged from their end on, taken back as deployments are. */

import assert from "node:assert/strict";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { captureErrors, claimErrors, proposeFix } from "../../supabase/functions/_shared/healingDb.ts";
import { createHealingEngine } from "../../supabase/functions/_shared/healingEngine.ts";
import { createDeployPort } from "../../supabase/functions/_shared/deployments.ts";
import type { StoredDeployment } from "../../supabase/functions/_shared/deploymentDb.ts";
import { applyFix, assertRefused, revertFix } from "../helpers/accessFixes.ts";
import { occurrence, proposal, setSetting } from "../helpers/contract.ts";
import { GitHubServer, VercelServer } from "../helpers/deployServers.ts";
import { type DeployWorld, openDeployWorld } from "../helpers/deployWorld.ts";

async function prepared(): Promise<[DeployWorld, VercelServer]> {
  const world = await openDeployWorld();
  const server = new VercelServer();
  server.seed("dpl_old");
  await world.target("vercel", server.config);
  return [world, server];
}

async function last({ database }: DeployWorld): Promise<StoredDeployment> {
  return (await database.query<StoredDeployment>(
    "select * from deployment_logs order by created_at desc limit 1",
  ))[0]!;
}

async function apply(world: DeployWorld, draft: object) {
  const outcome = await applyFix(world.database, draft);
  assert.equal(outcome.kind, "applied", outcome.kind === "refused" ? outcome.reason : "");
  return outcome as Extract<typeof outcome, { kind: "applied" }>;
}

const REDEPLOY = { kind: "redeploy", project: "shop", provider: null };

Deno.test("redeploy asks for a deployment, refuses a second one, and is taken back before and after it was made", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  await assertRefused(world.database, { ...REDEPLOY, project: "elsewhere" }, /no target/);
  const first = await apply(world, REDEPLOY);
  assert.match(first.measured, /is pending/);
  await assertRefused(world.database, REDEPLOY, /on its way/);
  await revertFix(world.database, REDEPLOY, first.rollbackPoint);
  assert.equal((await last(world)).status, "cancelled");
  const second = await apply(world, REDEPLOY);
  const made = await world.finish((await last(world)).id);
  assert.equal(server.production, made.provider_deployment_id);
  await revertFix(world.database, REDEPLOY, second.rollbackPoint);
  const back = await last(world);
  assert.equal(back.action, "rollback");
  await world.finish(back.id);
  assert.equal(server.production, "dpl_old");
});

Deno.test("rollback_deployment takes a release back, and promote lets production serve a preview", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  const bad = await world.finish((await world.ask()).id);
  const rollback = { kind: "rollback_deployment", deployment: bad.id };
  const promote = { kind: "promote", deployment: bad.id };
  await assertRefused(world.database, promote, /made for production/);
  await assertRefused(world.database, { ...rollback, deployment: crypto.randomUUID() }, /no such deployment/);
  const { rollbackPoint } = await apply(world, rollback);
  await world.finish((await last(world)).id);
  assert.equal(server.production, "dpl_old");
  await assertRefused(world.database, rollback, /nothing to take back/);
  await assert.rejects(revertFix(world.database, rollback, rollbackPoint), { code: "FIX_FAILED" });
  const asked = await world.contract.rpc.call<{ deployment: StoredDeployment }>("trigger_deployment", {
    p_project_id: "shop",
    p_reason: "look first",
    p_options: { environment: "preview" },
  });
  const preview = await world.finish(asked.deployment.id);
  await apply(world, { kind: "promote", deployment: preview.id });
  await world.finish((await last(world)).id);
  assert.equal(server.production, preview.provider_deployment_id);
});

Deno.test("a fix that a person approved deploys without asking again, and is watched from the end of its deployment on", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  const { rpc } = world.contract;
  await setSetting(rpc, "mode_deployment", "suggest");
  const broken = occurrence({
    fingerprint: "v1:old",
    project_id: "shop",
    category: "deployment",
    error_type: "deploy_failed",
  });
  await captureErrors(rpc, [broken]);
  const [error] = await claimErrors(rpc, { worker: "test" });
  const { fix_id } = await proposeFix(
    rpc,
    proposal(error!, {
      action: REDEPLOY,
      target: "deployment:shop",
      tier: "person",
      risk: "medium",
      wanted: "suggest",
    }),
  );
  await using engine = createHealingEngine({
    db: rpc,
    openDirect: () => openDirectConnection(world.database.url),
    worker: "test",
    deploy: createDeployPort(rpc),
  });
  const approve = async () => {
    const [waiting] = await world.database.query<{ id: string }>(
      "select id from admin_approval_queue where auto_fix_id = $1 and status = 'pending'",
      [fix_id],
    );
    await rpc.call("decide_approval", {
      p_approval_id: waiting!.id,
      p_decision: "approve",
      p_reason: "do it",
    });
  };
  await approve();
  // What exactly would change is shown once it has been tried; a yes holds for that.
  assert.equal((await engine.detectAndHeal()).fixes_waiting, 1);
  await approve();
  assert.equal((await engine.detectAndHeal()).fixes_applied, 1);
  const deployment = await last(world);
  assert.ok(deployment.approved_by, "the fix's approval is the deployment's");
  // It still fails while nothing has changed: that is no word against the fix.
  await captureErrors(rpc, [broken]);
  const before = await engine.detectAndHeal();
  assert.equal(before.fixes_reverted, 0);
  assert.equal((await world.finish(deployment.id)).status, "ready");
  const [fix] = await world.database.query<{ status: string; fresh: boolean; since: number }>(
    `select f.status, f.lease_expires_at is null and f.applied_at > d.intent_at as fresh, e.occurrences_since_fix::int as since
     from auto_fixes f join detected_errors e on e.id = f.detected_error_id, deployment_logs d where f.id = $1 and d.id = $2`,
    [fix_id, deployment.id],
  );
  assert.deepEqual(fix, { status: "validating", fresh: true, since: 0 });
  await captureErrors(rpc, [broken, broken, broken]);
  assert.equal((await engine.detectAndHeal()).fixes_reverted, 1);
});

Deno.test("createDeployPort() asks once for a fix, says why where there is no target, and tells the fix how it ended", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  const { rpc } = world.contract;
  await captureErrors(rpc, [occurrence({ project_id: "shop" })]);
  const [error] = await claimErrors(rpc, { worker: "test" });
  const { fix_id } = await proposeFix(rpc, proposal(error!));
  await world.database.query(
    `update auto_fixes set aftermath = '{"redeploy": {"status": "requested"}}' where id = $1`,
    [fix_id],
  );
  const deploy = createDeployPort(rpc);
  const wanted = {
    fixId: fix_id!,
    projectId: "shop",
    functionName: "pay",
    reason: "patched",
    action: { kind: "patch_files" },
  };
  const [one, two] = [await deploy.requestRedeploy(wanted), await deploy.requestRedeploy(wanted)];
  assert.equal(one.reference, two.reference);
  assert.match(
    (await deploy.requestRedeploy({ ...wanted, fixId: crypto.randomUUID(), projectId: "elsewhere" }))
      .refusal ?? "",
    /no default target/,
  );
  await world.finish(one.reference!);
  const [fix] = await world.database.query<{ status: string; deployment: string }>(
    "select aftermath #>> '{redeploy,status}' as status, aftermath #>> '{redeploy,deployment_id}' as deployment from auto_fixes where id = $1",
    [fix_id],
  );
  assert.deepEqual(fix, { status: "ready", deployment: one.reference });
  const key = `experiment:${crypto.randomUUID()}`;
  await assert.rejects(deploy.request({ key, projectId: "elsewhere", reason: "won", changes: {} }), {
    code: "NOT_FOUND",
  });
});

Deno.test("createDeployPort() deploys a generated project whole, and commits only what the fix is about", async () => {
  const world = await openDeployWorld();
  await using _world = world;
  await using github = new GitHubServer();
  await world.target("github", github.config("pull_request"));
  const project = [{ path: "src/a.ts", content: "export const a = 2;" }, {
    path: "src/b.ts",
    content: "export {};",
  }];
  const { rpc } = world.contract;
  await captureErrors(rpc, [occurrence({ project_id: "shop" })]);
  const [error] = await claimErrors(rpc, { worker: "test" });
  const { fix_id } = await proposeFix(rpc, proposal(error!));
  const deploy = createDeployPort(rpc, { readProject: () => Promise.resolve(project) });
  const action = {
    kind: "patch_files",
    files: [{ path: "src/a.ts", sha256: "0", start: 0, end: 1, text: "x" }],
  };
  const wanted = { fixId: fix_id!, projectId: "shop", functionName: null, reason: "patched", action };
  const id = (await deploy.requestRedeploy(wanted)).reference!;
  await world.work();
  assert.equal((await world.read(id)).status, "building", (await world.read(id)).status_reason);
  const [{ tree }] = github.trees as [{ tree: { path: string }[] }];
  assert.deepEqual(tree.map(({ path }) => path), ["src/a.ts"]);
});

Deno.test("carryOutDeployments() at Vercel serves no part of a project alone", async () => {
  const world = await openDeployWorld();
  await using _world = world;
  await using server = new VercelServer();
  const { gitSource: _git, ...config } = server.config;
  await world.target("vercel", config);
  const files = [{ path: "index.html", content: "<h1>hello</h1>" }];
  const part = await world.finish((await world.ask({ files })).id);
  assert.match(part.status_reason, /not said to be the whole project/);
  const whole = await world.finish((await world.ask({ files, complete: true })).id);
  assert.equal(whole.status, "ready", whole.status_reason);
  assert.deepEqual(server.deployments[0]!.body.files, [{ file: "index.html", data: "<h1>hello</h1>" }]);
});
