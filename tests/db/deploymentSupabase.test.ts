/** Deployments of edge functions: what stood there is saved first, comes back, and a failure becomes an error. */

import assert from "node:assert/strict";
import type { StoredDeployment, StoredRollback } from "../../supabase/functions/_shared/deploymentDb.ts";
import {
  answersInstead,
  type Behaviour,
  breaksOff,
  hangs,
  losesAnswer,
  SupabaseServer,
  takesAndAnswers,
} from "../helpers/deployServers.ts";
import { type DeployWorld, openDeployWorld } from "../helpers/deployWorld.ts";

async function prepared(): Promise<[DeployWorld, SupabaseServer]> {
  const world = await openDeployWorld();
  const server = new SupabaseServer();
  server.seed("pay", "// the old pay");
  await world.target("supabase", server.config);
  return [world, server];
}

/** Changes of functions that each have one file, and the files that a test adds. */
function functionsOf(sources: Record<string, string>, more: { path: string; content: string }[] = []) {
  return {
    functions: Object.entries(sources).map(([slug, content]) => ({
      slug,
      entrypointPath: `functions/${slug}/index.ts`,
      verifyJwt: false,
      files: [{ path: `functions/${slug}/index.ts`, content }, ...more],
    })),
  };
}

const DEPLOY = "POST /v1/projects/abcdefghijklmnopqrst/functions/deploy";
const PUT = "PUT /v1/projects/abcdefghijklmnopqrst/functions";
const TWO = functionsOf({ pay: "// the new pay", ship: "// the new ship" });

const CASES: { name: string; meets: [string, Behaviour, number?][]; ends: string }[] = [
  { name: "meets nothing", meets: [], ends: "ready" },
  { name: "meets 401", meets: [[DEPLOY, answersInstead(401, { message: "Unauthorized" })]], ends: "failed" },
  { name: "meets 402", meets: [[DEPLOY, answersInstead(402, { message: "quota" })]], ends: "failed" },
  {
    name: "meets 429",
    meets: [[DEPLOY, answersInstead(429, {}, { "x-ratelimit-reset": "5" })]],
    ends: "ready",
  },
  { name: "meets 500 while it is bundled", meets: [[DEPLOY, answersInstead(500, {}), 2]], ends: "ready" },
  { name: "was put in force with a lost answer", meets: [[PUT, losesAnswer()]], ends: "ready" },
  { name: "was put in force and answered with 500", meets: [[PUT, takesAndAnswers(500, {})]], ends: "ready" },
  { name: "was put in force and never answered", meets: [[PUT, hangs()]], ends: "ready" },
  { name: "was not put in force, as the connection broke", meets: [[PUT, breaksOff()]], ends: "ready" },
  {
    name: "was not put in force, and met 429",
    meets: [[PUT, answersInstead(429, {}, { "retry-after": "3" })]],
    ends: "ready",
  },
];

for (const { name, meets, ends } of CASES) {
  Deno.test(`carryOutDeployments() at Supabase: two functions whose deployment ${name} end as ${ends}, all or none`, async () => {
    const [world, server] = await prepared();
    await using _world = world;
    await using _server = server;
    for (const [start, behaviour, times] of meets) server.once(start, behaviour, times);
    const ended = await world.finish((await world.ask(TWO)).id);
    assert.equal(ended.status, ends, ended.status_reason);
    const sources = ["pay", "ship"].map((slug) => server.functions.get(slug)?.files[0]?.content);
    const old = ["// the old pay", undefined];
    assert.deepEqual(sources, ends === "ready" ? ["// the new pay", "// the new ship"] : old);
    assert.equal(server.deployed, ends === "ready" ? 2 : 0);
  });
}

Deno.test("carryOutDeployments() at Supabase brings back what stood there, and removes what did not", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  const bad = await world.finish((await world.ask(TWO)).id);
  const { rollback } = await world.contract.rpc.call<{ rollback: StoredRollback }>("rollback_deployment", {
    p_deployment_id: bad.id,
    p_reason: "it is worse",
  });
  const carrier = await world.finish(rollback.carried_out_by!);
  assert.equal(carrier.status, "ready", carrier.status_reason);
  assert.equal(server.functions.get("pay")!.files[0]!.content, "// the old pay");
  assert.equal(server.functions.get("pay")!.metadata.verify_jwt, true);
  assert.equal(server.functions.has("ship"), false);
  assert.equal((await world.read(bad.id)).status, "rolled_back");
});

