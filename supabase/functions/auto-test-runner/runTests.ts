/** Claims tests, runs some at once within the run's time, and finishes each; what is left is for the next run. @module */

import type { Clock } from "../_shared/core/clock.ts";
import { messageOf } from "../_shared/core/errors.ts";
import type { RpcPort } from "../_shared/core/ports.ts";
import { sanitizeText } from "../_shared/errorSanitizer.ts";
import { type TestedAnswer, type TestVerdict, validateTestResult } from "../_shared/autoTestGenerator.ts";
import type { FunctionCaller } from "../_shared/functionInvoker.ts";
import {
  type ClaimedTest,
  claimTests,
  finishTests,
  goOnWithTests,
  makeMissingTests,
  type TestResult,
} from "../_shared/engineDb.ts";

/** What a run reports, under the names of its row. */
export type TestCounters = {
  /** Tests of failures that had none yet. */
  tests_made: number;
  tests_run: number;
  passed: number;
  failed: number;
  flaky: number;
  /** Tests that are themselves wrong. */
  errors: number;
  /** `1` when the run ended before its tests did; the next one goes on. */
  left: number;
};

/** What bounds a run. */
export interface TestLimits {
  /** Tests that run at once. */
  atOnce: number;
  /** Longest time of one call. */
  callMs: number;
  /** Longest further time for work that was answered 202 with a request id, and is asked about until it has ended. */
  laterMs: number;
  /** Pause between two of these questions. */
  askAgainMs: number;
  /** After this no test is begun; the platform ends a worker after 150 s. */
  runMs: number;
}

/** Nothing of a run may last longer: then the worker's time is over. */
const WORKER_MS = 135_000;

const LIMITS: TestLimits = { atOnce: 8, callMs: 30_000, laterMs: 60_000, askAgainMs: 2_000, runMs: 80_000 };

/** What a run works with. */
export interface TestMeans {
  db: RpcPort;
  callFunction: FunctionCaller;
  clock: Clock;
  limits?: Partial<TestLimits> | undefined;
}

/** Which tests a run is about. */
export interface TestOrder {
  runId: string;
  fixId: string | undefined;
  testIds: string[] | undefined;
}

/** Runs what is wanted until nothing is left or the time is up; a slow target holds up nobody but itself. */
export async function runTests(order: TestOrder, means: TestMeans, counters: TestCounters): Promise<void> {
  const limits = { ...LIMITS, ...means.limits };
  const startedAt = means.clock.monotonic();
  const hasTime = () => means.clock.monotonic() < startedAt + limits.runMs;
  const endsAt = startedAt + WORKER_MS;
  const claimNext = claimer(order, means.db, limits);
  counters.tests_made = await makeMissingTests(means.db);
  const runOneByOne = async () => {
    while (hasTime()) {
      const test = await claimNext();
      if (test === undefined) return;
      const result = await runTest(test, order, { ...means, limits, endsAt });
      await finishTests(means.db, [result]);
      counters.tests_run++;
      counters[result.status === "error" ? "errors" : result.status]++;
    }
    counters.left = 1;
  };
  await Promise.all(Array.from({ length: limits.atOnce }, runOneByOne));
  // Without progress the schedule is soon enough; named tests are a person's, who sees what was not run.
  if (counters.left === 1 && counters.tests_run > 0 && order.testIds === undefined) {
    await goOnWithTests(means.db, order.fixId);
  }
}

/** One test at a time, so that a claim is as fresh as can be and a run that dies takes no others with it. */
function claimer({ runId, fixId, testIds }: TestOrder, db: RpcPort, { callMs, laterMs }: TestLimits) {
  const mostSeconds = Math.ceil(2 * (callMs + laterMs) / 1_000);
  const lease = { worker: `tests:${runId}`, limit: 1, leaseSeconds: mostSeconds + 15 };
  const named = testIds?.values();
  return async (): Promise<ClaimedTest | undefined> => {
    if (named === undefined) return (await claimTests(db, { ...lease, fixId }))[0];
    for (const id of named) {
      const [test] = await claimTests(db, { ...lease, testIds: [id] });
      if (test !== undefined) return test;
    }
    return undefined;
  };
}

