/** Judges fixes under validation: keeps, takes back, or says that nothing can be said. @module */

import { type FixVerdict, judgeFix } from "../contextAnalysis.ts";
import { isHealingError, messageOf } from "../core/errors.ts";
import { isPassingTrouble } from "../core/passing.ts";
import type { Json } from "../core/ports.ts";
import { kindOf, parseFixAction } from "../fixActions.ts";
import { concludeFix, type FixToJudge, type RpcPort } from "../healingDb.ts";
import type { DirectConnection } from "../postgres.ts";
import { readChanges, restorePoint } from "../rollbackPoints.ts";

import { type Aftermath, redeployOf, weighTests } from "./aftermath.ts";
import type { HealingEngineOptions } from "./options.ts";

/** What became of a fix under validation. */
export interface Judged {
  status: "kept" | "reverted" | "inconclusive" | "waiting";
  patternIsNew: boolean;
  verdict: FixVerdict;
}

/** Judges one claimed fix and makes the verdict take effect; a revert and its record are one transaction. */
export async function judgeClaimedFix(
  db: RpcPort,
  direct: () => Promise<DirectConnection | null>,
  fix: FixToJudge,
  ports: Pick<HealingEngineOptions, "tests" | "deploy"> = {},
): Promise<Judged> {
  const measured = verdictOn(fix);
  const { verdict, tests } = measured.verdict === "keep"
    ? await weighTests(ports, fix, measured)
    : { verdict: measured, tests: undefined };
  if (verdict.verdict === "wait") return { status: "waiting", patternIsNew: false, verdict };
  if (verdict.verdict === "revert") return await takeBack(db, direct, fix, verdict, tests);
  const status = verdict.verdict === "keep" ? "kept" : "inconclusive";
  const aftermath = tests === undefined ? {} : { aftermath: { tests, redeploy: redeployOf(ports, fix) } };
  const { pattern_is_new } = await concludeFix(db, fix, status, { ...asRecord(verdict), ...aftermath });
  return { status, patternIsNew: pattern_is_new, verdict };
}

/** What is to be said of a fix by what is known of it now. */
export function verdictOn(fix: FixToJudge): FixVerdict {
  return judgeFix({
    occurrencesBefore: fix.error.occurrence_count - fix.error.occurrences_since_fix,
    secondsBefore: fix.seconds_before,
    occurrencesSince: fix.error.occurrences_since_fix,
    secondsWatched: fix.seconds_watched,
    windowIsOver: fix.window_is_over,
    proof: fix.proof?.succeeded ?? null,
  });
}

/** Takes a fix back by its rollback point; one that cannot be taken back is inconclusive, and says why. */
export async function takeBack(
  db: RpcPort,
  direct: () => Promise<DirectConnection | null>,
  fix: FixToJudge,
  verdict: FixVerdict,
  tests?: Aftermath["tests"],
): Promise<Judged> {
  const told = {
    ...asRecord(verdict),
    ...(tests === undefined ? {} : { aftermath: { tests: { ...tests } } }),
  };
  try {
    const action = parseFixAction(fix.action);
    const kind = kindOf(action);
    if (kind.needs !== "sql") {
      await kind.revert({}, action, fix.rollback_point);
      await concludeFix(db, fix, "reverted", told);
    } else {
      const connection = await direct();
      if (connection === null) throw new Error("there is no direct connection");
      await connection.transaction(async (tx) => {
        await restorePoint(tx, { ...fix, preview: readChanges(fix.preview) });
        await concludeFix(tx.rpc, fix, "reverted", told);
      });
    }
    return { status: "reverted", patternIsNew: false, verdict };
  } catch (error) {
    if (isPassingTrouble(error) && !(isHealingError(error) && error.code === "CONFLICT")) {
      // Its lease ends, and then it is taken back.
      const reason = `${verdict.reason}; it is taken back later: ${messageOf(error)}`;
      return { status: "waiting", patternIsNew: false, verdict: { ...verdict, verdict: "wait", reason } };
    }
    const reason = `${verdict.reason}; it could not be taken back: ${messageOf(error)}`;
    await concludeFix(db, fix, "inconclusive", { ...told, reason });
    return { status: "inconclusive", patternIsNew: false, verdict: { ...verdict, reason } };
  }
}

function asRecord(verdict: FixVerdict): Record<string, Json> {
  return { ...verdict };
}
