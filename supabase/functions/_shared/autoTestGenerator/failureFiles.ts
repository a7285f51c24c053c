/** Regression tests as a file to download: each asks the function again as it was asked when it failed. @module */

import type { ClaimedTest } from "../engineDb.ts";
import { quote, TEST_FOLDER, type TestFile, type TestRunner } from "./render.ts";

const HEADS: Record<TestRunner, string> = {
  deno: "const test = (name, work) => Deno.test(name, work);\nconst env = (name) => Deno.env.get(name);",
  vitest: 'import { test } from "vitest";\nconst env = (name) => process.env[name];',
};

/** What of a stored test the file needs. */
export type FailureTest = Pick<
  ClaimedTest,
  "test_name" | "test_prompt" | "framework" | "target_function" | "request" | "expected_behavior"
>;

/**
 * One file for all; it needs `SUPABASE_URL` and `SUPABASE_SECRET_KEY`. What a failure carried stands in it as data only.
 */
export function renderFailureTests(tests: readonly FailureTest[], runner: TestRunner): TestFile {
  return {
    path: `${TEST_FOLDER}/regressions.test.mjs`,
    code: `// Each of these requests has failed before.
import assert from "node:assert/strict";
${HEADS[runner]}

const tests = ${quote(tests.map(dataOf))};

/** Why an answer is not what was expected; null when it is. The simple expectations only: the rest is judged by the runner. */
function complaint(expected, status, text) {
  const failed = status >= 400 || /"success"\\s*:\\s*false/.test(text);
  if (expected.shouldNotFail && failed) return "answered " + status + ": " + text.slice(0, 300);
  if (expected.status !== undefined && status !== expected.status) return "answered " + status + ", expected " + expected.status;
  const missing = [expected.contains ?? []].flat().find((one) => !text.includes(one));
  if (missing !== undefined) return JSON.stringify(missing) + " is missing";
  const present = [expected.excludes ?? []].flat().find((one) => text.includes(one));
  return present === undefined ? null : JSON.stringify(present) + " is there";
}

for (const { name, target, body, expected } of tests) {
  test(name, async () => {
    const answer = await fetch(env("SUPABASE_URL") + "/functions/v1/" + encodeURIComponent(target), {
      method: "POST",
      headers: { "content-type": "application/json", apikey: env("SUPABASE_SECRET_KEY") },
      body: JSON.stringify(body),
    });
    assert.equal(complaint(expected, answer.status, await answer.text()), null);
  });
}
`,
  };
}

function dataOf(
  { test_name, test_prompt, framework, target_function, request, expected_behavior }: FailureTest,
) {
  return {
    name: test_name,
    target: target_function,
    body: request ?? { request: test_prompt, framework },
    expected: expected_behavior,
  };
}
