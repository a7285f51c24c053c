/** Asking for deployments: once for a key, joined while one waits, started only where a switch, a mode or a person says so. */

import assert from "node:assert/strict";
import {
  type AskedDeployment,
  claimDeployments,
  type ClaimedDeployment,
  type DeploymentStatus,
  type StoredDeployment,
} from "../../supabase/functions/_shared/deploymentDb.ts";
import { setSetting } from "../helpers/contract.ts";
import { type DeployWorld, openDeployWorld } from "../helpers/deployWorld.ts";

const HOOK = { url: "https://example.com/deploy" };

async function prepared(): Promise<DeployWorld> {
  const world = await openDeployWorld();
  await world.target("hook", HOOK);
  return world;
}

const ADMIN = {
  role: "authenticated",
  sub: "ada",
  email: "ada@example.com",
  app_metadata: { role: "admin" },
};

/** As an admin does it, through the API. */
function asAdmin<Result>({ database }: DeployWorld, call: string, values: unknown[]): Promise<Result> {
  return database.asRole("authenticated", ADMIN, async (session) => {
    const [row] = await session.query<{ result: Result }>(`select ${call} as result`, values);
    return row!.result;
  });
}

function claimOf({ contract }: DeployWorld, worker = "test"): Promise<ClaimedDeployment[]> {
  return claimDeployments(contract.rpc, { worker, limit: 10 });
}

function begin(
  { contract }: DeployWorld,
  { id, claim_number }: ClaimedDeployment,
): Promise<StoredDeployment> {
  return contract.rpc.call("begin_deployment", {
    p_deployment_id: id,
    p_claim_number: claim_number,
    p_intent: { a: 1 },
  });
}

function move(
  { contract }: DeployWorld,
  { id, claim_number }: { id: string; claim_number: number | null },
  status: string,
  details: Record<string, unknown> = {},
): Promise<StoredDeployment> {
  return contract.rpc.call("update_deployment_status", {
    p_deployment_id: id,
    p_status: status,
    p_details: details,
    p_claim_number: claim_number,
  });
}

Deno.test("request_deployment() gives one key one deployment, whatever became of it", async () => {
  await using world = await prepared();
  const first = await world.ask({}, "shop", "k");
  assert.equal((await world.ask({ other: true }, "shop", "k")).id, first.id);
  const [claimed] = await claimOf(world);
  await begin(world, claimed!);
  await move(world, claimed!, "failed", { reason: "no" });
  assert.equal((await world.ask({}, "shop", "k")).status, "failed");
});

Deno.test("request_deployment() lets twenty at once be one deployment that carries all their changes", async () => {
  await using world = await prepared();
  const asked = await Promise.all(
    Array.from(
      { length: 20 },
      (_, n) =>
        world.ask({ files: [{ path: `f${n}.ts`, content: `${n}` }, { path: "same.ts", content: `${n}` }] }),
    ),
  );
  assert.equal(new Set(asked.map(({ id }) => id)).size, 1);
  const { changes } = await world.read(asked[0]!.id);
  const files = changes.files as { path: string }[];
  assert.equal(files.length, 21);
  assert.equal(new Set(files.map(({ path }) => path)).size, 21);
  const [count] = await world.database.query<{ n: number }>(
    "select count(*)::int as n from deployment_triggers",
  );
  assert.equal(count!.n, 20);
});

Deno.test("request_deployment() joins nothing to what a worker has taken, and lets it wait behind", async () => {
  await using world = await prepared();
  const first = await world.ask({ a: 1 });
  const [claimed] = await claimOf(world);
  const second = await world.ask({ b: 2 });
  assert.notEqual(second.id, first.id);
  assert.deepEqual((await world.read(first.id)).changes, { a: 1 });
  await begin(world, claimed!);
  // One of a target is under way at a time.
  assert.deepEqual(await claimOf(world), []);
  await move(world, claimed!, "ready");
  assert.deepEqual((await claimOf(world)).map(({ id }) => id), [second.id]);
});

Deno.test("begin_deployment() lets one of two workers begin for a target", async () => {
  await using world = await prepared();
  const a = await world.ask();
  await claimOf(world, "one");
  await world.ask();
  await world.pass(200);
  const both = await claimOf(world, "two");
  assert.equal(both.length, 2);
  const outcomes = await Promise.allSettled(both.map((one) => begin(world, one)));
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  assert.ok(a.id);
});

Deno.test("a worker whose lease is over moves nothing", async () => {
  await using world = await prepared();
  await world.ask();
  const [slow] = await claimOf(world, "slow");
  await world.pass(200);
  const [fast] = await claimOf(world, "fast");
  assert.equal(fast!.id, slow!.id);
  await assert.rejects(begin(world, slow!), { code: "LEASE_LOST" });
  await begin(world, fast!);
  await assert.rejects(move(world, slow!, "ready"), { code: "LEASE_LOST" });
  await move(world, fast!, "ready");
  await assert.rejects(move(world, fast!, "failed"), { code: "LEASE_LOST" });
  assert.equal((await world.read(fast!.id)).status, "ready");
});

