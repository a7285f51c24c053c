/** Judges fixes under validation: keeps, takes back, or says that nothing can be said. @module */

import { type FixVerdict, judgeFix } from "../contextAnalysis.ts";
import { messageOf } from "../core/errors.ts";
import type { Json } from "../core/ports.ts";
import { kindOf, parseFixAction } from "../fixActions.ts";
import { concludeFix, type FixToJudge, type RpcPort } from "../healingDb.ts";
import type { DirectConnection } from "../postgres.ts";
import { readChanges, restorePoint } from "../rollbackPoints.ts";

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
): Promise<Judged> {
  const verdict = verdictOn(fix);
  if (verdict.verdict === "wait") return { status: "waiting", patternIsNew: false, verdict };
  if (verdict.verdict === "revert") return await takeBack(db, direct, fix, verdict);
  const status = verdict.verdict === "keep" ? "kept" : "inconclusive";
  const { pattern_is_new } = await concludeFix(db, fix, status, asJson(verdict));
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
): Promise<Judged> {
  try {
    const action = parseFixAction(fix.action);
    const kind = kindOf(action);
    if (kind.needs !== "sql") {
      await kind.revert({}, action, fix.rollback_point);
      await concludeFix(db, fix, "reverted", asJson(verdict));
    } else {
      const connection = await direct();
      if (connection === null) throw new Error("there is no direct connection");
      await connection.transaction(async (tx) => {
        await restorePoint(tx, { ...fix, preview: readChanges(fix.preview) });
        await concludeFix(tx.rpc, fix, "reverted", asJson(verdict));
      });
    }
    return { status: "reverted", patternIsNew: false, verdict };
  } catch (error) {
    const reason = `${verdict.reason}; it could not be taken back: ${messageOf(error)}`;
    await concludeFix(db, fix, "inconclusive", asJson({ ...verdict, reason }));
    return { status: "inconclusive", patternIsNew: false, verdict: { ...verdict, reason } };
  }
}

function asJson(verdict: FixVerdict): Json {
  return { ...verdict };
}
