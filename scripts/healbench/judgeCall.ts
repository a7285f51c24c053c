/** What became of a call over HTTP: answered, refused, or left to the engine, and whether anything did harm on the way. @module */

import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import type { Case } from "./cases.ts";
import { decide } from "./decidedCase.ts";
import type { BenchDatabase } from "./server.ts";
import type { StandIn } from "./standIn.ts";
import type { Verdict } from "./verdict.ts";

/** A verdict without what the bench itself adds. */
export type CallVerdict = Omit<Verdict, "durationMs">;

/** What every verdict on a row says of it. */
export function baseOf(
  { id, layer, title, risk, reproduce }: Case,
): Pick<Verdict, "id" | "layer" | "title" | "risk" | "kind"> {
  return { id, layer, title, risk, kind: reproduce.kind };
}

/** Harm of a failure that lasts: it must not be sent again as it was, by whomever. */
export function permanentRepeats(row: Case, standIn: StandIn): string[] {
  return row.retry_safe_unchanged === true || standIn.repeats === 0
    ? []
    : [`a failure that lasts was sent again unchanged, ${standIn.repeats} times`];
}

/** The author's call was answered: healed, when the answer is the good one and the failure was there before it. */
export function judgeAnswered(
  row: Case,
  standIn: StandIn,
  { isValid, actions = [], harm = permanentRepeats(row, standIn) }: {
    isValid: boolean;
    actions?: string[];
    harm?: string[];
  },
): CallVerdict {
  const failures = standIn.requests.length - standIn.answered;
  const isHealed = isValid && standIn.answered > 0 && failures > 0;
  return {
    ...baseOf(row),
    verdict: harm.length > 0 ? "harmed" : isHealed ? "healed" : "decidedOnly",
    errorType: "",
    actions: [...actions, ...(standIn.repeats > 0 ? ["retry"] : [])],
    reason: isHealed
      ? `the author's call was answered after ${failures} failed requests`
      : failures === 0
      ? "the failure did not come"
      : "what the author got is not the good answer",
    harm,
  };
}

/** The author's call failed: the engine is asked about what is left. */
export async function judgeFailed(
  row: Case,
  error: unknown,
  { database, harm, told }: { database: BenchDatabase; harm: readonly string[]; told?: string },
): Promise<CallVerdict> {
  const decided = await decide(row, database, error);
  const all = [...harm, ...decided.harm];
  return {
    ...baseOf(row),
    ...decided,
    verdict: all.length > 0 ? "harmed" : row.risk === "high" ? "leftAlone" : "escalated",
    reason: `${told ?? messageOf(error).slice(0, 120)}: ${decided.reason}`,
    harm: all,
  };
}
