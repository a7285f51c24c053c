/** What follows on a fix that has proved itself: the tests that concern it, and a redeploy where code was changed. @module */

import { messageOf } from "../core/errors.ts";
import { claimRedeploy, type ConcernedTests, recordRedeploy } from "../engineDb.ts";
import type { FixToJudge } from "../healingDb.ts";
import type { FixVerdict } from "../contextAnalysis.ts";
import { sanitizeText } from "../errorSanitizer.ts";
import type { HealingEngineOptions } from "./options.ts";

/** What became of the tests and the redeploy, for the fix's row. */
export interface Aftermath {
  tests: {
    status: "not_installed" | "passed" | "failed" | "none" | "could_not_run";
    run: number;
    failed: string[];
    reason?: string;
  };
  redeploy: { status: "not_needed" | "not_installed" | "wanted" };
}

/** How long tests that cannot be run hold a verdict up. */
const PATIENCE_SECONDS = 86_400;
const MOST_NAMED = 20;

/** A verdict, and what the tests said about it. */
interface Weighed {
  verdict: FixVerdict;
  tests: Aftermath["tests"];
}

/** Runs the tests that concern a fix about to be kept; a test that failed only since counts against it. */
export async function weighTests(
  { tests }: Pick<HealingEngineOptions, "tests">,
  fix: FixToJudge,
  verdict: FixVerdict,
): Promise<Weighed> {
  if (tests === undefined) return { verdict, tests: { status: "not_installed", run: 0, failed: [] } };
  try {
    return heard(
      verdict,
      await tests.runConcerned({
        fixId: fix.id,
        errorId: fix.error.id,
        functionName: fix.error.function_name,
        target: fix.target,
        appliedSecondsAgo: fix.seconds_watched,
      }),
    );
  } catch (thrown) {
    return unheard(fix, verdict, sanitizeText(messageOf(thrown), { maxLength: 500 }));
  }
}

function heard(verdict: FixVerdict, { run, failed }: ConcernedTests): Weighed {
  const since = failed.filter(({ failedBefore }) => !failedBefore);
  if (since.length === 0) {
    return { verdict, tests: { status: run === 0 ? "none" : "passed", run, failed: [] } };
  }
  const named = since.slice(0, MOST_NAMED).map(({ name, reason }) =>
    sanitizeText(`${name}: ${reason}`, { maxLength: 300 })
  );
  const reason = `${since.length} of ${run} tests that concern it fail since it was applied: ${named[0]}`;
  const figures = { measured: since.length, baseline: 0, n: run, threshold: 0 };
  return {
    verdict: { ...verdict, verdict: "revert", reason, ...figures },
    tests: { status: "failed", run, failed: named },
  };
}

/** Missing data neither keep nor revert; a runner that stays away for long leaves it open. */
function unheard(fix: FixToJudge, verdict: FixVerdict, why: string): Weighed {
  const reason = `the tests that concern it could not be run: ${why}`;
  const tests = { status: "could_not_run" as const, run: 0, failed: [], reason: why };
  const isLate = fix.seconds_watched > PATIENCE_SECONDS;
  return {
    verdict: { ...verdict, verdict: isLate ? "inconclusive" as const : "wait" as const, reason },
    tests,
  };
}

/** Only what changed code has to be deployed to take effect. */
export function redeployOf(
  { deploy }: Pick<HealingEngineOptions, "deploy">,
  fix: Pick<FixToJudge, "action_group">,
): Aftermath["redeploy"] {
  if (fix.action_group !== "code") return { status: "not_needed" };
  return { status: deploy === undefined ? "not_installed" : "wanted" };
}

/** Asks for the redeploys that kept fixes want, each under its fix's id, so that asking twice is asking once. */
export async function askForRedeploys(
  { db, deploy, logger }: Pick<HealingEngineOptions, "db" | "deploy" | "logger">,
  hasTime: () => boolean,
): Promise<number> {
  let asked = 0;
  while (deploy !== undefined && hasTime()) {
    const wanted = await claimRedeploy(db);
    if (wanted === null) break;
    try {
      const { reference, refusal } = await deploy.requestRedeploy(wanted);
      await recordRedeploy(
        db,
        wanted.fixId,
        refusal === undefined
          ? { status: "requested", reference }
          : { status: "refused", reference, reason: refusal },
      );
      if (refusal === undefined) asked++;
    } catch (thrown) {
      // It stays wanted: the lease ends, and the next run asks again.
      logger?.warn("a redeploy could not be asked for", { fixId: wanted.fixId, reason: messageOf(thrown) });
    }
  }
  return asked;
}
