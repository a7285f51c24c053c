/** Regression tests: what is due, and how it ended. @module */

import type { Json, RpcPort } from "../core/ports.ts";

/** A test that one worker has for itself. */
export interface ClaimedTest {
  id: string;
  claim_number: number;
  test_name: string;
  status: "active" | "quarantined";
  error_type: string | null;
  framework: string | null;
  test_prompt: string;
  target_function: string;
  /** What is sent; null sends the prompt and the framework. */
  request: Json;
  expected_behavior: Json;
}

/** How a test ended. */
export interface TestResult {
  test_id: string;
  claim_number: number;
  /** `flaky` failed, then passed unchanged; `error` says that the test itself is wrong. */
  status: "passed" | "failed" | "flaky" | "error";
  /** One entry an expectation; the first says why the test ended so. */
  reasons: { expectation: string; ok: boolean; reason: string }[];
  attempts: number;
  run_id?: string;
  /** The fix for whose sake it ran. */
  fix_id?: string;
  http_status?: number;
  response_excerpt?: string;
  duration_ms?: number;
}

/** A test of a project's files, as code. */
export interface FileTestRow {
  test_name: string;
  test_type: "unit" | "component" | "handler";
  test_prompt: string;
  files: string[];
  test_file: string;
  test_code: string;
  framework?: string;
}

/** Leases tests: those that concern a fix, the named ones, or those that are due. */
export function claimTests(
  db: RpcPort,
  claim: {
    worker: string;
    limit: number;
    leaseSeconds: number;
    fixId?: string | undefined;
    testIds?: string[] | undefined;
  },
): Promise<ClaimedTest[]> {
  return db.call("claim_tests", {
    p_worker: claim.worker,
    p_limit: claim.limit,
    p_lease_seconds: claim.leaseSeconds,
    p_fix_id: claim.fixId ?? null,
    p_test_ids: claim.testIds ?? null,
  });
}

/** Ends claimed tests; returns how many of the claims still held. */
export function finishTests(db: RpcPort, results: TestResult[]): Promise<number> {
  return db.call("finish_tests", { p_results: results });
}

/** Makes the tests that the trigger could not make; returns how many. */
export function makeMissingTests(db: RpcPort): Promise<number> {
  return db.call("make_missing_tests", {});
}

/** Keeps tests of a project's files; returns how many. */
export function saveFileTests(db: RpcPort, projectId: string, tests: FileTestRow[]): Promise<number> {
  return db.call("save_file_tests", { p_project_id: projectId, p_tests: tests });
}

/** Calls the test runner again at once, for the same fix if it ran for one. */
export function goOnWithTests(db: RpcPort, fixId: string | undefined): Promise<void> {
  return db.call("go_on_with_tests", { p_fix_id: fixId ?? null });
}

/** The tests that concern a fix, as they came out. */
export interface ConcernedTests {
  run: number;
  /** `failedBefore`: it did not pass before the fix either, and says nothing about it. */
  failed: { name: string; reason: string; failedBefore: boolean }[];
}

/** The tests that concern a fix, and how many have yet to run for it. */
export function getFixTests(db: RpcPort, fixId: string): Promise<ConcernedTests & { waiting: number }> {
  return db.call("get_fix_tests", { p_fix_id: fixId });
}