/** A failure is tried once more, unchanged: what passes then is flaky. An answer that did not come costs its time once. */
async function runTest(
  test: ClaimedTest,
  { runId, fixId }: TestOrder,
  means: CallMeans,
): Promise<TestResult> {
  let answer = await callTarget(test, means);
  let verdict = validateTestResult(answer, test.expected_behavior);
  let status: TestResult["status"] = verdict.status;
  let attempts = 1;
  const hasTime = means.clock.monotonic() + means.limits.callMs < means.endsAt;
  if (verdict.status === "failed" && answer.status !== undefined && hasTime) {
    attempts = 2;
    const again = await callTarget(test, means);
    const second = validateTestResult(again, test.expected_behavior);
    if (second.status === "passed") status = "flaky";
    else [answer, verdict] = [again, second];
  }
  return {
    test_id: test.id,
    claim_number: test.claim_number,
    status,
    reasons: cleanReasons(verdict),
    attempts,
    run_id: runId,
    ...(fixId === undefined ? {} : { fix_id: fixId }),
    ...(answer.status === undefined ? {} : { http_status: answer.status }),
    response_excerpt: sanitizeText(answer.body.slice(0, 4_000), { maxLength: 2_000 }),
    duration_ms: answer.durationMs,
  };
}

function cleanReasons({ reasons }: TestVerdict): TestVerdict["reasons"] {
  return reasons.map(({ reason, ...rest }) => ({
    ...rest,
    reason: sanitizeText(reason, { maxLength: 1_000 }),
  }));
}

/** What calls of a test share. */
type CallMeans = TestMeans & { limits: TestLimits; endsAt: number };

async function callTarget(test: ClaimedTest, means: CallMeans): Promise<TestedAnswer> {
  const startedAt = means.clock.monotonic();
  const body = test.request ?? { request: test.test_prompt, framework: test.framework };
  const first = await callOnce(test, body, means, startedAt);
  const requestId = laterId(first);
  return requestId === undefined ? first : await askUntilEnd(test, requestId, means, startedAt);
}

/** The id of work that goes on behind an answer. */
function laterId({ status, body }: TestedAnswer): string | undefined {
  if (status !== 202) return undefined;
  try {
    const { request_id: requestId } = JSON.parse(body) as { request_id?: unknown };
    return typeof requestId === "string" ? requestId : undefined;
  } catch {
    return undefined;
  }
}

/** Work that has not ended in time is no answer: nothing is known of it that could be judged. */
async function askUntilEnd(
  test: ClaimedTest,
  requestId: string,
  means: CallMeans,
  startedAt: number,
): Promise<TestedAnswer> {
  const { clock, limits, endsAt } = means;
  const until = Math.min(clock.monotonic() + limits.laterMs, endsAt);
  while (clock.monotonic() + limits.askAgainMs < until) {
    await clock.sleep(limits.askAgainMs);
    const answer = await callOnce(test, { request_id: requestId }, means, startedAt);
    if (laterId(answer) === undefined) return answer;
  }
  const durationMs = clock.monotonic() - startedAt;
  const failure = `answered 202, and the work had not ended after ${Math.round(durationMs)} ms`;
  return { status: undefined, body: "", durationMs, failure };
}

async function callOnce(
  test: ClaimedTest,
  body: unknown,
  { callFunction, clock, limits, endsAt }: CallMeans,
  startedAt: number,
): Promise<TestedAnswer> {
  const callMs = Math.max(1, Math.min(limits.callMs, endsAt - clock.monotonic()));
  const signal = AbortSignal.timeout(Math.ceil(callMs));
  const elapsed = () => clock.monotonic() - startedAt;
  try {
    const { status, body: text } = await callFunction({
      name: test.target_function,
      body,
      role: "service_role",
      // What is made for a test is not a user's.
      headers: { "x-healing-test": test.id },
      signal,
    });
    return { status, body: text, durationMs: elapsed() };
  } catch (thrown) {
    const failure = signal.aborted ? `no answer in ${limits.callMs} ms` : messageOf(thrown);
    return { status: undefined, body: "", durationMs: elapsed(), failure };
  }
}
