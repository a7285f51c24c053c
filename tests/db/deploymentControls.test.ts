/** Who may start, stop and take back deployments: switches, modes and people. */

import assert from "node:assert/strict";
import type { AskedDeployment } from "../../supabase/functions/_shared/deploymentDb.ts";
import { setSetting } from "../helpers/contract.ts";
import { ADMIN, asAdmin, begin, claimOf, move, readyWith } from "../helpers/deploySteps.ts";
import { type DeployWorld, openDeployWorld } from "../helpers/deployWorld.ts";

const HOOK = { url: "https://example.com/deploy" };

async function prepared(): Promise<DeployWorld> {
  const world = await openDeployWorld();
  await world.target("hook", HOOK);
  return world;
}

Deno.test("a machine's deployment waits for a person in mode suggest, and people are told what to type", async () => {
  await using world = await prepared();
  await setSetting(world.contract.rpc, "mode_deployment", "suggest");
  const { id } = await world.ask();
  assert.deepEqual(await claimOf(world), []);
  const [told] = await world.database.query<{ next: string }>(
    "select details ->> 'next' as next from notifications",
  );
  assert.match(told!.next, new RegExp(`decide_deployment\\('${id}', 'approve'`));
  await asAdmin(world, "decide_deployment($1, 'approve', 'I have looked')", [id]);
  const [claimed] = await claimOf(world);
  assert.equal(claimed!.approved_by, "ada@example.com");
});

Deno.test("what nobody has approved never joins what somebody has", async () => {
  await using world = await prepared();
  await setSetting(world.contract.rpc, "mode_deployment", "suggest");
  const asked = await asAdmin<AskedDeployment>(
    world,
    "trigger_deployment('shop', 'by hand', '{\"a\": 1}')",
    [],
  );
  const machine = await world.ask({ evil: true });
  assert.notEqual(machine.id, asked.deployment!.id);
  await asAdmin(world, "trigger_deployment('shop', 'and this', '{\"b\": 2}')", []);
  const [claimed] = await claimOf(world);
  assert.equal(claimed!.id, asked.deployment!.id);
  assert.deepEqual(claimed!.changes, { a: 1, b: 2 });
});

Deno.test("the kill switch, a pause and the budget of the hour hold deployments; rollbacks go through", async () => {
  await using world = await prepared();
  const { rpc } = world.contract;
  const done = await world.ask();
  const [claimed] = await claimOf(world);
  await rpc.call("begin_deployment", {
    p_deployment_id: done.id,
    p_claim_number: claimed!.claim_number,
    p_intent: {},
    p_rollback_point: { before: "it" },
  });
  await move(world, claimed!, "ready");
  const next = await world.ask();
  const hindrance = async () =>
    (await world.database.query<{ why: string | null }>(
      "select healing_private.deployment_hindrance(d) as why from deployment_logs as d where id = $1",
      [next.id],
    ))[0]!.why;
  await setSetting(rpc, "max_deployments_per_target_hour", 1);
  assert.match(await hindrance() ?? "", /deployments of this hour/);
  await setSetting(rpc, "max_deployments_per_target_hour", 10);
  assert.equal(await hindrance(), null);
  assert.equal(await asAdmin(world, "pause_deployments('shop', 'holidays')", []), 1);
  assert.match(await hindrance() ?? "", /paused by ada@example.com: holidays/);
  assert.equal(await asAdmin(world, "resume_deployments('shop', 'back')", []), 1);
  await setSetting(rpc, "enabled", false);
  assert.match(await hindrance() ?? "", /kill switch/);
  assert.deepEqual(await claimOf(world), []);
  await asAdmin(world, "rollback_deployment($1, 'it harms')", [done.id]);
  assert.deepEqual((await claimOf(world)).map(({ action }) => action), ["rollback"]);
});

Deno.test("mode off refuses machines without a row", async () => {
  await using world = await prepared();
  await setSetting(world.contract.rpc, "mode_deployment", "off");
  const asked = await world.contract.rpc.call<AskedDeployment>("request_deployment", {
    p_request: { project_id: "shop", reason: "x", key: "x" },
  });
  assert.deepEqual(asked, { deployment: null, is_new: false, refusal: "mode_deployment is off" });
});

