/** What the platform tells of failures, and what the attempts of the backend monitor ask and tell. @module */

import type { Json, RpcPort } from "../core/ports.ts";
import type { CapturedError, CapturedGroup } from "../healingDb.ts";

/** A failure that the platform recorded and this worker is to turn into a captured error. */
export interface PlatformProblem {
  source: "run" | "answer" | "job";
  source_key: string;
  claim_number: number;
  function_name: string | null;
  age_ms: number;
  /** Not sanitised. */
  message: string | null;
  http_status?: number | null;
}

/** Takes note of runs, requests and jobs that failed, each once. */
export function harvestPlatformProblems(
  db: RpcPort,
): Promise<{ runs: number; answers: number; jobs: number }> {
  return db.call("harvest_platform_problems", {});
}

/** Leases problems that have not become errors yet. */
export function claimPlatformProblems(db: RpcPort, limit: number): Promise<PlatformProblem[]> {
  return db.call("claim_platform_problems", { p_limit: limit });
}

/** Turns claimed problems into errors, each exactly once; the lists are in the same order. */
export function capturePlatformProblems(
  db: RpcPort,
  problems: readonly PlatformProblem[],
  errors: readonly CapturedError[],
): Promise<{ errors: CapturedGroup[] }> {
  return db.call("capture_platform_problems", {
    p_claims: problems.map(({ source, source_key, claim_number }) => ({ source, source_key, claim_number })),
    p_errors: errors,
  });
}

/** Lets an open error be claimed now. */
export function makeErrorDue(db: RpcPort, errorId: string): Promise<boolean> {
  return db.call("make_error_due", { p_error_id: errorId });
}

/** A fix that may have to do with an error. */
export interface NearbyFix {
  fix_id: string;
  what: string;
}

/** What changed about the time of an error. */
export function getChangesAround(
  db: RpcPort,
  errorId: string,
): Promise<{ mended_since: NearbyFix | null; suspect: NearbyFix | null }> {
  return db.call("get_changes_around", { p_error_id: errorId });
}

/** Tells people that every attempt on an error has failed. */
export function reportFailedAttempts(db: RpcPort, errorId: string, attempts: Json): Promise<void> {
  return db.call("report_failed_attempts", { p_error_id: errorId, p_attempts: attempts });
}
