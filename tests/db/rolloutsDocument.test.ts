/** What docs/rollouts.md says is so: its SQL runs, its settings and rules are there, and its code imports what the door has. */

import assert from "node:assert/strict";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import * as door from "../../supabase/functions/_shared/rollouts.ts";
import { startRollout } from "../../supabase/functions/_shared/rolloutDb.ts";
import { CANARY_RULES } from "../../supabase/functions/_shared/statistics.ts";
import { drawReleases } from "../../scripts/bench/canary/picture.ts";
import { occurrence, openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { FEATURE, readyRelease } from "../helpers/rollouts.ts";

const FOLDER = new URL("../../docs/", import.meta.url);
const DOCUMENT = await Deno.readTextFile(new URL("rollouts.md", FOLDER));

function statements(): string[] {
  const [, sql] = /```sql\n([^]*?)```/.exec(DOCUMENT)!;
  return sql!.split(/;(?:\s+--[^\n]*)?\n/).map((part) => part.trim()).filter((part) => part !== "");
}

async function runAll(database: TestDatabase, rollout: string, error: string): Promise<number> {
  let moves = 0;
  for (const statement of statements()) {
    const sql = statement.replace("<rollout>", rollout).replace("<error>", error);
    // Each move goes from where a rollout stands; an ended one goes nowhere.
    await database.query(
      "update rollouts set status = 'running', pause_rule = null, finished_at = null, share = steps[step]",
    );
    if (sql.includes("resume_rollout")) {
      await database.query("update rollouts set status = 'paused', pause_rule = 'person'");
    }
    await database.query(sql);
    moves += sql.includes("_rollout('") && !sql.includes("get_") ? 1 : 0;
  }
  return moves;
}

Deno.test("the SQL of docs/rollouts.md runs", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { id } = await startRollout(contract.rpc, await readyRelease(database), FEATURE);
  await captureErrors(contract.rpc, [occurrence()]);
  const [error] = await database.query<{ id: string }>("select id from detected_errors");
  assert.equal(await runAll(database, id, error!.id), 5);
});

Deno.test("docs/rollouts.md names the rules, the bounds and the settings that there are", async () => {
  await using database = await createTestDatabase();
  const keys = await database.query<{ key: string }>(
    "select key from healing_settings where key like 'rollout\\_%'",
  );
  for (const { key } of keys) assert.ok(DOCUMENT.includes(`\`${key}\``), key);
  const source = await Deno.readTextFile(
    new URL("../../supabase/functions/_shared/statistics/canary.ts", import.meta.url),
  );
  const [, union] = /export type PauseRule =([^;]*);/.exec(source)!;
  const rules = [...union!.matchAll(/"(\w+)"/g)].map(([, rule]) => rule!);
  for (const rule of [...rules, "worseThanControl", "worseThanBaseline", "tooEarly", "notSure", "notWorse"]) {
    assert.ok(DOCUMENT.includes(`\`${rule}\``), rule);
  }
  assert.match(DOCUMENT, new RegExp(`winnings of ${CANARY_RULES.worse}\\b`));
  assert.match(DOCUMENT, new RegExp(`needs\\s+${2 * CANARY_RULES.worse}\\b`));
  assert.match(DOCUMENT, new RegExp(`\\b${CANARY_RULES.missing} requests were to be expected`));
});

Deno.test("the code of docs/rollouts.md imports what the door has, and its picture is what the bench draws", async () => {
  const [, name] = /import \{ (\w+) \} from "\.\.\/_shared\/rollouts\.ts"/.exec(DOCUMENT)!;
  assert.ok(name! in door, String(name));
  assert.equal(await Deno.readTextFile(new URL("rollouts.svg", FOLDER)), drawReleases());
});