for (
  const [call, what] of [
    ["trigger_deployment('shop', 'x')", "deploy"],
    ["promote_deployment(gen_random_uuid(), 'x')", "promote"],
    ["rollback_deployment(gen_random_uuid(), 'x')", "roll"],
    ["pause_deployments('shop', 'x')", "pause"],
    ["resume_deployments('shop', 'x')", "pause"],
    ["decide_deployment(gen_random_uuid(), 'approve', 'x')", "decide"],
    ["set_deployment_target('shop', 'hook', '{}', 'deploy_x', 'x')", "target"],
  ] as const
) {
  Deno.test(`${call.split("(")[0]}() obeys no machine, no plain user, and nobody without a reason`, async () => {
    await using world = await prepared();
    const { database } = world;
    await assert.rejects(
      database.asRole("service_role", { role: "service_role" }, (session) => session.query(`select ${call}`)),
      /an admin has to do it/,
      what,
    );
    const user = { role: "authenticated", sub: "eve", user_metadata: { role: "admin" } };
    await assert.rejects(
      database.asRole("authenticated", user, (session) => session.query(`select ${call}`)),
      /an admin has to do it/,
    );
    await assert.rejects(asAdmin(world, call.replace(/'x'\)$/, "' ')"), []), /reason/);
  });
}

Deno.test("a release is never rolled back across what destroyed something, and people are told", async () => {
  await using world = await prepared();
  const id = await readyWith(world, { before: "it" });
  await world.database.query(
    `insert into schema_versions (object_identity, command_tag, object_type, actor)
      values ('public.orders.total', 'ALTER TABLE', 'table column', 'ada')`,
  );
  const asked = await world.contract.rpc.call<{ refusal: string; rollback: { status: string } }>(
    "request_deployment_rollback",
    {
      p_deployment_id: id,
      p_reason: "worse",
    },
  );
  assert.match(asked.refusal, /destroyed since/);
  assert.equal(asked.rollback.status, "refused");
  const [told] = await world.database.query<{ severity: string }>(
    "select severity from notifications where dedupe_key = $1",
    [`rollback_refused:${id}`],
  );
  assert.equal(told!.severity, "critical");
});

Deno.test("request_deployment_rollback() asks for one rollback of a release, however often it is called", async () => {
  await using world = await prepared();
  const id = await readyWith(world, { before: "it" });
  const asked = await Promise.all(
    Array.from(
      { length: 8 },
      () =>
        world.contract.rpc.call<{ rollback: { id: string; carried_out_by: string }; is_new: boolean }>(
          "request_deployment_rollback",
          { p_deployment_id: id, p_reason: "worse" },
        ),
    ),
  );
  assert.equal(new Set(asked.map(({ rollback }) => rollback.id)).size, 1);
  assert.equal(asked.filter(({ is_new }) => is_new).length, 1);
  const [carrier] = await claimOf(world);
  await begin(world, carrier!);
  // A rollback that nothing proves is not done.
  await assert.rejects(move(world, carrier!, "ready"), { code: "BAD_REQUEST" });
  await move(world, carrier!, "failed", { reason: "could not" });
  const again = await world.contract.rpc.call<{ refusal: string; is_new: boolean }>(
    "request_deployment_rollback",
    {
      p_deployment_id: id,
      p_reason: "still worse",
    },
  );
  assert.deepEqual([again.is_new, /without a person/.test(again.refusal)], [false, true]);
  // A person may try once more.
  const person = await asAdmin<{ is_new: boolean }>(world, "rollback_deployment($1, 'by hand')", [id]);
  assert.equal(person.is_new, true);
});

Deno.test("vercel_deployments shows the deployments of Vercel, to admins and machines alone", async () => {
  await using world = await prepared();
  await world.target("vercel", { projectId: "prj_1", name: "shop" });
  await world.ask();
  const read = (claims: Record<string, unknown>) =>
    world.database.asRole(
      "authenticated",
      claims,
      (session) => session.query("select project_id, status from vercel_deployments"),
    );
  assert.deepEqual(await read(ADMIN), [{ project_id: "shop", status: "pending" }]);
  assert.deepEqual(await read({ role: "authenticated", sub: "eve" }), []);
});

Deno.test("purge_deployments() forgets what is old, and never what serves or what it would go back to", async () => {
  await using world = await prepared();
  for (let n = 0; n < 4; n++) {
    await world.ask();
    const [claimed] = await claimOf(world);
    await begin(world, claimed!);
    await move(world, claimed!, "ready");
  }
  await world.database.query("update deployment_logs set finished_at = finished_at - interval '400 days'");
  assert.equal(await world.contract.rpc.call("purge_deployments", {}), 2);
});
