/** What the alternatives of a question would do, each tried like the fix itself. @module */

import type { FixDraft } from "../healingDb.ts";
import { kindOf, parseFixAction } from "../fixActions.ts";
import type { Json } from "../core/ports.ts";
import type { HealJob } from "./execute.ts";
import { dryRun } from "./trials.ts";

/** The first ones are the likeliest; what was not tried is asked about again when it is chosen. */
const MOST_TRIED = 3;

/** The alternatives, those that change the database with what exactly they change. */
export async function previewAlternatives(
  alternatives: FixDraft["alternatives"],
  job: Pick<HealJob, "direct" | "situation">,
): Promise<FixDraft["alternatives"]> {
  const previewed: FixDraft["alternatives"] = [];
  for (const [index, alternative] of alternatives.entries()) {
    previewed.push(index < MOST_TRIED ? await previewOne(alternative, job) : alternative);
  }
  return previewed;
}

async function previewOne(
  alternative: FixDraft["alternatives"][number],
  { direct, situation }: Pick<HealJob, "direct" | "situation">,
): Promise<FixDraft["alternatives"][number]> {
  const action = parseFixAction(alternative.action);
  if (kindOf(action).needs !== "sql") return alternative;
  const connection = await direct();
  if (connection === null) return alternative;
  const trial = await dryRun(connection, action, situation.script);
  return trial.kind === "works"
    ? { ...alternative, preview: JSON.parse(JSON.stringify(trial.changes)) as Json }
    : { ...alternative, preview: null, would_fail: trial.measured };
}
