/** The demo from its first line to its last. @module */

import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { type ServedDashboard, serveWhenBuilt } from "../dashboard/served.ts";
import { SEEDED_USERS } from "../stack/platform.ts";
import { type DemoStage, startDemoStage } from "./stage.ts";
import { STORIES } from "./stories.ts";
import { tellStory } from "./story.ts";
import { print } from "../lib/print.ts";
import { printTable } from "../lib/printTable.ts";

/** What an admin types to see what happened, and why. */
const ADMIN_QUESTION = `select e.error_type, e.occurrence_count as seen, f.target, f.tier, f.status,
  coalesce(f.approved_by, 'alone') as decided, f.verdict ->> 'reason' as why
from detected_errors e join auto_fixes f on f.detected_error_id = e.id
order by f.created_at;`;

/** Seconds between runs of the engine while the demo stays, and between looks at its health. */
const JUDGE_EVERY = 5;
const HEALTH_EVERY = 60;

async function ask(database: Client, question: string): Promise<void> {
  print(`\nWhat an admin would ask:\n\n${question}\n`);
  printTable((await database.query<Record<string, unknown>>(question)).rows);
}

/** Tells all stories; 0 when all of them healed. With `--stay` the project goes on, with its dashboard, until Ctrl-C. */
export async function runDemo(args: readonly string[] = []): Promise<number> {
  const startedAt = performance.now();
  const stays = args.includes("--stay");
  print("Starting a project of its own: Postgres, the gateway, the functions. Nothing is installed.");
  using dashboard = stays ? serveWhenBuilt((line) => print(`  ${line}`)) : undefined;
  await using stage = await startDemoStage({ dashboard: dashboard?.door });
  print(`Ready after ${Math.round(performance.now() - startedAt)} ms.`);
  print("An admin turns on automatic fixes of the database, which a fresh installation only suggests,");
  print("and shortens the watch over a fix from ten minutes to none, so that nobody has to wait.");
  let healed = 0;
  for (const [index, story] of STORIES.entries()) {
    if (await tellStory(story, index + 1, stage)) healed++;
  }
  await ask(stage.database, ADMIN_QUESTION);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  print(`\n${healed} of ${STORIES.length} stories healed in ${seconds} s.`);
  if (dashboard !== undefined) await stay(stage, dashboard);
  return healed === STORIES.length ? 0 : 1;
}

/** The engine runs on its schedule's behalf, so that what is approved in the dashboard is made. */
async function stay(stage: DemoStage, dashboard: ServedDashboard): Promise<void> {
  const { admin } = SEEDED_USERS;
  if (await dashboard.ready) print(`\nThe dashboard: ${stage.stack.url}/dashboard/`);
  print(
    `Sign in as ${admin.email} with ${admin.password}. Ctrl-C ends the demo, and removes what it has made.`,
  );
  const ended = new Promise<void>((resolve) => Deno.addSignalListener("SIGINT", resolve));
  let isOver = false;
  void ended.then(() => isOver = true);
  for (let second = 0; !isOver; second++) {
    // What was applied is judged by a later run.
    if (second % JUDGE_EVERY === 0) await stage.stack.runJob("healing_engine");
    if (second % HEALTH_EVERY === 0) await stage.stack.runJob("healing_health");
    await stage.stack.drainNet();
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1_000))]);
  }
}
