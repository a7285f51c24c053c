/**
 * Runs regression tests: those that are due, those that concern a fix, or the named ones. Each calls its target function
 * within a time of its own, and its answer is judged by what is expected of it.
 *
 * @module
 */

import { type Clock, systemClock } from "../_shared/core/clock.ts";
import { HealingError } from "../_shared/core/errors.ts";
import type { Logger } from "../_shared/core/logger.ts";
import type { RpcPort } from "../_shared/core/ports.ts";
import type { PlatformSettings } from "../_shared/core/settings.ts";
import { z } from "../_shared/core/validation.ts";
import type { EdgeCall } from "../_shared/edgeHandler.ts";
import type { FunctionCaller } from "../_shared/functionInvoker.ts";
import { ownFunction, readBody } from "../_shared/ownFunction.ts";
import { answerScheduledRun, scheduledCall } from "../_shared/scheduledRun.ts";
import { runTests, type TestCounters, type TestLimits } from "./runTests.ts";

/** What the function is wired to. */
export interface RunnerDependencies {
  settings: PlatformSettings;
  db: RpcPort;
  /** Calls the functions that are tested; without it no test can be run. */
  callFunction: FunctionCaller | undefined;
  instanceId: string;
  logger: Logger;
  clock?: Clock;
  limits?: Partial<TestLimits>;
  request?: typeof fetch;
}

const FUNCTION_NAME = "auto-test-runner";

const requestBody = z.strictObject({
  ...scheduledCall,
  /** Only the tests that concern this fix, each once for it. */
  fix_id: z.uuid().optional(),
  /** Only these, due or not. */
  test_ids: z.array(z.uuid()).min(1).max(200).optional(),
}).refine(({ fix_id, test_ids }) => fix_id === undefined || test_ids === undefined, {
  message: "fix_id and test_ids exclude each other",
});

const HINT =
  'Send {"fix_id"?: uuid, "test_ids"?: [uuid], "wait"?: boolean, "run_id"?: uuid, "trigger"?: string}';

/** Makes the function's handler. */
export function createHandler(dependencies: RunnerDependencies): (request: Request) => Promise<Response> {
  return ownFunction(FUNCTION_NAME, dependencies, (call) => startRun(call, dependencies));
}

function startRun(call: EdgeCall, dependencies: RunnerDependencies): Promise<Response> {
  const wanted = readBody(requestBody, call.body, HINT);
  const { db, callFunction, logger, instanceId, clock = systemClock, limits } = dependencies;
  if (callFunction === undefined) {
    throw new HealingError(
      "CONFIG_MISSING",
      "The functions cannot be called as the project's address or a key is not set",
      {
        hint: "Set SUPABASE_URL and the project's keys",
      },
    );
  }
  const { fix_id: fixId, test_ids: testIds } = wanted;
  return answerScheduledRun<TestCounters>(
    call,
    wanted,
    { db, functionName: FUNCTION_NAME, instanceId, logger },
    { tests_made: 0, tests_run: 0, passed: 0, failed: 0, flaky: 0, errors: 0, left: 0 },
    (runId, counters) => runTests({ runId, fixId, testIds }, { db, callFunction, clock, limits }, counters),
  );
}
