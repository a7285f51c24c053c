/** A worker dies at each of its steps, before and after the step was done: there is one deployment, and one true end. */

import assert from "node:assert/strict";
import type { StoredDeployment } from "../../supabase/functions/_shared/deploymentDb.ts";
import { GitHubServer, HookServer, SupabaseServer, VercelServer } from "../helpers/deployServers.ts";
import { type DeployWorld, dyingMeans, openDeployWorld } from "../helpers/deployWorld.ts";

/** One provider, and how often it has begun something for a deployment. */
interface Provider extends AsyncDisposable {
  provider: string;
  config: Record<string, unknown>;
  changes: StoredDeployment["changes"];
  begun(id: string): number;
  /** What has to happen beside the system, such as a person's merge. */
  meanwhile?(): void;
}

const functionChanges = (slugs: string[]) => ({
  functions: slugs.map((slug) => ({
    slug,
    entrypointPath: `functions/${slug}/index.ts`,
    files: [{ path: `functions/${slug}/index.ts`, content: `// ${crypto.randomUUID()}` }],
  })),
});

function vercel(): Provider {
  const server = new VercelServer();
  server.seed("dpl_old");
  return madeOf(
    server,
    "vercel",
    server.config,
    {},
    (id) => server.deployments.filter(({ meta }) => meta.healingDeployment === id).length,
  );
}

function github(mode: "workflow" | "deployment" | "pull_request", is2025 = false): Provider {
  const server = new GitHubServer();
  server.returnsRunDetails = !is2025;
  const changes = mode === "pull_request"
    ? { files: [{ path: "src/a.ts", content: "export const a = 2;\n" }] }
    : {};
  const begun = (id: string) =>
    mode === "workflow"
      ? server.runs.filter(({ display_title }) => display_title.includes(id)).length
      : mode === "deployment"
      ? server.deployments.filter(({ task }) => task === `heal:${id}`).length
      : server.pulls.filter(({ head }) => (head as { ref: string }).ref === `heal/${id}`).length;
  const meanwhile = () => {
    for (const pull of server.pulls) {
      Object.assign(pull, { state: "closed", merged_at: "2026-11-30T00:00:00Z" });
    }
    for (const { id } of server.deployments) server.statuses.set(id as number, [{ state: "success" }]);
  };
  return { ...madeOf(server, "github", server.config(mode), changes, begun), meanwhile };
}

function supabase(slugs: string[]): Provider {
  const server = new SupabaseServer();
  for (const slug of slugs.slice(0, -1)) server.seed(slug, "// old");
  server.seed("other", "// not ours");
  const changes = functionChanges(slugs);
  // Each function was put in force once by each deployment, whatever died.
  let before = 0;
  return madeOf(server, "supabase", server.config, changes, () => {
    const put = (server.deployed - before) / slugs.length;
    before = server.deployed;
    return put;
  });
}

function hook(): Provider {
  const server = new HookServer();
  return madeOf(
    server,
    "hook",
    server.config,
    {},
    (id) => server.deployments.has(id) ? server.begun - server.deployments.size + 1 : 0,
  );
}

function madeOf(
  server: AsyncDisposable,
  provider: string,
  config: Record<string, unknown>,
  changes: StoredDeployment["changes"],
  begun: (id: string) => number,
): Provider {
  return { provider, config, changes, begun, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Kills a worker at one of its actions, and lets others finish; returns whether the worker got that far. */
async function dieAt(world: DeployWorld, one: Provider, at: number, isDone: boolean): Promise<boolean> {
  // A change that is not there yet, so that "done" can be told from "not done".
  const changes = one.provider === "supabase"
    ? functionChanges((one.changes.functions as { slug: string }[]).map(({ slug }) => slug))
    : one.changes;
  const { id } = await world.ask(changes);
  const dying = dyingMeans(world.contract.rpc, { at, isDone });
  await world.work(dying).catch(() => {});
  one.meanwhile?.();
  let ended = await world.finish(id);
  if (ended.finished_at === null) {
    one.meanwhile?.();
    ended = await world.finish(id);
  }
  const where = `${one.provider}, died at ${at}, ${
    isDone ? "after" : "before"
  } it was done: ${ended.status_reason}`;
  assert.equal(ended.status, "ready", where);
  assert.equal(one.begun(id), 1, where);
  return dying.actions() >= at;
}

const PROVIDERS: [string, () => Provider][] = [
  ["Vercel", vercel],
  ["a workflow of GitHub", () => github("workflow")],
  ["a workflow of GitHub that tells no run", () => github("workflow", true)],
  ["a Deployment of GitHub", () => github("deployment")],
  ["a pull request at GitHub", () => github("pull_request")],
  ["one function at Supabase", () => supabase(["pay"])],
  ["three functions at Supabase", () => supabase(["pay", "ship", "bill"])],
  ["a hook", hook],
];

for (const [name, make] of PROVIDERS) {
  Deno.test(`carryOutDeployments() deploys once by ${name}, wherever its worker dies`, async () => {
    await using world = await openDeployWorld();
    await using one = make();
    await world.target(one.provider, one.config);
    let deaths = 0;
    for (const isDone of [false, true]) {
      for (let at = 1; at <= 60 && await dieAt(world, one, at, isDone); at++) deaths++;
    }
    assert.ok(deaths >= 10, `${deaths} deaths`);
  });
}

Deno.test("carryOutDeployments() lets two workers at once deploy once", async () => {
  await using world = await openDeployWorld();
  await using one = vercel();
  await world.target(one.provider, one.config);
  for (let round = 0; round < 5; round++) {
    const { id } = await world.ask();
    await Promise.all([1, 2, 3].map(() => world.work()));
    assert.equal((await world.finish(id)).status, "ready");
    assert.equal(one.begun(id), 1);
  }
});