Deno.test("carryOutDeployments() at Supabase takes nothing back that somebody else has deployed since", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  const bad = await world.finish((await world.ask(TWO)).id);
  server.functions.set("ship", {
    ...server.functions.get("ship")!,
    version: 9,
    files: [{ path: "functions/ship/index.ts", content: "// theirs" }],
  });
  const { rollback } = await world.contract.rpc.call<{ rollback: StoredRollback }>("rollback_deployment", {
    p_deployment_id: bad.id,
    p_reason: "it is worse",
  });
  const carrier = await world.finish(rollback.carried_out_by!);
  assert.deepEqual([carrier.status, /by somebody else/.test(carrier.status_reason)], ["failed", true]);
  assert.equal(server.functions.get("ship")!.files[0]!.content, "// theirs");
  assert.equal(server.functions.get("pay")!.files[0]!.content, "// the new pay");
});

Deno.test("carryOutDeployments() at Supabase sends nothing before what stands there is saved", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  const eszip: Behaviour = () =>
    new Response("ESZIP", { headers: { "content-type": "application/octet-stream" } });
  server.once("GET /v1/projects/abcdefghijklmnopqrst/functions/pay/body", eszip);
  const ended = await world.finish((await world.ask(functionsOf({ pay: "// new" }))).id);
  assert.equal(ended.status, "failed");
  assert.match(ended.status_reason, /cannot be saved/);
  assert.equal(server.countOf("POST"), 0);
});

Deno.test("carryOutDeployments() at Supabase takes a version of somebody else for nothing of its own", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  server.once(DEPLOY, () => {
    server.functions.set("pay", {
      ...server.functions.get("pay")!,
      version: 9,
      files: [{ path: "a.ts", content: "// theirs" }],
    });
    return new Response("no", { status: 500 });
  });
  const ended = await world.finish((await world.ask(functionsOf({ pay: "// ours" }))).id);
  assert.equal(ended.status, "unknown");
  assert.equal(server.functions.get("pay")!.files[0]!.content, "// theirs");
  const decided = await world.contract.rpc.call<StoredDeployment>("decide_deployment", {
    p_deployment_id: ended.id,
    p_decision: "failed",
    p_reason: "they were faster",
  });
  assert.equal(decided.status, "failed");
});

const BROKEN: { name: string; source: string; type: string; sends: number; meets?: Behaviour }[] = [
  { name: "a missing file", source: 'import { a } from "./missing.ts";', type: "missing_module", sends: 0 },
  { name: "a bare import", source: 'import Stripe from "stripe";', type: "missing_module", sends: 0 },
  { name: "a syntax error", source: "SYNTAX ERROR", type: "build_failed", sends: 1 },
  {
    name: "its size",
    source: "// large",
    type: "deploy_failed",
    sends: 1,
    meets: answersInstead(413, { message: "Function bundle is too large" }),
  },
  {
    name: "its lock",
    source: "// locked",
    type: "build_failed",
    sends: 1,
    meets: answersInstead(400, {
      message:
        "Failed to bundle the function (reason: Failed reading lockfile at '/tmp/deno.lock': Unsupported lockfile version '5').",
    }),
  },
];

for (const { name, source, type, sends, meets } of BROKEN) {
  Deno.test(`carryOutDeployments() at Supabase makes an error of a function that fails for ${name}`, async () => {
    const [world, server] = await prepared();
    await using _world = world;
    await using _server = server;
    if (meets !== undefined) server.once(DEPLOY, meets);
    const ended = await world.finish((await world.ask(functionsOf({ pay: source }))).id);
    assert.equal(ended.status, "failed", ended.status_reason);
    assert.equal(server.countOf("POST"), sends);
    const errors = await world.database.query(
      "select function_name, project_id, source, occurrence_count::int as count, error_type from detected_errors",
    );
    assert.deepEqual(errors, [
      { function_name: "pay", project_id: "shop", source: "deployment", count: 1, error_type: type },
    ]);
    assert.equal(server.functions.get("pay")!.files[0]!.content, "// the old pay");
  });
}

Deno.test("request_deployment() takes what one request can hold, and refuses more with a code", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  await assert.rejects(world.ask(functionsOf({ pay: `// ${"x".repeat(6_000_000)}` })), {
    code: "BAD_REQUEST",
  });
  assert.equal(
    (await world.finish((await world.ask(functionsOf({ pay: `// ${"x".repeat(3_000_000)}` }))).id)).status,
    "ready",
  );
});
