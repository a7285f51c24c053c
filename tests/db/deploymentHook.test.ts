/** Deployments by a signed hook: what nobody can tell is unknown, and is not sent twice. */

import assert from "node:assert/strict";
import type { StoredDeployment } from "../../supabase/functions/_shared/deploymentDb.ts";
import {
  answersInstead,
  type Behaviour,
  breaksOff,
  hangs,
  HookServer,
  losesAnswer,
  takesAndAnswers,
} from "../helpers/deployServers.ts";
import { type DeployWorld, openDeployWorld } from "../helpers/deployWorld.ts";

async function prepared(changes: Record<string, unknown> = {}): Promise<[DeployWorld, HookServer]> {
  const world = await openDeployWorld();
  const server = new HookServer();
  const config = Object.entries({ ...server.config, ...changes }).filter(([, value]) => value !== undefined);
  await world.target("hook", Object.fromEntries(config));
  return [world, server];
}

const POST = "POST /deploy";
const CASES: {
  name: string;
  meets: Behaviour[];
  outcome?: string;
  ends: StoredDeployment["status"];
  begun: number;
}[] = [
  { name: "is ready", meets: [], ends: "ready", begun: 1 },
  { name: "fails", meets: [], outcome: "failed", ends: "failed", begun: 1 },
  { name: "is blocked", meets: [], outcome: "blocked", ends: "blocked", begun: 1 },
  { name: "is cancelled", meets: [], outcome: "cancelled", ends: "cancelled", begun: 1 },
  { name: "is refused with 401", meets: [answersInstead(401, {})], ends: "failed", begun: 0 },
  { name: "meets 429", meets: [answersInstead(429, {}, { "retry-after": "1" })], ends: "ready", begun: 1 },
  { name: "loses its answer", meets: [losesAnswer()], ends: "ready", begun: 1 },
  { name: "is never answered", meets: [hangs()], ends: "ready", begun: 1 },
  { name: "was taken and met 500", meets: [takesAndAnswers(500, {})], ends: "ready", begun: 1 },
  { name: "broke before it was taken", meets: [breaksOff()], ends: "ready", begun: 1 },
  {
    name: "is redirected",
    meets: [answersInstead(302, "", { location: "http://127.0.0.1:9/steal" })],
    ends: "failed",
    begun: 0,
  },
];

for (const { name, meets, outcome = "ready", ends, begun } of CASES) {
  Deno.test(`carryOutDeployments() by a hook: a deployment that ${name} ends as ${ends}, begun ${begun} times`, async () => {
    const [world, server] = await prepared();
    await using _world = world;
    await using _server = server;
    server.outcome = outcome;
    for (const behaviour of meets) server.once(POST, behaviour);
    const ended = await world.finish((await world.ask()).id);
    assert.equal(ended.status, ends, ended.status_reason);
    assert.equal(server.begun, begun);
  });
}

Deno.test("carryOutDeployments() by a hook that tells no state says unknown, never sends again, and a person ends it", async () => {
  const [world, server] = await prepared({ statusUrl: undefined });
  await using _world = world;
  await using _server = server;
  const { id } = await world.ask();
  assert.equal((await world.finish(id)).status, "unknown");
  assert.equal(server.countOf(POST), 1);
  await world.database.query("update deployment_logs set intent_at = intent_at - interval '2 hours'");
  assert.equal(await world.contract.rpc.call("ask_about_deployments", {}), 1);
  await world.contract.rpc.call("decide_deployment", {
    p_deployment_id: id,
    p_decision: "ready",
    p_reason: "I have looked",
  });
  assert.equal((await world.read(id)).status, "ready");
});

Deno.test("carryOutDeployments() by a hook that honours the key sends a lost request once more", async () => {
  const [world, server] = await prepared({
    statusUrl: undefined,
    honoursIdempotencyKey: true,
    acceptedIsReady: true,
  });
  await using _world = world;
  await using _server = server;
  server.once(POST, losesAnswer());
  assert.equal((await world.finish((await world.ask()).id)).status, "ready");
  assert.deepEqual([server.countOf(POST), server.begun], [2, 1]);
});

Deno.test("carryOutDeployments() keeps the token out of every row", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  server.once(POST, answersInstead(400, { echo: "Bearer a-deploy-token-of-some-length" }));
  const { id } = await world.ask();
  await world.finish(id);
  for (
    const table of [
      "deployment_logs",
      "deployment_targets",
      "healing_events",
      "detected_errors",
      "notifications",
    ]
  ) {
    const [row] = await world.database.query<{ found: number }>(
      `select count(*)::int as found from ${table} as t where t::text like '%deploy-token-of-some%'`,
    );
    assert.equal(row!.found, 0, table);
  }
});

for (
  const [name, config, vault, code] of [
    [
      "whose config does not fit",
      { url: "http://example.com/deploy" },
      "deploy_token",
      /config does not fit/,
    ],
    [
      "whose address holds a secret",
      { url: "https://example.com/deploy?token=1" },
      "deploy_token",
      /config does not fit/,
    ],
    ["whose token is not set", { url: "https://example.com/deploy" }, "deploy_nothing", /DEPLOY_NOTHING/],
  ] as const
) {
  Deno.test(`carryOutDeployments() sends nothing for a target ${name}`, async () => {
    await using world = await openDeployWorld();
    await world.contract.rpc.call("set_deployment_target", {
      p_project_id: "shop",
      p_provider: "hook",
      p_config: config,
      p_vault_entry: vault,
      p_reason: "a test",
    });
    const ended = await world.finish((await world.ask()).id);
    assert.equal(ended.status, "failed");
    assert.match(ended.status_reason, code);
  });
}
