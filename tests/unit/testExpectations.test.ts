import assert from "node:assert/strict";
import { type TestedAnswer, validateTestResult } from "../../supabase/functions/_shared/autoTestGenerator.ts";

function answer(body: unknown, changes: Partial<TestedAnswer> = {}): TestedAnswer {
  return {
    status: 200,
    body: typeof body === "string" ? body : JSON.stringify(body),
    durationMs: 10,
    ...changes,
  };
}

const GOOD = answer({ success: true, files: [{ path: "a.ts" }, { path: "b.ts" }] });

function statusOf(expected: unknown, given: TestedAnswer = GOOD): string {
  return validateTestResult(given, expected).status;
}

Deno.test("validateTestResult judges each expectation both ways, with a reason", () => {
  const both: [unknown, TestedAnswer, TestedAnswer][] = [
    [{ shouldNotFail: true }, GOOD, answer({}, { status: 500 })],
    [{ shouldNotFail: true }, GOOD, answer({ success: false })],
    [{ shouldNotFail: true }, GOOD, answer({ error: "x" })],
    [{ shouldNotFail: true }, GOOD, {
      status: undefined,
      body: "",
      durationMs: 1,
      failure: "no answer in 5 ms",
    }],
    [{ errorType: "json_truncated" }, GOOD, answer({ code: "JSON_TRUNCATED" }, { status: 422 })],
    [
      { shouldNotFail: false, errorType: "BAD_REQUEST" },
      answer({ error: { code: "BAD_REQUEST" } }, { status: 400 }),
      GOOD,
    ],
    [{ status: 202 }, answer("", { status: 202 }), GOOD],
    [{ minimumFiles: 2 }, GOOD, answer({ files: [] })],
    [{ minimumFiles: 1 }, answer({ project: { files: { "a.ts": "" } } }), answer("no JSON")],
    [{ schema: { type: "object", required: ["success"] } }, GOOD, answer([])],
    [{ contains: ["a.ts", "b.ts"] }, GOOD, answer("a.ts")],
    [{ excludes: "stack" }, GOOD, answer("a stack trace")],
    [{ maxDurationMs: 10 }, GOOD, { ...GOOD, durationMs: 11 }],
  ];
  for (const [expected, good, bad] of both) {
    assert.equal(statusOf(expected, good), "passed", JSON.stringify(expected));
    const verdict = validateTestResult(bad, expected);
    assert.equal(verdict.status, "failed", JSON.stringify(expected));
    assert.equal(verdict.reasons[0]!.ok, false);
    assert.ok(verdict.reasons[0]!.reason.length > 5);
  }
});

Deno.test("validateTestResult names the failure that came again first", () => {
  const verdict = validateTestResult(answer({ error_type: "invalid_json", error: "cut" }), {
    minimumFiles: 0,
    errorType: "invalid_json",
  });
  assert.match(verdict.reasons[0]!.reason, /^the failure invalid_json came: /);
  assert.deepEqual(verdict.reasons.map(({ ok }) => ok), [false, true]);
});

Deno.test("validateTestResult calls a test wrong that it cannot read, and never passed", () => {
  const wrong: unknown[] = [
    {},
    null,
    "shouldNotFail",
    [],
    { shouldNotFail: "true" },
    { shouldNotFail: false },
    { shouldnotfail: true },
    { shouldNotFail: true, minimum_files: 1 },
    { minimumFiles: "2" },
    { minimumFiles: -1 },
    { minimumFiles: 1.5 },
    { status: "200" },
    { status: 20 },
    { shouldNotFail: true, status: 500 },
    { contains: [] },
    { contains: "" },
    { contains: [1] },
    { excludes: {} },
    { maxDurationMs: 0 },
    { maxDurationMs: Number.NaN },
    { schema: "object" },
    { schema: { type: "no such type" } },
    { errorType: "" },
    JSON.parse('{"__proto__": {"shouldNotFail": true}}'),
  ];
  for (const expected of wrong) {
    const verdict = validateTestResult(GOOD, expected);
    assert.equal(verdict.status, "error", JSON.stringify(expected));
    assert.equal(verdict.reasons[0]!.expectation, "expected_behavior");
  }
});

Deno.test("validateTestResult reads hostile answers without harm", () => {
  for (
    const body of ["", "null", "[]", "{}", '{"files": 3}', '{"error": null}', "\u0000", "x".repeat(1_000_000)]
  ) {
    assert.equal(
      statusOf({ shouldNotFail: true, minimumFiles: 0 }, answer(body)),
      "passed",
      body.slice(0, 20),
    );
  }
});
