/** The demo from its first line to its last. @module */

import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { startDemoStage } from "./stage.ts";
import { STORIES } from "./stories.ts";
import { tellStory } from "./story.ts";
import { print } from "../lib/print.ts";
import { printTable } from "../lib/printTable.ts";

/** What an admin types to see what happened, and why. */
const ADMIN_QUESTION = `select e.error_type, e.occurrence_count as seen, f.target, f.tier, f.status,
  coalesce(f.approved_by, 'alone') as decided, f.verdict ->> 'reason' as why
from detected_errors e join auto_fixes f on f.detected_error_id = e.id
order by f.created_at;`;

async function ask(database: Client, question: string): Promise<void> {
  print(`\nWhat an admin would ask:\n\n${question}\n`);
  printTable((await database.query<Record<string, unknown>>(question)).rows);
}

/** Tells all stories; 0 when all of them healed. */
export async function runDemo(): Promise<number> {
  const startedAt = performance.now();
  print("Starting a project of its own: Postgres, the gateway, the functions. Nothing is installed.");
  await using stage = await startDemoStage();
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
  return healed === STORIES.length ? 0 : 1;
}