const MOVES: Record<string, DeploymentStatus[]> = {
  pending: ["deploying", "failed", "cancelled"],
  deploying: ["building", "unknown", "ready", "failed", "cancelled", "blocked"],
  building: ["unknown", "ready", "failed", "cancelled", "blocked"],
  unknown: ["deploying", "building", "ready", "failed", "cancelled", "blocked"],
  ready: ["live", "kept", "rolled_back"],
  live: ["kept", "rolled_back"],
  kept: ["rolled_back"],
  failed: [],
  cancelled: [],
  blocked: [],
  rolled_back: [],
};

Deno.test("the guard of deployment_logs knows exactly these moves, for every writer", async () => {
  await using world = await prepared();
  const rows = await world.database.query<{ status: string; moves: string[] }>(
    "select s as status, healing_private.deployment_moves(s) as moves from unnest($1::text[]) as s",
    [Object.keys(MOVES)],
  );
  assert.deepEqual(Object.fromEntries(rows.map(({ status, moves }) => [status, moves])), MOVES);
  const { id } = await world.ask();
  await assert.rejects(
    world.database.query(
      "update deployment_logs set status = 'ready', deployed_at = now(), finished_at = now() where id = $1",
      [id],
    ),
    /Cannot move deployment/,
  );
});

Deno.test("update_deployment_status() refuses moves that are no moves, and deploying without an intent", async () => {
  await using world = await prepared();
  await world.ask();
  const [claimed] = await claimOf(world);
  for (const status of ["ready", "building", "kept", "deploying", "nonsense"]) {
    await assert.rejects(move(world, claimed!, status), { code: "CONFLICT" }, status);
  }
  await assert.rejects(
    world.contract.rpc.call("update_deployment_status", {
      p_deployment_id: crypto.randomUUID(),
      p_status: "ready",
    }),
    {
      code: "NOT_FOUND",
    },
  );
});

Deno.test("begin_deployment() sends what is unknown again only when the provider has not had it for long enough", async () => {
  await using world = await prepared();
  const { id } = await world.ask();
  const look = async (seconds: number) => {
    await world.pass(seconds);
    const [claimed] = await claimOf(world);
    return claimed!;
  };
  const [first] = await claimOf(world);
  await begin(world, first!);
  await move(world, first!, "unknown", { reason: "no answer" });
  for (let n = 0; n < 3; n++) {
    const claimed = await look(60);
    await assert.rejects(begin(world, claimed), { code: "CONFLICT" });
    await move(world, claimed, "unknown", { absent: true, next_check_seconds: 0 });
  }
  const early = await look(60);
  await assert.rejects(begin(world, early), { code: "CONFLICT" });
  // One look that cannot tell begins the count anew.
  await move(world, early, "unknown", { reason: "cannot be read", next_check_seconds: 0 });
  for (let n = 0; n < 3; n++) {
    await move(world, await look(1), "unknown", { absent: true, next_check_seconds: 0 });
  }
  const late = await look(400);
  assert.equal((await begin(world, late)).send_count, 2);
  assert.equal((await world.read(id)).status, "deploying");
});

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

for (
  const [name, request] of [
    ["nothing", {}],
    ["no reason", { project_id: "shop", key: "k", reason: " " }],
    ["a hostile project", { project_id: "a'; drop table x; --", key: "k", reason: "r" }],
    ["no key", { project_id: "shop", reason: "r" }],
    ["changes that are no object", { project_id: "shop", key: "k", reason: "r", changes: [1] }],
    ["an unknown environment", { project_id: "shop", key: "k", reason: "r", environment: "moon" }],
  ] as const
) {
  Deno.test(`request_deployment() refuses ${name} with a code`, async () => {
    await using world = await prepared();
    await assert.rejects(world.contract.rpc.call("request_deployment", { p_request: request }), {
      code: "BAD_REQUEST",
    });
  });
}

Deno.test("request_deployment() says that a project has no target, and who sets one", async () => {
  await using world = await prepared();
  await assert.rejects(world.ask({}, "elsewhere"), { code: "NOT_FOUND" });
});

Deno.test("a release is never rolled back across what destroyed something, and people are told", async () => {
  await using world = await prepared();
  const { id } = await world.ask();
  const [claimed] = await claimOf(world);
  await world.contract.rpc.call("begin_deployment", {
    p_deployment_id: id,
    p_claim_number: claimed!.claim_number,
    p_intent: {},
    p_rollback_point: { before: "it" },
  });
  await move(world, claimed!, "ready");
  await world.database.query("create table public.orders (id int primary key, total int)");
  await world.database.query("alter table public.orders drop column total");
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
  const { id } = await world.ask();
  const [claimed] = await claimOf(world);
  await world.contract.rpc.call("begin_deployment", {
    p_deployment_id: id,
    p_claim_number: claimed!.claim_number,
    p_intent: {},
    p_rollback_point: { before: "it" },
  });
  await move(world, claimed!, "ready");
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
