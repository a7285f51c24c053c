/** Deployments by GitHub's three ways: each ends in the one state that is true, whatever GitHub answers. */

import assert from "node:assert/strict";
import type { StoredDeployment } from "../../supabase/functions/_shared/deploymentDb.ts";
import {
  answersInstead,
  type Behaviour,
  breaksOff,
  GitHubServer,
  hangs,
  losesAnswer,
  takesAndAnswers,
} from "../helpers/deployServers.ts";
import { type DeployWorld, openDeployWorld } from "../helpers/deployWorld.ts";

async function prepared(
  mode: "workflow" | "pull_request" | "deployment",
): Promise<[DeployWorld, GitHubServer]> {
  const world = await openDeployWorld();
  const server = new GitHubServer();
  await world.target("github", server.config(mode));
  return [world, server];
}

const DISPATCH = "POST /repos/acme/shop/actions/workflows/self-healing-deploy.yml/dispatches";
const CREATE = "POST /repos/acme/shop/deployments";
const LIMIT = answersInstead(403, { message: "You have exceeded a secondary rate limit" }, {
  "retry-after": "60",
});
const USED_UP = answersInstead(403, { message: "API rate limit exceeded" }, {
  "x-ratelimit-remaining": "0",
  "x-ratelimit-reset": String(Math.floor(Date.now() / 1_000) + 30),
});

interface Case {
  name: string;
  meets: [string, Behaviour, number?][];
  conclusion?: string;
  ends: StoredDeployment["status"];
  made: number;
}

const WORKFLOW: Case[] = [
  { name: "succeeds", meets: [], ends: "ready", made: 1 },
  { name: "fails", meets: [], conclusion: "failure", ends: "failed", made: 1 },
  { name: "times out", meets: [], conclusion: "timed_out", ends: "failed", made: 1 },
  { name: "does not start", meets: [], conclusion: "startup_failure", ends: "failed", made: 1 },
  { name: "is cancelled", meets: [], conclusion: "cancelled", ends: "cancelled", made: 1 },
  { name: "waits for a person", meets: [], conclusion: "action_required", ends: "blocked", made: 1 },
  {
    name: "meets 404",
    meets: [[DISPATCH, answersInstead(404, { message: "Not Found" })]],
    ends: "failed",
    made: 0,
  },
  {
    name: "meets 422",
    meets: [[DISPATCH, answersInstead(422, { message: "Unexpected inputs" })]],
    ends: "failed",
    made: 0,
  },
  {
    name: "meets 403 without a limit",
    meets: [[DISPATCH, answersInstead(403, { message: "Resource not accessible" })]],
    ends: "failed",
    made: 0,
  },
  { name: "meets the secondary limit", meets: [[DISPATCH, LIMIT]], ends: "ready", made: 1 },
  { name: "meets the limit of the hour", meets: [[DISPATCH, USED_UP]], ends: "ready", made: 1 },
  { name: "loses its answer", meets: [[DISPATCH, losesAnswer()]], ends: "ready", made: 1 },
  { name: "is never answered", meets: [[DISPATCH, hangs()]], ends: "ready", made: 1 },
  {
    name: "was taken and met 502",
    meets: [[DISPATCH, takesAndAnswers(502, { message: "Server Error" })]],
    ends: "ready",
    made: 1,
  },
  { name: "broke before it was taken", meets: [[DISPATCH, breaksOff()]], ends: "ready", made: 1 },
];

for (const { name, meets, conclusion = "success", ends, made } of WORKFLOW) {
  Deno.test(`carryOutDeployments() at GitHub: a workflow whose dispatch ${name} ends as ${ends}, with ${made} runs`, async () => {
    const [world, server] = await prepared("workflow");
    await using _world = world;
    await using _server = server;
    server.conclusion = conclusion;
    for (const [start, behaviour, times] of meets) server.once(start, behaviour, times);
    const { id } = await world.ask();
    const ended = await world.finish(id);
    assert.equal(ended.status, ends, ended.status_reason);
    assert.equal(server.runs.length, made);
    if (conclusion === "failure") assert.match(ended.status_reason, /deploy, step Push the migrations/);
  });
}

