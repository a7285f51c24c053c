/** Turns what the platform tells of failures into captured errors, each exactly once. @module */

import { analyzeError } from "../_shared/errorAnalysis.ts";
import {
  capturePlatformProblems,
  claimPlatformProblems,
  harvestPlatformProblems,
  type PlatformProblem,
} from "../_shared/engineDb.ts";
import { type CapturedError, type RpcPort } from "../_shared/healingDb.ts";

/** What was found. */
export interface PlatformReport {
  harvested: { runs: number; answers: number; jobs: number };
  captured: number;
  /** Groups that are new, and still open. */
  newErrors: string[];
}

const AT_A_TIME = 100;
const NAMES = { run: "LostRun", answer: "FailedRequest", job: "FailedJob" } as const;

/** Reads the three sources, and captures what is new. */
export async function captureFromPlatform(db: RpcPort, hasTime: () => boolean): Promise<PlatformReport> {
  const harvested = await harvestPlatformProblems(db);
  const report: PlatformReport = { harvested, captured: 0, newErrors: [] };
  while (hasTime()) {
    const problems = await claimPlatformProblems(db, AT_A_TIME);
    if (problems.length === 0) break;
    const captured = await Promise.all(problems.map(toCapturedError));
    const { errors } = await capturePlatformProblems(db, problems, captured);
    report.captured += problems.length;
    const fresh = errors.filter(({ is_new, status }) => is_new && status === "open");
    report.newErrors.push(...fresh.map(({ id }) => id));
  }
  return report;
}

async function toCapturedError(problem: PlatformProblem): Promise<CapturedError> {
  const message = problem.message ?? "the platform gave no reason";
  const { captured } = await analyzeError(
    {
      name: NAMES[problem.source],
      message,
      ...(problem.http_status ? { status: problem.http_status } : {}),
    },
    {
      source: "platform",
      ...(problem.function_name === null ? {} : { functionName: problem.function_name }),
      details: { told_by: problem.source },
    },
  );
  // What happened longer ago than the column for it can say counts as that long ago.
  return { ...captured, age_ms: Math.min(Math.max(Math.round(problem.age_ms), 0), 9_999_999) };
}
