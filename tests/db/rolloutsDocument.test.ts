/** What docs/rollouts.md says is so: its settings, rules and bounds are there, and its picture is what the bench draws. */

import assert from "node:assert/strict";
import { CANARY_RULES } from "../../supabase/functions/_shared/statistics.ts";
import { drawReleases } from "../../scripts/bench/canary/picture.ts";
import { createTestDatabase } from "../helpers/database.ts";

const FOLDER = new URL("../../docs/", import.meta.url);
const DOCUMENT = await Deno.readTextFile(new URL("rollouts.md", FOLDER));

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

Deno.test("the picture of docs/rollouts.md is what the bench draws", async () => {
  assert.equal(await Deno.readTextFile(new URL("rollouts.svg", FOLDER)), drawReleases());
});
