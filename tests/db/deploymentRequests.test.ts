/** Asking for deployments and moving them: once for a key, joined while one waits, by one worker at a time. */

import assert from "node:assert/strict";
import type { DeploymentStatus } from "../../supabase/functions/_shared/deploymentDb.ts";
import { begin, claimOf, move } from "../helpers/deploySteps.ts";
import { type DeployWorld, openDeployWorld } from "../helpers/deployWorld.ts";

const HOOK = { url: "https://example.com/deploy" };

async function prepared(): Promise<DeployWorld> {
  const world = await openDeployWorld();
  await world.target("hook", HOOK);
  return world;
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
