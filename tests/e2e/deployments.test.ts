/** Deployments over HTTP alone: the functions run as on the platform, and the providers are local servers. */

import assert from "node:assert/strict";
import { FUNCTIONS_DIRECTORY } from "../../scripts/stack/stack.ts";
import { Client } from "../../supabase/functions/_shared/postgres.ts";
import {
  answersInstead,
  DEPLOY_TOKEN,
  GitHubServer,
  HookServer,
  losesAnswer,
  SupabaseServer,
  VercelServer,
} from "../helpers/deployServers.ts";
import { openStack, type TestStack } from "../helpers/stack.ts";
import { waitFor } from "../helpers/waiting.ts";

interface Row {
  id: string;
  status: string;
  status_reason: string;
}

/** A project on a stack, called as a machine and as an admin who has signed in. */
interface Project extends AsyncDisposable {
  stack: TestStack;
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  machine(body: object): Promise<{ status: number; body: { success: boolean; deployment: Row } }>;
  admin(
    body: object,
  ): Promise<
    { status: number; body: { success: boolean; deployment: Row; rollback: { carried_out_by: string } } }
  >;
  /** The schedule's runs, with their waits over at once, until the deployment has ended. */
  ended(id: string): Promise<Row>;
}

async function openProject(): Promise<Project> {
  const stack = await openStack({ functionRoots: [FUNCTIONS_DIRECTORY], secrets: { DEPLOY_TOKEN } });
  const client = new Client({ connectionString: stack.stack.dbUrl });
  await client.connect();
  const query: Project["query"] = async (sql, values) => (await client.query(sql, values)).rows;
  await query("select change_healing_setting('mode_deployment', '\"auto\"', 'a test')");
  await query("select change_healing_setting('max_deployments_per_target_hour', '1000', 'a test')");
  await query(
    `insert into auth.users (id, email, raw_app_meta_data, raw_user_meta_data) values (gen_random_uuid(), 'ada@example.com', '{"role": "admin"}', '{}')`,
  );
  const { access_token } = await stack.stack.signIn("ada@example.com");
  const call = async (headers: Record<string, string>, body: object) => {
    const answer = await stack.call("trigger-deployment", {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  };
  const { secret, publishable } = stack.stack.keys;
  const machine: Project["machine"] = (body) => call({ apikey: secret }, body);
  return {
    stack,
    query,
    machine,
    admin: (body) => call({ apikey: publishable, authorization: `Bearer ${access_token}` }, body),
    ended: (id) => ended(query, machine, id),
    async [Symbol.asyncDispose]() {
      await client.end();
      await stack.stack.stop();
    },
  };
}

const PASS = `
  update deployment_logs set next_check_at = next_check_at - interval '130 s', absent_since = absent_since - interval '130 s',
    lease_expires_at = lease_expires_at - interval '130 s' where finished_at is null`;

async function ended(query: Project["query"], machine: Project["machine"], id: string): Promise<Row> {
  const read = async () => (await query("select * from deployment_logs where id = $1", [id]))[0]!;
  await waitFor("the first step", async () => Number((await read()).look_count) > 0, 60_000);
  for (let run = 0; run < 20 && (await read()).finished_at === null; run++) {
    await query(PASS);
    await machine({ wait: true });
  }
  return await read() as unknown as Row;
}

Deno.test("trigger-deployment deploys over HTTP by each provider, once and truly, whatever is lost on the way", async () => {
  await using vercel = new VercelServer();
  await using github = new GitHubServer();
  await using supabase = new SupabaseServer();
  await using hook = new HookServer();
  await using project = await openProject();
  const { query, machine, ended } = project;
  const targets: [string, string, object][] = [
    ["web", "vercel", vercel.config],
    ["repo", "github", github.config("workflow")],
    ["functions", "supabase", supabase.config],
    ["own", "hook", hook.config],
  ];
  for (const [name, provider, config] of targets) {
    await query("select set_deployment_target($1, $2, $3, 'deploy_token', 'a test')", [
      name,
      provider,
      JSON.stringify(config),
    ]);
  }
  vercel.seed("dpl_old");
  vercel.once("POST /v13/deployments", losesAnswer());
  github.once("POST /repos/acme/shop/actions", answersInstead(429, {}, { "retry-after": "3" }));
  supabase.once("POST /v1/projects", losesAnswer());
  hook.once("POST /deploy", losesAnswer());
  const source = { path: "functions/pay/index.ts", content: "Deno.serve(() => new Response('paid'));" };
  const changes = { functions: [{ slug: "pay", entrypointPath: source.path, files: [source] }] };
  const asked = await Promise.all(
    targets.map(([name]) =>
      machine({
        project_id: name,
        reason: "autonomous_fix_applied",
        changes: name === "functions" ? changes : {},
      })
    ),
  );
  for (const [place, { status, body }] of asked.entries()) {
    assert.deepEqual([status, body.success], [202, true], targets[place]![0]);
    const row = await ended(body.deployment.id);
    assert.equal(row.status, "ready", `${targets[place]![0]}: ${row.status_reason}`);
  }
  assert.deepEqual([vercel.deployments.length - 1, github.runs.length, supabase.deployed, hook.begun], [
    1,
    1,
    1,
    1,
  ]);
  assert.equal(supabase.functions.get("pay")!.files[0]!.content, source.content);
});

Deno.test("trigger-deployment rolls back over HTTP on an admin's word, and nobody else's", async () => {
  await using vercel = new VercelServer();
  await using project = await openProject();
  const { query, machine, admin, ended } = project;
  vercel.seed("dpl_old");
  await query("select set_deployment_target('web', 'vercel', $1, 'deploy_token', 'a test')", [
    JSON.stringify(vercel.config),
  ]);
  const asked = await machine({ project_id: "web", reason: "release" });
  const bad = await ended(asked.body.deployment.id);
  assert.equal(vercel.production, "dpl_2");
  const order = { action: "rollback", deployment_id: bad.id, reason: "it is worse" };
  assert.equal((await machine(order)).status, 403);
  const back = await admin(order);
  assert.equal(back.status, 200, JSON.stringify(back.body));
  await ended(back.body.rollback.carried_out_by);
  assert.equal(vercel.production, "dpl_old");
  const [history] = await query("select reason, actor from rollback_history");
  assert.deepEqual(history, { reason: "it is worse", actor: "ada@example.com" });
});

Deno.test("the schedule calls trigger-deployment only while something is due", async () => {
  await using hook = new HookServer();
  await using project = await openProject();
  const { query, stack } = project;
  assert.deepEqual(await query("select dispatch_deployments() as run"), [{ run: null }]);
  await query("select set_deployment_target('own', 'hook', $1, 'deploy_token', 'a test')", [
    JSON.stringify(hook.config),
  ]);
  await query("select trigger_deployment('own', 'by hand')");
  assert.equal(await stack.stack.runJob("healing_deployments"), true);
  await stack.stack.drainNet();
  await waitFor("the hook", () => hook.begun === 1, 60_000);
});
