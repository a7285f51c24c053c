/**
 * A project with something on every page of the dashboard: the stories of the demo, told for real, and what they do
 * not tell of: an experiment, a question to a person, a regression test, a waiting call, health, hostile text.
 *
 * @module
 */

import type { Browser, Page } from "./browser.ts";
import { buildDashboard } from "../../scripts/dashboard/build.ts";
import { type DemoStage, startDemoStage } from "../../scripts/demo/stage.ts";
import { STORIES } from "../../scripts/demo/stories.ts";
import { SEEDED_USERS } from "../../scripts/stack/platform.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { occurrence } from "./contract.ts";
import { outcomesOf, recordOutcomes, startExperiment } from "./experiments.ts";
import { began, countRequests } from "./rollouts.ts";
import type { TestDatabase } from "./testDatabase.ts";
import { waitFor } from "./waiting.ts";

/** Texts that would do harm in a page that took them for anything but text. */
export const HOSTILE_TEXTS: readonly string[] = [
  "<script>window.harmed = 1</script>",
  '<img src=x onerror="window.harmed = 1">',
  '"><svg onload=window.harmed=1>',
  '<iframe srcdoc="<script>parent.harmed = 1</script>"></iframe>',
  "javascript:window.harmed=1",
  "</title></textarea></pre><script>window.harmed=1</script>",
  "{{constructor.constructor('window.harmed=1')()}}",
  '<a href="javascript:window.harmed=1">look</a>',
  "\u202Egnp.exe <style>*{display:none}</style>",
  "<math><mtext></form><form><mglyph><style></math><img src onerror=window.harmed=1>",
];

/** The project, with ways to do what time and people would do. */
export interface DashboardWorld extends AsyncDisposable {
  readonly stage: DemoStage;
  /** The address of the dashboard. */
  readonly url: string;
  /** As the functions call the database. */
  readonly service: RpcPort;
  readonly experimentId: string;
  /** A page of the dashboard after signing in. */
  signIn(
    browser: Browser,
    who?: "admin" | "plain",
    options?: Parameters<Browser["newContext"]>[0],
  ): Promise<Page>;
}

/** Starts it; with `empty` nothing has happened yet. */
export async function openDashboardWorld(
  { empty = false }: { empty?: boolean } = {},
): Promise<DashboardWorld> {
  await using opened = new AsyncDisposableStack();
  const folder = await buildDashboard();
  const stage = opened.use(
    await startDemoStage({ dashboard: { folder: () => folder }, onProgress: () => {} }),
  );
  const direct = await openDirectConnection(stage.stack.dbUrl);
  opened.defer(() => direct.close());
  if (!empty) { for (const story of STORIES) await story.tell(stage); }
  const experimentId = empty ? "" : await fill(stage, direct.rpc);
  const url = `${stage.stack.url}/dashboard/`;
  const running = opened.move();
  return {
    stage,
    url,
    service: direct.rpc,
    experimentId,
    signIn: (browser, who = "admin", options = {}) => signIn(browser, url, who, options),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function fill(stage: DemoStage, service: RpcPort): Promise<string> {
  await askAPerson(stage, service);
  await captureErrors(
    service,
    HOSTILE_TEXTS.map((text, index) =>
      occurrence({
        fingerprint: `hostile:${index}`,
        error_signature: `hostile ${index}`,
        error_template: `hostile ${index}`,
        error_message: text,
        error_type: "unknown",
        error_code: "XX000",
        function_name: `<b>function ${index}</b>`,
        stack_trace: `Error: ${text}\n    at ${text} (file:///checkout.ts:1:1)`,
        context: { said: text },
      })
    ),
  );
  // Not enough for a decision: the engine leaves it to go on.
  const experimentId = await startExperiment(service, { signature: "57014: statement timeout on $1" });
  await recordOutcomes(stage.database, experimentId, outcomesOf([28, 60], [39, 60]));
  await service.call("advance_fix_experiment", { p_experiment_id: experimentId });
  await makeTest(stage);
  await stage.database.query(
    `insert into queued_operations (operation_kind, target, payload, idempotency_key, caller_role, status, last_error)
     values ('invoke_function', 'checkout', '{"cart": 7}', 'cart-7', 'anon', 'needs_person', 'the answer was 409 twice')`,
  );
  await release(asTestDatabase(stage), service);
  await lookAtHealth(stage);
  return experimentId;
}

/** A release that a tenth of the people have; it fails as often as what was there, now more and now less. */
async function release(database: TestDatabase, service: RpcPort): Promise<void> {
  const { deployment_id: deployment } = await began(database, service, { errors: 1, controlErrors: 2 });
  for (const [from, n, errors] of [[52, 20, 2], [41, 40, 0], [30, 30, 2], [18, 40, 0], [9, 25, 1]] as const) {
    await countRequests(database, { from, to: from - 4, n, errors, deployment, arm: "canary" });
    await countRequests(database, {
      from: from - 3,
      to: from - 6,
      n: 60,
      errors: 2 - errors,
      deployment,
      arm: "control",
    });
  }
}

/** The project's database as far as helpers of releases need one. */
function asTestDatabase({ database }: DemoStage): TestDatabase {
  const query = async (sql: string, params: unknown[] = []) => (await database.query(sql, params)).rows;
  return { query } as unknown as TestDatabase;
}

const RECURSION = 'infinite recursion detected in policy for relation "members"';

/** Policies that lead back to themselves: mending them always needs a person. */
async function askAPerson(stage: DemoStage, service: RpcPort): Promise<void> {
  await stage.database.query(`
    create table members (team_id int, user_id uuid); alter table members enable row level security;
    grant select on members to authenticated;
    create policy m on members for select to authenticated
      using (team_id in (select team_id from members where user_id = auth.uid()));`);
  const { analyzeError } = await import("../../supabase/functions/_shared/errorAnalysis.ts");
  const { captured } = await analyzeError(
    Object.assign(new Error(RECURSION), { code: "42P17", message: RECURSION }),
  );
  await captureErrors(service, [captured]);
  await stage.runEngine();
}

/** A failure of a kind that a rule knows, which an admin wants to be asked about. */
export async function askAboutTenant({ stage }: DashboardWorld, tenant: string): Promise<void> {
  const { admin, database } = stage;
  const set = (mode: string) =>
    admin.call("change_healing_setting", { p_key: "mode_database", p_value: mode, p_reason: "a test" });
  await set("suggest");
  await stage.call("demo-tenant", { tenant }, `provision-${tenant}`);
  await waitFor("the capture", async () => {
    const { rows } = await database.query("select from detected_errors where error_message like $1", [
      `%${tenant}%`,
    ]);
    return rows.length > 0;
  });
  await stage.runEngine();
  await set("auto");
}

async function makeTest({ database }: DemoStage): Promise<void> {
  for (let n = 0; n < 3; n++) {
    await database.query(
      `insert into generation_failures (error_type, error_message, framework, user_request)
       values ('missing_import', 'useState is not defined', 'react', 'a counter with two buttons')`,
    );
  }
}

async function lookAtHealth({ stack, database }: DemoStage): Promise<void> {
  await database.query("select dispatch_function('health-check', 'manual')");
  await stack.drainNet();
  await waitFor("the looks of the health checks", async () => {
    const { rows } = await database.query("select from system_health_checks");
    return rows.length >= 8;
  });
}

async function signIn(
  browser: Browser,
  url: string,
  who: "admin" | "plain",
  options: Parameters<Browser["newContext"]>[0],
): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(url);
  const { email, password } = SEEDED_USERS[who];
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor({ state: "detached" });
  return page;
}
