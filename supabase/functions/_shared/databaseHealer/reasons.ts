/** Why a migration was not mended, in words for its author. @module */

import type { HealOutcome } from "../healingEngine.ts";

/** Transforms that are about another kind of statement say nothing about this one. */
const BESIDE_THE_POINT =
  /^(?:the statement is no |the statement does not |no later statement of the migration|the name does not stand)/;

const NO_RULE = "no rule and no learned pattern";
/** What advice says better. */
export const NOBODY_KNOWS = /^no fix, because (?:no rule and no learned pattern|only whoever sent the value)/;

function shortened(reason: string): string {
  const reasons = reason.replace(/^no fix, because /, "").split("; ")
    .map((one) => one.replace(/^the rolled-back dry run failed: /, ""));
  const telling = [...new Set(reasons)].filter((one) => !BESIDE_THE_POINT.test(one));
  return `no fix, because ${telling.length > 0 ? telling.join("; ") : `${NO_RULE} knows this error`}`;
}

/** Why an outcome is no fix, in the words of a report. */
export function reasonOf(outcome: Exclude<HealOutcome, { kind: "applied" }> | null): string {
  if (outcome === null) return "another worker is healing this error; run the migration again";
  if (outcome.kind !== "waiting") {
    return outcome.reason.startsWith("no fix, because ") ? shortened(outcome.reason) : outcome.reason;
  }
  return `a fix waits for approval (${outcome.approvalId}): ${outcome.reason}`;
}