Deno.test("carryOutDeployments() at GitHub goes back to the commit of the run before", async () => {
  const [world, server] = await prepared("workflow");
  await using _world = world;
  await using _server = server;
  const good = await world.finish((await world.ask()).id);
  assert.equal(good.rollback_point, null);
  server.refs.set("heads/main", "d".repeat(40));
  const bad = await world.finish((await world.ask()).id);
  assert.deepEqual(bad.rollback_point, { sha: "a".repeat(40) });
  const { rollback } = await world.contract.rpc.call<{ rollback: { carried_out_by: string } }>(
    "rollback_deployment",
    {
      p_deployment_id: bad.id,
      p_reason: "it is worse",
    },
  );
  const carrier = await world.finish(rollback.carried_out_by);
  assert.equal(carrier.status, "ready", carrier.status_reason);
  assert.match(server.runs.at(-1)!.display_title, new RegExp(`@ ${"a".repeat(40)}$`));
  assert.equal((await world.read(bad.id)).status, "rolled_back");
  // What the first release would go back to is not known: it is refused, recorded, and told.
  const refused = await world.contract.rpc.call<{ refusal: string }>("rollback_deployment", {
    p_deployment_id: good.id,
    p_reason: "that one too",
  });
  assert.match(refused.refusal, /not known/);
});

Deno.test("carryOutDeployments() at GitHub passes a person's wish to stop a run on, and ends as it ended", async () => {
  const [world, server] = await prepared("workflow");
  await using _world = world;
  await using _server = server;
  const { id } = await world.ask();
  await world.work();
  await world.contract.rpc.call("decide_deployment", {
    p_deployment_id: id,
    p_decision: "cancel",
    p_reason: "not now",
  });
  const ended = await world.finish(id);
  assert.equal(ended.status, "cancelled");
  assert.equal(server.runs[0]!.conclusion, "cancelled");
});

Deno.test("carryOutDeployments() at GitHub makes one commit and one pull request of a patch, and is ready when it is merged", async () => {
  const [world, server] = await prepared("pull_request");
  await using _world = world;
  await using _server = server;
  server.once("POST /repos/acme/shop/pulls", losesAnswer());
  const files = [{ path: "src/a.ts", content: "export const a = 2;\n" }, {
    path: "src/old.ts",
    content: null,
  }];
  const { id } = await world.ask({ files });
  const waiting = await world.finish(id);
  assert.equal(waiting.status, "building");
  assert.equal(server.pulls.length, 1);
  assert.deepEqual(server.trees[0]!.tree, [
    { path: "src/a.ts", mode: "100644", type: "blob", content: "export const a = 2;\n" },
    { path: "src/old.ts", mode: "100644", type: "blob", sha: null },
  ]);
  Object.assign(server.pulls[0]!, { state: "closed", merged_at: "2026-11-30T00:00:00Z" });
  assert.equal((await world.finish(id)).status, "ready");
});

Deno.test("carryOutDeployments() at GitHub ends as cancelled when the pull request is closed unmerged", async () => {
  const [world, server] = await prepared("pull_request");
  await using _world = world;
  await using _server = server;
  const { id } = await world.ask({ files: [{ path: "src/a.ts", content: "x" }] });
  await world.work();
  Object.assign(server.pulls[0]!, { state: "closed" });
  assert.equal((await world.finish(id)).status, "cancelled");
});

for (const path of ["../outside.ts", "/etc/passwd", ".git/config", "C:/a.ts"]) {
  Deno.test(`carryOutDeployments() at GitHub commits nothing outside of the project: ${path}`, async () => {
    const [world, server] = await prepared("pull_request");
    await using _world = world;
    await using _server = server;
    const ended = await world.finish((await world.ask({ files: [{ path, content: "x" }] })).id);
    assert.equal(ended.status, "failed");
    assert.deepEqual(server.asked, []);
  });
}

const STATES: [string, StoredDeployment["status"]][] = [
  ["success", "ready"],
  ["failure", "failed"],
  ["error", "failed"],
  ["inactive", "cancelled"],
  ["queued", "building"],
  ["in_progress", "building"],
  ["nonsense", "building"],
];

for (const [state, ends] of STATES) {
  Deno.test(`carryOutDeployments() at GitHub: a Deployment whose status is ${state} is ${ends}`, async () => {
    const [world, server] = await prepared("deployment");
    await using _world = world;
    await using _server = server;
    const { id } = await world.ask();
    await world.work();
    server.statuses.set(server.deployments[0]!.id as number, [{ state, description: `it is ${state}` }]);
    assert.equal((await world.finish(id)).status, ends);
    assert.equal(server.deployments.length, 1);
  });
}

for (const [status, ends] of [[409, "failed"], [422, "failed"], [202, "unknown"]] as const) {
  Deno.test(`carryOutDeployments() at GitHub: a Deployment that meets ${status} is ${ends}`, async () => {
    const [world, server] = await prepared("deployment");
    await using _world = world;
    await using _server = server;
    server.once(CREATE, answersInstead(status, { message: "Conflict merging main" }));
    const { id } = await world.ask();
    await world.work();
    assert.equal((await world.read(id)).status, ends);
  });
}
